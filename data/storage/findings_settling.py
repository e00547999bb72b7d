"""Bringing a stored table to what was decided by writing only the rows that differ."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from psycopg import sql

from data.copying import GEOMETRY, copy_rows, values_of
from data.reading import driver
from data.schema.columns import SRID
from geo.crs import GEOGRAPHIC, moved

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection, Table

SAME: Final = 1e-8
"""Numbers that differ by less, absolutely or relatively, are the same: a hundredth of a micrometre."""

Row = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class Extent:
    """Which rows of a table are settled: those of `column` in `ids`; several extents add up."""

    column: str
    ids: Collection[Any]
    more: Sequence[tuple[str, Any]] = field(default_factory=tuple)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What a table is to hold: its columns by name, as arrays or lists, and the shapes of its rows, in `crs`.

    Columns that the table lacks, and its identity, are left out.
    """

    table: Table
    columns: Mapping[str, Any]
    shapes: NDArray[Any] | None = None
    crs: str = GEOGRAPHIC

    @property
    def names(self) -> list[str]:
        """The columns that the table has."""
        return [name for name in self.columns if name in self.table.c and name != GEOMETRY]

    def rows(self, names: Sequence[str]) -> list[Row]:
        """Return the rows as the driver would give them back."""
        return list(zip(*(values_of(self.columns[name], self.table.c[name]) for name in names), strict=True))

    def drawn(self, chosen: Sequence[int] | NDArray[np.int64]) -> list[bytes]:
        """Return the shapes of some rows as they are stored."""
        if self.shapes is None:
            return []
        there = moved(self.shapes[np.asarray(chosen, dtype=np.int64)], self.crs, GEOGRAPHIC)
        return list(shapely.to_wkb(shapely.set_srid(there, SRID), include_srid=True))


def stored_rows(
    connection: Connection, table: Table, columns: Sequence[str], extents: Sequence[Extent] | None
) -> list[Row]:
    """Return `columns` of the rows within the extents, of all rows where there is no limit."""
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    query = sql.SQL("SELECT {} FROM {}").format(listed, sql.Identifier(table.name))
    values: list[Any] = []
    if extents is not None:
        clauses = []
        for extent in extents:
            parts = [sql.SQL("{} = ANY(%s)").format(sql.Identifier(extent.column))]
            values.append(list(extent.ids))
            for name, value in extent.more:
                parts.append(sql.SQL("{} = %s").format(sql.Identifier(name)))
                values.append(value)
            clauses.append(sql.SQL("({})").format(sql.SQL(" AND ").join(parts)))
        query += sql.SQL(" WHERE {}").format(sql.SQL(" OR ").join(clauses))
    found: list[Row] = driver(connection).execute(query, values).fetchall()
    return found


def same(mine: Row, theirs: Row) -> bool:
    """Return whether two rows hold the same, numbers within SAME."""
    return mine == theirs or all(
        a == b
        or (isinstance(a, float) and isinstance(b, float) and math.isclose(a, b, rel_tol=SAME, abs_tol=SAME))
        for a, b in zip(mine, theirs, strict=True)
    )


def settle(
    connection: Connection,
    sheet: Sheet,
    *,
    key: Sequence[str],
    extents: Sequence[Extent] | None,
    redrawn: Collection[int] = (),
) -> int:
    """Make the rows within the extents those of the sheet; return how many were written or deleted.

    Rows are known by `key` and deleted by the table's primary key. Rows of a bank in `redrawn` are written
    even if their numbers are the same, for their geometry is not.
    """
    table = sheet.table
    known = [column.name for column in table.primary_key]
    columns = [*key, *(name for name in sheet.names if name not in (*key, *known))]
    held = stored_rows(connection, table, [*known, *columns], extents)
    by_key = {row[len(known) :][: len(key)]: row for row in held}
    rows, fresh, kept = sheet.rows(columns), [], set()
    for position, row in enumerate(rows):
        found = by_key.get(row[: len(key)])
        if found is not None and row[0] not in redrawn and same(row, found[len(known) :]):
            kept.add(found[: len(known)])
        else:
            fresh.append(position)
    stale = [row[: len(known)] for row in held if row[: len(known)] not in kept]
    delete(connection, table, known, stale)
    if fresh:
        chosen, shapes = [rows[position] for position in fresh], sheet.drawn(fresh)
        if shapes:
            columns = [*columns, GEOMETRY]
            chosen = [(*row, shape) for row, shape in zip(chosen, shapes, strict=True)]
        copy_rows(connection, table, columns, chosen)
    return len(fresh) + len(stale)


def delete(connection: Connection, table: Table, known: Sequence[str], rows: Sequence[Row]) -> None:
    """Delete rows by their primary key."""
    if not rows:
        return
    kinds = {"Text": "text[]", "BigInteger": "bigint[]"}
    arrays = [
        sql.SQL("CAST({} AS {})").format(sql.Placeholder(), sql.SQL(kinds[type(table.c[name].type).__name__]))
        for name in known
    ]
    statement = sql.SQL("DELETE FROM {0} WHERE ({1}) IN (SELECT * FROM unnest({2}))").format(
        sql.Identifier(table.name),
        sql.SQL(", ").join(sql.Identifier(name) for name in known),
        sql.SQL(", ").join(arrays),
    )
    driver(connection).execute(statement, [list(column) for column in zip(*rows, strict=True)])


def as_lists(missing: Iterable[str]) -> list[list[str]]:
    """Return the kinds of missing items as lists, given texts with commas."""
    return [[part for part in value.split(",") if part] for value in missing]
