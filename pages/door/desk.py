"""Who is asking: sessions on the server, found by the hash of the cookie's token."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from data import rights
from data.engine import Login, Scope, connect
from data.passwords import verify_password
from data.storage import accounts, links, lockouts, own, sessions

if TYPE_CHECKING:
    from data.settings import Settings

LATELY_S: Final = 20.0
"""How long program files (no data) go without asking the database again."""
REMEMBERED: Final = 2000
ORDER: Final = (
    "water",
    "emergency",
    "civil",
    "education",
    "administrator",
    "auditor",
    "child_director",
    "patroller",
    "urgent",
)
"""Which grant a person with several works under at first."""

log = logging.getLogger(__name__)

Pending = Literal["", "factor", "password", "enrol"]
"""What has yet to be done before any page answers: show the second factor, set a password, get a factor."""


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """The person behind a session, and the grant under which the pages are shown."""

    account_id: int
    login: str
    display_name: str
    bureau: str
    grants: tuple[accounts.Grant, ...]
    """All that stand today; the pages show one of them at a time, the post."""
    role: str
    area_code: str
    area_name: str
    session: str = ""
    """A name for this session that reveals nothing of its token."""
    purpose: str = ""
    """What this session looks at children for; nothing of them is shown before it is said."""

    @property
    def login_kind(self) -> Login:
        """The database login of this viewer's pages."""
        return rights.login_of(self.role)

    @property
    def scope(self) -> Scope:
        """What the database is told about every transaction of this viewer."""
        return Scope(self.area_code, self.account_id, self.role)

    def may(self, dataset: str, verb: str) -> bool:
        """Return whether the table of rights lets this viewer do `verb` with `dataset`."""
        return rights.may(self.role, dataset, verb)


