"""Institutions where children are, and the ways on which pupils walk there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from data.reading import area_range, read_shapes
from data.schema.institutions import institution, pupil_route
from data.upserting import Tally, upsert

if TYPE_CHECKING:
    import geopandas as gpd
    from sqlalchemy import Connection


def institutions(connection: Connection, within: str | None = None) -> gpd.GeoDataFrame:
    """Return the institutions with headcount and boarders, indexed by id."""
    return read_shapes(
        connection,
        "SELECT id, code, name, kind, area_code, headcount, boarders, contact_unit, contact_phone, "
        "position_method, version, ST_AsBinary(geom) AS geometry "
        "FROM institution WHERE area_code >= :low AND area_code < :high ORDER BY id",
        area_range(within),
    )


def area_codes(connection: Connection) -> dict[int, str]:
    """Return the area of every institution, by id."""
    found = connection.execute(text("SELECT id, area_code FROM institution"))
    return {row.id: row.area_code for row in found}


def upsert_institutions(
    connection: Connection, frame: gpd.GeoDataFrame, batch_id: int | None = None
) -> Tally:
    """Write institutions by code."""
    return upsert(connection, institution, frame.assign(batch_id=batch_id), trace=batch_id)


def routes(connection: Connection, within: str | None = None) -> gpd.GeoDataFrame:
    """Return the ways to school with their school's name and how many walk, indexed by id."""
    return read_shapes(
        connection,
        "SELECT r.id, r.code, r.name, r.area_code, r.institution_id, coalesce(i.name, '') AS school, "
        "r.pupils, r.surveyed_on, r.note, r.version, ST_AsBinary(r.geom) AS geometry FROM pupil_route r "
        "LEFT JOIN institution i ON i.id = r.institution_id "
        "WHERE r.area_code >= :low AND r.area_code < :high ORDER BY r.code",
        area_range(within),
    )


def upsert_routes(connection: Connection, frame: gpd.GeoDataFrame, batch_id: int | None = None) -> Tally:
    """Write ways to school by code."""
    return upsert(connection, pupil_route, frame.assign(batch_id=batch_id), trace=batch_id)
