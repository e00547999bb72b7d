"""Which run a figure of a day came from: its data version, its day and its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from data.storage.findings import Assessment

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy import Connection


def assessment_on(connection: Connection, day: dt.date) -> Assessment | None:
    """Return the newest run whose assessment day is `day` or lies before it, None where there is none.

    A question as of a day that lay before the run before it wrote no history, and is passed over.
    """
    row = connection.execute(
        text(
            "SELECT id, data_version, as_of, parameters, figures, kind, tables, started_at, finished_at "
            "FROM assessment a WHERE as_of <= :day "
            "AND NOT EXISTS (SELECT FROM assessment e WHERE e.id < a.id AND e.as_of > a.as_of) "
            "ORDER BY as_of DESC, id DESC LIMIT 1"
        ),
        {"day": day},
    ).one_or_none()
    return None if row is None else Assessment(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping


def ledger_begins(connection: Connection) -> dt.date | None:
    """Return the first day that the ledger of gaps tells of, None before the first run."""
    found: dt.date | None = connection.execute(text("SELECT min(since) FROM gap_history")).scalar()
    return found
