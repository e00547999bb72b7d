"""One way into the database: a transaction of one login, limited to one area, with time-outs."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import psycopg
from sqlalchemy import create_engine, event
from sqlalchemy.exc import OperationalError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine
    from sqlalchemy.engine import ExceptionContext

    from data.settings import Settings

AREA_FORM: Final = re.compile(r"[0-9A-Z]{2,12}")
SCOPE: Final = "anlan_scope"
READONLY: Final = "anlan_readonly"
SNAPSHOT: Final = "anlan_snapshot"
"""Option of a connection: the name under which another transaction exported what it sees."""
SNAPSHOT_FORM: Final = re.compile(r"[0-9A-F-]{1,64}")


class Login(StrEnum):
    """The database logins; what each may do stands in `rights.toml`."""

    OWNER = "anlan_owner"
    GENERAL = "anlan_general"
    CHILD = "anlan_child"
    DOOR = "anlan_door"
    ACCOUNTS = "anlan_accounts"
    FIELD = "anlan_field"
    SCHOOL = "anlan_school"
    URGENT = "anlan_urgent"
    IMPORTER = "anlan_importer"
    WORKER = "anlan_worker"
    BACKUP = "anlan_backup"


PAGES: Final = (Login.GENERAL, Login.CHILD, Login.FIELD, Login.SCHOOL, Login.URGENT)
"""Whose transactions draw pages; DOOR is theirs alone who sign in, and who holds a session or a link.

ACCOUNTS reads accounts and grants and changes them by functions of the database that decide by the actor.
"""
SHORT: Final = (*PAGES, Login.DOOR, Login.ACCOUNTS)
"""Whose statements a person waits for."""
LIMITS: Final = {
    "statement_timeout": "10s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "60s",
}
"""Of a page's transaction."""
LONG_LIMITS: Final = {
    "statement_timeout": "30min",
    "lock_timeout": "60s",
    "idle_in_transaction_session_timeout": "30min",
}
"""Of an import, a job or a migration: an import waits for the one before it."""


class DatabaseUnreachableError(Exception):
    """The database does not answer; nothing was written."""


@dataclass(frozen=True)
class Scope:
    """Whose transaction this is, and the node of the code tree that it may reach.

    Raises
    ------
    ValueError
        If `area_code` is no code: `'4'` or `''` would be a prefix of everything.
    """

    area_code: str
    account_id: int | None
    role: str

    def __post_init__(self) -> None:  # noqa: D105 - the class says what is refused
        if not AREA_FORM.fullmatch(self.area_code):
            raise ValueError("a scope needs an area code of 2 to 12 digits or capital letters")


@contextlib.contextmanager
def connect(
    settings: Settings, login: Login | str, scope: Scope | None = None, *, readonly: bool = False
) -> Iterator[Connection]:
    """Open one transaction of `login`; it commits at the end and rolls back on an error.

    Without a scope no row under area security is visible. Scope, role and time-outs are set anew at each
    begin, so a commit in the middle loses nothing and the pool inherits nothing.
    """
    login = Login(login)
    try:
        opened = engine(settings, login).connect()
    except OperationalError as fault:
        raise DatabaseUnreachableError(
            "数据库暂时没有应答：请稍后再试；如一直如此，请告诉管理员。"
        ) from fault
    with opened as connection:
        connection.execution_options(**{SCOPE: scope, READONLY: readonly})
        yield connection
        if connection.in_transaction():
            connection.commit()


def strip_values(fault: psycopg.Error) -> None:
    """Leave the first line of a server's error only: DETAIL repeats the row, and it may be a child's."""
    if fault.diag.message_primary:
        fault.args = (fault.diag.message_primary,)


def engine(settings: Settings, login: Login) -> Engine:
    """Return the engine of `login`, made once for each address and login."""
    return _engine(settings.url(login.value), login, settings.time_zone, assume_role=settings.assume_role)


def dispose() -> None:
    """Close every pooled connection: before the server stops or a database is dropped."""
    for made in _made:
        made.dispose()
    _made.clear()
    _engine.cache_clear()


_made: list[Engine] = []


@lru_cache(maxsize=32)
def _engine(url: str, login: Login, time_zone: str, *, assume_role: bool) -> Engine:
    made = create_engine(
        url,
        hide_parameters=True,
        pool_size=4,
        pool_use_lifo=True,  # the connection used last has its statements prepared
        max_overflow=12,
        pool_timeout=8,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={"connect_timeout": 5, "tcp_user_timeout": 10_000, "application_name": login.value},
    )
    fixed = {"search_path": "public", "timezone": time_zone} | (LIMITS if login in SHORT else LONG_LIMITS)
    if assume_role:
        fixed["role"] = login.value

    def set_scope(connection: Connection) -> None:
        _set_local(connection, fixed)

    event.listen(made, "begin", set_scope)
    event.listen(made, "handle_error", _hide_values)
    _made.append(made)
    return made


def _hide_values(context: ExceptionContext) -> None:
    original = context.original_exception
    if isinstance(original, psycopg.Error):
        strip_values(original)
        if context.sqlalchemy_exception is not None:
            context.sqlalchemy_exception.args = (f"({type(original).__name__}) {original}",)


def _set_local(connection: Connection, fixed: dict[str, str]) -> None:
    options = connection.get_execution_options()
    scope: Scope | None = options.get(SCOPE)
    values = fixed | {
        "app.area": scope.area_code if scope else "",
        "app.account": str(scope.account_id or "") if scope else "",
        "app.role": scope.role if scope else "",
        "transaction_read_only": "on" if options.get(READONLY) else "off",
    }
    # The cursor of the driver: at this point SQLAlchemy's own execute would begin a second time.
    cursor = connection.connection.cursor()
    try:
        if snapshot := options.get(SNAPSHOT):
            if not SNAPSHOT_FORM.fullmatch(snapshot):
                raise ValueError("not the name of a snapshot")
            # Before any query, and without parameters: the statement takes none.
            cursor.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'".encode())
        calls = ", ".join(["set_config(%s, %s, true)"] * len(values))
        cursor.execute(f"SELECT {calls}", [part for pair in values.items() for part in pair])
    finally:
        cursor.close()
