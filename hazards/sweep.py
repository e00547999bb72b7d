"""The compiled sweep: exposed stretches and weights, the same answers as the vectorised ones, far sooner.

A uniform grid holds the circles of the places. A segment asks only the cells from which a circle can reach
it, keeps its stretches sorted and merged as they come, and stops as soon as it is wholly exposed; the place
that exposed the segment before it is asked first, and along a bank it usually answers at once. Where numba
is absent, `COMPILED` is False and `exposure` answers with its vectorised twin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from geo.intervals import JOIN_M, Intervals

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo.intervals import Floats, Ints
    from geo.measures import MeasureTable

    Lines = tuple[Floats, Floats, Ints]
    Places = tuple[Ints, Floats, Floats]
    Shape = tuple[float, int, int]
    Stretches = tuple[Ints, Floats, Floats]
    Span = tuple[int, int, float, float]
    Box = tuple[float, float, float, float]

try:
    from numba import njit
except ImportError:  # pragma: no cover - a dependency; a platform without a wheel of it still works
    njit = None  # type: ignore[assignment]

MOST_CELLS = 4096
"""Columns and rows of the grid at most."""
CHUNKS_A_CELL = 8.0
"""Neighbouring segments are weighed together up to this part of a cell."""
COMPILED = njit is not None
F = TypeVar("F", bound="Callable[..., Any]")


def compiled(function: F) -> F:
    """Return the function compiled, and kept compiled on disk beside its source."""
    if njit is None:
        return function
    return cast("F", njit(cache=True, nogil=True)(function))


@dataclass(frozen=True)
class Grid:
    """Circles sorted by the cell of their centre, cells at least as wide as the largest radius.

    `first` (cells + 1,) offsets, row by row; `circle` (n, 3) x, y, radius [m]; `order` (n,) position of each
    sorted circle in what was given; `corner` (2,) [m]; `columns`, `rows`.
    """

    first: Ints
    circle: Floats
    order: Ints
    corner: Floats
    cell_m: float
    columns: int
    rows: int

    @property
    def places(self) -> Places:
        """What the compiled loops read of the circles."""
        return self.first, self.circle, self.corner

    @property
    def shape(self) -> Shape:
        """What the compiled loops read of the cells."""
        return self.cell_m, self.columns, self.rows


def grid_of(xy: Floats, radius_m: Floats) -> Grid:
    """Return the grid of n >= 1 circles with centres `xy` (n, 2) and radii `radius_m` (n,), all above 0."""
    corner = xy.min(axis=0)
    # Small circles over a whole country would ask for more cells than there are places.
    cell_m = max(float(radius_m.max()), float((xy.max(axis=0) - corner).max()) / MOST_CELLS)
    column, row = np.floor((xy - corner) / cell_m).astype(np.int64).T
    columns, rows = int(column.max()) + 1, int(row.max()) + 1
    cell = row * columns + column
    order = np.argsort(cell, kind="stable")
    first = np.zeros(columns * rows + 1, np.int64)
    np.cumsum(np.bincount(cell, minlength=columns * rows), out=first[1:])
    return Grid(first, np.column_stack([xy, radius_m])[order], order, corner, cell_m, columns, rows)


def exposed(table: MeasureTable, grid: Grid) -> Intervals:
    """Return the disjoint sorted stretches of every line that lie in a circle of the grid."""
    return Intervals(*_exposed((table.xy, table.m, table.first), grid.places, grid.shape))


def weights(table: MeasureTable, parts: Intervals, grid: Grid, place_weight: Floats) -> Floats:
    """Return for each stretch Σ over circles of the metres inside the circle × the weight of its place.

    `place_weight` is in the order that was given to `grid_of`.
    """
    stretches = (parts.group, parts.start, parts.stop)
    return _weights(
        (table.xy, table.m, table.first), stretches, grid.places, place_weight[grid.order], grid.shape
    )


@compiled
def _chord(  # noqa: PLR0913, PLR0917 - numbers, for the compiler
    ax: float, ay: float, bx: float, by: float, length: float, x: float, y: float, radius: float
) -> tuple[float, float]:
    """Return the part [t0, t1] of a segment inside a circle, t1 < t0 where there is none."""
    ux, uy = (bx - ax) / length, (by - ay) / length
    vx, vy = x - ax, y - ay
    across = vx * uy - vy * ux
    square = radius * radius - across * across
    if square <= 0.0:
        return 1.0, 0.0
    along = vx * ux + vy * uy
    half = np.sqrt(square)
    return max(along - half, 0.0), min(along + half, length)


@compiled
def _cells(a: float, b: float, corner: float, cell_m: float, count: int) -> tuple[int, int]:
    """Return the columns (or rows) from which a circle can reach the span from a to b."""
    low = int(np.floor((min(a, b) - corner) / cell_m)) - 1
    high = int(np.floor((max(a, b) - corner) / cell_m)) + 1
    return max(low, 0), min(high, count - 1)


@compiled
def _insert(starts: Floats, stops: Floats, count: int, start: float, stop: float) -> int:
    """Put [start, stop] into sorted disjoint stretches; the arrays have room for one more."""
    low = 0
    while low < count and stops[low] < start:
        low += 1
    high = low
    while high < count and starts[high] <= stop:
        start = min(start, starts[high])
        stop = max(stop, stops[high])
        high += 1
    if high == low:
        for k in range(count, low, -1):
            starts[k], stops[k] = starts[k - 1], stops[k - 1]
    else:
        for k in range(high, count):
            starts[low + 1 + k - high], stops[low + 1 + k - high] = starts[k], stops[k]
    starts[low], stops[low] = start, stop
    return count + 1 - (high - low)


@compiled
def _append(out: Stretches, used: int, group: int, start: float, stop: float) -> tuple[Stretches, int]:
    """Append a stretch, joined to the last of the same bank where they touch; grow where full."""
    groups, starts, stops = out
    if used > 0 and groups[used - 1] == group and start <= stops[used - 1] + JOIN_M:
        stops[used - 1] = max(stops[used - 1], stop)
        return out, used
    if used == len(groups):
        groups, starts, stops = (
            np.append(groups, np.empty(used, np.int64)),
            np.append(starts, np.empty(used)),
            np.append(stops, np.empty(used)),
        )
    groups[used], starts[used], stops[used] = group, start, stop
    return (groups, starts, stops), used + 1


@compiled
def _exposed(lines: Lines, places: Places, shape: Shape) -> Stretches:  # noqa: C901, PLR0912 - one loop, compiled as a whole
    xy, m, first = lines
    cell_first, circle, corner = places
    cell_m, columns, rows = shape
    out = (np.empty(1024, np.int64), np.empty(1024), np.empty(1024))
    used = 0
    starts, stops = np.empty(64), np.empty(64)
    last = -1
    for bank in range(len(first) - 1):
        for i in range(first[bank], first[bank + 1] - 1):
            length = m[i + 1] - m[i]
            if length <= 0.0:
                continue
            ax, ay, bx, by = xy[i, 0], xy[i, 1], xy[i + 1, 0], xy[i + 1, 1]
            if last >= 0:
                t0, t1 = _chord(ax, ay, bx, by, length, circle[last, 0], circle[last, 1], circle[last, 2])
                if t0 <= 0.0 and t1 >= length:
                    out, used = _append(out, used, bank, m[i], m[i + 1])
                    continue
            left, right = _cells(ax, bx, corner[0], cell_m, columns)
            bottom, top = _cells(ay, by, corner[1], cell_m, rows)
            count = 0
            whole = False
            if left <= right:
                for row in range(bottom, top + 1):
                    for k in range(cell_first[row * columns + left], cell_first[row * columns + right + 1]):
                        t0, t1 = _chord(ax, ay, bx, by, length, circle[k, 0], circle[k, 1], circle[k, 2])
                        if t1 <= t0:
                            continue
                        if count + 1 >= len(starts):
                            starts = np.append(starts, np.empty(len(starts)))
                            stops = np.append(stops, np.empty(len(stops)))
                        count = _insert(starts, stops, count, t0, t1)
                        if count == 1 and starts[0] <= 0.0 and stops[0] >= length:
                            whole = True
                            last = k
                            break
                    if whole:
                        break
            for k in range(count):
                start = m[i] if starts[k] <= 0.0 else m[i] + starts[k]
                stop = m[i + 1] if stops[k] >= length else m[i] + stops[k]
                out, used = _append(out, used, bank, start, stop)
    groups, starts_m, stops_m = out
    return groups[:used], starts_m[:used], stops_m[:used]


@compiled
def _at(lines: Lines, i: int, m: float) -> tuple[float, float]:
    """Return the place with measure m on the segment behind vertex i."""
    xy, measure_m, _ = lines
    length = measure_m[i + 1] - measure_m[i]
    t = 0.0 if length <= 0.0 else min(max((m - measure_m[i]) / length, 0.0), 1.0)
    return xy[i, 0] + t * (xy[i + 1, 0] - xy[i, 0]), xy[i, 1] + t * (xy[i + 1, 1] - xy[i, 1])


@compiled
def _weights(lines: Lines, parts: Stretches, places: Places, weight: Floats, shape: Shape) -> Floats:
    """Weigh runs of segments: a circle that holds the run's whole box holds all its metres."""
    _, m, first = lines
    group, start, stop = parts
    total = np.zeros(len(group))
    chunk_m = shape[0] / CHUNKS_A_CELL
    for part in range(len(group)):
        low, high = first[group[part]], first[group[part] + 1]
        i = max(low + np.searchsorted(m[low:high], start[part], side="right") - 1, low)
        while i < high - 1 and m[i] < stop[part]:
            begin = max(m[i], start[part])
            left, bottom = _at(lines, i, begin)
            right, top = left, bottom
            end = i
            while end < high - 1 and m[end] < stop[part] and (end == i or m[end + 1] - begin <= chunk_m):
                x, y = _at(lines, end, min(m[end + 1], stop[part]))
                left, right, bottom, top = min(left, x), max(right, x), min(bottom, y), max(top, y)
                end += 1
            span = (i, end, begin, min(m[end], stop[part]))
            total[part] += _weight(lines, span, (left, bottom, right, top), places, weight, shape)
            i = end
    return total


