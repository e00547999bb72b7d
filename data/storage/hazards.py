"""Hazards, and what lies near an institution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from data.reading import area_range, read, read_shapes
from data.schema.hazards import hazard
from data.upserting import Tally, upsert

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    import pandas as pd
    from sqlalchemy import Connection


def hazards(connection: Connection, within: str | None = None, *, open_only: bool = True) -> gpd.GeoDataFrame:
    """Return the hazards, by default those not yet closed, indexed by id; major and urgent ones first."""
    return read_shapes(
        connection,
        "SELECT h.id, h.code, h.title, h.domain, h.grade, h.state, h.origin, h.area_code, h.institution_id, "
        "i.name AS institution_name, h.water_id, h.station_id, h.responsible_unit, h.responsible_person, "
        "h.deadline, h.found_on, h.closed_on, h.verified_at, h.drawn_by, h.position_method, h.version, "
        "ST_AsBinary(h.geom) AS geometry FROM hazard h LEFT JOIN institution i ON i.id = h.institution_id "
        "WHERE h.area_code >= :low AND h.area_code < :high AND (h.state <> 'closed' OR NOT :open_only) "
        "ORDER BY h.grade DESC, h.deadline NULLS LAST, h.id",
        area_range(within) | {"open_only": open_only},
    )


def comparable(connection: Connection, within: str | None = None) -> gpd.GeoDataFrame:
    """Return the open hazards with what tells them apart: code, name (title), kind (domain), place."""
    return read_shapes(
        connection,
        "SELECT id, code, title AS name, domain AS kind, position_method, ST_AsBinary(geom) AS geometry "
        "FROM hazard WHERE area_code >= :low AND area_code < :high AND state <> 'closed' ORDER BY id",
        area_range(within),
    )


def nearby_of_institution(connection: Connection, institution_id: int) -> pd.DataFrame:
    """Return the waters and open hazards near one institution, nearest first.

    Columns target_kind (water, hazard), target_id, name, kind (of water, or the hazard's domain), grade
    (of the hazard), distance_m [m].
    """
    return read(
        connection,
        "SELECT p.target_kind, p.target_id, w.name, w.kind, NULL::text AS grade, p.distance_m "
        "FROM institution_proximity p JOIN water w ON w.id = p.target_id "
        "WHERE p.institution_id = :id AND p.target_kind = 'water' UNION ALL "
        "SELECT p.target_kind, p.target_id, h.title, h.domain, h.grade, p.distance_m "
        "FROM institution_proximity p JOIN hazard h ON h.id = p.target_id "
        "WHERE p.institution_id = :id AND p.target_kind = 'hazard' AND h.state <> 'closed' "
        "ORDER BY distance_m, target_id",
        {"id": institution_id},
    )


def states(connection: Connection, codes: Sequence[str]) -> dict[str, str]:
    """Return the state of those of `codes` that are stored."""
    found = connection.execute(
        text("SELECT code, state FROM hazard WHERE code = ANY(:codes)"), {"codes": list(codes)}
    )
    return {row.code: row.state for row in found}


def upsert_hazards(connection: Connection, frame: gpd.GeoDataFrame, batch_id: int | None = None) -> Tally:
    """Write hazards by code; the history of a new one begins with the state it came in."""
    tally = upsert(connection, hazard, frame.assign(batch_id=batch_id), trace=batch_id)
    if batch_id is not None and tally.inserted:
        connection.execute(
            text(
                "WITH begun AS (INSERT INTO hazard_event (hazard_id, position, to_state, note) "
                "SELECT h.id, 1, h.state, '台账导入' FROM hazard h WHERE h.batch_id = :batch "
                "AND NOT EXISTS (SELECT FROM hazard_event e WHERE e.hazard_id = h.id) RETURNING id) "
                "INSERT INTO import_insert (batch_id, table_name, record_keys) "
                "SELECT :batch, 'hazard_event', array_agg(CAST(id AS text)) FROM begun HAVING count(*) > 0"
            ),
            {"batch": batch_id},
        )
    return tally
