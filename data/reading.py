"""Tables into frames: text for missing words, NaT for missing dates, geometry in EPSG:4490."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import text

from geo.crs import GEOGRAPHIC

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

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
    result = connection.execute(text(statement), dict(parameters or {}))
    description = cast("Sequence[Any]", result.cursor.description)
    rows = result.all()
    columns: Sequence[Sequence[object]] = list(zip(*rows, strict=True)) if rows else [()] * len(description)
    frame = pd.DataFrame(
        {
            entry.name: _series(values, entry.type_code)
            for entry, values in zip(description, columns, strict=True)
        }
    )
    return frame.set_index(index) if index in frame.columns else frame


def read_shapes(
    connection: Connection,
    statement: str,
    parameters: Mapping[str, object] | None = None,
    *,
    index: str = "id",
) -> gpd.GeoDataFrame:
    """Return the rows of `statement`, which selects `ST_AsBinary(geom) AS geometry`, as a GeoDataFrame."""
    frame = read(connection, statement, parameters, index=index)
    shapes = shapely.from_wkb(frame["geometry"].to_numpy(dtype=object))
    return gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=shapes, crs=GEOGRAPHIC)


def area_range(within: str | None) -> dict[str, object]:
    """Return the parameters `low` and `high` of `area_code >= :low AND area_code < :high`; None is all."""
    return {"low": within or "", "high": f"{within or ''}~"}


def _series(values: Sequence[object], number: int) -> pd.Series[Any]:
    if number in INTEGERS:
        return pd.Series(values, dtype="Int64" if None in values else "int64")
    if number in NUMBERS:
        return pd.Series(values, dtype="float64")
    if number in WORDS:
        return pd.Series(cast("Sequence[str]", values), dtype="str")
    if number in DAYS:
        return pd.Series(np.array(values, dtype="datetime64[D]")).astype("datetime64[s]")
    if number in INSTANTS:
        return pd.to_datetime(pd.Series(cast("Sequence[dt.datetime]", values), dtype="object"), utc=True)
    dtype = "bool" if number in TRUTHS and None not in values else "object"
    return pd.Series(cast("Sequence[str]", values), dtype=dtype)
