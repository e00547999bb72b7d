"""What to read of the world for the assessment of a part of it: some waters, and what stands around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from data.reading import Query, listed
from geo.crs import GEOGRAPHIC

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

REGION: Final = """
region AS MATERIALIZED (
    SELECT geom, coalesce(width_m, 0) / 2 AS half_m, id = ANY(:core) AS core FROM water
    WHERE id = ANY(:waters)
    UNION ALL SELECT geom, 0, water_id = ANY(:core) FROM bank WHERE water_id = ANY(:waters)
    UNION ALL SELECT geom, coalesce(reach_m, 0), true FROM finding_queue
    WHERE id = ANY(:rows) AND geom IS NOT NULL AND kind IN ('water', 'station')
)
"""
"""The shapes of the part."""
BLOCKS: Final = f"""
{REGION}, block AS MATERIALIZED (
    SELECT ST_SetSRID(CAST(ST_Extent(geom) AS geometry), 4490) AS geom, max(half_m) AS half_m FROM (
        SELECT geom, half_m, ST_ClusterDBSCAN(ST_Envelope(geom), 0.02, 1) OVER () AS block FROM region
    ) r GROUP BY block
)
"""  # noqa: S608 - our own text
"""One box around those that lie within a few kilometres of each other.

Boxes decide what is read: to measure from every corner of a river takes longer than to judge a few homes or
one water too many.
"""
PIECES: Final = """
piece AS MATERIALIZED (
    SELECT p.geom, half_m FROM region r CROSS JOIN LATERAL (
        SELECT r.geom WHERE ST_NPoints(r.geom) <= 32 OR ST_Dimension(r.geom) <> 1
        UNION ALL SELECT ST_Subdivide(r.geom, 32) WHERE ST_NPoints(r.geom) > 32 AND ST_Dimension(r.geom) = 1
    ) p
)
"""
"""The shapes cut so short that a box around each holds little else."""
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
        return {"waters": listed(self.waters), "core": listed(self.core), "rows": listed(self.rows)}


def alone(connection: Connection) -> None:
    """Have the questions of this transaction answered by one process of the server each.

    A part asks for a few rows: waking parallel workers takes longer than reading them.
    """
    connection.execute(text("SET LOCAL max_parallel_workers_per_gather TO 0"))


def waters_around(part: Part, around_m: float) -> Query:
    """Return the waters of the part and those within `around_m` [m]; `held`: the class stored of each.

    `part` says which are assessed; of the others the stored class holds, as none of their own has changed.
    """
    near = WITHIN.format(":around_m")
    return Query(
        f"WITH {REGION}, {PIECES}, near AS (SELECT unnest(CAST(:waters AS bigint[])) AS water_id "  # noqa: S608 - our own text
        f"UNION SELECT b.water_id FROM piece s JOIN bank b ON b.geom && ST_Expand(s.geom, {near}) "
        f"UNION SELECT w.id FROM piece s JOIN water w ON w.geom && ST_Expand(s.geom, {near})), "
        "found AS (SELECT w.*, (SELECT f.water_class FROM bank b JOIN bank_finding f ON f.bank_id = b.id "
        "WHERE b.water_id = w.id LIMIT 1) AS held FROM water w "
        "WHERE w.id = ANY(ARRAY(SELECT water_id FROM near))) "
        "SELECT id, kind, area_code, width_m, held, CASE WHEN id = ANY(:waters) THEN class_override "
        "ELSE coalesce(held, class_override) END AS class_override, incidents, verified_at, "
        "ST_AsBinary(geom) AS geometry FROM found ORDER BY id",
        part.region | {"around_m": around_m},
        crs=part.crs,
    )


STANDING: Final = f"""
WITH {REGION}, near AS (
    SELECT t.id, bool_or(s.core AND ST_DWithin(t.geom, s.geom, {WITHIN.format(":far_m")})) AS close
    FROM region s JOIN station t ON ST_DWithin(t.geom, s.geom, {WITHIN.format(":around_m")})
    WHERE t.water_id IS NULL AND t.retired_on IS NULL GROUP BY t.id
), standing AS (
    SELECT id FROM near UNION SELECT id FROM station WHERE water_id = ANY(:around)
    UNION SELECT unnest(CAST(:stations AS bigint[]))
)
"""  # noqa: S608 - our own text


def stations_around(part: Part, waters: Sequence[int], around_m: float, far_m: float) -> Query:
    """Return the stations in use of `waters`, and those of no water within `around_m`; `mine` where they
    belong to the part: attached to its core, changed, found on its banks, or within `far_m` of it.
    """  # noqa: D205 - one sentence
    return Query(
        f"{STANDING} SELECT t.id, t.water_id, t.position_method, "  # noqa: S608 - our own text
        "coalesce(t.id = ANY(:stations) OR t.water_id = ANY(:core) OR n.close "
        "OR EXISTS (SELECT FROM station_finding f JOIN bank b ON b.id = f.bank_id "
        "WHERE f.station_id = t.id AND b.water_id = ANY(:core)), false) AS mine, "
        "ST_AsBinary(t.geom) AS geometry FROM station t LEFT JOIN near n ON n.id = t.id "
        "WHERE t.id = ANY(ARRAY(SELECT id FROM standing)) AND t.retired_on IS NULL ORDER BY t.id",
        _standing(part, waters, around_m, far_m),
        crs=part.crs,
    )


def items_around(part: Part, waters: Sequence[int], around_m: float, far_m: float) -> Query:
    """Return the items of those stations, as the contract ITEMS has them, by id."""
    return Query(
        f"{STANDING} SELECT i.id, i.station_id, i.kind, i.state, i.verified_on "  # noqa: S608 - our own text
        "FROM station_item i WHERE i.station_id = ANY(ARRAY(SELECT id FROM standing)) ORDER BY i.id",
        _standing(part, waters, around_m, far_m),
    )


def _standing(part: Part, waters: Sequence[int], around_m: float, far_m: float) -> dict[str, object]:
    """Return the parameters of STANDING."""
    places = {"around": listed(waters), "around_m": around_m, "far_m": far_m}
    return part.region | places | {"stations": listed(part.stations)}


def items_of(stations: Sequence[int]) -> Query:
    """Return the items of some stations, as the contract ITEMS has them, by id."""
    return Query(
        "SELECT id, station_id, kind, state, verified_on FROM station_item "
        "WHERE station_id = ANY(:stations) ORDER BY id",
        {"stations": listed(stations)},
    )


def barriers_of(waters: Sequence[int], crs: str) -> Query:
    """Return the sound barriers of some waters, by id."""
    return Query(
        "SELECT id, water_id, kind, state, ST_AsBinary(geom) AS geometry FROM barrier "
        "WHERE water_id = ANY(:waters) AND state = 'good' ORDER BY id",
        {"waters": listed(waters)},
        crs=crs,
    )


def homes_around(part: Part, *, reach: Mapping[str, float], shared: bool = False) -> Query:
    """Return the homes that count near the part, of its children, and near its hazards; by child id.

    Distances [m] in `reach`: `place_m` around the part, `youth_m` of those who may be twelve, `hazard_m`
    around a hazard. `shared`: as findings for others count them.
    """
    table = "shared_home" if shared else "home"
    counts = "true" if shared else "c.left_on IS NULL"
    near, far = WITHIN.format(":place_m"), WITHIN.format("greatest(:place_m, :youth_m)")
    return Query(
        f"WITH {BLOCKS}, near AS (SELECT unnest(CAST(:children AS bigint[])) AS child_id "  # noqa: S608 - our own text
        f"UNION SELECT h.child_id FROM block s JOIN {table} h ON h.geom && ST_Expand(s.geom, {far}) "
        f"JOIN child c ON c.id = h.child_id WHERE h.geom && ST_Expand(s.geom, {near}) "
        "OR c.birth_month < current_date - interval '11 years' "
        f"UNION SELECT h.child_id FROM (SELECT geom, 0 AS half_m FROM hazard WHERE id = ANY(:hazards)) s "
        f"JOIN {table} h ON h.geom && ST_Expand(s.geom, {WITHIN.format('greatest(:place_m, :hazard_m)')})) "
        "SELECT h.child_id, h.area_code, c.birth_month, c.boarding, ST_AsBinary(h.geom) AS geometry "
        f"FROM {table} h JOIN child c ON c.id = h.child_id WHERE {counts} "
        "AND h.child_id = ANY(ARRAY(SELECT child_id FROM near)) ORDER BY h.child_id",
        part.region
        | {"hazards": listed(part.hazards), "children": listed(part.children)}
        | {name: reach[name] for name in ("place_m", "youth_m", "hazard_m")},
        index="child_id",
        crs=part.crs,
    )


def homes_of(part: Part) -> Query:
    """Return the homes of the part's children that count, by child id."""
    return Query(
        "SELECT h.child_id, h.area_code, ST_AsBinary(h.geom) AS geometry FROM home h "
        "JOIN child c ON c.id = h.child_id WHERE c.left_on IS NULL AND h.child_id = ANY(:children) "
        "ORDER BY h.child_id",
        {"children": listed(part.children)},
        index="child_id",
        crs=part.crs,
    )


