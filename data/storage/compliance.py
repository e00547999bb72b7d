"""Figures of a compliance pack: acts by month, kind, role and county; grants asked for, given and ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from data.reading import area_range, read

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd
    from sqlalchemy import Connection

ACTS: Final = """
SELECT g.*, coalesce(r.name, g.code) AS area_name FROM (
    SELECT to_char(happened_at, 'YYYY-MM') AS month, action, object_kind, role, left(area_code, 6) AS code,
           count(*) AS acts, count(DISTINCT account_id) AS people, coalesce(sum(row_count), 0) AS rows
    FROM audit WHERE area_code >= :low AND area_code < :high
    AND happened_at >= CAST(:first AS date) AND happened_at < CAST(:last AS date) + 1
    GROUP BY 1, 2, 3, 4, 5) g
LEFT JOIN area r ON r.code = g.code ORDER BY g.month, g.action, g.object_kind, g.role, g.code
"""
GRANTS: Final = """
WITH q AS (
    SELECT role,
        count(*) FILTER (WHERE requested_at >= CAST(:first AS date)
            AND requested_at < CAST(:last AS date) + 1) AS asked,
        count(*) FILTER (WHERE approved AND decided_at >= CAST(:first AS date)
            AND decided_at < CAST(:last AS date) + 1) AS approved,
        count(*) FILTER (WHERE NOT approved AND decided_at >= CAST(:first AS date)
            AND decided_at < CAST(:last AS date) + 1) AS declined,
        count(*) FILTER (WHERE requested_at < CAST(:last AS date) + 1
            AND coalesce(decided_at >= CAST(:last AS date) + 1, true)) AS waiting
    FROM grant_request WHERE area_code >= :low AND area_code < :high GROUP BY role),
g AS (
    SELECT role,
        count(*) FILTER (WHERE created_at >= CAST(:first AS date)
            AND created_at < CAST(:last AS date) + 1) AS given,
        count(*) FILTER (WHERE ended_at >= CAST(:first AS date)
            AND ended_at < CAST(:last AS date) + 1) AS ended,
        count(*) FILTER (WHERE ended_at IS NULL AND valid_until BETWEEN :first AND :last
            AND valid_until < current_date) AS lapsed,
        count(*) FILTER (WHERE created_at < CAST(:last AS date) + 1 AND valid_from <= :last
            AND coalesce(valid_until >= least(CAST(:last AS date), current_date), true)
            AND coalesce(ended_at >= CAST(:last AS date) + 1, true)) AS standing
    FROM account_grant WHERE role <> 'urgent' AND area_code >= :low AND area_code < :high GROUP BY role)
SELECT role, coalesce(asked, 0) AS asked, coalesce(approved, 0) AS approved,
    coalesce(declined, 0) AS declined, coalesce(waiting, 0) AS waiting, coalesce(given, 0) AS given,
    coalesce(ended, 0) AS ended, coalesce(lapsed, 0) AS lapsed, coalesce(standing, 0) AS standing
FROM q FULL JOIN g USING (role) ORDER BY role
"""


def acts(connection: Connection, within: str, first: dt.date, last: dt.date) -> pd.DataFrame:
    """Return the acts that this login may see, counted; both days of the deployment are included.

    One row a month, action, object_kind, role and county (area_name; the node itself where it is above one):
    acts, people (accounts), rows (what the acts concerned, summed). Nothing that a person wrote.
    """
    return read(connection, ACTS, area_range(within) | {"first": first, "last": last})


def grants(connection: Connection, within: str, first: dt.date, last: dt.date) -> pd.DataFrame:
    """Return by role what was asked, approved, declined, waiting at the end; given, ended, lapsed, standing.

    Of requests (which only roles that see children need) and of grants; urgent sights are not among them
    (login of accounts).
    """
    return read(connection, GRANTS, area_range(within) | {"first": first, "last": last})
