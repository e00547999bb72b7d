"""Waters, and the card of one water."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

from data.reading import area_range, read, read_shapes
from data.schema.waters import water, water_incident
from data.storage.findings import RANKED
from data.upserting import Tally, upsert

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd
    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True)
class WaterCard:
    """What an officer must see of one water: its record, banks, stations and gaps."""

    facts: Mapping[str, object]
    banks: pd.DataFrame
    stations: pd.DataFrame
    gaps: pd.DataFrame
    incidents: pd.DataFrame


def waters(connection: Connection, within: str | None = None) -> gpd.GeoDataFrame:
    """Return the waters with the columns of the contract WATERS and their names, indexed by id."""
    return read_shapes(
        connection,
        "SELECT id, code, name, kind, area_code, width_m, depth_m, class_override, incidents, "
        "river_chief, verified_at, version, ST_AsBinary(geom) AS geometry "
        "FROM water WHERE area_code >= :low AND area_code < :high ORDER BY id",
        area_range(within),
    )


def water_card(connection: Connection, water_id: int) -> WaterCard | None:
    """Return the card of one water, None if there is no such water."""
    one = {"id": water_id}
    facts = (
        connection.execute(
            text(
                "SELECT w.id, w.code, w.name, w.kind, w.area_code, a.name AS area_name, "
                "w.width_m, w.depth_m, w.owner, w.user_unit, w.manager, w.river_chief, w.class_override, "
                "w.class_reason, w.incidents, w.verified_at, w.version, e.grade, "
                "ST_X(ST_PointOnSurface(w.geom)) AS lon, ST_Y(ST_PointOnSurface(w.geom)) AS lat "
                "FROM water w JOIN area a ON a.code = w.area_code "
                "LEFT JOIN water_exposure e ON e.water_id = w.id WHERE w.id = :id"
            ),
            one,
        )
        .mappings()
        .one_or_none()
    )
    if facts is None:
        return None
    return WaterCard(
        facts=dict(facts),
        banks=read(
            connection,
            "SELECT b.id, b.side, b.part, b.length_m, f.water_class, f.exposed_m, f.covered_m, f.gap_m, "
            "f.physical_m, f.technical_m, f.personal_m "
            "FROM bank b LEFT JOIN bank_finding f ON f.bank_id = b.id WHERE b.water_id = :id "
            "ORDER BY b.side, b.part",
            one,
        ),
        stations=read(
            connection,
            "SELECT s.id, s.code, s.name, f.status, f.missing, f.expires_on, f.m FROM station s "
            "LEFT JOIN station_finding f ON f.station_id = s.id LEFT JOIN bank b ON b.id = f.bank_id "
            "WHERE (s.water_id = :id OR b.water_id = :id) AND s.retired_on IS NULL ORDER BY f.m, s.code",
            one,
        ),
        gaps=read(
            connection,
            f"SELECT id, number, side, from_m, to_m, length_m, reason, water_class, "  # noqa: S608 - our own text
            "weight, priority, what_closes, new_sets, beyond_rope, barrier_advised "
            f"FROM ({RANKED}) g WHERE water_id = :id ORDER BY priority",
            one,
        ),
        incidents=read(
            connection,
            "SELECT id, happened_on, note FROM water_incident WHERE water_id = :id ORDER BY happened_on DESC",
            one,
        ),
    )


def upsert_waters(connection: Connection, frame: gpd.GeoDataFrame, batch_id: int | None = None) -> Tally:
    """Write waters by code."""
    return upsert(connection, water, frame.assign(batch_id=batch_id), trace=batch_id)


def upsert_incidents(connection: Connection, frame: pd.DataFrame) -> Tally:
    """Write past incidents by water_id and happened_on."""
    return upsert(connection, water_incident, frame, key=("water_id", "happened_on"))
