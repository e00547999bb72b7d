"""Reading one area with all that its findings depend on, for the assessment by area.

Boxes, not shapes, decide what is read: what lies further away does no harm, and a county has thousands of
banks to be near to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from data.reading import Query, read_table
from data.storage.finding_part import Part, barriers_of, items_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from geo.tables import Table

DIGITS: Final = 6
"""Of the code of a county: an area of the assessment, as it is one of the numbers of the gaps."""
WHY: Final = "area"
"""Marks the rows of the queue that stand for areas still to be assessed."""

Box = tuple[float, float, float, float]

AREAS: Final = """
SELECT left(area_code, 6) AS area, count(*) FILTER (WHERE what = 'water') AS waters FROM (
    SELECT area_code, 'water' AS what FROM water UNION ALL SELECT area_code, 'station' FROM station
    UNION ALL SELECT area_code, 'hazard' FROM hazard) r
GROUP BY 1 ORDER BY 2 DESC, 1
"""


def areas(connection: Connection) -> list[str]:
    """Return the areas that hold a water, a station or a hazard, those with most waters first."""
    return list(connection.execute(text(AREAS)).scalars())


def enqueue(connection: Connection, codes: list[str]) -> dict[str, int]:
    """Put every area into the queue as one to be assessed, and return the row of each.

    Whoever comes after a run that died finds them there and assesses everything.
    """
    rows = connection.execute(
        text(
            "INSERT INTO finding_queue (kind, code, why) SELECT 'everything', c, :why "
            "FROM unnest(CAST(:codes AS text[])) AS c RETURNING id, code"
        ),
        {"codes": codes, "why": WHY},
    )
    return {row.code: int(row.id) for row in rows}


def waits(connection: Connection, row: int) -> bool:
    """Return whether an area is still to be assessed."""
    statement = text("SELECT EXISTS (SELECT FROM finding_queue WHERE id = :row)")
    return bool(connection.execute(statement, {"row": row}).scalar_one())


def one_at_a_time(connection: Connection, area: str) -> None:
    """Wait until nobody else assesses the area; held until the transaction ends."""
    connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtext('anlan.findings.area'), hashtext(:area))"), {"area": area}
    )


def export_snapshot(connection: Connection) -> str:
    """Return the name under which other transactions see what this one sees, as long as it is open."""
    return str(connection.execute(text("SELECT pg_export_snapshot()")).scalar_one())


def stay(connection: Connection) -> None:
    """Keep a waiting transaction from being taken for a forgotten one."""
    connection.execute(text("SELECT 1"))


def part_of(connection: Connection, area: str) -> Part:
    """Return what an assessment of the area replaces: also what hangs on retired stations and closed hazards.

    A station on a water belongs to the water's area, any other to its own.
    """
    row = connection.execute(
        text(
            "SELECT ARRAY(SELECT id FROM water WHERE left(area_code, 6) = :area ORDER BY id) AS waters, "
            "ARRAY(SELECT s.id FROM station s LEFT JOIN water w ON w.id = s.water_id "
            "WHERE left(coalesce(w.area_code, s.area_code), 6) = :area ORDER BY s.id) AS stations, "
            "ARRAY(SELECT id FROM hazard WHERE left(area_code, 6) = :area ORDER BY id) AS hazards"
        ),
        {"area": area},
    ).one()
    waters = tuple(map(int, row.waters))
    return Part(
        rows=(),
        waters=waters,
        core=waters,
        stations=tuple(map(int, row.stations)),
        hazards=tuple(map(int, row.hazards)),
    )


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """The waters to be judged so that those of the part are right, and the box around them [degrees].

    Waters near the part give and take cover, with a class of their own; those near them cut their banks.
    """

    waters: tuple[int, ...]
    box: Box


BOX: Final = """
SELECT min(ST_XMin(geom)), min(ST_YMin(geom)), max(ST_XMax(geom)), max(ST_YMax(geom)) FROM (
    SELECT geom FROM water WHERE id = ANY(:waters)
    UNION ALL SELECT geom FROM station WHERE id = ANY(:stations) AND water_id IS NULL
        AND retired_on IS NULL
    UNION ALL SELECT geom FROM hazard WHERE id = ANY(:hazards) AND state <> 'closed') r
