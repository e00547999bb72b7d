"""Rounds of the flood season and where each institution stands in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from data.reading import area_range, read, read_shapes
from data.schema.inspections import checklist_item, inspection, inspection_item, inspection_round
from data.upserting import Tally, upsert

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from sqlalchemy import Connection


def rounds(connection: Connection, within: str | None = None) -> pd.DataFrame:
    """Return the rounds with planned and done inspections inside `within`, newest first, indexed by id."""
    return read(
        connection,
        "SELECT r.id, r.code, r.name, r.kind, r.year, r.area_code, r.opens_on, r.closes_on, r.version, "
        "count(i.id) AS planned, count(i.id) FILTER (WHERE i.state = 'done') AS done "
        "FROM inspection_round r LEFT JOIN inspection i ON i.round_id = r.id AND i.state <> 'cancelled' "
        "AND i.area_code >= :low AND i.area_code < :high "
        "GROUP BY r.id ORDER BY r.opens_on DESC, r.id",
        area_range(within),
    )


def institutions_with_round_state(
    connection: Connection, within: str | None, round_id: int
) -> gpd.GeoDataFrame:
    """Return every institution with the state of its inspection in one round, indexed by id.

    `state` is `none` where no inspection is planned; abnormal counts items found 异常, open_hazards the
    institution's hazards not yet closed, nearest_water_m [m] is missing where no water is near.
    """
    return read_shapes(
        connection,
        "SELECT n.id, n.code, n.name, n.kind, n.area_code, n.headcount, n.boarders, "
        "i.id AS inspection_id, coalesce(i.state, 'none') AS state, i.planned_on, i.done_on, "
        "coalesce(i.team, '') AS team, coalesce(x.abnormal, 0) AS abnormal, "
        "coalesce(h.open_hazards, 0) AS open_hazards, p.distance_m AS nearest_water_m, "
        "w.name AS nearest_water, w.kind AS nearest_water_kind, ST_AsBinary(n.geom) AS geometry "
        "FROM institution n "
        "LEFT JOIN inspection i ON i.institution_id = n.id AND i.round_id = :round_id "
        "LEFT JOIN (SELECT inspection_id, count(*) AS abnormal FROM inspection_item "
        "WHERE finding = 'abnormal' GROUP BY inspection_id) x ON x.inspection_id = i.id "
        "LEFT JOIN (SELECT institution_id, count(*) AS open_hazards FROM hazard "
        "WHERE state <> 'closed' GROUP BY institution_id) h ON h.institution_id = n.id "
        "LEFT JOIN (SELECT DISTINCT ON (institution_id) institution_id, target_id, distance_m "
        "FROM institution_proximity WHERE target_kind = 'water' "
        "ORDER BY institution_id, distance_m, target_id) p ON p.institution_id = n.id "
        "LEFT JOIN water w ON w.id = p.target_id "
        "WHERE n.area_code >= :low AND n.area_code < :high ORDER BY n.id",
        area_range(within) | {"round_id": round_id},
    )


def upsert_rounds(connection: Connection, frame: pd.DataFrame) -> Tally:
    """Write rounds by code."""
    return upsert(connection, inspection_round, frame)


def upsert_inspections(connection: Connection, frame: pd.DataFrame, batch_id: int | None = None) -> Tally:
    """Write inspections by round_id and institution_id."""
    return upsert(
        connection,
        inspection,
        frame.assign(batch_id=batch_id),
        key=("round_id", "institution_id"),
        trace=batch_id,
    )


def has_checklist(connection: Connection) -> bool:
    """Whether any question is stored."""
    return bool(connection.execute(text("SELECT EXISTS (SELECT FROM checklist_item)")).scalar_one())


def upsert_checklist(connection: Connection, frame: pd.DataFrame) -> Tally:
    """Write the questions of the checklist by code."""
    return upsert(connection, checklist_item, frame)


def upsert_inspection_items(connection: Connection, frame: pd.DataFrame) -> Tally:
    """Write answers by inspection_id and item_code."""
    return upsert(connection, inspection_item, frame, key=("inspection_id", "item_code"))
