"""The figures of a monthly bulletin, by county or township."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from data.reading import area_range, read

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd
    from sqlalchemy import Connection

DIGITS: Final = {"county": 6, "township": 9}
LAYERS: Final = ("physical", "technical", "personal")

# What stands is of the newest run; what came and went is told by the history between the ends of two days.
BULLETIN: Final = """
WITH b AS (
    SELECT left(w.area_code, :digits) AS code, sum(f.exposed_m) AS exposed_m, sum(f.covered_m) AS covered_m,
           sum(f.gap_m) AS gap_m, sum(f.physical_m) AS physical_m, sum(f.technical_m) AS technical_m,
           sum(f.personal_m) AS personal_m, sum(f.physical_only_m) AS physical_only_m,
           sum(f.technical_only_m) AS technical_only_m, sum(f.personal_only_m) AS personal_only_m
    FROM bank b JOIN bank_finding f ON f.bank_id = b.id JOIN water w ON w.id = b.water_id
    WHERE w.area_code >= :low AND w.area_code < :high GROUP BY 1),
s AS (
    SELECT left(s.area_code, :digits) AS code, count(*) AS stations,
           count(*) FILTER (WHERE f.status = 'valid') AS valid,
           count(*) FILTER (WHERE cardinality(f.missing) > 0) AS incomplete,
           count(*) FILTER (WHERE f.status = 'expired') AS overdue,
           count(*) FILTER (WHERE 'sign' = ANY (i.good)) AS good_sign,
           count(*) FILTER (WHERE 'lifebuoy' = ANY (i.good)) AS good_lifebuoy,
           count(*) FILTER (WHERE 'rope' = ANY (i.good)) AS good_rope,
           count(*) FILTER (WHERE 'pole' = ANY (i.good)) AS good_pole
    FROM station s LEFT JOIN station_finding f ON f.station_id = s.id LEFT JOIN (
        SELECT station_id, array_agg(kind) AS good FROM station_item WHERE state = 'good' GROUP BY 1
    ) i ON i.station_id = s.id
    WHERE s.retired_on IS NULL AND s.area_code >= :low AND s.area_code < :high GROUP BY 1),
before AS (SELECT * FROM gap_history WHERE since <= :first AND (until IS NULL OR until > :first)
           AND area_code >= :low AND area_code < :high),
after AS (SELECT * FROM gap_history WHERE since <= :last AND (until IS NULL OR until > :last)
          AND area_code >= :low AND area_code < :high),
g AS (
    SELECT left(coalesce(a.area_code, b.area_code), :digits) AS code, count(a.number) AS gaps,
           coalesce(sum(a.length_m), 0) AS gaps_m,
           count(*) FILTER (WHERE b.number IS NULL) AS opened,
           coalesce(sum(a.length_m) FILTER (WHERE b.number IS NULL), 0) AS opened_m,
           count(*) FILTER (WHERE a.number IS NULL) AS closed,
           coalesce(sum(b.length_m) FILTER (WHERE a.number IS NULL), 0) AS closed_m,
           coalesce(sum(a.length_m - b.length_m) FILTER (WHERE a.length_m > b.length_m), 0) AS grown_m,
           coalesce(sum(b.length_m - a.length_m) FILTER (WHERE a.length_m < b.length_m), 0) AS shrunk_m,
           coalesce(sum(a.length_m), 0) - coalesce(sum(b.length_m), 0) AS moved_m
    FROM before b FULL JOIN after a ON a.number = b.number GROUP BY 1),
every AS (SELECT code FROM b UNION SELECT code FROM s UNION SELECT code FROM g)
SELECT e.code, coalesce(n.name, '') AS name, coalesce(c.name, '') AS county_name,
       coalesce(b.exposed_m, 0) AS exposed_m, coalesce(b.covered_m, 0) AS covered_m,
       coalesce(b.gap_m, 0) AS gap_m, coalesce(b.physical_m, 0) AS physical_m,
       coalesce(b.technical_m, 0) AS technical_m, coalesce(b.personal_m, 0) AS personal_m,
       coalesce(b.physical_only_m, 0) AS physical_only_m, coalesce(b.technical_only_m, 0) AS technical_only_m,
       coalesce(b.personal_only_m, 0) AS personal_only_m, coalesce(s.stations, 0) AS stations,
       coalesce(s.valid, 0) AS valid, coalesce(s.incomplete, 0) AS incomplete,
       coalesce(s.overdue, 0) AS overdue, coalesce(s.good_sign, 0) AS good_sign,
       coalesce(s.good_lifebuoy, 0) AS good_lifebuoy, coalesce(s.good_rope, 0) AS good_rope,
       coalesce(s.good_pole, 0) AS good_pole, coalesce(g.gaps, 0) AS gaps, coalesce(g.gaps_m, 0) AS gaps_m,
       coalesce(g.opened, 0) AS opened, coalesce(g.opened_m, 0) AS opened_m,
       coalesce(g.closed, 0) AS closed, coalesce(g.closed_m, 0) AS closed_m,
       coalesce(g.grown_m, 0) AS grown_m, coalesce(g.shrunk_m, 0) AS shrunk_m,
       coalesce(g.moved_m, 0) AS moved_m
FROM every e LEFT JOIN b USING (code) LEFT JOIN s USING (code) LEFT JOIN g USING (code)
LEFT JOIN area n ON n.code = e.code LEFT JOIN area c ON c.code = left(e.code, 6)
ORDER BY e.code
"""


def bulletin(
    connection: Connection, within: str, *, first: dt.date, last: dt.date, level: str
) -> pd.DataFrame:
    """Return one row a county or township (`level`), by its code.

    Metres exposed, covered, open, of each layer and of each alone; `stations`, of them `valid`, `incomplete`
    and `overdue` (to be verified again); `good_<kind>` items in good state. These are of the newest run.
    `gaps` and `gaps_m` stood open at the end of `last`; `opened`, `closed` and their metres came and went
    since the end of `first`, others grew (`grown_m`) and shrank (`shrunk_m`); `moved_m` is the sum of it:
    opened − closed + grown − shrunk. A record that knows no township stands under
    its county.
    """
    limits = area_range(within) | {"first": first, "last": last, "digits": DIGITS[level]}
    return read(connection, BULLETIN, limits, index="code")
