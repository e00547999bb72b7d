"""Recorded tracks judged as patrols: what of them was walked, along which banks, and what refuses them.

A track is thinned to anchors first: a point counts once it lies `min_step_m` and `min_step_s` from the last
anchor, so that the trembling of a receiver at rest adds no metres, and one stray point no speed. A step
between two anchors was walked if it is no longer than `max_step_m` and no faster than `max_speed_m_s`; any
other step cuts the track, and each part stands for itself. Of a part counts what lies between its first and
its last anchor within reach of a bank.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from geo.chainage import NO_WATER, project
from geo.crs import require_metric
from geo.intervals import Intervals, empty, union
from geo.measures import measure
from geo.tables import Table
from hazards.coverage import along
from hazards.layers import PATROL_STEP_M

if TYPE_CHECKING:
    from geo.intervals import Flags, Floats, Ints
    from hazards.protection_rules import PatrolRule, TrackRule

REASONS = ("", "no_time", "backwards", "future", "too_fast", "off_bank", "too_short", "too_near")
"""Why a track is refused; empty where it counts."""


@dataclass(frozen=True, kw_only=True)
class Walk:
    """One part of a track: what was walked near banks, or why it is refused.

    `started` and `ended` are seconds since 1970; `walked_m` the metres of its steps near banks;
    `nearest_m` how near it came to any bank (NaN: none is known); `along` the stretches of the given banks.
    """

    reason: str
    started: float = np.nan
    ended: float = np.nan
    walked_m: float = 0.0
    nearest_m: float = np.nan
    fastest_m_s: float = np.nan
    line: shapely.LineString | None = None
    along: Intervals

    @property
    def minutes(self) -> float:
        """How long it took."""
        return (self.ended - self.started) / 60.0


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a track is judged by: rule of tracks, rule of patrols, how far from its bank [m], and now [s]."""

    track: TrackRule
    patrol: PatrolRule
    snap_m: float
    now: float


def walks(xy: Floats, seconds: Floats, banks: gpd.GeoDataFrame, rules: Rules) -> list[Walk]:
    """Return the parts of a track in the order of time; one with a reason where the whole is refused.

    Parameters
    ----------
    xy
        (n, 2) [m] in the system of `banks`.
    seconds
        (n,) since 1970; NaN where a point has no time: such a point proves nothing and is left out.
    banks
        As `geo.frames.BANKS`.
    """
    require_metric(banks, "banks")
    timed = np.isfinite(seconds)
    xy, seconds = xy[timed], seconds[timed]
    if fault := _clock_fault(seconds, rules.now):
        return [_refused(fault, seconds)]
    kept = anchors(xy, seconds, rules.track)
    xy, seconds = xy[kept], seconds[kept]
    if len(xy) < 2:  # noqa: PLR2004 - a step has two ends
        return [_refused("too_near", seconds)]
    long, fast = steps(xy, seconds, rules.track)
    length, speed = _lengths(xy, seconds)
    if length[fast].sum() > rules.track.fast_share * length.sum():
        return [_refused("too_fast", seconds, float(speed[fast].max()))]
    distance = _to_bank(xy, banks)
    found = [
        _walk(xy[low:high], seconds[low:high], distance[low:high], banks, rules)
        for low, high in _parts(long | fast, len(xy))
    ]
    near = [walk for walk in found if walk.reason != "off_bank"]
    if near:
        return near
    nearest = float(distance.min()) if len(distance) and len(banks) else np.nan
    return [_refused("off_bank", seconds, nearest_m=nearest)]


def _clock_fault(seconds: Floats, now: float) -> str:
    if len(seconds) < 2:  # noqa: PLR2004 - a step has two ends
        return "no_time"
    if (np.diff(seconds) < 0.0).any():
        return "backwards"
    return "future" if seconds[-1] > now else ""


def anchors(xy: Floats, seconds: Floats, rule: TrackRule) -> Ints:
    """Return the positions of the first point and of each far and late enough after the one before."""
    kept = [0]
    x, y, at = xy[:, 0].tolist(), xy[:, 1].tolist(), seconds.tolist()
    far = rule.min_step_m**2
    for place in range(1, len(x)):
        last = kept[-1]
        off = (x[place] - x[last]) ** 2 + (y[place] - y[last]) ** 2
        if off >= far and at[place] - at[last] >= rule.min_step_s:
            kept.append(place)
    return np.array(kept, dtype=np.int64)


def steps(xy: Floats, seconds: Floats, rule: TrackRule) -> tuple[Flags, Flags]:
    """Return which steps were not recorded closely enough, and which are too fast for somebody on foot."""
    length, speed = _lengths(xy, seconds)
    fast: Flags = speed > rule.max_speed_m_s
    unseen: Flags = length > rule.max_step_m
    return unseen, fast


def _lengths(xy: Floats, seconds: Floats) -> tuple[Floats, Floats]:
    length = np.hypot(*np.diff(xy, axis=0).T)
    span = np.diff(seconds)
    speed = np.divide(length, span, out=np.full(len(length), np.inf), where=span > 0.0)
    return length, speed


def _parts(cut: Flags, points: int) -> list[tuple[int, int]]:
    """Return [first, beyond) of each run of points without a cut between them; a lone point is no part."""
    ends = np.concatenate([[0], np.flatnonzero(cut) + 1, [points]])
    return [(low, high) for low, high in pairwise(ends.tolist()) if high - low > 1]


def _to_bank(xy: Floats, banks: gpd.GeoDataFrame) -> Floats:
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*xy.T), crs=banks.crs)
    distance: Floats = project(points, banks, np.inf)["distance_m"].fillna(np.inf).to_numpy(np.float64)
    return distance


def _walk(xy: Floats, seconds: Floats, distance: Floats, banks: gpd.GeoDataFrame, rules: Rules) -> Walk:
    near = np.flatnonzero(distance <= rules.snap_m)
    if len(near) < 2:  # noqa: PLR2004 - a step has two ends
        return _refused("off_bank", seconds, nearest_m=float(distance.min()))
    part = slice(near[0], near[-1] + 1)
    xy, seconds, beside = xy[part], seconds[part], distance[part] <= rules.snap_m
    length, _ = _lengths(xy, seconds)
    walked_m = float(length[beside[1:] & beside[:-1]].sum())
    minutes = (seconds[-1] - seconds[0]) / 60.0
    reason = "" if walked_m >= rules.patrol.min_walked_m else "too_near"
    reason = reason if minutes >= rules.patrol.min_minutes else "too_short"
    line = shapely.LineString(xy)
    drawn = np.array([line], dtype=object)
    track = Table(ids=np.zeros(1), columns={"water_id": np.array([NO_WATER])}, shapes=drawn, crs=banks.crs)
    table = measure(np.asarray(banks.geometry.array, dtype=object))
    return Walk(
        reason=reason,
        started=float(seconds[0]),
        ended=float(seconds[-1]),
        walked_m=walked_m,
        nearest_m=float(distance.min()),
        line=line,
        along=union(along(table, Table.of(banks), track, rules.snap_m, PATROL_STEP_M)),
    )


def _refused(
    reason: str, seconds: Floats | None = None, fastest_m_s: float = np.nan, nearest_m: float = np.nan
) -> Walk:
    known = seconds is not None and len(seconds) > 0
    return Walk(
        reason=reason,
        started=float(seconds[0]) if seconds is not None and known else np.nan,
        ended=float(seconds[-1]) if seconds is not None and known else np.nan,
        nearest_m=nearest_m,
        fastest_m_s=fastest_m_s,
        along=empty(),
    )