@compiled
def _weight(  # noqa: PLR0913, PLR0917 - numbers, for the compiler
    lines: Lines, span: Span, box: Box, places: Places, weight: Floats, shape: Shape
) -> float:
    """Return Σ over circles of the metres of one run of segments inside it × its weight."""
    xy, m, _ = lines
    cell_first, circle, corner = places
    cell_m, columns, rows = shape
    i, end, begin, stop = span
    x, y = (box[0] + box[2]) / 2.0, (box[1] + box[3]) / 2.0
    half = np.hypot(box[2] - box[0], box[3] - box[1]) / 2.0
    left, right = _cells(box[0], box[2], corner[0], cell_m, columns)
    bottom, top = _cells(box[1], box[3], corner[1], cell_m, rows)
    total = 0.0
    if left > right:
        return total
    for row in range(bottom, top + 1):
        for k in range(cell_first[row * columns + left], cell_first[row * columns + right + 1]):
            away = np.hypot(circle[k, 0] - x, circle[k, 1] - y)
            if away >= circle[k, 2] + half:
                continue
            if away + half <= circle[k, 2]:
                total += (stop - begin) * weight[k]
                continue
            for s in range(i, end):
                length = m[s + 1] - m[s]
                if length <= 0.0:
                    continue
                t0, t1 = _chord(
                    xy[s, 0],
                    xy[s, 1],
                    xy[s + 1, 0],
                    xy[s + 1, 1],
                    length,
                    circle[k, 0],
                    circle[k, 1],
                    circle[k, 2],
                )
                shared = min(m[s] + t1, stop) - max(m[s] + t0, begin)
                if t1 > t0 and shared > 0.0:
                    total += shared * weight[k]
    return total
