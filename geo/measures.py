"""Linear referencing: the vertices of many banks in flat arrays, each with its measure along its own bank."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo.intervals import Flags, Floats, Ints, bisect_within, expand

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEPS_PER_M = float(2**30)
"""Segment lengths are counted in steps of 2⁻³⁰ m (1 nm).

Sums of whole numbers are exact, so that a measure depends on its own bank alone and not on the banks before
it in the table; as a float it is exact below 8,388 km.
"""
SEGMENTS_A_BOX = 8
"""Neighbouring segments under one box of an index: an eighth of the boxes, few more pairs."""


@dataclass(frozen=True)
class MeasureTable:
    """Vertices of n lines: `xy` (v, 2) [m], `m` (v,) [m], `first` (n + 1,) offsets, `ring` (n,)."""

    xy: Floats
    m: Floats
    first: Ints
    ring: Flags

    @cached_property
    def length_m(self) -> Floats:
        """Length of each line [m]."""
        return self.m[self.first[1:] - 1]

    @cached_property
    def segment_start(self) -> Ints:
        """Position of the first vertex of every segment that has a length."""
        inner = np.ones(len(self.m), np.bool_)
        inner[self.first[1:] - 1] = False
        start = np.flatnonzero(inner)
        return start[self.m[start + 1] > self.m[start]]

    @cached_property
    def line_of_vertex(self) -> Ints:
        """Which line each vertex belongs to."""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))


def measure(lines: NDArray[Any]) -> MeasureTable:
    """Return the measure table of an array of LineStrings in a metric CRS."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    first = np.searchsorted(line, np.arange(len(lines) + 1))
    step = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    step[first[:-1]] = 0.0
    count = np.cumsum(np.rint(step * STEPS_PER_M).astype(np.int64))
    steps = count - count[first[:-1]][line]
    return MeasureTable(xy, steps / STEPS_PER_M, first, shapely.is_closed(lines))


def some_lines(table: MeasureTable, chosen: Ints) -> MeasureTable:
    """Return the table of the chosen lines alone, in that order."""
    line, vertex = expand(table.first[chosen], table.first[chosen + 1])
    first = np.searchsorted(line, np.arange(len(chosen) + 1)).astype(np.int64)
    return MeasureTable(table.xy[vertex], table.m[vertex], first, table.ring[chosen])


def points_at(table: MeasureTable, line: Ints, m: Floats) -> Floats:
    """Return xy (k, 2) of the places with measure `m` on `line`."""
    after = bisect_within(table.m, table.first[line], table.first[line + 1], m, after_equal=True)
    after = np.clip(after, table.first[line] + 1, table.first[line + 1] - 1)
    before = after - 1
    span = table.m[after] - table.m[before]
    share = np.divide(m - table.m[before], span, out=np.zeros_like(m), where=span > 0.0)
    ends = table.xy[after]
    placed = table.xy[before] + np.clip(share, 0.0, 1.0)[:, None] * (ends - table.xy[before])
    # On the vertex itself no rounding is wanted: neighbours share it.
    on_end = (m == table.m[after])[:, None]
    return np.where(on_end, ends, placed)


def _paths(table: MeasureTable, line: Ints, start: Floats, stop: Floats) -> tuple[Floats, Ints]:
    """Return the coordinates of the pieces, ends included, and the piece of each coordinate."""
    low, high = table.first[line], table.first[line + 1]
    first = bisect_within(table.m, low, high, start, after_equal=True)
    beyond = bisect_within(table.m, low, high, stop, after_equal=False)
    inner, vertex = expand(first, beyond)
    piece = np.arange(len(line))
    xy = np.concatenate([points_at(table, line, start), table.xy[vertex], points_at(table, line, stop)])
    owner = np.concatenate([piece, inner, piece])
    rank = np.concatenate([np.zeros(len(piece)), np.ones(len(inner)), np.full(len(piece), 2.0)])
    order = np.lexsort((rank, owner))  # stable: inner vertices keep their order
    return xy[order], owner[order]


def substrings(table: MeasureTable, line: Ints, start: Floats, stop: Floats) -> NDArray[Any]:
    """Return the LineString of each stretch `[start, stop]` [m] of its line.

    On a ring `stop` may lie above the length: the stretch then runs over the start as one LineString.
    """
    if not len(line):
        return np.empty(0, dtype=object)
    length = table.length_m[line]
    over = table.ring[line] & (stop > length)
    head, head_of = _paths(table, line, start, np.where(over, length, np.minimum(stop, length)))
    crossing = np.flatnonzero(over)
    tail, tail_of = _paths(table, line[crossing], np.zeros(len(crossing)), (stop - length)[crossing])
    fresh = np.ones(len(tail), np.bool_)
    fresh[np.searchsorted(tail_of, np.arange(len(crossing)))] = False  # the start itself ends the head
    xy = np.concatenate([head, tail[fresh]])
    owner = np.concatenate([head_of, crossing[tail_of[fresh]]])
    order = np.argsort(owner, kind="stable")
    return np.asarray(shapely.linestrings(xy[order], indices=owner[order]), dtype=object)


def segment_boxes(table: MeasureTable) -> tuple[NDArray[Any], Ints, Ints]:
    """Return the bounding boxes of runs of segments of one line, and the run of each as [first, beyond)."""
    vertex = table.segment_start
    if not len(vertex):
        return np.empty(0, dtype=object), np.empty(0, np.int64), np.empty(0, np.int64)
    line = table.line_of_vertex[vertex]
    rank = np.arange(len(vertex)) - np.searchsorted(line, line)
    first = np.flatnonzero(rank % SEGMENTS_A_BOX == 0)
    low = np.minimum(table.xy[vertex], table.xy[vertex + 1])
    high = np.maximum(table.xy[vertex], table.xy[vertex + 1])
    corner = np.minimum.reduceat(low, first, axis=0)
    other = np.maximum.reduceat(high, first, axis=0)
    boxes = np.asarray(shapely.box(*corner.T, *other.T), dtype=object)
    return boxes, first.astype(np.int64), np.append(first[1:], len(vertex)).astype(np.int64)
