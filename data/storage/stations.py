"""Stations with their items: reads, and the card of one station."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

from data.reading import area_range, read, read_shapes
from data.schema.stations import station, station_item
from data.upserting import Tally, upsert

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd
    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True)
class StationCard:
    """One station: its record with the finding, its items, the history of their checks."""

    facts: Mapping[str, object]
    items: pd.DataFrame
    history: pd.DataFrame


def stations(connection: Connection, within: str | None = None) -> gpd.GeoDataFrame:
    """Return the stations in use with what the assessment found, indexed by id.

    `status` is missing and `missing` (kinds of items) None where no assessment has seen the station yet.
    """
    return read_shapes(
        connection,
        "SELECT s.id, s.code, s.name, s.area_code, s.water_id, w.name AS water_name, s.installed_on, "
        "s.responsible_unit, s.note, s.position_method, s.version, f.status, f.missing, f.expires_on, "
        "ST_AsBinary(s.geom) AS geometry "
        "FROM station s LEFT JOIN water w ON w.id = s.water_id "
        "LEFT JOIN station_finding f ON f.station_id = s.id "
        "WHERE s.retired_on IS NULL AND s.area_code >= :low AND s.area_code < :high ORDER BY s.id",
        area_range(within),
    )


def items(connection: Connection, within: str | None = None) -> pd.DataFrame:
    """Return the items of the stations in use (contract ITEMS), indexed by id."""
    return read(
        connection,
        "SELECT i.id, i.station_id, i.kind, i.state, i.verified_on, i.note, i.version "
        "FROM station_item i JOIN station s ON s.id = i.station_id "
        "WHERE s.retired_on IS NULL AND s.area_code >= :low AND s.area_code < :high ORDER BY i.id",
        area_range(within),
    )


def station_card(connection: Connection, station_id: int) -> StationCard | None:
    """Return one station, None if there is none; the latest hundred checks."""
    one = {"id": station_id}
    facts = station_facts(connection, station_id)
    if facts is None:
        return None
    return StationCard(
        facts=facts,
        items=read(
            connection,
            "SELECT kind, state, verified_on, note, version FROM station_item WHERE station_id = :id "
            "ORDER BY kind",
            one,
            index="kind",
        ),
        history=read(
            connection,
            "SELECT c.checked_on, c.kind, c.state, c.note, a.display_name AS checked_by, c.recorded_at "
            "FROM item_check c LEFT JOIN account a ON a.id = c.checked_by WHERE c.station_id = :id "
            "ORDER BY c.checked_on DESC, c.id DESC LIMIT 100",
            one,
        ),
    )


def station_facts(connection: Connection, station_id: int) -> dict[str, object] | None:
    """Return the record of one station with its finding, None if there is none."""
    found = connection.execute(
        text(
            "SELECT s.id, s.code, s.name, s.area_code, a.name AS area_name, s.water_id, "
            "w.name AS water_name, s.installed_on, s.responsible_unit, s.note, s.retired_on, "
            "s.position_method, s.version, s.source_sheet, s.source_row, s.batch_id, "
            "ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat, "
            "f.status, f.missing, f.expires_on, f.m, f.distance_m, b.side "
            "FROM station s JOIN area a ON a.code = s.area_code LEFT JOIN water w ON w.id = s.water_id "
            "LEFT JOIN station_finding f ON f.station_id = s.id LEFT JOIN bank b ON b.id = f.bank_id "
            "WHERE s.id = :id"
        ),
        {"id": station_id},
    )
    row = found.mappings().one_or_none()
    return None if row is None else dict(row)


def upsert_stations(connection: Connection, frame: gpd.GeoDataFrame, batch_id: int | None = None) -> Tally:
    """Write stations by code."""
    return upsert(connection, station, frame.assign(batch_id=batch_id), trace=batch_id)


def upsert_items(connection: Connection, frame: pd.DataFrame, batch_id: int | None = None) -> Tally:
    """Write items by station_id and kind, and into the history what was verified and is not there yet."""
    tally = upsert(connection, station_item, frame, key=("station_id", "kind"), trace=batch_id)
    if tally.written:
        connection.execute(
            text(
                "WITH noted AS (INSERT INTO item_check (station_id, kind, state, checked_on, note) "
                "SELECT i.station_id, i.kind, i.state, i.verified_on, i.note FROM station_item i "
                "WHERE i.verified_on IS NOT NULL AND i.station_id IN "
                "(SELECT unnest(CAST(:stations AS bigint[]))) AND NOT EXISTS (SELECT FROM item_check c "
                "WHERE c.station_id = i.station_id AND c.kind = i.kind "
                "AND c.checked_on = i.verified_on AND c.state = i.state) RETURNING id) "
                "INSERT INTO import_insert (batch_id, table_name, record_keys) "
                "SELECT CAST(:batch AS bigint), 'item_check', array_agg(CAST(id AS text)) FROM noted "
                "WHERE CAST(:batch AS bigint) IS NOT NULL HAVING count(*) > 0"
            ),
            {"stations": [int(value) for value in frame["station_id"].unique()], "batch": batch_id},
        )
    return tally
