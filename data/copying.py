"""Frames into tables: binary COPY, and the one upsert behind every import."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
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
    text,
)

from data import rights
from data.engine import strip_values
from data.schema.columns import SRID
from geo.crs import require_geographic

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Column, Connection, Table

GEOMETRY: Final = "geom"
PROVENANCE: Final = frozenset({"batch_id", "source_sheet", "source_row"})
"""Follow a change, and are none: the same row in a second file writes nothing."""
FEW_ROWS: Final = 100
NAMED: Final = "(SELECT unnest(CAST(:codes AS text[])))"
"""Joined, for a plan of `= ANY` made before the list is known compares every row with every entry."""
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


def copy_frame(connection: Connection, table: Table, frame: pd.DataFrame) -> int:
    """Append `frame` to `table` by binary COPY and return the number of rows.

    Columns are matched by name, the active geometry (EPSG:4490) goes to `geom`; the index is not stored.
    PostgreSQL refuses COPY into a table with row policies: there the rows take the way by a temporary table.
    """
    columns = _columns(table, frame)
    target = sql.Identifier(table.name)
    if rights.tables()[table.name].rows == "open":
        return _copy(connection, target, columns, frame)
    incoming = _staged(connection, table, columns, frame)
    listed = _listed(column.name for column in columns)
    _run(connection, sql.SQL("INSERT INTO {0} ({1}) SELECT {1} FROM {2}").format(target, listed, incoming))
    _run(connection, sql.SQL("DROP TABLE {}").format(incoming))
    return len(frame)


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
    columns = _columns(table, frame)
    incoming = _staged(connection, table, columns, frame)
    inserted, updated = _merge(connection, table, columns, key, trace)
    _run(connection, sql.SQL("DROP TABLE {}").format(incoming))
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
    columns = _columns(table, frame)
    incoming = _staged(connection, table, columns, frame)
    target = sql.Identifier(table.name)
    compared = [column.name for column in columns if column.name not in {*key, *PROVENANCE}]
    differs = sql.SQL("false").format()
    if compared:
        differs = sql.SQL("({}) IS DISTINCT FROM ({})").format(
            _listed(compared, target), _listed(compared, incoming)
        )
    statement = sql.SQL(
        "SELECT count(*) FILTER (WHERE {held} IS NULL), "
        "count(*) FILTER (WHERE {held} IS NOT NULL AND {differs}) "
        "FROM {incoming} LEFT JOIN {target} ON {same}"
    ).format(
        held=_listed(key[:1], target),
        differs=differs,
        incoming=incoming,
        target=target,
        same=_same(key, target, incoming),
    )
    inserted, updated = _run(connection, statement).fetchone() or (0, 0)
    _run(connection, sql.SQL("DROP TABLE {}").format(incoming))
    unchanged = len(frame) - inserted - updated
    return Tally(inserted=new + int(inserted), updated=int(updated), unchanged=unchanged)


def _is_held(
    connection: Connection, table: Table, frame: pd.DataFrame, key: Sequence[str]
) -> NDArray[np.bool_]:
    """Return which rows of `frame` are stored under their key, as far as this login sees."""
    asked = sql.SQL("SELECT {} FROM {} WHERE {} IN (SELECT unnest(CAST(%s AS {}[])))").format(
        _listed(key),
        sql.Identifier(table.name),
        sql.Identifier(key[0]),
        sql.SQL(_binary_type(table.c[key[0]])),
    )
    with _valueless_errors():
        found = _cursor(connection).execute(asked, [frame[key[0]].unique().tolist()]).fetchall()
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
        columns = _columns(table, new)
        incoming = _staged(connection, table, columns, new)
        statement = sql.SQL(
            "INSERT INTO {0} ({1}) SELECT {1} FROM {2} ON CONFLICT (code) DO NOTHING RETURNING code"
        ).format(sql.Identifier(table.name), _listed(column.name for column in columns), incoming)
        inserted = {code for (code,) in _run(connection, statement).fetchall()}
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
            _listed(compared, target),
            _listed(compared, sql.Identifier("excluded")),
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
        names=_listed(names),
        incoming=incoming,
        key=_listed(key),
        resolution=resolution,
        returned=returned,
        traced=traced,
    )
    inserted, updated = _run(connection, statement).fetchone() or (0, 0)
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


def _staged(
    connection: Connection, table: Table, columns: Sequence[Column[Any]], frame: pd.DataFrame
) -> sql.Identifier:
    incoming = _drafted(connection, table, columns)
    _copy(connection, incoming, columns, frame)
    return incoming


def _drafted(connection: Connection, table: Table, columns: Sequence[Column[Any]]) -> sql.Identifier:
    incoming = sql.Identifier(f"incoming_{table.name}")
    draft = sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA")
    listed = _listed(column.name for column in columns)
    _run(connection, draft.format(incoming, listed, sql.Identifier(table.name)))
    return incoming


def _columns(table: Table, frame: pd.DataFrame) -> list[Column[Any]]:
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
    target, listed = sql.Identifier(table.name), _listed(names)
    if rights.tables()[table.name].rows == "open":
        _copy_rows(connection, target, columns, rows)
    elif len(rows) <= FEW_ROWS:
        marks = sql.SQL(", ").join(sql.Placeholder() for _ in names)
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(target, listed, marks)
        with _valueless_errors():
            _cursor(connection).executemany(statement, rows)
    else:
        incoming = _drafted(connection, table, columns)
        _copy_rows(connection, incoming, columns, rows)
        _run(
            connection, sql.SQL("INSERT INTO {0} ({1}) SELECT {1} FROM {2}").format(target, listed, incoming)
        )
        _run(connection, sql.SQL("DROP TABLE {}").format(incoming))


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
        target, _listed(column.name for column in columns)
    )
    with _valueless_errors(), _cursor(connection).copy(statement) as copy:
        copy.set_types([_binary_type(column) for column in columns])
        for row in rows:
            copy.write_row(row)


def values_of(values: Any, column: Column[Any]) -> list[Any]:  # noqa: ANN401 - an array, a list or a series
    """Return a column's values as the driver takes them for `column`: None where one is missing."""
    if isinstance(values, list):
        return values
    kind = _binary_type(column)
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


def _binary_type(column: Column[Any]) -> str:
    for kind, name in BINARY_TYPES:
        if isinstance(column.type, kind):
            return name
    raise TypeError(f"{column} has a type that COPY does not know here")


def _listed(names: Any, table: sql.Identifier | None = None) -> sql.Composed:  # noqa: ANN401 - any iterable of names
    prefix = sql.SQL("").format() if table is None else sql.SQL("{}.").format(table)
    return sql.SQL(", ").join(prefix + sql.Identifier(name) for name in names)


def _run(connection: Connection, statement: sql.Composed) -> psycopg.Cursor[Any]:
    with _valueless_errors():
        return _cursor(connection).execute(statement)


@contextlib.contextmanager
def _valueless_errors() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as fault:
        strip_values(fault)
        raise


def _cursor(connection: Connection) -> psycopg.Cursor[Any]:
    # Begins the transaction, and with it the scope, if nothing has yet.
    if not connection.in_transaction():
        connection.begin()
    return connection.connection.cursor()  # type: ignore[return-value]
