"""The homes that findings for others count: renewed together, so that no difference is one child's.

Whoever compares the shared layers of two days would see where a child was added between them. So a home
enters, moves or leaves only at the beginning of a quarter and with enough others of its township, or at once
with many.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import text

from data.reading import Query
from geo.crs import GEOGRAPHIC

if TYPE_CHECKING:
    from sqlalchemy import Connection

QUARTER = 3
CHANGED = """
WITH now AS (
    SELECT h.child_id, h.area_code, h.geom FROM home h JOIN child c ON c.id = h.child_id
    WHERE c.left_on IS NULL
), changed AS (
    SELECT coalesce(n.child_id, s.child_id) AS child_id,
        left(coalesce(s.area_code, n.area_code), 9) AS township
    FROM now n FULL JOIN shared_home s ON s.child_id = n.child_id
    WHERE n.child_id IS NULL OR s.child_id IS NULL OR ST_AsBinary(n.geom) <> ST_AsBinary(s.geom)
)
SELECT array_agg(child_id) FROM changed GROUP BY township HAVING count(*) >= :least
"""


def quarter_of(day: dt.date) -> dt.date:
    """Return the first day of the quarter."""
    return dt.date(day.year, QUARTER * ((day.month - 1) // QUARTER) + 1, 1)


def renew(connection: Connection, as_of: dt.date, *, at_least: int, at_once: int) -> int:
    """Take over the changes that may be told as of a day, and return how many homes they are (worker login).

    The first time all; at the first run of a quarter those of townships with `at_least` changes or more;
    else those of townships with `at_once` or more.
    """
    last = connection.scalar(text("SELECT max(shared_on) FROM sharing_run"))
    due = last is None or last < quarter_of(as_of)
    least = (1 if last is None else at_least) if due else at_once
    ids = [number for listed in connection.scalars(text(CHANGED), {"least": least}) for number in listed]
    if ids:
        connection.execute(text("DELETE FROM shared_home WHERE child_id = ANY(:ids)"), {"ids": ids})
        connection.execute(
            text(
                "INSERT INTO shared_home (child_id, area_code, geom) "
                "SELECT h.child_id, h.area_code, h.geom FROM home h JOIN child c ON c.id = h.child_id "
                "WHERE h.child_id = ANY(:ids) AND c.left_on IS NULL"
            ),
            {"ids": ids},
        )
    if due:
        connection.execute(
            text("INSERT INTO sharing_run (shared_on, homes) VALUES (:day, :homes)"),
            {"day": as_of, "homes": len(ids)},
        )
    return len(ids)


def shared_homes(crs: str = GEOGRAPHIC) -> Query:
    """Return the question for every home that shared findings count, by child id.

    Columns area_code, birth_month, boarding.

    A sealed child stays in: that its bank lost a home would tell where it lives.
    """
    return Query(
        "SELECT h.child_id, h.area_code, c.birth_month, c.boarding, ST_AsBinary(h.geom) AS geometry "
        "FROM shared_home h JOIN child c ON c.id = h.child_id ORDER BY h.child_id",
        index="child_id",
        crs=crs,
    )