STAFFAGE: Final = Viewer(
    account_id=0,
    login="",
    display_name="",
    bureau="",
    grants=(),
    role="auditor",
    area_code="00",
    area_name="",
)
"""Stands for a viewer seen a moment ago where only program files are asked for."""


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Whoever holds a living session, let in or not yet."""

    session: sessions.Session
    grants: tuple[accounts.Grant, ...]
    pending: Pending


def visitor_of(settings: Settings, token: str | None) -> Visitor | None:
    """Return whose session `token` is, or None where it ended or was revoked."""
    if not token:
        return None
    with connect(settings, Login.DOOR) as connection:
        found = sessions.find(connection, token, idle_minutes=settings.session_idle_minutes)
        granted = tuple(accounts.grants(connection, found.account_id)) if found else ()
    if found is None:
        return None
    return Visitor(session=found, grants=granted, pending=_pending(settings, found, granted))


def viewer_of(settings: Settings, token: str | None) -> Viewer | None:
    """Return the viewer of a session, or None where nothing may be shown to it.

    That is: it ended, was revoked, has something to do before (`Visitor.pending`), or its account has no
    grant today.
    """
    visitor = visitor_of(settings, token)
    if token is None or visitor is None or visitor.pending or not visitor.grants:
        _seen.pop(_hashed(token or ""), None)
        return None
    found, granted = visitor.session, visitor.grants
    chosen = [grant for grant in granted if grant.id == found.post_id]
    first = min(
        chosen or granted, key=lambda grant: (ORDER.index(grant.role), len(grant.area_code), grant.area_code)
    )
    _remember(_hashed(token))
    return Viewer(
        account_id=found.account_id,
        login=found.login,
        display_name=found.display_name,
        bureau=found.bureau,
        grants=granted,
        role=first.role,
        area_code=first.area_code,
        area_name=first.area_name,
        session=_hashed(_hashed(token).hex()).hex()[:16],
        purpose=found.purpose,
    )


def _pending(settings: Settings, found: sessions.Session, granted: tuple[accounts.Grant, ...]) -> Pending:
    proven = found.factor_shown or found.provider_factor
    if found.enrolled and not proven:
        return "factor"
    # Whoever came through a provider used no password, and whoever takes that way over shall set none.
    if found.must_change_password and found.way == "password":
        return "password"
    if not found.enrolled and not proven and needs_factor(settings, granted, demo=found.demo):
        return "enrol"
    return ""


def needs_factor(settings: Settings, granted: tuple[accounts.Grant, ...], *, demo: bool) -> bool:
    """Return whether a person with these grants signs in with a second factor."""
    if demo and settings.demo and not settings.demo_second_factor:
        return False
    return any(rights.sees_children(grant.role) for grant in granted)


def sign_in(settings: Settings, login: str, password: str, device: str = "") -> str | None:
    """Return the token of a new session, or None: the caller learns nothing about why.

    The attempt is counted before the password is looked at, so that a burst of attempts gains nothing; the
    password is looked at outside any transaction.
    """
    attempt = None
    # What cannot be printed is nobody's login, and the database would refuse to be asked for it.
    if login.isprintable():
        with connect(settings, Login.DOOR) as connection:
            attempt = accounts.count_attempt(connection, login)
    # Checked before any refusal, so that an unknown or locked name takes as long as a wrong password.
    right = verify_password(attempt.password_hash if attempt else None, password)
    if attempt is None or not right:
        if attempt is not None and attempt.locks:
            _teller().submit(_tell_lockout, settings, attempt.account_id)
        return None
    with connect(settings, Login.DOOR) as connection:
        if not accounts.record_success(connection, attempt):
            return None
        return own.enter(
            connection,
            attempt.account_id,
            sessions.Opening(device=device),
            area_code=settings.area_code,
            absolute_minutes=settings.session_absolute_minutes,
        )


def tell_lockout(settings: Settings, account_id: int) -> None:
    """Tell the record of acts that an account was locked, and of what is due of others."""
    with connect(settings, Login.DOOR) as connection:
        lockouts.tell(connection, settings.area_code, account_id)
        lockouts.tell(connection, settings.area_code)


def _tell_lockout(settings: Settings, account_id: int) -> None:
    try:
        tell_lockout(settings, account_id)
    except Exception:
        # It stays counted with the account, and is told with the next one or by the worker.
        log.exception("a lock-out could not be told")


@lru_cache(maxsize=1)
def _teller() -> ThreadPoolExecutor:
    # Beside the answer and not before it: a locked account must not answer later than a name that nobody has.
    return ThreadPoolExecutor(1, thread_name_prefix="lockouts")


def sign_in_person(settings: Settings, person: links.Person, opening: sessions.Opening) -> str | None:
    """Return the token of a new session of the account that a provider's person is linked to, or None.

    The caller learns nothing about why: somebody unknown, a disabled or locked account.

    Raises
    ------
    FlowUsedError
        If the flow opened a session before.
    """
    with connect(settings, Login.DOOR) as connection:
        account_id = links.account_of(connection, person)
        if account_id is None:
            return None
        return own.enter(
            connection,
            account_id,
            opening,
            area_code=settings.area_code,
            absolute_minutes=settings.session_absolute_minutes,
        )


def state_purpose(settings: Settings, token: str, purpose: str) -> None:
    """Keep what the session of `token` is for."""
    with connect(settings, Login.DOOR) as connection:
        sessions.state_purpose(connection, token, purpose)


def sign_out(settings: Settings, token: str | None) -> None:
    """End the session; it is over for every tab and copy of the cookie."""
    if token:
        _seen.pop(_hashed(token), None)
        with connect(settings, Login.DOOR) as connection:
            sessions.revoke(connection, token)


def seen_lately(token: str) -> bool:
    """Return whether this process found the session valid a moment ago."""
    return time.monotonic() - _seen.get(_hashed(token), -LATELY_S) < LATELY_S


_seen: dict[bytes, float] = {}


def _remember(hashed: bytes) -> None:
    if len(_seen) >= REMEMBERED:
        _seen.clear()
    _seen[hashed] = time.monotonic()


def _hashed(token: str) -> bytes:
    return sessions.hash_of(token)
