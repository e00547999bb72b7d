"""The ledger of gaps: a number that stays with a gap, and what stood open on which day."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text

from data.copying import copy_rows
from data.reading import area_range, driver, read
from data.schema.findings import gap_history

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd
    from sqlalchemy import Connection

    from data.storage.findings_settling import Sheet
    from data.storage.findings_stored import Rows

COUNTY_DIGITS: Final = 6
HELD: Final = ("number", "water_id", "area_code", "side", "from_m", "to_m", "length_m", "reason")
STEP_M: Final = 0.001
"""A gap that moved by less has not changed."""

Span = tuple[float, float]


def numbered(
    connection: Connection, gaps: Mapping[str, Any], lengths_m: Mapping[int, float], held: Rows
) -> list[str]:
    """Return the number of each gap: that of the stored gap of the bank it overlaps most, else a new one.

    Of the parts of a gap that was split the one that shares most keeps the number; a gap that grew out of
    several keeps that of the greatest share. A new number counts up in its county: Q-430581-000123.
    `lengths_m` are those of the banks, by stored id; gaps: columns bank_id, from_m, to_m, area_code; `held`
    are the stored ones.
    """
    earlier: dict[int, list[tuple[str, Span]]] = defaultdict(list)
    spans_held = held.of("number", "bank_id", "from_m", "to_m")
    for number, bank_id, start, stop in sorted(spans_held, key=lambda row: row[2]):
        earlier[bank_id].append((number, (start, stop)))
    now: dict[int, list[tuple[int, Span]]] = defaultdict(list)
    rows = zip(gaps["bank_id"].tolist(), gaps["from_m"].tolist(), gaps["to_m"].tolist(), strict=True)
    for position, (bank_id, start, stop) in enumerate(rows):
        now[int(bank_id)].append((position, (start, stop)))
    kept: dict[int, str] = {}
    for bank_id, spans in now.items():
        kept |= inherited(earlier.get(bank_id, []), spans, lengths_m[bank_id])
    counties = [str(code)[:COUNTY_DIGITS] for code in gaps["area_code"]]
    new = [position for position in range(len(counties)) if position not in kept]
    given = _next_numbers(connection, [counties[position] for position in new])
    kept |= dict(zip(new, given, strict=True))
    return [kept[position] for position in range(len(counties))]


def inherited(
    earlier: Sequence[tuple[str, Span]], now: Sequence[tuple[int, Span]], length_m: float
) -> dict[int, str]:
    """Return which of the gaps now on a bank takes the number of which earlier one, greatest share first."""
    if [span for _, span in earlier] == [span for _, span in now]:
        return {position: number for (number, _), (position, _) in zip(earlier, now, strict=True)}
    pairs = [
        (shared, number, start, position)
        for number, before in earlier
        for position, (start, stop) in now
        if (shared := _shared_m(before, (start, stop), length_m)) > 0.0
    ]
    pairs.sort(key=lambda pair: (-pair[0], pair[1], pair[2]))
    taken: dict[int, str] = {}
    used: set[str] = set()
    for _, number, _, position in pairs:
        if position not in taken and number not in used:
            taken[position] = number
            used.add(number)
    return taken


def _shared_m(a: Span, b: Span, length_m: float) -> float:
    """Return the metres that two spans share; one over the start of a ring ends above the ring's length."""
    turns = (-length_m, 0.0, length_m)
    return sum(max(min(a[1], b[1] + turn) - max(a[0], b[0] + turn), 0.0) for turn in turns)


def _next_numbers(connection: Connection, counties: Sequence[str]) -> list[str]:
    wanted: dict[str, int] = defaultdict(int)
    for county in counties:
        wanted[county] += 1
    following: dict[str, int] = {}
    for county, count in sorted(wanted.items()):
        last = connection.execute(
            text(
                "INSERT INTO gap_counter (county, last) VALUES (:county, :count) ON CONFLICT (county) "
                "DO UPDATE SET last = gap_counter.last + excluded.last RETURNING last"
            ),
            {"county": county, "count": count},
        ).scalar_one()
        following[county] = int(last) - count + 1
    given = []
    for county in counties:
        given.append(f"Q-{county}-{following[county]:06d}")
        following[county] += 1
    return given


def record(connection: Connection, gaps: Sheet, day: dt.date, open_: Rows) -> None:
    """Write into the history what of the gaps is new, changed or gone on `day`; `open_` is what stood so far.

    A question "as of an earlier day" is no event: history is written forwards only, and never for a day that
    has not come.
    """
    last, today = driver(connection).execute("SELECT max(since), current_date FROM gap_history").fetchone()
    if (last is not None and day < last) or day > today:
        return
    held = {row[1]: row for row in open_.of("id", "number", "since", "from_m", "to_m", "side", "reason")}
    fresh, stays = [], set()
    for position, row in enumerate(gaps.rows(["number", "from_m", "to_m", "side", "reason"])):
        found = held.get(row[0])
        if found is not None and _unmoved(found, row):
            stays.add(row[0])
        else:
            fresh.append(position)
    over = [row for number, row in held.items() if number not in stays]
    _end(connection, over, day)
    if fresh:
        rows = gaps.rows(HELD)
        copy_rows(connection, gap_history, [*HELD, "since"], [(*rows[position], day) for position in fresh])


