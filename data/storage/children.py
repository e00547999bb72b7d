"""Children and their homes. Only logins with child rights reach these tables, and only in their area.

Whoever shows what `children_near_hazards` or `homes` returns records it with `audit.record` in the same
transaction: seeing an exact home is an act.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from data.reading import Query, area_range, read, read_shapes
from data.schema.children import child, child_visit, home
from data.upserting import Tally, upsert
from geo.crs import GEOGRAPHIC

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from sqlalchemy import Connection


def children_near_hazards(
    connection: Connection, within: str | None = None, *, sealed: bool = True
) -> gpd.GeoDataFrame:
    """Return each child near a water with the nearest one and the home point, indexed by child id.

    Columns code, category, birth_month, boarding, sealed, area_code, area_name, water_id, water_name,
    water_kind, distance_m [m], waters (how many lie near), hazards (open ones near); the nearest home first.
    Without `sealed` no sealed child, even for those who are named on its seal: what leaves the program.
    """
    return read_shapes(
        connection,
        "SELECT c.id, c.code, c.category, c.birth_month, c.boarding, c.sealed, c.area_code, "
        "a.name AS area_name, p.target_id AS water_id, w.name AS water_name, w.kind AS water_kind, "
        "p.distance_m, p.waters, coalesce(z.hazards, 0) AS hazards, h.precision, "
        "ST_AsBinary(h.geom) AS geometry "
        # From each child by its key: under row security the planner cannot know how many rows an area holds,
        # and joins of two protected sets by anything else became loops within loops (minutes for a county).
        "FROM child c JOIN LATERAL (SELECT target_id, distance_m, count(*) OVER () AS waters FROM proximity "
        "WHERE child_id = c.id AND target_kind = 'water' ORDER BY distance_m, target_id LIMIT 1) p ON true "
        "JOIN home h ON h.child_id = c.id JOIN water w ON w.id = p.target_id "
        "JOIN area a ON a.code = c.area_code "
        "LEFT JOIN LATERAL (SELECT count(*) AS hazards FROM proximity q JOIN hazard g ON g.id = q.target_id "
        "WHERE q.child_id = c.id AND q.target_kind = 'hazard' AND g.state <> 'closed') z ON true "
        "WHERE c.area_code >= :low AND c.area_code < :high AND c.left_on IS NULL "
        "AND (:sealed OR NOT c.sealed) ORDER BY p.distance_m, c.id",
        area_range(within) | {"sealed": sealed},
    )


def children_for_export(connection: Connection, within: str) -> gpd.GeoDataFrame:
    """Return the unsealed children of an area that this login may see, indexed by child id, by area and code.

    Columns code, birth_month, category, school (name, "" for none), area_code, area_name, precision (""
    without a home); geometry is the home point in EPSG:4490, None without one.
    """
    return read_shapes(
        connection,
        "SELECT c.id, c.code, c.birth_month, c.category, coalesce(i.name, '') AS school, c.area_code, "
        "a.name AS area_name, coalesce(h.precision, '') AS precision, ST_AsBinary(h.geom) AS geometry "
        "FROM child c JOIN area a ON a.code = c.area_code LEFT JOIN home h ON h.child_id = c.id "
        "LEFT JOIN institution i ON i.id = c.institution_id "
        "WHERE c.area_code >= :low AND c.area_code < :high "
        "AND c.left_on IS NULL AND NOT c.sealed ORDER BY c.area_code, c.code",
        area_range(within),
    )


def count_for_export(connection: Connection, within: str) -> int:
    """Return how many children `children_for_export` would return now."""
    return int(
        connection.execute(
            text(
                "SELECT count(*) FROM child WHERE area_code >= :low AND area_code < :high "
                "AND left_on IS NULL AND NOT sealed"
            ),
            area_range(within),
        ).scalar_one()
    )


def hazards_near_child(connection: Connection, child_id: int) -> pd.DataFrame:
    """Return the waters and open hazards near one child's home, nearest first, for the visit sheet."""
    return read(
        connection,
        "SELECT p.target_kind, p.target_id, w.name, w.kind, p.distance_m FROM proximity p "
        "JOIN water w ON w.id = p.target_id WHERE p.child_id = :id AND p.target_kind = 'water' UNION ALL "
        "SELECT p.target_kind, p.target_id, g.title, g.domain, p.distance_m FROM proximity p "
        "JOIN hazard g ON g.id = p.target_id WHERE p.child_id = :id AND p.target_kind = 'hazard' "
        "AND g.state <> 'closed' ORDER BY distance_m, target_id",
        {"id": child_id},
    )


def homes(connection: Connection, within: str | None = None) -> gpd.GeoDataFrame:
    """Return the homes this login may see with the child's code and category, indexed by child id."""
    return read_shapes(
        connection,
        "SELECT h.child_id, c.code, c.category, h.area_code, h.precision, h.position_method, h.version, "
        "ST_AsBinary(h.geom) AS geometry FROM home h JOIN child c ON c.id = h.child_id "
        "WHERE h.area_code >= :low AND h.area_code < :high AND c.left_on IS NULL ORDER BY h.child_id",
        area_range(within),
        index="child_id",
    )


def homes_for_assessment(crs: str = GEOGRAPHIC) -> Query:
    """Return the question for every home that counts, by child id (worker login).

    Columns area_code, birth_month, boarding.

    A sealed child counts like any other, so that its bank loses no protection; who sees it is the row
    policies' matter.
    """
    return Query(
        "SELECT h.child_id, h.area_code, c.birth_month, c.boarding, ST_AsBinary(h.geom) AS geometry "
        "FROM home h JOIN child c ON c.id = h.child_id "
        "WHERE c.left_on IS NULL ORDER BY h.child_id",
        index="child_id",
        crs=crs,
    )


def upsert_children(connection: Connection, frame: pd.DataFrame, batch_id: int | None = None) -> Tally:
    """Write children by code, inside the scope's area."""
    return upsert(connection, child, frame.assign(batch_id=batch_id), trace=batch_id)


def upsert_homes(connection: Connection, frame: gpd.GeoDataFrame, batch_id: int | None = None) -> Tally:
    """Write homes by child_id, inside the scope's area."""
    return upsert(connection, home, frame.assign(batch_id=batch_id), key=("child_id",), trace=batch_id)


def upsert_visits(connection: Connection, frame: pd.DataFrame) -> Tally:
    """Write visits by child_id, kind and visited_on."""
    return upsert(connection, child_visit, frame, key=("child_id", "kind", "visited_on"))