def banks_near_homes(part: Part, within_m: float) -> Query:
    """Return the stored banks that may lie near the homes of the part's children, under their waters' ids."""
    return Query(
        "SELECT b.water_id AS id, ST_AsBinary(b.geom) AS geometry FROM bank b WHERE b.id IN (SELECT n.id "
        "FROM home h JOIN bank n ON n.geom && ST_Expand(h.geom, "
        ":within_m / (109000 * cos(radians(ST_YMax(h.geom))))) WHERE h.child_id = ANY(:children)) "
        "ORDER BY b.id",
        {"children": listed(part.children), "within_m": within_m},
        crs=part.crs,
    )


def institutions_around(part: Part, place_m: float) -> Query:
    """Return the institutions near the part, those of it, and those near its hazards; by id."""
    return Query(
        f"WITH {BLOCKS}, source AS (SELECT geom, half_m FROM block "  # noqa: S608 - our own text
        "UNION ALL SELECT geom, 0 FROM hazard WHERE id = ANY(:hazards)), "
        "near AS (SELECT unnest(CAST(:institutions AS bigint[])) AS id UNION SELECT i.id FROM source s "
        f"JOIN institution i ON i.geom && ST_Expand(s.geom, {WITHIN.format(':place_m')})) "
        "SELECT i.id, i.kind, i.headcount, i.boarders, i.area_code, ST_AsBinary(i.geom) AS geometry "
        "FROM institution i WHERE i.id = ANY(ARRAY(SELECT id FROM near)) ORDER BY i.id",
        part.region
        | {"hazards": listed(part.hazards), "institutions": listed(part.institutions), "place_m": place_m},
        crs=part.crs,
    )