def close(connection: Connection, waters: Iterable[int], day: dt.date) -> None:
    """End the gaps of waters that are no more."""
    held = driver(connection).execute(
        "SELECT id, number, since FROM gap_history WHERE until IS NULL AND water_id = ANY(%(waters)s)",
        {"waters": list(waters)},
    )
    _end(connection, held.fetchall(), day)


def _unmoved(held: Sequence[Any], row: Sequence[Any]) -> bool:
    return (
        abs(held[3] - row[1]) < STEP_M
        and abs(held[4] - row[2]) < STEP_M
        and (held[5], held[6]) == (row[3], row[4])
    )


def _end(connection: Connection, rows: Sequence[Sequence[Any]], day: dt.date) -> None:
    """End what stood until now; what began on the same day never stood at a day's end and goes."""
    same_day = [row[0] for row in rows if row[2] == day]
    before = [row[0] for row in rows if row[2] != day]
    if same_day:
        connection.execute(text("DELETE FROM gap_history WHERE id = ANY(:ids)"), {"ids": same_day})
    if before:
        connection.execute(
            text("UPDATE gap_history SET until = :day WHERE id = ANY(:ids)"), {"day": day, "ids": before}
        )


def gaps_on(connection: Connection, day: dt.date, within: str | None = None) -> pd.DataFrame:
    """Return the gaps that stood open at the end of `day`, by number: water_id, area_code, side, from_m,
    to_m, length_m, reason, since.
    """  # noqa: D205 - one sentence
    return read(
        connection,
        "SELECT number, water_id, area_code, side, from_m, to_m, length_m, reason, since FROM gap_history "
        "WHERE since <= :day AND (until IS NULL OR until > :day) "
        "AND area_code >= :low AND area_code < :high ORDER BY number",
        area_range(within) | {"day": day},
        index="number",
    )


CHANGES: Final = """
WITH before AS (SELECT * FROM gap_history WHERE since <= :first AND (until IS NULL OR until > :first)),
     after AS (SELECT * FROM gap_history WHERE since <= :last AND (until IS NULL OR until > :last)),
     whole AS (SELECT number, min(since) AS opened_on, max(until) FILTER (WHERE until <= :last) AS ended_on
               FROM gap_history GROUP BY number)
SELECT coalesce(a.number, b.number) AS number, coalesce(a.water_id, b.water_id) AS water_id,
       coalesce(a.area_code, b.area_code) AS area_code, w.code AS water_code,
       coalesce(w.name, '') AS water_name, coalesce(a.side, b.side) AS side,
       coalesce(a.from_m, b.from_m) AS from_m, coalesce(a.to_m, b.to_m) AS to_m,
       coalesce(a.reason, b.reason) AS reason, coalesce(b.length_m, 0) AS before_m,
       coalesce(a.length_m, 0) AS after_m,
       l.opened_on, CASE WHEN a.number IS NULL THEN l.ended_on END AS closed_on,
       CASE WHEN b.number IS NULL THEN 'opened' WHEN a.number IS NULL THEN 'closed'
            WHEN a.length_m > b.length_m + 0.001 THEN 'grown'
            WHEN a.length_m < b.length_m - 0.001 THEN 'shrunk' ELSE 'same' END AS change
FROM before b FULL JOIN after a ON a.number = b.number
JOIN whole l ON l.number = coalesce(a.number, b.number)
LEFT JOIN water w ON w.id = coalesce(a.water_id, b.water_id)
WHERE coalesce(a.area_code, b.area_code) >= :low AND coalesce(a.area_code, b.area_code) < :high
ORDER BY 1
"""


def changes(connection: Connection, first: dt.date, last: dt.date, within: str | None = None) -> pd.DataFrame:
    """Return what became of each gap between the ends of two days, by number.

    Columns water_id, area_code, water_code and water_name (missing and '' once the water is gone), side,
    from_m, to_m and reason (as on the last day that it stood), before_m, after_m, opened_on, closed_on,
    change: opened, closed, grown, shrunk or same.
    """
    return read(connection, CHANGES, area_range(within) | {"first": first, "last": last}, index="number")


def summary(changed: pd.DataFrame) -> Mapping[str, Mapping[str, float]]:
    """Return number and metres (after less before) of each sort of change."""
    metres = changed["after_m"] - changed["before_m"]
    return {
        kind: {
            "gaps": int((changed["change"] == kind).sum()),
            "metres": float(metres[changed["change"] == kind].sum()),
        }
        for kind in ("opened", "closed", "grown", "shrunk", "same")
    }
