"""The second factor of the person behind a session: drafted, confirmed, shown, or a code on paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from data import totp
from data.engine import Login, connect
from data.keyring import keyring
from data.storage import own, sessions
from data.storage.audit import Action
from pages.door import desk

if TYPE_CHECKING:
    from data.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Drafted:
    """A secret that waits for its first code."""

    secret: bytes
    login: str


def draft(settings: Settings, token: str, *, anew: bool = False) -> Drafted | None:
    """Return the secret to scan: what this session was shown before, so that a reload keeps it, or a new one.

    A secret that another session was shown is replaced and never shown: whoever saw it first would know it.
    """
    with connect(settings, Login.DOOR) as connection:
        found = sessions.find(connection, token, idle_minutes=settings.session_idle_minutes)
        if found is None:
            return None
        held = None if anew else sessions.factor_draft(connection, token)
        place = totp.place(found.account_id)
        if held is not None:
            return Drafted(secret=keyring(settings).open(held, place), login=found.login)
        secret = totp.new_secret()
        own.draft_factor(connection, token, keyring(settings).seal(secret, place))
    return Drafted(secret=secret, login=found.login)


def confirm(settings: Settings, token: str, code: str) -> list[str] | None:
    """Put the drafted secret into use if `code` is of it; return recovery codes, shown this once."""
    attempt = _attempt(settings, token)
    if attempt is None or attempt.draft is None:
        return None
    secret = keyring(settings).open(attempt.draft, totp.place(attempt.account_id))
    step = totp.matching_step(secret, code, after=0)
    if step is None:
        desk.tell_lockout(settings, attempt.account_id)
        return None
    codes = totp.new_recovery_codes()
    with connect(settings, Login.DOOR) as connection:
        if not own.confirm_factor(connection, token, step, [totp.hash_of_recovery(made) for made in codes]):
            return None
        own.record(connection, settings.area_code, Action.ENROL_FACTOR, attempt.account_id)
    return codes


def show(settings: Settings, token: str, code: str) -> bool:
    """Return whether `code` is of the second factor or on the paper, and was never taken before."""
    attempt = _attempt(settings, token)
    if attempt is None or attempt.secret is None:
        return False
    secret = keyring(settings).open(attempt.secret, totp.place(attempt.account_id))
    step = totp.matching_step(secret, code, after=attempt.last_step)
    with connect(settings, Login.DOOR) as connection:
        if step is not None:
            return own.pass_factor(connection, token, step)
        if own.recover(connection, token, totp.hash_of_recovery(code)):
            own.record(connection, settings.area_code, Action.USE_RECOVERY_CODE, attempt.account_id)
            return True
    desk.tell_lockout(settings, attempt.account_id)
    return False


def _attempt(settings: Settings, token: str) -> own.FactorAttempt | None:
    with connect(settings, Login.DOOR) as connection:
        return own.count_factor_attempt(connection, token)
