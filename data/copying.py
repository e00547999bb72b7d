"""Frames and rows into tables by binary COPY, and the statements around it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import shapely
from geoalchemy2 import Geometry
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import (
    ARRAY,
    JSON,
    UUID,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Double,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
)

from data import rights
from data.engine import strip_values
from data.schema.columns import SRID
from geo.crs import require_geographic

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Column, Connection, Table

GEOMETRY: Final = "geom"
FEW_ROWS: Final = 100
PLAIN: Final[dict[str, tuple[str, ...]]] = {
    "int2": ("int64",),
    "int4": ("int64",),
    "int8": ("int64",),
    "float8": ("float64",),
    "bool": ("bool",),
    "text": ("object",),
    "date": ("datetime64[D]",),
}
"""Arrays that are taken as they are."""
BINARY_TYPES: Final = (
    (SmallInteger, "int2"),
    (BigInteger, "int8"),
    (Integer, "int4"),
    (Double, "float8"),
    (Boolean, "bool"),
    (DateTime, "timestamptz"),
    (Date, "date"),
    (LargeBinary, "bytea"),
    (UUID, "uuid"),
    (JSON, "jsonb"),
    (ARRAY, "text[]"),
    (Geometry, "bytea"),
    (Text, "text"),
)
"""First match wins; a geometry travels as EWKB, which its type reads as it stands."""


def copy_frame(connection: Connection, table: Table, frame: pd.DataFrame) -> int:
    """Append `frame` to `table` by binary COPY and return the number of rows.

    Columns are matched by name, the active geometry (EPSG:4490) goes to `geom`; the index is not stored.
    PostgreSQL refuses COPY into a table with row policies: there the rows take the way by a temporary table.
    """
    columns = columns_of(table, frame)
    target = sql.Identifier(table.name)
    if rights.tables()[table.name].rows == "open":
        return _copy(connection, target, columns, frame)
    incoming = staged(connection, table, columns, frame)
    names = listed(column.name for column in columns)
    run(connection, sql.SQL("INSERT INTO {0} ({1}) SELECT {1} FROM {2}").format(target, names, incoming))
    run(connection, sql.SQL("DROP TABLE {}").format(incoming))
    return len(frame)


def staged(
    connection: Connection, table: Table, columns: Sequence[Column[Any]], frame: pd.DataFrame
) -> sql.Identifier:
    """Return the temporary table that now holds the frame; it goes with the transaction."""
    incoming = drafted(connection, table, columns)
    _copy(connection, incoming, columns, frame)
    return incoming


def drafted(connection: Connection, table: Table, columns: Sequence[Column[Any]]) -> sql.Identifier:
    """Return an empty temporary table with some columns of `table`."""
    incoming = sql.Identifier(f"incoming_{table.name}")
    draft = sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA")
    names = listed(column.name for column in columns)
    run(connection, draft.format(incoming, names, sql.Identifier(table.name)))
    return incoming


def columns_of(table: Table, frame: pd.DataFrame) -> list[Column[Any]]:
    """Return the columns of `table` that a frame holds; `KeyError` if it holds one that is not there."""
    shape = frame.active_geometry_name if isinstance(frame, gpd.GeoDataFrame) else None
    names = [GEOMETRY if name == shape else str(name) for name in frame.columns]
    if unknown := sorted(set(names) - set(table.c.keys())):
        raise KeyError(f"{table.name} has no column {', '.join(unknown)}")
    return [table.c[name] for name in names]


def copy_rows(
    connection: Connection, table: Table, names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Append rows of values as `values_of` gives them to `table`, in the order of `names`.

    A few rows under row policies are inserted one by one, many take the way by a temporary table.
    """
    columns = [table.c[name] for name in names]
    target, named = sql.Identifier(table.name), listed(names)
    if rights.tables()[table.name].rows == "open":
        _copy_rows(connection, target, columns, rows)
    elif len(rows) <= FEW_ROWS:
        marks = sql.SQL(", ").join(sql.Placeholder() for _ in names)
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(target, named, marks)
        with valueless_errors():
            cursor_of(connection).executemany(statement, rows)
    else:
        incoming = drafted(connection, table, columns)
        _copy_rows(connection, incoming, columns, rows)
        run(connection, sql.SQL("INSERT INTO {0} ({1}) SELECT {1} FROM {2}").format(target, named, incoming))
        run(connection, sql.SQL("DROP TABLE {}").format(incoming))


