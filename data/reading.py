"""Tables into frames: text for missing words, NaT for missing dates, geometry in EPSG:4490."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import pandas as pd
import shapely

from geo.crs import GEOGRAPHIC, crs_of, moved
from geo.frames import shaped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
