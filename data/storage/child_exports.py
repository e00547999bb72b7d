"""Exports of children by approval: asked for by one, decided by a second person, taken once.

Every step is a function of the database that decides by the actor of the transaction (`Scope`) and records
itself in the chain of acts. `opened` and `take` belong into the transaction that reads the children: what is
not taken whole is not taken at all, and may be tried again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text

from data.reading import read
from data.storage.faults import refusals_in_words

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd
    from sqlalchemy import Connection


MOST: Final = 20_000
"""Children of one export: a prefecture goes county by county, each looked at by somebody."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What somebody asks for: fields of `data.schema.child_exports.FIELDS` of an area, and why each kind."""

    area_code: str
    fields: tuple[str, ...]
    format: str
    purpose: str
    list_reason: str
    home_reason: str = ""
    identity_reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """An approved request, locked by the transaction that takes it; people with their sign-in names."""

    area_code: str
    area_name: str
    fields: tuple[str, ...]
    format: str
    purpose: str
    list_reason: str
    home_reason: str
    identity_reason: str
    asked_by: str
    asked_at: dt.datetime
    decided_by: str
    decided_at: dt.datetime
    decision: str


def ask(connection: Connection, wanted: Request) -> int:
    """Ask for an export and return its number (login of children's pages).

    Raises
    ------
    RefusedError
        With a sentence for who asked.
    """
    return int(
        _call(
            connection,
            "child_export_ask(:area, CAST(:fields AS text[]), :format, :purpose, :listed, :homes, :named)",
            area=wanted.area_code,
            fields=list(wanted.fields),
            format=wanted.format,
            purpose=wanted.purpose,
            listed=wanted.list_reason,
            homes=wanted.home_reason,
            named=wanted.identity_reason,
        )
    )


def decide(connection: Connection, number: int, *, approve: bool, words: str) -> None:
    """Approve or refuse what somebody else asked for (login of children's pages)."""
    _call(connection, "child_export_decide(:number, :wish, :words)", number=number, wish=approve, words=words)


def start(connection: Connection, number: int) -> None:
    """Begin the ten minutes in which one's approved export can be taken; once (login of children's pages)."""
    _call(connection, "child_export_start(:number)", number=number)


def opened(connection: Connection, number: int) -> Opened:
    """Return one's approved and started export, locked: nobody else takes it meanwhile.

    Raises
    ------
    RefusedError
        Where it is not one's own, not approved, not started, over, taken, or being taken; or who asked or who
        approved has lost the post.
    """
    # The file of MOST children is written while the transaction stands: half a minute on a busy machine.
    connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = '5min'"))
    with refusals_in_words():
        row = connection.execute(text("SELECT * FROM child_export_open(:number)"), {"number": number}).one()
    found = dict(row._mapping)  # noqa: SLF001 - public by its documentation
    return Opened(**found | {"fields": tuple(found["fields"]), "format": found.pop("form")})


def take(connection: Connection, number: int, rows: int) -> None:
    """Mark it as taken, with how many rows, and record the act; both hold if the transaction does."""
    _call(connection, "child_export_take(:number, :rows)", number=number, rows=rows)


def seen(connection: Connection) -> pd.DataFrame:
    """Return one's own requests, and to civil affairs and auditors those of their area; newest first.

    By number: account_id, person, bureau, area_code, area_name, fields (lists), format, purpose,
    list_reason, home_reason, identity_reason, asked_at, lapses_at, state (asked, approved, started, taken,
    declined, lapsed), decided_by, decided_at, decision, taken_at, row_count (logins of children's pages and
    of accounts).
    """
    with refusals_in_words():
        return read(connection, "SELECT * FROM child_exports_seen()")


def lapse(connection: Connection) -> int:
    """Put on record what ran out and return how many (login of the worker)."""
    return int(_call(connection, "child_export_lapse()"))


def _call(connection: Connection, statement: str, **values: object) -> Any:  # noqa: ANN401 - each caller names the type
    with refusals_in_words():
        return connection.execute(text(f"SELECT {statement}"), values).scalar_one()
