"""Reading a part of the world for the assessment: some waters, and what stands around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from data.reading import read_table
from geo.crs import GEOGRAPHIC

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from geo.tables import Table

REGION: Final = """
region AS (
    SELECT geom, coalesce(width_m, 0) / 2 AS half_m, id = ANY(:core) AS core FROM water
    WHERE id = ANY(:waters)
    UNION ALL SELECT geom, 0, water_id = ANY(:core) FROM bank WHERE water_id = ANY(:waters)
    UNION ALL SELECT geom, coalesce(reach_m, 0), true FROM finding_queue
    WHERE id = ANY(:rows) AND geom IS NOT NULL AND kind IN ('water', 'station')
)
"""
WITHIN: Final = "({} + s.half_m) / (109000 * cos(radians(ST_YMax(s.geom))))"
"""A distance [m] in degrees, at most: what lies a little further does no harm."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """What a partial assessment replaces: the findings of these records, and takes these rows off the queue.

    `waters` are assessed: those that a change touched (`core`) and others that feel it. `near` says whether
    who lives near what is to be found anew.
    """

    rows: tuple[int, ...]
    waters: tuple[int, ...]
    core: tuple[int, ...]
    gone: tuple[int, ...] = ()
    stations: tuple[int, ...] = ()
    children: tuple[int, ...] = ()
    institutions: tuple[int, ...] = ()
    hazards: tuple[int, ...] = ()
    near: bool = True
    crs: str = GEOGRAPHIC
    """The system in which shapes are read."""

    @property
    def region(self) -> dict[str, object]:
        """The parameters of REGION."""
        return {"waters": list(self.waters), "core": list(self.core), "rows": list(self.rows)}


def waters_around(connection: Connection, part: Part, around_m: float) -> Table:
    """Return the waters of the part and those within `around_m` [m] of them, with the class that is stored.

    `part` says which are assessed; of the others the stored class holds, as none of their own has changed.
    """
    return read_table(
        connection,
        f"WITH {REGION}, near AS (SELECT DISTINCT b.water_id FROM region s JOIN bank b "  # noqa: S608 - our own text
        f"ON ST_DWithin(b.geom, s.geom, {WITHIN.format(':around_m')}) UNION SELECT w.id FROM region s "
        f"JOIN water w ON ST_DWithin(w.geom, s.geom, {WITHIN.format(':around_m')})) "
        "SELECT w.id, w.code, w.name, w.kind, w.area_code, w.width_m, w.depth_m, "
        "CASE WHEN w.id = ANY(:waters) THEN w.class_override ELSE coalesce((SELECT f.water_class "
        "FROM bank b JOIN bank_finding f ON f.bank_id = b.id WHERE b.water_id = w.id LIMIT 1), "
        "w.class_override) END AS class_override, w.incidents, w.verified_at, "
        "ST_AsBinary(w.geom) AS geometry FROM water w "
        "WHERE w.id = ANY(:waters) OR w.id IN (SELECT water_id FROM near) ORDER BY w.id",
        part.region | {"around_m": around_m},
        crs=part.crs,
    )


def stations_around(
    connection: Connection, part: Part, waters: Sequence[int], around_m: float, far_m: float
) -> Table:
    """Return the stations in use of `waters`, and those of no water within `around_m`; `mine` where they
    belong to the part: attached to its core, changed, found on its banks, or within `far_m` of it.
    """  # noqa: D205 - one sentence
    return read_table(
        connection,
        f"WITH {REGION}, near AS (SELECT t.id, bool_or(s.core AND ST_DWithin(t.geom, s.geom, "  # noqa: S608 - our own text
        f"{WITHIN.format(':far_m')})) AS close FROM region s JOIN station t "
        f"ON ST_DWithin(t.geom, s.geom, {WITHIN.format(':around_m')}) "
        "WHERE t.water_id IS NULL AND t.retired_on IS NULL GROUP BY t.id) "
        "SELECT t.id, t.water_id, coalesce(t.id = ANY(:stations) OR t.water_id = ANY(:core) OR n.close "
        "OR EXISTS (SELECT FROM station_finding f JOIN bank b ON b.id = f.bank_id "
        "WHERE f.station_id = t.id AND b.water_id = ANY(:core)), false) AS mine, "
        "ST_AsBinary(t.geom) AS geometry FROM station t LEFT JOIN near n ON n.id = t.id "
        "WHERE t.retired_on IS NULL AND (t.water_id = ANY(:around) OR n.id IS NOT NULL "
        "OR t.id = ANY(:stations)) ORDER BY t.id",
        part.region
        | {
            "stations": list(part.stations),
            "around": list(waters),
            "around_m": around_m,
            "far_m": far_m,
        },
        crs=part.crs,
    )


def items_of(connection: Connection, stations: Sequence[int]) -> Table:
    """Return the items of some stations, as the contract ITEMS has them, by id."""
    return read_table(
        connection,
        "SELECT id, station_id, kind, state, verified_on FROM station_item "
        "WHERE station_id = ANY(:stations) ORDER BY id",
        {"stations": list(stations)},
    )


def barriers_of(connection: Connection, waters: Sequence[int], crs: str) -> Table:
    """Return the sound barriers of some waters, by id."""
    return read_table(
        connection,
        "SELECT id, water_id, kind, state, ST_AsBinary(geom) AS geometry FROM barrier "
        "WHERE water_id = ANY(:waters) AND state = 'good' ORDER BY id",
        {"waters": list(waters)},
        crs=crs,
    )


def homes_around(
    connection: Connection, part: Part, place_m: float, youth_m: float, *, shared: bool = False
) -> Table:
    """Return the homes that count near the part, of its children, and near its hazards; by child id.

    Of those who may be twelve, the homes within `youth_m`. `shared`: as findings for others count them.
    """
    table = "shared_home" if shared else "home"
    counts = "true" if shared else "c.left_on IS NULL"
    return read_table(
        connection,
        f"WITH {REGION}, source AS (SELECT geom, half_m FROM region "  # noqa: S608 - our own text
        "UNION ALL SELECT geom, 0 FROM hazard WHERE id = ANY(:hazards)), "
        f"near AS MATERIALIZED (SELECT DISTINCT h.child_id FROM source s JOIN {table} h "
        f"ON ST_DWithin(h.geom, s.geom, {WITHIN.format(':place_m')}) UNION "
        "SELECT h.child_id FROM region s "
        f"JOIN {table} h ON ST_DWithin(h.geom, s.geom, {WITHIN.format(':youth_m')}) "
        "JOIN child c ON c.id = h.child_id AND c.birth_month < current_date - interval '11 years') "
        "SELECT h.child_id, h.area_code, c.birth_month, c.boarding, ST_AsBinary(h.geom) AS geometry "
        f"FROM {table} h JOIN child c ON c.id = h.child_id WHERE {counts} "
        "AND h.child_id = ANY(ARRAY(SELECT child_id FROM near) || CAST(:children AS bigint[])) "
        "ORDER BY h.child_id",
        part.region
        | {"hazards": list(part.hazards), "children": list(part.children)}
        | {"place_m": place_m, "youth_m": youth_m},
        index="child_id",
        crs=part.crs,
    )


def institutions_around(connection: Connection, part: Part, place_m: float) -> Table:
    """Return the institutions near the part, those of it, and those near its hazards; by id."""
    return read_table(
        connection,
        f"WITH {REGION}, source AS (SELECT geom, half_m FROM region "  # noqa: S608 - our own text
        "UNION ALL SELECT geom, 0 FROM hazard WHERE id = ANY(:hazards)), "
        "near AS (SELECT DISTINCT i.id FROM source s JOIN institution i "
        f"ON ST_DWithin(i.geom, s.geom, {WITHIN.format(':place_m')})) "
        "SELECT i.id, i.kind, i.headcount, i.boarders, i.area_code, ST_AsBinary(i.geom) AS geometry "
        "FROM institution i "
        "WHERE i.id IN (SELECT id FROM near) OR i.id = ANY(:institutions) ORDER BY i.id",
        part.region
        | {"hazards": list(part.hazards), "institutions": list(part.institutions), "place_m": place_m},
        crs=part.crs,
    )


def villages_around(connection: Connection, part: Part, place_m: float) -> Table:
    """Return every village that may be the nearest of a gap of the part, or exposes a bank of it; by code.

    From any point of a water the nearest village is no further than the water is long across, and from its
    nearest village away: that circle is searched.
    """
    return read_table(
        connection,
        f"WITH {REGION}, reached AS MATERIALIZED (SELECT s.geom, greatest(:place_m, 111400 * ("  # noqa: S608 - our own text
        "coalesce((SELECT v.geom <-> s.geom FROM village v ORDER BY v.geom <-> s.geom LIMIT 1), 0) "
        "+ ST_Distance(ST_MakePoint(ST_XMin(s.geom), ST_YMin(s.geom)), "
        "ST_MakePoint(ST_XMax(s.geom), ST_YMax(s.geom))) + 0.001) + s.half_m) AS within_m FROM region s) "
        "SELECT v.code, ST_AsBinary(v.geom) AS geometry FROM village v WHERE v.code IN (SELECT z.code "
        "FROM reached s JOIN village z ON z.geom && ST_Expand(ST_Envelope(s.geom), s.within_m "
        "/ (109000 * cos(radians(ST_YMax(s.geom)))))) ORDER BY v.code",
        part.region | {"place_m": place_m},
        index="code",
        crs=part.crs,
    )


def hazards_around(connection: Connection, part: Part, place_m: float) -> Table:
    """Return the open hazards of the part, and those near its children and institutions; by id."""
    return read_table(
        connection,
        "WITH s AS (SELECT geom FROM home WHERE child_id = ANY(:children) "
        "UNION ALL SELECT geom FROM institution WHERE id = ANY(:institutions)) "
        "SELECT h.id, ST_AsBinary(h.geom) AS geometry FROM hazard h WHERE h.state <> 'closed' "
        "AND (h.id = ANY(:hazards) OR h.id IN (SELECT z.id FROM s JOIN hazard z ON "
        "ST_DWithin(z.geom, s.geom, :place_m / (109000 * cos(radians(ST_YMax(s.geom))))))) ORDER BY h.id",
        {
            "children": list(part.children),
            "institutions": list(part.institutions),
            "hazards": list(part.hazards),
            "place_m": place_m,
        },
        crs=part.crs,
    )


def cameras_around(connection: Connection, part: Part) -> Table:
    """Return the cameras that may see a bank of the part, by id."""
    return read_table(
        connection,
        f"WITH {REGION} SELECT c.id, c.state, c.bearing_deg, c.view_deg, c.reach_m, "  # noqa: S608 - our own text
        "ST_AsBinary(c.geom) AS geometry FROM camera c WHERE EXISTS (SELECT FROM region s "
        f"WHERE ST_DWithin(c.geom, s.geom, {WITHIN.format('c.reach_m')})) ORDER BY c.id",
        part.region,
        crs=part.crs,
    )


def patrols_around(connection: Connection, part: Part, snap_m: float) -> Table:
    """Return the patrols that may have walked a bank of the part, by id."""
    return read_table(
        connection,
        f"WITH {REGION} SELECT p.id, p.water_id, p.started_at, p.ended_at, p.walked_m, "  # noqa: S608 - our own text
        "ST_AsBinary(p.geom) AS geometry FROM patrol p WHERE p.id IN (SELECT z.id FROM region s "
        f"JOIN patrol z ON ST_DWithin(z.geom, s.geom, {WITHIN.format(':snap_m')})) ORDER BY p.id",
        part.region | {"snap_m": snap_m},
        crs=part.crs,
    )


def neighbours(connection: Connection, waters: Sequence[int], around_m: float) -> list[int]:
    """Return the waters with a bank within `around_m` [m] of a bank of `waters`."""
    found = connection.execute(
        text(
            "SELECT DISTINCT b.water_id FROM bank s JOIN bank b ON ST_DWithin(b.geom, s.geom, "
            ":around_m / (109000 * cos(radians(ST_YMax(s.geom))))) WHERE s.water_id = ANY(:waters)"
        ),
        {"waters": list(waters), "around_m": around_m},
    )
    return sorted(int(number) for number in found.scalars())


def stored_classes(connection: Connection, waters: Sequence[int]) -> dict[int, str]:
    """Return the class under which the findings of some waters are stored."""
    found = connection.execute(
        text(
            "SELECT DISTINCT b.water_id, f.water_class FROM bank b JOIN bank_finding f ON f.bank_id = b.id "
            "WHERE b.water_id = ANY(:waters)"
        ),
        {"waters": list(waters)},
    )
    return {int(row.water_id): row.water_class for row in found}
