"""Bringing a stored table to what was decided by writing only the rows that differ."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from data.copying import GEOMETRY, copy_rows, values_of
from data.reading import driver
from data.schema.columns import SRID
from data.storage.findings_stored import Rows
from geo.crs import GEOGRAPHIC, moved

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection, Table

    from data.storage.findings_stored import Row

ARRAYS: Final = {"Text": "text[]", "BigInteger": "bigint[]"}
SAME: Final = 1e-8
"""Numbers that differ by less, absolutely or relatively, are the same: a hundredth of a micrometre."""


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
    held: Rows,
    *,
    key: Sequence[str],
    redrawn: Collection[int] = (),
) -> tuple[Rows, list[int]]:
    """Make the held rows those of the sheet; return them as they are stored now, and which were written.

    Rows are known by `key` and deleted by the table's primary key. Rows of a bank in `redrawn` are written
    even if their numbers are the same, for their geometry is not.
    """
    table = sheet.table
    known = [column.name for column in table.primary_key]
    columns = [*key, *(name for name in sheet.names if name not in (*key, *known))]
    theirs, mine, key_of = held.of(*columns), sheet.rows(columns), itemgetter(*range(len(key)))
    by_key = dict(zip(map(key_of, theirs), range(len(theirs)), strict=True))
    fresh, kept = [], set()
    for position, row in enumerate(mine):
        at = by_key.get(key_of(row))
        if at is not None and row[0] not in redrawn and same(row, theirs[at]):
            kept.add(at)
            mine[position] = theirs[at]
        else:
            fresh.append(position)
    if len(kept) < len(theirs):
        stale = zip(*(held.column(name) for name in known), strict=True)
        delete(connection, table, known, [row for at, row in enumerate(stale) if at not in kept])
    if fresh:
        chosen, shapes = [mine[position] for position in fresh], sheet.drawn(fresh)
        if shapes:
            chosen = [(*row, shape) for row, shape in zip(chosen, shapes, strict=True)]
        copy_rows(connection, table, [*columns, GEOMETRY] if shapes else columns, chosen)
    return Rows(tuple(columns), mine), fresh


def delete(connection: Connection, table: Table, known: Sequence[str], rows: Sequence[Row]) -> None:
    """Delete rows by their primary key."""
    if not rows:
        return
    kinds = tuple(type(table.c[name].type).__name__ for name in known)
    values = [list(column) for column in zip(*rows, strict=True)]
    driver(connection).execute(_deletion(table.name, tuple(known), kinds), values)


@lru_cache(maxsize=64)
def _deletion(table: str, known: tuple[str, ...], kinds: tuple[str, ...]) -> str:
    arrays = ", ".join(f"CAST(%s AS {ARRAYS[kind]})" for kind in kinds)
    names = ", ".join(f'"{name}"' for name in known)
    return f'DELETE FROM "{table}" WHERE ({names}) IN (SELECT * FROM unnest({arrays}))'  # noqa: S608 - of the schema


def as_lists(missing: Iterable[str]) -> list[list[str]]:
    """Return the kinds of missing items as lists, given texts with commas."""
    return [[part for part in value.split(",") if part] for value in missing]
