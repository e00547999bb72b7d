"""Algebra of closed intervals on many one-dimensional groups at once (a group is a bank).

An interval keeps its group's own coordinates: no offset is added to lay the groups end to end (it would cost
1e-6 m and make results depend on what else is in the table). Where an order over all groups is needed, whole
numbers (ranks, counts) carry it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

JOIN_M = 1e-6
"""Intervals closer than this are one: neighbouring segments meet in the same vertex but for rounding."""


@dataclass(frozen=True)
class Intervals:
    """Closed intervals `[start, stop]` [m] on groups 0, 1, …; three arrays of one length."""

    group: Ints
    start: Floats
    stop: Floats

    def __len__(self) -> int:
        """Return how many intervals there are."""
        return len(self.group)

    def take(self, choice: Flags | Ints) -> Intervals:
        """Return the chosen intervals (flags or positions), in that order."""
        return Intervals(self.group[choice], self.start[choice], self.stop[choice])

    @property
    def length_m(self) -> Floats:
        """Length of each interval [m]."""
        return self.stop - self.start


def empty() -> Intervals:
    """Return no interval."""
    return Intervals(np.empty(0, np.int64), np.empty(0), np.empty(0))


def concat(*parts: Intervals) -> Intervals:
    """Return the intervals of all parts, one after the other."""
    if not parts:
        return empty()
    return Intervals(
        np.concatenate([part.group for part in parts]),
        np.concatenate([part.start for part in parts]),
        np.concatenate([part.stop for part in parts]),
    )


def union(intervals: Intervals, join_m: float = JOIN_M) -> Intervals:
    """Return the fewest disjoint intervals that hold the same points, sorted by group and start.

    Intervals whose distance is at most `join_m` become one. The running maximum of the ends is taken over
    their ranks by (group, stop): every rank of a later group is higher, so that none reaches on.
    """
    if not len(intervals):
        return empty()
    rows = intervals.take(np.lexsort((intervals.start, intervals.group)))
    by_stop = np.lexsort((rows.stop, rows.group))
    rank = np.empty(len(rows), np.int64)
    rank[by_stop] = np.arange(len(rows))
    reach = rows.stop[by_stop[np.maximum.accumulate(rank)]]
    opens = np.ones(len(rows), np.bool_)
    opens[1:] = (rows.group[1:] != rows.group[:-1]) | (rows.start[1:] > reach[:-1] + join_m)
    first = np.flatnonzero(opens)
    last = np.append(first[1:], len(rows)) - 1
    return Intervals(rows.group[first], rows.start[first], reach[last])


def _sweep(a: Intervals, b: Intervals, keep: Callable[[Flags, Flags], Flags]) -> Intervals:
    group = np.concatenate([a.group, a.group, b.group, b.group])
    at = np.concatenate([a.start, a.stop, b.start, b.stop])
    in_a = np.repeat(np.array([1, -1, 0, 0]), [len(a), len(a), len(b), len(b)])
    in_b = np.repeat(np.array([0, 0, 1, -1]), [len(a), len(a), len(b), len(b)])
    order = np.lexsort((at, group))
    group, at = group[order], at[order]
    depth_a, depth_b = np.cumsum(in_a[order])[:-1], np.cumsum(in_b[order])[:-1]
    kept = keep(depth_a > 0, depth_b > 0) & (group[1:] == group[:-1]) & (at[1:] > at[:-1])
    return union(Intervals(group[:-1][kept], at[:-1][kept], at[1:][kept]), join_m=0.0)


def difference(a: Intervals, b: Intervals) -> Intervals:
    """Return what is in `a` and not in `b` (parts of length zero are dropped)."""
    return _sweep(a, b, lambda in_a, in_b: in_a & ~in_b)


def intersection(a: Intervals, b: Intervals) -> Intervals:
    """Return what is in both `a` and `b` (parts of length zero are dropped)."""
    return _sweep(a, b, lambda in_a, in_b: in_a & in_b)


def fit(intervals: Intervals, length_m: Floats, ring: Flags) -> Intervals:
    """Return the intervals brought into `[0, length_m]` of their group: clipped on a line, wrapped on a ring.

    Parameters
    ----------
    length_m, ring
        One value a group. An interval that crosses the start of a ring becomes two.
    """
    length = length_m[intervals.group]
    wraps = ring[intervals.group]
    clipped = Intervals(
        intervals.group[~wraps],
        np.maximum(intervals.start[~wraps], 0.0),
        np.minimum(intervals.stop[~wraps], length[~wraps]),
    )
    clipped = clipped.take(clipped.stop > clipped.start)
    rows, length = intervals.take(wraps), length[wraps]
    whole = rows.length_m >= length
    turns = np.floor(rows.start / length) * length
    start = np.where(whole, 0.0, rows.start - turns)
    stop = np.where(whole, length, rows.stop - turns)
    over = stop > length
    head = Intervals(rows.group, start, np.minimum(stop, length))
    tail = Intervals(rows.group[over], np.zeros(int(over.sum())), (stop - length)[over])
    return concat(clipped, head.take(head.stop > head.start), tail)


def join_over_start(intervals: Intervals, length_m: Floats, ring: Flags, join_m: float = JOIN_M) -> Intervals:
    """Return disjoint sorted intervals with the two that meet at the start of a ring made one.

    The joined interval keeps its start in `[0, length_m)` and ends above `length_m`.
    """
    if not len(intervals):
        return intervals
    group = intervals.group
    edge = np.flatnonzero(group[1:] != group[:-1])
    first, last = np.append(0, edge + 1), np.append(edge, len(group) - 1)
    length = length_m[group[first]]
    meets = (first != last) & ring[group[first]]
    meets &= (intervals.start[first] <= join_m) & (intervals.stop[last] >= length - join_m)
    stop = intervals.stop.copy()
    stop[last[meets]] = length[meets] + stop[first[meets]]
    kept = np.ones(len(group), np.bool_)
    kept[first[meets]] = False
    return Intervals(group, intervals.start, stop).take(kept)


def totals(intervals: Intervals, groups: int) -> Floats:
    """Return the metres of each of `groups` groups; the intervals must be disjoint."""
    return np.bincount(intervals.group, weights=intervals.length_m, minlength=groups).astype(np.float64)


def bisect_within(values: Floats, low: Ints, high: Ints, wanted: Floats, *, after_equal: bool) -> Ints:
    """Return for each row the insertion point of `wanted` in the sorted slice `values[low:high]`.

    With `after_equal` the point lies behind equal values, else before them. All rows halve their slice at
    once.
    """
    low, high = low.copy(), high.copy()
    while (open_rows := low < high).any():
        middle = (low + high) // 2
        value = values[np.minimum(middle, len(values) - 1)]
        right = open_rows & ((value <= wanted) if after_equal else (value < wanted))
        low = np.where(right, middle + 1, low)
        high = np.where(open_rows & ~right, middle, high)
    return low


def expand(low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """Return (row, position) for every position in `low[row] … high[row] - 1`."""
    count = np.maximum(high - low, 0)
    row = np.repeat(np.arange(len(low)), count)
    before = np.repeat(np.cumsum(count) - count, count)
    return row, np.arange(len(row)) - before + np.repeat(low, count)


def overlaps(a: Intervals, b: Intervals) -> tuple[Ints, Ints, Floats]:
    """Return the pairs of `a` and `b` that share metres: positions in each, and how many metres.

    `b` must be disjoint and sorted by group and start; `a` may be anything.
    """
    low = np.searchsorted(b.group, a.group, side="left")
    high = np.searchsorted(b.group, a.group, side="right")
    first = bisect_within(b.stop, low, high, a.start, after_equal=True)
    beyond = bisect_within(b.start, low, high, a.stop, after_equal=False)
    in_a, in_b = expand(first, beyond)
    shared = np.minimum(a.stop[in_a], b.stop[in_b]) - np.maximum(a.start[in_a], b.start[in_b])
    real = shared > 0.0
    return in_a[real], in_b[real], shared[real]


def split_over_start(intervals: Intervals, length_m: Floats) -> tuple[Intervals, Ints]:
    """Return the intervals cut at the start of their ring, sorted, and which interval each part belongs to.

    The inverse of `join_over_start`.
    """
    length = length_m[intervals.group]
    over = np.flatnonzero(intervals.stop > length)
    head = Intervals(intervals.group, intervals.start, np.minimum(intervals.stop, length))
    tail = Intervals(intervals.group[over], np.zeros(len(over)), (intervals.stop - length)[over])
    parts, owner = concat(head, tail), np.concatenate([np.arange(len(intervals)), over])
    order = np.lexsort((parts.start, parts.group))
    return parts.take(order), owner[order]
