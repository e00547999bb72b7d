"""Valid stations: a complete set of items in good order, verified within the window of its water's class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo.frames import as_day
from geo.tables import Table

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from geo.intervals import Flags, Ints
    from hazards.parameters import Parameters, Season, VerifyDays

SET = ("sign", "lifebuoy", "rope", "pole")
"""四个一. The life jacket of 五个一 is welcome and never asked for."""
NEVER = np.iinfo(np.int64).min // 2
"""The day on which an item was verified that never was."""


def completeness(stations: Table, items: Table, parameters: Parameters, as_of: dt.date) -> Table:
    """Return `status` (valid, incomplete, expired), `missing` and `expires_on` of each of the `stations`.

    A station is valid if no item is missing and `as_of` <= `expires_on`, the last day on which the oldest
    check of its items counts. An item that is 损坏, 缺失, 过期 or not there is missing; one that is 未核 or
    was verified after `as_of` leaves the station expired. `missing` joins the kinds with a comma.

    Parameters
    ----------
    stations
        `water_class` (A, B, C), `small` (on a small ring) and `covered` (that water has a cover or fence).
    """
    present, day = _items_of(stations, items, as_of)
    small = stations["small"]
    missing = _missing(present, small, stations["covered"] | (not parameters.small_ring.cover_required))
    oldest = np.where(small, np.minimum(day[:, 0], np.maximum(day[:, 2], day[:, 3])), day.min(axis=1))
    expires = last_valid_day(oldest, *_windows(stations, parameters.verify_days), parameters.season)
    status = np.where(
        missing != "", "incomplete", np.where(as_day(as_of).astype(np.int64) <= expires, "valid", "expired")
    )
    shown = np.where((expires == NEVER) | (missing != ""), np.iinfo(np.int64).min, expires)
    columns = {"status": status, "missing": missing, "expires_on": shown.astype("datetime64[D]")}
    return Table(ids=stations.ids, columns=columns)


def _items_of(stations: Table, items: Table, as_of: dt.date) -> tuple[Flags, Ints]:
    """Return (n, 4) whether the item is there and fit for use, and the day it was last verified."""
    kind = np.select([items["kind"] == name for name in SET], range(len(SET)), -1)
    station = stations.rows_of(items["station_id"])
    state = items["state"]
    fit = (kind >= 0) & (station >= 0) & ((state == "good") | (state == "unverified"))
    verified = items["verified_on"].astype("datetime64[D]")
    known = (state == "good") & ~np.isnat(verified) & (verified <= as_day(as_of))
    present = np.zeros((len(stations), len(SET)), np.bool_)
    present[station[fit], kind[fit]] = True
    day = np.full(present.shape, NEVER, np.int64)
    known &= fit
    np.maximum.at(day, (station[known], kind[known]), verified[known].astype(np.int64))
    return present, day


def _missing(present: Flags, small: Flags, covered: Flags) -> NDArray[np.object_]:
    """Return the missing kinds of each station, joined; a small ring asks for sign, pole or rope, cover."""
    absent = ~present
    throw = absent[:, 2] & absent[:, 3]
    asked = (
        ("sign", absent[:, 0]),
        ("lifebuoy", absent[:, 1] & ~small),
        ("rope", np.where(small, throw, absent[:, 2])),
        ("pole", absent[:, 3] & ~small),
        ("cover", small & ~covered),
    )
    joined = np.full(len(present), "", dtype=object)
    for kind, lacks in asked:
        comma = np.where(joined != "", ",", "").astype(object)
        joined = np.where(lacks, joined + comma + kind, joined)
    return joined


def _windows(stations: Table, days: VerifyDays) -> tuple[Ints, Ints]:
    """Return the window [days] of each station inside and outside the season."""
    group = np.where(stations["small"], "small", stations["water_class"])
    season, other = np.zeros(len(group), np.int64), np.zeros(len(group), np.int64)
    for name in ("A", "B", "C", "small"):
        season[group == name] = getattr(days, f"{name}_season")
        other[group == name] = getattr(days, f"{name}_other")
    return season, other


def last_valid_day(day: Ints, season_days: Ints, other_days: Ints, season: Season) -> Ints:
    """Return the last day of the unbroken run from `day` on which a check of `day` still counts.

    On day d the check counts if d − day <= the window of d's month. Once it lapsed it stays so until the next
    check: a longer window in October does not revive what expired in September.
    """
    keys, row = np.unique(np.column_stack([day, season_days, other_days]), axis=0, return_inverse=True)
    start, short, long = keys.T
    known = start != NEVER
    age = np.arange(1, max(short.max(initial=0), long.max(initial=0)) + 1)
    date = (np.where(known, start, 0)[:, None] + age).astype("datetime64[D]")
    month = date.astype("datetime64[M]").astype(np.int64) % 12 + 1
    in_season = (month >= season.first_month) & (month <= season.last_month)
    counts = age <= np.where(in_season, short[:, None], long[:, None])
    unbroken = np.logical_and.accumulate(counts, axis=1).sum(axis=1)
    last = np.where(known, start + unbroken, start)
    found: Ints = last[row.reshape(-1)]
    return found
