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
    """Return the ways to school, those with most gaps beside them first, indexed by id.

    With their school's name, who walks them, their length [m, geodesic] and the number of gaps within the
    distance at which a way exposes a bank.
    """
    return read_shapes(
        connection,
        "WITH near AS MATERIALIZED (SELECT coalesce((SELECT CAST(value #>> '{}' AS float8) FROM parameter "
        "WHERE key = 'profile_p.route_m'), 0) AS within_m) "
        "SELECT r.id, r.code, r.name, r.area_code, coalesce(i.name, '') AS school, r.pupils, r.surveyed_on, "
        "r.note, ST_Length(CAST(r.geom AS geography)) AS length_m, b.gaps, ST_AsBinary(r.geom) AS geometry "
        "FROM pupil_route r CROSS JOIN near n LEFT JOIN institution i ON i.id = r.institution_id "
        "CROSS JOIN LATERAL (SELECT count(*) AS gaps FROM gap g "
        "WHERE g.geom && ST_Expand(r.geom, n.within_m / (109000 * cos(radians(ST_YMax(r.geom))))) "
        "AND ST_DWithin(CAST(g.geom AS geography), CAST(r.geom AS geography), n.within_m)) b "
        "WHERE r.area_code >= :low AND r.area_code < :high ORDER BY b.gaps DESC, r.pupils DESC, r.code",
        area_range(within),
    )


def upsert_routes(connection: Connection, frame: gpd.GeoDataFrame, batch_id: int | None = None) -> Tally:
    """Write ways to school by code."""
    return upsert(connection, pupil_route, frame.assign(batch_id=batch_id), trace=batch_id)