def villages_around(part: Part, place_m: float) -> Query:
    """Return every village that may be the nearest of a gap of the part, or exposes a bank of it; by code.

    From any point of a water the nearest village is no further than the water is long across, and from its
    nearest village away: that circle is searched.
    """
    return Query(
        f"WITH {REGION}, reached AS MATERIALIZED (SELECT s.geom, greatest(:place_m, 111400 * ("  # noqa: S608 - our own text
        "coalesce((SELECT v.geom <-> s.geom FROM village v ORDER BY v.geom <-> s.geom LIMIT 1), 0) "
        "+ ST_Distance(ST_MakePoint(ST_XMin(s.geom), ST_YMin(s.geom)), "
        "ST_MakePoint(ST_XMax(s.geom), ST_YMax(s.geom))) + 0.001) + s.half_m) AS within_m FROM region s) "
        "SELECT DISTINCT ON (v.code) v.code, ST_AsBinary(v.geom) AS geometry FROM reached s "
        "JOIN village v ON v.geom && ST_Expand(ST_Envelope(s.geom), s.within_m "
        "/ (109000 * cos(radians(ST_YMax(s.geom))))) ORDER BY v.code",
        part.region | {"place_m": place_m},
        index="code",
        crs=part.crs,
    )


def hazards_around(part: Part, place_m: float) -> Query:
    """Return the open hazards of the part, and those near its children and institutions; by id."""
    return Query(
        "WITH s AS (SELECT geom FROM home WHERE child_id = ANY(:children) "
        "UNION ALL SELECT geom FROM institution WHERE id = ANY(:institutions)), "
        "near AS (SELECT unnest(CAST(:hazards AS bigint[])) AS id UNION SELECT z.id FROM s JOIN hazard z "
        "ON ST_DWithin(z.geom, s.geom, :place_m / (109000 * cos(radians(ST_YMax(s.geom)))))) "
        "SELECT h.id, h.verified_at, ST_AsBinary(h.geom) AS geometry "
        "FROM near n JOIN hazard h ON h.id = n.id WHERE h.state <> 'closed' ORDER BY h.id",
        {
            "children": listed(part.children),
            "institutions": listed(part.institutions),
            "hazards": listed(part.hazards),
            "place_m": place_m,
        },
        crs=part.crs,
    )


