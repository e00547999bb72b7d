"""Villages: where they lie and who looks after their children."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.reading import area_range, read_shapes
from data.schema.areas import village
from data.upserting import Tally, upsert

if TYPE_CHECKING:
    import geopandas as gpd
    from sqlalchemy import Connection


def villages(connection: Connection, within: str | None = None) -> gpd.GeoDataFrame:
    """Return the villages with name, township_code and township_name, indexed by code."""
    return read_shapes(
        connection,
        "SELECT v.code, a.name, a.parent_code AS township_code, t.name AS township_name, "
        "v.children_expected, v.child_directors, v.has_children_home, v.position_method, v.version, "
        "ST_AsBinary(v.geom) AS geometry "
        "FROM village v JOIN area a ON a.code = v.code LEFT JOIN area t ON t.code = a.parent_code "
        "WHERE v.code >= :low AND v.code < :high ORDER BY v.code",
        area_range(within),
        index="code",
    )


def upsert_villages(connection: Connection, frame: gpd.GeoDataFrame, batch_id: int | None = None) -> Tally:
    """Write villages by code; their areas must be there."""
    return upsert(connection, village, frame.assign(batch_id=batch_id), trace=batch_id)
