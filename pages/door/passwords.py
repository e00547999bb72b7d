"""One's own password: what it must be, and how it is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from data.engine import Login, connect
from data.passwords import verify_password
from data.storage import accounts, own
from data.storage.audit import Action
from pages.door import desk

if TYPE_CHECKING:
    from data.settings import Settings
    from data.storage.sessions import Session

SHORTEST: Final = 12
"""Characters; length is what counts (NIST SP 800-63B-4, 3.1.1.2: 15 alone, 8 beside a second factor)."""
LONGEST: Final = 256
FEWEST_SIGNS: Final = 5
COMMON: Final = ("password", "123456", "qwerty", "admin", "anlan", "abcdef", "111111", "000000")
DEMO: Final = "演示账号的密码在安装时生成，供多人试用，不能在此修改。"


def fault_of(wished: str, again: str, login: str) -> str:
    """Return why `wished` cannot be a password, or nothing."""
    if wished != again:
        return "两次输入不一致：请重新输入。"
    if not SHORTEST <= len(wished) <= LONGEST:
        return f"新密码应为 {SHORTEST} 至 {LONGEST} 个字符：可用几个不相干的词连成一句。"
    low = wished.lower()
    if len(set(low)) < FEWEST_SIGNS or login.lower() in low or any(word in low for word in COMMON):
        return "新密码太容易猜到：不要包含用户名、连续数字或常见密码。"
    return ""


def store(settings: Settings, token: str, session: Session, hashed: str) -> None:
    """Store the new password; every other session of its owner ends."""
    with connect(settings, Login.DOOR) as connection:
        own.change_password(connection, token, hashed)
        own.record(connection, settings.area_code, Action.CHANGE_PASSWORD, session.account_id)


def is_right(settings: Settings, login: str, password: str) -> bool:
    """Return whether `password` is the present one; counted like an attempt to sign in."""
    with connect(settings, Login.DOOR) as connection:
        attempt = accounts.count_attempt(connection, login)
    if not verify_password(attempt.password_hash if attempt else None, password) or attempt is None:
        if attempt is not None and attempt.locks:
            desk.tell_lockout(settings, attempt.account_id)
        return False
    with connect(settings, Login.DOOR) as connection:
        return accounts.record_success(connection, attempt)
