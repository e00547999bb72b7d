"""What waits to be assessed: triggers put it there in the transaction of the change itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from data.reading import Query, read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from geo.tables import Table

PLACES: Final = frozenset({"water", "home", "child", "institution", "village", "hazard"})
"""Tables whose change may change who lives near what."""
HOMES: Final = frozenset({"home", "child"})
"""Tables in whose rows reach_m marks what only children of twelve and more endanger."""
HOME: Final = frozenset({"home"})
"""Alone in the queue: findings of banks count the shared homes, which only a run over everything renews."""
MOVING: Final = frozenset({"water", "barrier"})
"""Tables whose change may change what neighbouring waters get through a confluence."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """The queue as one transaction sees it: row ids, and the records that changed, by kind."""

    rows: tuple[int, ...]
    everything: bool
    tables: frozenset[str]
    ids: Mapping[str, frozenset[int]] = field(default_factory=dict)
    moved: frozenset[int] = frozenset()

    def of(self, kind: str) -> list[int]:
        """Return the ids of the changed records of one kind."""
        return sorted(self.ids.get(kind, ()))


def waiting(connection: Connection) -> Waiting:
    """Return what is queued. Needs the worker's login."""
    found = connection.execute(
        text("SELECT id, kind, target_id, reach_m, why FROM finding_queue ORDER BY id")
    ).all()
    ids: dict[str, set[int]] = {}
    for row in found:
        if row.target_id is None:
            continue
        kind = row.kind
        if row.why in HOMES and row.reach_m is not None:
            kind = "far_water" if row.kind == "water" else "youth"
        ids.setdefault(kind, set()).add(int(row.target_id))
        if kind == "youth":
            ids.setdefault("child", set()).add(int(row.target_id))
    return Waiting(
        rows=tuple(int(row.id) for row in found),
        everything=any(row.kind == "everything" for row in found),
        tables=frozenset(row.why for row in found),
        ids={kind: frozenset(values) for kind, values in ids.items()},
        moved=frozenset(
            int(row.target_id) for row in found if row.kind == "water" and row.why in MOVING and row.target_id
        ),
    )


def done(connection: Connection, rows: Iterable[int]) -> None:
    """Take rows off the queue, in the transaction that stores what came of them."""
    connection.execute(text("DELETE FROM finding_queue WHERE id = ANY(:rows)"), {"rows": list(rows)})


TOUCHED: Final = """
WITH source AS (
    SELECT q.geom, CASE q.kind WHEN 'station' THEN :station_m WHEN 'institution' THEN :place_m
        WHEN 'village' THEN :place_m WHEN 'route' THEN :route_m
        WHEN 'water' THEN :around_m ELSE :station_m END
        + coalesce(q.reach_m, 0) AS within_m
    FROM finding_queue q
    WHERE q.id = ANY(:rows) AND q.geom IS NOT NULL AND q.kind <> 'hazard'
    UNION ALL
    SELECT geom, :place_m FROM home WHERE child_id = ANY(:children)
    UNION ALL
    SELECT h.geom, :youth_m FROM home h WHERE h.child_id = ANY(:youths)
    UNION ALL
    SELECT b.geom, :around_m FROM bank b WHERE b.water_id = ANY(:moved)
)
SELECT b.water_id FROM source s JOIN bank b
    ON ST_DWithin(b.geom, s.geom, s.within_m / (109000 * cos(radians(ST_YMax(s.geom)))))
UNION
SELECT id FROM water WHERE id = ANY(:waters)
UNION
SELECT water_id FROM station WHERE id = ANY(:stations) AND water_id IS NOT NULL
UNION
SELECT target_id FROM proximity WHERE target_kind = 'water' AND child_id = ANY(:children)
"""


NEAREST_VILLAGE: Final = """
SELECT DISTINCT g.water_id FROM finding_queue q JOIN gap g ON g.nearest_village_code = q.code
    OR g.nearest_village_m IS NULL
    OR ST_DWithin(g.geom, q.geom, g.nearest_village_m / (109000 * cos(radians(ST_YMax(q.geom)))))
    WHERE q.id = ANY(:rows) AND q.kind = 'village'
"""
"""The waters whose gaps have, or may now have, a changed village as their nearest: every gap is asked."""


def touched_waters(connection: Connection, queue: Waiting, *, reach: Mapping[str, float]) -> list[int]:
    """Return the waters whose findings the queued changes may change, by id.

    A degree of latitude is longer than 109 km: a search in degrees finds a little too much.

    Distances [m] in `reach`: `station_m` is how far a station may serve from where it stands, `place_m` how
    far a place exposes, `route_m` how far a way to school does, `youth_m` how far a home of a child of twelve
    or more does, `around_m` how far a water's own change is felt on others.
    """
    youths = _youths(connection, queue)
    far = queue.of("far_water") if youths else []
    found = connection.execute(
        text(TOUCHED),
        {
            "rows": list(queue.rows),
            "children": queue.of("child"),
            "youths": youths,
            "stations": queue.of("station"),
            "waters": [*queue.of("water"), *far],
            "moved": sorted(queue.moved),
        }
        | {name: reach[name] for name in ("station_m", "place_m", "route_m", "youth_m", "around_m")},
    )
    waters = {int(number) for number in found.scalars()}
    if "village" in queue.tables:
        asked = connection.execute(text(NEAREST_VILLAGE), {"rows": list(queue.rows)})
        waters |= {int(number) for number in asked.scalars()}
    return sorted(waters)


def _youths(connection: Connection, queue: Waiting) -> list[int]:
    """Return the queued children who may be twelve, now or before the change."""
    found = connection.execute(
        text(
            "SELECT id FROM child WHERE id = ANY(:children) "
            "AND birth_month < current_date - interval '11 years'"
        ),
        {"children": queue.of("child")},
    )
    return sorted({*queue.of("youth"), *(int(number) for number in found.scalars())})


VERSIONS: Final = Query("SELECT table_name, data_version FROM data_change", index="table_name")
"""The data version of each table: of the last statement that changed it."""


def table_versions(connection: Connection) -> dict[str, int]:
    """Return the data version of each table."""
    return versions_in(read_table(connection, VERSIONS))


def versions_in(answer: Table) -> dict[str, int]:
    """Return the data version of each table, given the answer to VERSIONS."""
    return dict(zip(answer.ids.tolist(), answer["data_version"].tolist(), strict=True))