"""
NEAR: Final = """
g.geom && ST_Expand(ST_MakeEnvelope(:west, :south, :east, :north, 4490),
    :within_m / (109000 * cos(radians(least(greatest(abs(:south), abs(:north)) + 1, 89)))))
"""
"""Within a distance [m] of a box, at most: a degree is nowhere shorter."""


def surroundings(connection: Connection, part: Part, around_m: float) -> Surroundings | None:
    """Return what must be judged with the part; None where it holds nothing that has a place."""
    limits = {"waters": list(part.waters), "stations": list(part.stations), "hazards": list(part.hazards)}
    inner = connection.execute(text(BOX), limits).one()
    if inner[0] is None:
        return None
    half_m = _half_m(connection)
    box: Box = (inner[0], inner[1], inner[2], inner[3])
    near = _waters_in(connection, box, around_m + half_m)
    ids = sorted({*near, *part.waters})
    outer = connection.execute(text(BOX), limits | {"waters": ids}).one()
    box = (outer[0], outer[1], outer[2], outer[3])
    beyond = _waters_in(connection, box, around_m + half_m)
    return Surroundings(waters=tuple(sorted({*ids, *beyond})), box=box)


def _half_m(connection: Connection) -> float:
    """Return half the width of the widest water [m]: so far from its line a bank may lie."""
    return float(connection.execute(text("SELECT coalesce(max(width_m), 0) / 2 FROM water")).scalar_one())


def _waters_in(connection: Connection, box: Box, within_m: float) -> list[int]:
    found = connection.execute(text(f"SELECT g.id FROM water g WHERE {NEAR}"), _of(box, within_m))  # noqa: S608 - our own text
    return [int(number) for number in found.scalars()]


def _of(box: Box, within_m: float) -> dict[str, object]:
    return {**dict(zip(("west", "south", "east", "north"), box, strict=True)), "within_m": within_m}


@dataclass(frozen=True, kw_only=True)
class AreaReader:
    """Reads what stands in and around an area; tables by record id, shapes in `crs`."""

    connection: Connection
    part: Part
    around: Surroundings
    crs: str

    def waters(self) -> Table:
        """Return the waters to be judged."""
        return self._read(
            "SELECT id, code, name, kind, area_code, width_m, depth_m, class_override, incidents, "
            "verified_at, ST_AsBinary(geom) AS geometry FROM water WHERE id = ANY(:waters) ORDER BY id",
            {"waters": list(self.around.waters)},
        )

    def stations(self, around_m: float) -> Table:
        """Return the stations in use of those waters, and of no water near; `mine` where of the part."""
        return self._read(
            "SELECT g.id, g.water_id, g.position_method, g.id = ANY(:mine) AS mine, "  # noqa: S608 - our own text
            "ST_AsBinary(g.geom) AS geometry "
            "FROM station g WHERE g.retired_on IS NULL AND (g.id = ANY(:mine) OR g.water_id = ANY(:waters) "
            f"OR g.water_id IS NULL AND {NEAR}) ORDER BY g.id",
            {"mine": list(self.part.stations), "waters": list(self.around.waters)} | self._within(around_m),
        )

    def items(self, stations: Table) -> Table:
        """Return the items of stations."""
        return read_table(self.connection, items_of(stations.ids.tolist()))

    def barriers(self) -> Table:
        """Return the sound barriers of the waters to be judged."""
        return read_table(self.connection, barriers_of(self.around.waters, self.crs))

    def homes(self, within_m: float, *, shared: bool = False) -> Table:
        """Return the homes that count near, by child id; `shared`: as findings for others count them."""
        table = "shared_home" if shared else "home"
        counts = "true" if shared else "c.left_on IS NULL"
        return self._read(
            "SELECT g.child_id, g.area_code, c.birth_month, c.boarding, ST_AsBinary(g.geom) AS geometry "  # noqa: S608 - our own text
            f"FROM {table} g JOIN child c ON c.id = g.child_id WHERE {counts} "
            f"AND {NEAR} ORDER BY g.child_id",
            self._within(within_m),
            index="child_id",
        )

    def institutions(self, within_m: float) -> Table:
        """Return the institutions near."""
        return self._read(
            "SELECT g.id, g.kind, g.headcount, g.boarders, g.area_code, ST_AsBinary(g.geom) AS geometry "  # noqa: S608 - our own text
            f"FROM institution g WHERE {NEAR} ORDER BY g.id",
            self._within(within_m),
        )

    def villages(self, within_m: float) -> Table:
        """Return every village that may be the nearest of a gap or exposes a bank, by code.

        No place of the box is further from the middle than half its diagonal, and the village nearest to the
        middle is one of those it has to choose from.
        """
        return self._read(
            "WITH box AS (SELECT ST_MakeEnvelope(:west, :south, :east, :north, 4490) AS geom), "
            "wide AS (SELECT geom, :within_m / 50000 + ST_Distance(ST_MakePoint(:west, :south), "
            "ST_MakePoint(:east, :north)) + coalesce((SELECT 2 * min(ST_Distance(v.geom, "
            "ST_Centroid(b.geom))) FROM village v, box b), 0) AS around FROM box) "
            "SELECT v.code, ST_AsBinary(v.geom) AS geometry FROM wide w "
            "JOIN village v ON v.geom && ST_Expand(w.geom, w.around) ORDER BY v.code",
            self._within(within_m),
            index="code",
        )

    def hazards(self) -> Table:
        """Return the open hazards of the area."""
        return self._read(
            "SELECT id, verified_at, ST_AsBinary(geom) AS geometry FROM hazard "
            "WHERE state <> 'closed' AND id = ANY(:ids) ORDER BY id",
            {"ids": list(self.part.hazards)},
        )

    def cameras(self) -> Table:
        """Return the cameras that may see a bank."""
        return self._read(
            "SELECT g.id, g.state, g.bearing_deg, g.view_deg, g.reach_m, ST_AsBinary(g.geom) AS geometry "  # noqa: S608 - our own text
            f"FROM camera g WHERE {NEAR.replace(':within_m', '(:within_m + g.reach_m)')} ORDER BY g.id",
            self._within(0.0),
        )

    def patrols(self, snap_m: float) -> Table:
        """Return the patrols that may have walked a bank."""
        return self._read(
            "SELECT g.id, g.water_id, g.started_at, g.ended_at, g.walked_m, ST_AsBinary(g.geom) AS geometry "  # noqa: S608 - our own text
            f"FROM patrol g WHERE {NEAR} ORDER BY g.id",
            self._within(snap_m),
        )

    def routes(self, within_m: float) -> Table:
        """Return the ways to school beside which a bank may lie."""
        return self._read(
            f"SELECT g.id, g.pupils, ST_AsBinary(g.geom) AS geometry FROM pupil_route g WHERE {NEAR} "  # noqa: S608 - our own text
            "ORDER BY g.id",
            self._within(within_m),
        )

    def _within(self, within_m: float) -> dict[str, object]:
        return _of(self.around.box, within_m + _half_m(self.connection))

    def _read(self, statement: str, parameters: Mapping[str, object], *, index: str = "id") -> Table:
        return read_table(self.connection, Query(statement, parameters, index=index, crs=self.crs))


def settle_rest(connection: Connection, rows: list[int]) -> None:
    """Take away what hangs on records that are gone, or on closed hazards, and from the queue the given rows.

    An area that holds nothing but closed hazards is not read at all.
    """
    for table in ("proximity", "institution_proximity"):
        for kind, stands in (("water", "true"), ("hazard", "t.state <> 'closed'")):
            connection.execute(
                text(
                    f"DELETE FROM {table} p WHERE target_kind = :kind AND NOT EXISTS "  # noqa: S608 - our own text
                    f"(SELECT FROM {kind} t WHERE t.id = p.target_id AND {stands})"
                ),
                {"kind": kind},
            )
    connection.execute(
        text("DELETE FROM hazard_exposure e USING hazard h WHERE h.id = e.hazard_id AND h.state = 'closed'")
    )
    connection.execute(text("DELETE FROM finding_queue WHERE id = ANY(:rows)"), {"rows": rows})


def waters_gone(connection: Connection) -> list[int]:
    """Return the waters of open gaps of the ledger that are no more."""
    found = connection.execute(
        text(
            "SELECT DISTINCT h.water_id FROM gap_history h WHERE h.until IS NULL "
            "AND NOT EXISTS (SELECT FROM water w WHERE w.id = h.water_id)"
        )
    )
    return [int(number) for number in found.scalars()]
