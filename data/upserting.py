"""The one upsert behind every import, and records found by their keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from psycopg import sql
from sqlalchemy import (
    text,
)

from data import rights
from data.copying import GEOMETRY, binary_type, columns_of, cursor_of, listed, run, staged, valueless_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Column, Connection, Table

PROVENANCE: Final = frozenset({"batch_id", "source_sheet", "source_row"})
"""Follow a change, and are none: the same row in a second file writes nothing."""
NAMED: Final = "(SELECT unnest(CAST(:codes AS text[])))"
"""Joined, for a plan of `= ANY` made before the list is known compares every row with every entry."""


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What an upsert did, in rows."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0

    @property
    def written(self) -> int:
        """Rows that were inserted or changed."""
        return self.inserted + self.updated


class DuplicateKeyError(ValueError):
    """A frame names one record twice; `keys` holds the keys that repeat."""

    def __init__(self, table: str, keys: list[object]) -> None:
        self.keys = keys
        super().__init__(f"{table}: {len(keys)} key(s) appear more than once, first {keys[0]!r}")


def upsert(
    connection: Connection,
    table: Table,
    frame: pd.DataFrame,
    key: Sequence[str] = ("code",),
    *,
    trace: int | None = None,
) -> Tally:
    """Insert the rows of `frame` that are new by `key`, change those that differ, leave the others alone.

    Columns that the frame lacks keep their value (or take their default). Geometry must be in EPSG:4490.
    Needs the right to make temporary tables: logins of imports and jobs, not of pages. With `trace`, what
    was inserted and how rows stood before is kept with that batch (see `data.storage.batch_undo`).

    Raises
    ------
    DuplicateKeyError
        If the frame holds a key twice.
    """
    if frame.empty:
        return Tally()
    repeated = frame.duplicated(list(key))
    if repeated.any():
        raise DuplicateKeyError(table.name, frame.loc[repeated, key[0]].unique().tolist())
    columns = columns_of(table, frame)
    incoming = staged(connection, table, columns, frame)
    inserted, updated = _merge(connection, table, columns, key, trace)
    run(connection, sql.SQL("DROP TABLE {}").format(incoming))
    return Tally(inserted=inserted, updated=updated, unchanged=len(frame) - inserted - updated)


def compare(
    connection: Connection, table: Table, frame: pd.DataFrame, key: Sequence[str] = ("code",)
) -> Tally:
    """Return what `upsert` would do, and write nothing."""
    if frame.empty:
        return Tally()
    held = _is_held(connection, table, frame, key)
    new, frame = int((~held).sum()), frame[held]
    if frame.empty:
        return Tally(inserted=new)
    columns = columns_of(table, frame)
    incoming = staged(connection, table, columns, frame)
    target = sql.Identifier(table.name)
    compared = [column.name for column in columns if column.name not in {*key, *PROVENANCE}]
    differs = sql.SQL("false").format()
    if compared:
        differs = sql.SQL("({}) IS DISTINCT FROM ({})").format(
            listed(compared, target), listed(compared, incoming)
        )
    statement = sql.SQL(
        "SELECT count(*) FILTER (WHERE {held} IS NULL), "
        "count(*) FILTER (WHERE {held} IS NOT NULL AND {differs}) "
        "FROM {incoming} LEFT JOIN {target} ON {same}"
    ).format(
        held=listed(key[:1], target),
        differs=differs,
        incoming=incoming,
        target=target,
        same=_same(key, target, incoming),
    )
    inserted, updated = run(connection, statement).fetchone() or (0, 0)
    run(connection, sql.SQL("DROP TABLE {}").format(incoming))
    unchanged = len(frame) - inserted - updated
    return Tally(inserted=new + int(inserted), updated=int(updated), unchanged=unchanged)


def _is_held(
    connection: Connection, table: Table, frame: pd.DataFrame, key: Sequence[str]
) -> NDArray[np.bool_]:
    """Return which rows of `frame` are stored under their key, as far as this login sees."""
    asked = sql.SQL("SELECT {} FROM {} WHERE {} IN (SELECT unnest(CAST(%s AS {}[])))").format(
        listed(key),
        sql.Identifier(table.name),
        sql.Identifier(key[0]),
        sql.SQL(binary_type(table.c[key[0]])),
    )
    with valueless_errors():
        found = cursor_of(connection).execute(asked, [frame[key[0]].unique().tolist()]).fetchall()
    stored = set(found)
    named = zip(*(frame[name].tolist() for name in key), strict=True)
    return np.fromiter((one in stored for one in named), dtype=bool, count=len(frame))


def record_key(table: Table) -> str:
    """Return the column by which one record of `table` is told from another: id, else code."""
    return "id" if "id" in table.c else "code"


def _same(key: Sequence[str], target: sql.Composable, incoming: sql.Composable) -> sql.Composed:
    pairs = [sql.SQL("{0}.{2} = {1}.{2}").format(target, incoming, sql.Identifier(name)) for name in key]
    return sql.SQL(" AND ").join(pairs)


def ids_by_code(connection: Connection, table: Table, codes: Sequence[str] | None = None) -> pd.Series[int]:
    """Return the surrogate id of the records of `table`, all or those of some codes, indexed by code."""
    asked = f"SELECT code, id FROM {table.name}"  # noqa: S608 - the name of our own table
    if codes is not None:
        asked += f" WHERE code IN {NAMED}"
    rows = connection.execute(text(asked), {} if codes is None else {"codes": list(codes)}).all()
    return pd.Series([row.id for row in rows], index=[row.code for row in rows], dtype="int64", name="id")


def areas_by_code(connection: Connection, table: Table, codes: Sequence[str]) -> dict[str, str]:
    """Return the area of those of `codes` that are stored."""
    found = connection.execute(
        text(f"SELECT code, area_code FROM {table.name} WHERE code IN {NAMED}"),  # noqa: S608 - the name of our own table
        {"codes": list(codes)},
    )
    return {row.code: row.area_code for row in found}


def codes_unseen(connection: Connection, table: Table, frame: pd.DataFrame, area_code: str) -> frozenset[str]:
    """Return those codes of `frame` that are taken by records which row security hides from this login.

    Tried and taken back: a code that can neither be read nor inserted is taken. `frame` has one row a code,
    with every column that the table asks for.
    """
    stored = connection.scalars(
        text(f"SELECT code FROM {table.name} WHERE code IN {NAMED}"),  # noqa: S608 - the name of our own table
        {"codes": frame["code"].tolist()},
    )
    new = frame[~frame["code"].isin(set(stored)) & frame["area_code"].str.startswith(area_code)]
    if new.empty:
        return frozenset()
    with connection.begin_nested() as trial:
        columns = columns_of(table, new)
        incoming = staged(connection, table, columns, new)
        statement = sql.SQL(
            "INSERT INTO {0} ({1}) SELECT {1} FROM {2} ON CONFLICT (code) DO NOTHING RETURNING code"
        ).format(sql.Identifier(table.name), listed(column.name for column in columns), incoming)
        inserted = {code for (code,) in run(connection, statement).fetchall()}
        trial.rollback()
    return frozenset(new["code"]) - inserted


def _merge(
    connection: Connection,
    table: Table,
    columns: Sequence[Column[Any]],
    key: Sequence[str],
    trace: int | None,
) -> tuple[int, int]:
    names = [column.name for column in columns]
    changing = [name for name in names if name not in key]
    compared = [name for name in changing if name not in PROVENANCE]
    target = sql.Identifier(table.name)
    resolution = sql.SQL("DO NOTHING").format()
    if compared:
        resolution = sql.SQL("DO UPDATE SET {} WHERE ({}) IS DISTINCT FROM ({})").format(
            sql.SQL(", ").join(
                sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in changing
            ),
            listed(compared, target),
            listed(compared, sql.Identifier("excluded")),
        )
    incoming = sql.Identifier(f"incoming_{table.name}")
    returned, traced = sql.SQL("").format(), sql.SQL("").format()
    if trace is not None:
        returned = sql.SQL(", CAST({} AS text) AS record_key, version").format(
            sql.Identifier(record_key(table))
        )
        traced = _traced(table, _same(key, sql.Identifier("held"), incoming), trace)
    # xmax is 0 in a row that was inserted, and the locking transaction's id in one that was updated.
    statement = sql.SQL(
        "WITH written AS (INSERT INTO {target} ({names}) SELECT {names} FROM {incoming} "
        "ON CONFLICT ({key}) {resolution} RETURNING (xmax = 0) AS fresh{returned}){traced} "
        "SELECT count(*) FILTER (WHERE fresh), count(*) FILTER (WHERE NOT fresh) FROM written"
    ).format(
        target=target,
        names=listed(names),
        incoming=incoming,
        key=listed(key),
        resolution=resolution,
        returned=returned,
        traced=traced,
    )
    inserted, updated = run(connection, statement).fetchone() or (0, 0)
    return int(inserted), int(updated)


def _traced(table: Table, same: sql.Composed, trace: int) -> sql.Composed:
    # Every part of one statement sees the rows as they stood before it.
    before = sql.SQL("NULL::jsonb").format()
    if rights.tables()[table.name].rows != "child":
        shape = ", CAST(held.geom AS text)" if GEOMETRY in table.c else ", NULL::text"
        before = sql.SQL(
            "to_jsonb(held) || jsonb_strip_nulls(jsonb_build_object('geom'" + shape + "))"
        ).format()
    return sql.SQL(
        ", inserted AS (INSERT INTO import_insert (batch_id, table_name, record_keys) "
        "SELECT {batch}, {table}, array_agg(record_key) FROM written WHERE fresh HAVING count(*) > 0), "
        "updated AS (INSERT INTO import_update (batch_id, table_name, record_key, before, version_after) "
        "SELECT {batch}, {table}, w.record_key, {before}, w.version FROM written w "
        "JOIN {target} AS held ON CAST(held.{id} AS text) = w.record_key JOIN {incoming} ON {same} "
        "WHERE NOT w.fresh)"
    ).format(
        batch=sql.Literal(trace),
        table=sql.Literal(table.name),
        before=before,
        target=sql.Identifier(table.name),
        id=sql.Identifier(record_key(table)),
        incoming=sql.Identifier(f"incoming_{table.name}"),
        same=same,
    )
