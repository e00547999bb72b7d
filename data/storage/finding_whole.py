"""What to read of the world for the assessment of everything."""

from __future__ import annotations

from data.reading import Query
from data.storage import finding_queue
from data.storage.children import homes_for_assessment
from data.storage.shared_homes import shared_homes


def everything(crs: str) -> dict[str, Query]:
    """Return the questions whose answers are all that an assessment judges by, shapes in `crs`."""
    shapes = {
        "waters": "SELECT id, kind, area_code, width_m, class_override, incidents, verified_at, "
        "ST_AsBinary(geom) AS geometry FROM water ORDER BY id",
        "stations": "SELECT id, water_id, position_method, ST_AsBinary(geom) AS geometry FROM station "
        "WHERE retired_on IS NULL ORDER BY id",
        "barriers": "SELECT id, water_id, kind, state, ST_AsBinary(geom) AS geometry FROM barrier "
        "WHERE state = 'good' ORDER BY id",
        "institutions": "SELECT id, kind, headcount, boarders, area_code, ST_AsBinary(geom) AS geometry "
        "FROM institution ORDER BY id",
        "hazards": "SELECT id, verified_at, ST_AsBinary(geom) AS geometry FROM hazard "
        "WHERE state <> 'closed' ORDER BY id",
        "cameras": "SELECT id, state, bearing_deg, view_deg, reach_m, ST_AsBinary(geom) AS geometry "
        "FROM camera ORDER BY id",
        "patrols": "SELECT id, water_id, started_at, ended_at, walked_m, ST_AsBinary(geom) AS geometry "
        "FROM patrol ORDER BY id",
        "routes": "SELECT id, pupils, ST_AsBinary(geom) AS geometry FROM pupil_route ORDER BY id",
    }
    return {
        "versions": finding_queue.VERSIONS,
        "items": Query(
            "SELECT i.id, i.station_id, i.kind, i.state, i.verified_on FROM station_item i "
            "JOIN station s ON s.id = i.station_id WHERE s.retired_on IS NULL ORDER BY i.id"
        ),
        "villages": Query(
            "SELECT code, ST_AsBinary(geom) AS geometry FROM village ORDER BY code", index="code", crs=crs
        ),
        "homes": homes_for_assessment(crs),
        "shared_homes": shared_homes(crs),
        **{name: Query(statement, crs=crs) for name, statement in shapes.items()},
    }