def _copy(
    connection: Connection, target: sql.Identifier, columns: Sequence[Column[Any]], frame: pd.DataFrame
) -> int:
    if isinstance(frame, gpd.GeoDataFrame) and frame.active_geometry_name is not None:
        require_geographic(frame, "frame")
    values = [values_of(frame.iloc[:, position], column) for position, column in enumerate(columns)]
    _copy_rows(connection, target, columns, zip(*values, strict=True))
    return len(frame)


def _copy_rows(
    connection: Connection,
    target: sql.Identifier,
    columns: Sequence[Column[Any]],
    rows: Iterable[Sequence[Any]],
) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        target, listed(column.name for column in columns)
    )
    with valueless_errors(), cursor_of(connection).copy(statement) as copy:
        copy.set_types([binary_type(column) for column in columns])
        for row in rows:
            copy.write_row(row)


def values_of(values: Any, column: Column[Any]) -> list[Any]:  # noqa: ANN401 - an array, a list or a series
    """Return a column's values as the driver takes them for `column`: None where one is missing."""
    if isinstance(values, list):
        return values
    kind = binary_type(column)
    if isinstance(values, np.ndarray) and values.dtype.name in PLAIN.get(kind, ()):
        taken: list[Any] = values.tolist()
        missing = np.isnan(values) if kind == "float8" else np.empty(0)
        if missing.any():
            taken = [None if gone else value for gone, value in zip(missing.tolist(), taken, strict=True)]
        return taken
    return _values_of(pd.Series(values), column, kind)


def _values_of(series: pd.Series[Any], column: Column[Any], kind: str) -> list[Any]:
    if isinstance(column.type, Geometry):
        shapes = np.asarray(series.array, dtype=object)
        return list(shapely.to_wkb(shapely.set_srid(shapes, SRID), include_srid=True))
    if kind == "timestamptz":
        series = pd.to_datetime(series, utc=True)
    elif kind == "date":
        series = pd.to_datetime(series).dt.date
    filled = [value if there else None for value, there in zip(series.tolist(), series.notna(), strict=True)]
    if kind.startswith("int"):
        return [None if value is None else int(value) for value in filled]
    if kind == "float8":
        return [None if value is None else float(value) for value in filled]
    if kind == "jsonb":
        return [None if value is None else Jsonb(value) for value in filled]
    return filled


def binary_type(column: Column[Any]) -> str:
    """Return the type under which a column travels."""
    for kind, name in BINARY_TYPES:
        if isinstance(column.type, kind):
            return name
    raise TypeError(f"{column} has a type that COPY does not know here")


def listed(names: Any, table: sql.Identifier | None = None) -> sql.Composed:  # noqa: ANN401 - any iterable of names
    """Return names as they are listed in a statement, those of a table if one is given."""
    prefix = sql.SQL("").format() if table is None else sql.SQL("{}.").format(table)
    return sql.SQL(", ").join(prefix + sql.Identifier(name) for name in names)


def run(connection: Connection, statement: sql.Composed) -> psycopg.Cursor[Any]:
    """Return the answer to a statement; an error shows no value."""
    with valueless_errors():
        return cursor_of(connection).execute(statement)


@contextlib.contextmanager
def valueless_errors() -> Iterator[None]:
    """Take the values out of what the driver raises within the block."""
    try:
        yield
    except psycopg.Error as fault:
        strip_values(fault)
        raise


def cursor_of(connection: Connection) -> psycopg.Cursor[Any]:
    """Return a cursor of the driver inside the connection's transaction."""
    # Begins the transaction, and with it the scope, if nothing has yet.
    if not connection.in_transaction():
        connection.begin()
    return connection.connection.cursor()  # type: ignore[return-value]
