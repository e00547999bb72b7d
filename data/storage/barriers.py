"""What protects a bank beside stations: barriers and covers, cameras, patrols."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.reading import area_range, read_shapes
from data.schema.protection import barrier, camera, patrol
from data.upserting import Tally, upsert

if TYPE_CHECKING:
    import geopandas as gpd
    from sqlalchemy import Connection


def barriers(
    connection: Connection, within: str | None = None, *, sound_only: bool = True
) -> gpd.GeoDataFrame:
    """Return barriers with water_id, kind and state, indexed by id; by default those in good state."""
    return read_shapes(
        connection,
        "SELECT id, code, water_id, area_code, kind, state, height_m, version, ST_AsBinary(geom) AS geometry "
        "FROM barrier WHERE area_code >= :low AND area_code < :high AND (state = 'good' OR NOT :sound_only) "
        "ORDER BY id",
        area_range(within) | {"sound_only": sound_only},
    )


def cameras(connection: Connection, within: str | None = None) -> gpd.GeoDataFrame:
    """Return cameras with bearing_deg, view_deg and reach_m, indexed by id."""
    return read_shapes(
        connection,
        "SELECT id, code, area_code, state, bearing_deg, view_deg, reach_m, version, "
        "ST_AsBinary(geom) AS geometry FROM camera WHERE area_code >= :low AND area_code < :high ORDER BY id",
        area_range(within),
    )


def patrols(connection: Connection, within: str | None = None) -> gpd.GeoDataFrame:
    """Return patrols with started_at, ended_at and walked_m, indexed by id."""
    return read_shapes(
        connection,
        "SELECT id, code, area_code, water_id, started_at, ended_at, walked_m, note, "
        "ST_AsBinary(geom) AS geometry FROM patrol WHERE area_code >= :low AND area_code < :high ORDER BY id",
        area_range(within),
    )


def upsert_barriers(connection: Connection, frame: gpd.GeoDataFrame, batch_id: int | None = None) -> Tally:
    """Write barriers by code."""
    return upsert(connection, barrier, frame.assign(batch_id=batch_id), trace=batch_id)


def upsert_cameras(connection: Connection, frame: gpd.GeoDataFrame, batch_id: int | None = None) -> Tally:
    """Write cameras by code."""
    return upsert(connection, camera, frame.assign(batch_id=batch_id), trace=batch_id)


def upsert_patrols(connection: Connection, frame: gpd.GeoDataFrame, batch_id: int | None = None) -> Tally:
    """Write patrols by code."""
    return upsert(connection, patrol, frame.assign(batch_id=batch_id), trace=batch_id)
