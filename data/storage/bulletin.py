"""The figures of a monthly bulletin, by county or township; what stands is kept at the end of each day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from data.reading import area_range, read
from data.schema.findings import BANK_METRES, STATION_COUNTS
from data.storage.assessments import assessment_on
from data.storage.findings import latest_assessment

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    import pandas as pd
    from sqlalchemy import Connection

    from data.storage.findings import Assessment

DIGITS: Final = {"county": 6, "township": 9}
FIGURES: Final = (*BANK_METRES, *STATION_COUNTS)

TOWNSHIP: Final = DIGITS["township"]


def _each(form: str, names: Iterable[str]) -> str:
    return ", ".join(form.format(name) for name in names)


# Banks and stations as the newest run left them, by township.
NOW: Final = f"""
SELECT coalesce(b.code, s.code) AS area_code, {_each("coalesce({0}, 0) AS {0}", FIGURES)}
FROM (
    SELECT left(w.area_code, {TOWNSHIP}) AS code, {_each("sum(f.{0}) AS {0}", BANK_METRES)}
    FROM bank b JOIN bank_finding f ON f.bank_id = b.id JOIN water w ON w.id = b.water_id
    WHERE w.area_code >= :low AND w.area_code < :high GROUP BY 1
) b FULL JOIN (
    SELECT left(s.area_code, {TOWNSHIP}) AS code, count(*) AS stations,
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
    WHERE s.retired_on IS NULL AND s.area_code >= :low AND s.area_code < :high GROUP BY 1
) s ON s.code = b.code
"""  # noqa: S608 - our own text
THEN: Final = "SELECT * FROM area_standing WHERE day = :stand AND area_code >= :low AND area_code < :high"
# What came and went is told by the history between the ends of two days.
BULLETIN: Final = """
WITH t AS (
    SELECT left(area_code, :digits) AS code, {sums} FROM ({standing}) AS standing GROUP BY 1),
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
every AS (SELECT code FROM t UNION SELECT code FROM g)
SELECT e.code, coalesce(n.name, '') AS name, coalesce(c.name, '') AS county_name, {figures},
       coalesce(g.gaps, 0) AS gaps, coalesce(g.gaps_m, 0) AS gaps_m,
       coalesce(g.opened, 0) AS opened, coalesce(g.opened_m, 0) AS opened_m,
       coalesce(g.closed, 0) AS closed, coalesce(g.closed_m, 0) AS closed_m,
       coalesce(g.grown_m, 0) AS grown_m, coalesce(g.shrunk_m, 0) AS shrunk_m,
       coalesce(g.moved_m, 0) AS moved_m
FROM every e LEFT JOIN t USING (code) LEFT JOIN g USING (code)
LEFT JOIN area n ON n.code = e.code LEFT JOIN area c ON c.code = left(e.code, 6)
ORDER BY e.code
"""


def bulletin(
    connection: Connection, within: str, *, first: dt.date, last: dt.date, level: str
) -> pd.DataFrame:
    """Return one row a county or township (`level`), by its code.

    Metres exposed, covered, open, of each layer and of each alone; `stations`, of them `valid`, `incomplete`
    and `overdue` (to be verified again); `good_<kind>` items in good state: as they stood at the end of
    the day of `run_of`. `gaps` and `gaps_m` stood open at the end of `last`; `opened`, `closed` and their
    metres came and went since the end of `first`, others grew (`grown_m`) and shrank (`shrunk_m`); `moved_m`
    is the sum of it: opened − closed + grown − shrunk. A record that knows no township stands under its
    county.
    """
    day = _stand(connection, last)
    asked = BULLETIN.format(
        standing=NOW if day is None else THEN,
        sums=_each("sum({0}) AS {0}", FIGURES),
        figures=_each("coalesce(t.{0}, 0) AS {0}", FIGURES),
    )
    limits = area_range(within) | {"first": first, "last": last, "digits": DIGITS[level], "stand": day}
    return read(connection, asked, limits, index="code")


def run_of(connection: Connection, last: dt.date) -> Assessment | None:
    """Return the run that tells what stood at the end of `last`; None before the first."""
    day = _stand(connection, last)
    return latest_assessment(connection) if day is None else assessment_on(connection, day)


def _stand(connection: Connection, last: dt.date) -> dt.date | None:
    """Return the day whose end is kept for a period that ended with `last`; None where the newest run tells.

    That is so too where the period is over and no day of it was kept.
    """
    found: dt.date | None = connection.scalar(text(STAND), {"last": last})
    return found


STAND: Final = """
SELECT max(day) FROM area_standing
WHERE day <= :last AND :last < (SELECT as_of FROM assessment ORDER BY id DESC LIMIT 1)
"""


def keep(connection: Connection, as_of: dt.date) -> None:
    """Keep what stands as the end of the day assessed last, before a run of the later day `as_of` changes it.

    Banks, gaps and sets are as that day's last run left them; what stations and items there are is as it is
    now, which is the same where `anlan work` runs at midnight.
    """
    connection.execute(text(KEEP), area_range(None) | {"as_of": as_of})


KEEP: Final = f"""
INSERT INTO area_standing (day, area_code, {", ".join(FIGURES)})
SELECT last.as_of, standing.* FROM (SELECT as_of FROM assessment ORDER BY id DESC LIMIT 1) AS last,
    (SELECT area_code, {", ".join(FIGURES)} FROM ({NOW}) AS now) AS standing
WHERE last.as_of < :as_of ON CONFLICT (day, area_code) DO NOTHING
"""  # noqa: S608 - our own text
