"""The code tree of areas and their outlines."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlalchemy import text

from data.reading import area_range, read, read_shapes
from data.schema.areas import area
from data.upserting import Tally, upsert

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from sqlalchemy import Connection


def tree(connection: Connection, root: str | None = None) -> pd.DataFrame:
    """Return name, level and parent_code of `root` and all below it, indexed by code in code order."""
    return read(
        connection,
        "SELECT code, name, level, parent_code FROM area WHERE code >= :low AND code < :high ORDER BY code",
        area_range(root),
        index="code",
    )


def outlines(connection: Connection, level: str, within: str | None = None) -> gpd.GeoDataFrame:
    """Return name, parent_code and outline of the areas of a level that have one, indexed by code."""
    return read_shapes(
        connection,
        "SELECT code, name, parent_code, ST_AsBinary(geom) AS geometry FROM area "
        "WHERE level = :level AND geom IS NOT NULL AND code >= :low AND code < :high ORDER BY code",
        area_range(within) | {"level": level},
        index="code",
    )


def name_of(connection: Connection, code: str) -> str | None:
    """Return the name of an area."""
    return cast(
        "str | None", connection.scalar(text("SELECT name FROM area WHERE code = :code"), {"code": code})
    )


def full_name_of(connection: Connection, code: str) -> str:
    """Return the names from the county down to `code`, as an address is written; empty for none."""
    names = connection.scalars(
        text(
            "SELECT name FROM area WHERE starts_with(:code, code) "
            "AND level NOT IN ('province', 'prefecture') ORDER BY code"
        ),
        {"code": code},
    )
    return "".join(names)


def area_at(connection: Connection, lon: float, lat: float) -> str | None:
    """Return the code of the smallest area whose outline holds a point."""
    found = connection.scalar(
        text(
            "SELECT code FROM area WHERE ST_Covers(geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4490)) "
            "ORDER BY length(code) DESC, code LIMIT 1"
        ),
        {"lon": lon, "lat": lat},
    )
    return cast("str | None", found)


def upsert_areas(connection: Connection, frame: pd.DataFrame, batch_id: int | None = None) -> Tally:
    """Write areas by code; columns code, name, level, parent_code and, in a GeoDataFrame, the outline."""
    return upsert(connection, area, frame.assign(batch_id=batch_id), trace=batch_id)
