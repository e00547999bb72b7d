"""Accounts, their lock after failures, and their grants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy import Connection

FAILURES_MAX: Final = 5
LOCK_MINUTES: Final = 15


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account without its secrets; `locked` as the database's clock sees it."""

    id: int
    login: str
    display_name: str
    bureau: str
    must_change_password: bool
    disabled: bool
    locked: bool
    demo: bool
    version: int


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """An attempt to sign in that was counted: whose, and what the password must match."""

    account_id: int
    password_hash: str
    locks: bool
    """Whether it is the fifth, which locks the account unless it succeeds."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """A role at a node of the code tree."""

    id: int
    role: str
    area_code: str
    area_name: str


_ACCOUNT: Final = (
    "SELECT id, login, display_name, bureau, must_change_password, disabled, "
    "coalesce(locked_until > now(), false) AS locked, demo, version FROM account "
)


def find_account(connection: Connection, login: str) -> Account | None:
    """Return the account that signs in as `login`."""
    row = connection.execute(text(_ACCOUNT + "WHERE login = :login"), {"login": login}).one_or_none()
    return None if row is None else Account(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping


def account_by_id(connection: Connection, account_id: int) -> Account | None:
    """Return one account."""
    row = connection.execute(text(_ACCOUNT + "WHERE id = :id"), {"id": account_id}).one_or_none()
    return None if row is None else Account(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping


def count_attempt(connection: Connection, login: str) -> Attempt | None:
    """Count an attempt before its password is looked at; None for somebody unknown, disabled or locked.

    The fifth locks the account for fifteen minutes, unless `record_success` follows. The row is locked
    meanwhile: of attempts that come at once, no more than five ever have their password looked at.
    """
    # An attempt at an account must not take longer than one at nobody: neither waits for the disk.
    connection.execute(text("SET LOCAL synchronous_commit TO off"))
    row = connection.execute(
        text(
            "UPDATE account SET failures = (failures + 1) % :most, "
            "locked_until = CASE WHEN failures + 1 >= :most THEN now() + make_interval(mins => :minutes) "
            "ELSE locked_until END, lockouts = lockouts + CASE WHEN failures + 1 >= :most THEN 1 ELSE 0 END "
            "WHERE login = :login AND NOT disabled "
            "AND coalesce(locked_until <= now(), true) RETURNING id AS account_id, password_hash, "
            "coalesce(locked_until > now(), false) AS locks"
        ),
        {"login": login, "most": FAILURES_MAX, "minutes": LOCK_MINUTES},
    ).one_or_none()
    return None if row is None else Attempt(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping


def record_success(connection: Connection, attempt: Attempt) -> bool:
    """Forget earlier failures, and a lock that this very attempt had set: it locked nobody out.

    False if the password that was looked at is no longer the account's, or the account is disabled by now: a
    reset that came in between opens no session behind the one who reset. The account is held until the end of
    the transaction, so that a reset that comes later finds the session and ends it.
    """
    done = connection.execute(
        text(
            "UPDATE account SET failures = 0, locked_until = NULL, lockouts = "
            "greatest(lockouts - CASE WHEN locked_until > now() THEN 1 ELSE 0 END, 0) "
            "WHERE id = :id AND password_hash = :hash AND NOT disabled"
        ),
        {"id": attempt.account_id, "hash": attempt.password_hash},
    )
    return done.rowcount == 1


def grants(connection: Connection, account_id: int) -> list[Grant]:
    """Return the grants that are valid today, by role and area."""
    rows = connection.execute(
        text(
            "SELECT g.id, g.role, g.area_code, a.name AS area_name FROM account_grant g "
            "JOIN area a ON a.code = g.area_code WHERE g.account_id = :id AND g.ended_at IS NULL "
            "AND g.valid_from <= current_date AND (g.valid_until IS NULL OR g.valid_until >= current_date) "
            "AND (g.expires_at IS NULL OR g.expires_at > now()) "
            "ORDER BY g.role, g.area_code"
        ),
        {"id": account_id},
    )
    return [Grant(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping


def create_account(  # noqa: PLR0913 - the facts of one account
    connection: Connection,
    *,
    login: str,
    display_name: str,
    bureau: str,
    password_hash: str,
    demo: bool = False,
    must_change_password: bool = False,
) -> int:
    """Insert an account and return its id; an account of that login gets the new name and password."""
    return int(
        connection.execute(
            text(
                "INSERT INTO account "
                "(login, display_name, bureau, password_hash, demo, must_change_password) "
                "VALUES (:login, :display_name, :bureau, :password_hash, :demo, :must_change_password) "
                "ON CONFLICT (login) DO UPDATE SET display_name = excluded.display_name, "
                "bureau = excluded.bureau, must_change_password = excluded.must_change_password, "
                "password_hash = excluded.password_hash, failures = 0, locked_until = NULL RETURNING id"
            ),
            {
                "login": login,
                "display_name": display_name,
                "bureau": bureau,
                "password_hash": password_hash,
                "demo": demo,
                "must_change_password": must_change_password,
            },
        ).scalar_one()
    )


def add_grant(  # noqa: PLR0913 - the facts of one grant
    connection: Connection,
    account_id: int,
    role: str,
    area_code: str,
    *,
    granted_by: int | None = None,
    valid_until: dt.date | None = None,
) -> None:
    """Give an account a role at an area; given again, it gets the new end."""
    connection.execute(
        text(
            "INSERT INTO account_grant (account_id, role, area_code, granted_by, valid_until) "
            "VALUES (:account_id, :role, :area_code, :granted_by, :valid_until) "
            "ON CONFLICT (account_id, role, area_code) WHERE ended_at IS NULL "
            "DO UPDATE SET granted_by = excluded.granted_by, valid_until = excluded.valid_until"
        ),
        {
            "account_id": account_id,
            "role": role,
            "area_code": area_code,
            "granted_by": granted_by,
            "valid_until": valid_until,
        },
    )


def start_anew(connection: Connection, account_id: int, password_hash: str) -> None:
    """Give an account a first password and open it, without locks and without its second factor."""
    connection.execute(
        text(
            "UPDATE account SET password_hash = :password_hash, must_change_password = true, failures = 0, "
            "locked_until = NULL, totp_secret = NULL, totp_draft = NULL, totp_draft_session = NULL, "
            "totp_draft_at = NULL, factor_failures = 0, factor_locked_until = NULL, disabled = false "
            "WHERE id = :id"
        ),
        {"id": account_id, "password_hash": password_hash},
    )
