"""Bank beside the ways on which pupils walk to school: the metres within a distance of a line, exact.

What lies within R of a polyline is near one of its corners (discs, `hazards.exposure`) or beside the inside
of one of its segments: for a bank p(t) = a + t·u and a segment from c along e of length L, where
0 ≤ (p − c)·e ≤ L and |(p − c) × e| ≤ R. Both are linear in t, so their meeting is one stretch of the bank.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.intervals import Intervals, concat, empty, expand, union
from geo.measures import segment_boxes
from hazards.exposure import Hits, hits_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.intervals import Floats, Ints
    from geo.measures import MeasureTable

SEGMENTS_A_ROUND = 4096
"""Segments of routes taken together: bounds the memory of the pairs."""


def route_hits(table: MeasureTable, routes: NDArray[np.object_], within_m: float) -> Hits:
    """Return the stretches of bank within `within_m` of each of the lines `routes` (n,), route by route.

    Disjoint intervals of a route on a bank; `place` is the position of the route.
    """
    if not len(routes) or not len(table.first) - 1 or not within_m > 0.0:
        return Hits(empty(), np.empty(0, np.int64))
    xy, route = shapely.get_coordinates(routes, return_index=True)
    corners = hits_of(table, xy, np.full(len(xy), within_m))
    inner = np.flatnonzero((route[1:] == route[:-1]) & (xy[1:] != xy[:-1]).any(axis=1))
    bank, start, stop, owner = _beside(table, xy, inner, within_m)
    banks = len(table.first) - 1
    merged = union(
        concat(
            Intervals(
                route[corners.place] * banks + corners.intervals.group,
                corners.intervals.start,
                corners.intervals.stop,
            ),
            Intervals(route[owner] * banks + bank, start, stop),
        )
    )
    return Hits(Intervals(merged.group % banks, merged.start, merged.stop), merged.group // banks)


def _beside(
    table: MeasureTable, xy: Floats, first: Ints, within_m: float
) -> tuple[Ints, Floats, Floats, Ints]:
    """Return bank, start, stop and vertex of the segments from `first` to the next vertex that run beside."""
    boxes, low, beyond = segment_boxes(table)
    tree = shapely.STRtree(boxes)
    found: list[tuple[Ints, Floats, Floats, Ints]] = []
    for begin in range(0, len(first), SEGMENTS_A_ROUND):
        vertex = first[begin : begin + SEGMENTS_A_ROUND]
        c, d = xy[vertex], xy[vertex + 1]
        corner, other = np.minimum(c, d) - within_m, np.maximum(c, d) + within_m
        near, box = tree.query(shapely.box(*corner.T, *other.T))
        pair, segment = expand(low[box], beyond[box])
        near, at = near[pair], table.segment_start[segment]
        start, stop = _band(table, at, c[near], d[near], within_m)
        real = stop > start
        found.append((table.line_of_vertex[at[real]], start[real], stop[real], vertex[near[real]]))
    if not found:
        return np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0, np.int64)
    bank, start, stop, owner = (np.concatenate(part) for part in zip(*found, strict=True))
    return bank, start, stop, owner


def _band(table: MeasureTable, vertex: Ints, c: Floats, d: Floats, within_m: float) -> tuple[Floats, Floats]:
    """Return between which measures a segment of bank runs beside its segment c–d; stop <= start: nowhere."""
    from_m, to_m = table.m[vertex], table.m[vertex + 1]
    length, reach = to_m - from_m, np.hypot(*(d - c).T)
    a, e = table.xy[vertex], (d - c) / reach[:, None]
    u = (table.xy[vertex + 1] - a) / length[:, None]
    v = a - c
    along = _between(v[:, 0] * e[:, 0] + v[:, 1] * e[:, 1], u[:, 0] * e[:, 0] + u[:, 1] * e[:, 1], 0.0, reach)
    across = _between(
        v[:, 0] * e[:, 1] - v[:, 1] * e[:, 0], u[:, 0] * e[:, 1] - u[:, 1] * e[:, 0], -within_m, within_m
    )
    low, high = np.maximum(along[0], across[0]), np.minimum(along[1], across[1])
    # The ends are the vertices' own measures, so that neighbouring segments meet without a rounding gap.
    return np.where(low <= 0.0, from_m, from_m + low), np.where(high >= length, to_m, from_m + high)


def _between(value: Floats, slope: Floats, low: float, high: float | Floats) -> tuple[Floats, Floats]:
    """Return for which t value + t · slope lies from `low` to `high`; from inf to -inf where for none."""
    inside = (value >= low) & (value <= high)
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = (low - value) / slope, (high - value) / slope
    flat = slope == 0.0
    start = np.where(flat, np.where(inside, -np.inf, np.inf), np.minimum(one, other))
    stop = np.where(flat, np.where(inside, np.inf, -np.inf), np.maximum(one, other))
    return start, stop