def cameras_around(part: Part) -> Query:
    """Return the cameras that may see a bank of the part, by id.

    The index finds those within the reach of the camera that sees furthest, and their own reach decides.
    """
    furthest = WITHIN.format("coalesce((SELECT max(reach_m) FROM camera), 0)")
    return Query(
        f"WITH {REGION} SELECT c.id, c.state, c.bearing_deg, c.view_deg, c.reach_m, "  # noqa: S608 - our own text
        "ST_AsBinary(c.geom) AS geometry FROM camera c WHERE c.id IN (SELECT n.id FROM region s "
        f"JOIN camera n ON n.geom && ST_Expand(s.geom, {furthest}) "
        f"AND n.geom && ST_Expand(s.geom, {WITHIN.format('n.reach_m')})) ORDER BY c.id",
        part.region,
        crs=part.crs,
    )


def patrols_around(part: Part, snap_m: float) -> Query:
    """Return the patrols that may have walked a bank of the part, by id."""
    return Query(
        f"WITH {REGION} SELECT p.id, p.water_id, p.started_at, p.ended_at, p.walked_m, "  # noqa: S608 - our own text
        "ST_AsBinary(p.geom) AS geometry FROM (SELECT DISTINCT z.id FROM region s "
        f"JOIN patrol z ON z.geom && ST_Expand(s.geom, {WITHIN.format(':snap_m')})) n "
        "JOIN patrol p ON p.id = n.id ORDER BY p.id",
        part.region | {"snap_m": snap_m},
        crs=part.crs,
    )


def routes_around(part: Part, within_m: float) -> Query:
    """Return the ways to school beside which a bank of the part may lie, by id."""
    return Query(
        f"WITH {REGION} SELECT p.id, p.pupils, ST_AsBinary(p.geom) AS geometry "  # noqa: S608 - our own text
        "FROM (SELECT DISTINCT z.id FROM region s "
        f"JOIN pupil_route z ON z.geom && ST_Expand(s.geom, {WITHIN.format(':within_m')})) n "
        "JOIN pupil_route p ON p.id = n.id ORDER BY p.id",
        part.region | {"within_m": within_m},
        crs=part.crs,
    )


def neighbours(connection: Connection, waters: Sequence[int], around_m: float) -> list[int]:
    """Return the waters with a bank within `around_m` [m] of a bank of `waters`."""
    found = connection.execute(
        text(
            "SELECT DISTINCT b.water_id FROM bank s JOIN bank b ON ST_DWithin(b.geom, s.geom, "
            ":around_m / (109000 * cos(radians(ST_YMax(s.geom))))) WHERE s.water_id = ANY(:waters)"
        ),
        {"waters": listed(waters), "around_m": around_m},
    )
    return sorted(int(number) for number in found.scalars())
