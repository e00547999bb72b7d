"""Tables into frames: text for missing words, NaT for missing dates, geometry in EPSG:4490.

What the assessment reads becomes a `Table`, which takes a tenth of a frame's time.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import KW_ONLY, dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import pandas as pd
import shapely

from geo.crs import GEOGRAPHIC, crs_of, moved
from geo.frames import shaped
from geo.tables import MISSING, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import geopandas as gpd
    from sqlalchemy import Connection

PARAMETER: Final = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")
"""`:name`, as SQLAlchemy reads it; not the second half of a cast."""
INTEGERS: Final = frozenset({20, 21, 23})
NUMBERS: Final = frozenset({700, 701, 1700})
WORDS: Final = frozenset({25, 1043, 19})
DAYS: Final = frozenset({1082})
INSTANTS: Final = frozenset({1184})
TRUTHS: Final = frozenset({16})
"""Type numbers of pg_type: int8 int2 int4; float4 float8 numeric; text varchar name; date; timestamptz;
bool."""


def read(
    connection: Connection,
    statement: str,
    parameters: Mapping[str, object] | None = None,
    *,
    index: str = "id",
) -> pd.DataFrame:
    """Return the rows of `statement` as a frame; the column `index`, if there is one, becomes its index.

    Whole numbers are int64, or Int64 where some are missing; dates are datetime64 (UTC if with a time).
    """
    columns = _columns(connection, statement, parameters)
    values = columns.pop(index, None)
    return pd.DataFrame(columns, index=None if values is None else pd.Index(values, name=index))


def read_shapes(
    connection: Connection,
    statement: str,
    parameters: Mapping[str, object] | None = None,
    *,
    index: str = "id",
    crs: str = GEOGRAPHIC,
) -> gpd.GeoDataFrame:
    """Return the rows of `statement`, which selects `ST_AsBinary(geom) AS geometry`, as a GeoDataFrame.

    `crs` is the system in which it is wanted.
    """
    columns = _columns(connection, statement, parameters)
    values = columns.pop(index, None)
    shapes = shapely.from_wkb(np.asarray(columns.pop("geometry"), dtype=object))
    at = None if values is None else pd.Index(values, name=index)
    return shaped(columns, moved(shapes, GEOGRAPHIC, crs), crs_of(crs), at)


@dataclass(frozen=True)
class Query:
    """A question whose answer is a table; `ST_AsBinary(geom) AS geometry`, if selected, in `crs`.

    The column `index` gives the ids.
    """

    statement: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    _: KW_ONLY
    index: str = "id"
    crs: str = GEOGRAPHIC


def read_table(connection: Connection, query: Query) -> Table:
    """Return the answer to one question."""
    return _table(driver(connection).execute(_for_driver(query.statement), dict(query.parameters)), query)


def read_tables(connection: Connection, queries: Mapping[str, Query]) -> dict[str, Table]:
    """Return the answers to questions that do not depend on each other, in one round trip."""
    asked = {name: (_for_driver(query.statement), dict(query.parameters)) for name, query in queries.items()}
    answers = in_one_trip(connection, asked)
    return {name: _table(answers[name], query) for name, query in queries.items()}


def in_one_trip(connection: Connection, asked: Mapping[str, tuple[str, Any]]) -> dict[str, Any]:
    """Return the driver's cursor with the answer to each statement; they are sent together."""
    cursors = {name: driver(connection) for name in asked}
    with driver(connection).connection.pipeline():
        for name, (statement, values) in asked.items():
            cursors[name].execute(statement, values)
    return cursors


def _table(cursor: Any, query: Query) -> Table:  # noqa: ANN401 - of the driver
    description, rows = cursor.description, cursor.fetchall()
    found: Sequence[Sequence[object]] = list(zip(*rows, strict=True)) if rows else [()] * len(description)
    columns = {
        entry.name: _plain_values(values, entry.type_code)
        for entry, values in zip(description, found, strict=True)
    }
    ids = columns.pop(query.index)
    if "geometry" not in columns:
        return Table(ids=ids, columns=columns)
    shapes = np.asarray(shapely.from_wkb(columns.pop("geometry")), dtype=object)
    there = moved(shapes, GEOGRAPHIC, query.crs)
    return Table(ids=ids, columns=columns, shapes=there, crs=crs_of(query.crs))


def listed(ids: Iterable[int]) -> str:
    """Return ids as the server writes an array.

    The driver looks at every number of a list to choose among three types, each with a plan of its own.
    """
    return f"{{{','.join(map(str, ids))}}}"


def driver(connection: Connection) -> Any:  # noqa: ANN401 - the driver's cursor
    """Return a cursor of the driver that reads binary, inside the connection's transaction."""
    if not connection.in_transaction():
        connection.begin()
    return connection.connection.cursor(binary=True)


def _columns(
    connection: Connection, statement: str, parameters: Mapping[str, object] | None
) -> dict[str, Any]:
    """Return the columns of the answer by name."""
    # Written for the driver: compiling a statement anew each time takes longer than many an answer.
    result = connection.exec_driver_sql(_for_driver(statement), dict(parameters or {}))
    assert result.cursor is not None  # noqa: S101 - a statement that answers
    description = cast("Sequence[Any]", result.cursor.description)
    rows = result.cursor.fetchall()  # plain tuples: nobody asks these rows by name
    result.close()
    columns: Sequence[Sequence[object]] = list(zip(*rows, strict=True)) if rows else [()] * len(description)
    return {
        entry.name: _values(values, entry.type_code)
        for entry, values in zip(description, columns, strict=True)
    }


@lru_cache(maxsize=512)
def _for_driver(statement: str) -> str:
    return PARAMETER.sub(r"%(\1)s", statement.replace("%", "%%"))


def area_range(within: str | None) -> dict[str, object]:
    """Return the parameters `low` and `high` of `area_code >= :low AND area_code < :high`; None is all."""
    return {"low": within or "", "high": f"{within or ''}~"}


def _values(values: Any, number: int) -> Any:  # noqa: ANN401 - an array of any kind
    if number in INTEGERS:
        return pd.array(values, dtype="Int64") if None in values else np.array(values, dtype=np.int64)
    if number in NUMBERS:
        return np.array(values, dtype=np.float64)
    if number in WORDS:
        return pd.array(values, dtype="str")
    if number in DAYS:
        return np.array(values, dtype="datetime64[D]").astype("datetime64[s]")
    if number in INSTANTS:
        return pd.to_datetime(pd.Series(values, dtype="object"), utc=True).array
    return pd.Series(values, dtype="bool" if number in TRUTHS and None not in values else "object").array


def _plain_values(values: Sequence[Any], number: int) -> np.ndarray[Any, Any]:
    """Return the values of a column of a table; instants in UTC, without saying so."""
    if number in INTEGERS:
        whole = [MISSING if value is None else value for value in values] if None in values else values
        return np.array(whole, dtype=np.int64)
    if number in NUMBERS:
        return np.array(values, dtype=np.float64)
    if number in DAYS:
        return np.array(values, dtype="datetime64[D]")
    if number in INSTANTS:
        naive = [value and value.astimezone(dt.UTC).replace(tzinfo=None) for value in values]
        return np.array(naive, dtype="datetime64[us]")
    if number in TRUTHS and None not in values:
        return np.array(values, dtype=np.bool_)
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found
