"""The compiled sweep: exposed stretches and weights, the same answers as the vectorised ones, far sooner.

A uniform grid holds the circles of the places. A segment asks only the cells from which a circle can reach
it, keeps its stretches sorted and merged as they come, and stops as soon as it is wholly exposed; the place
that exposed the segment before it is asked first, and along a bank it usually answers at once. Where numba
is absent, `COMPILED` is False and `exposure` answers with its vectorised twin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geo import compiling
from geo.compiling import compiled
from geo.intervals import JOIN_M, Intervals
from hazards.chords import cells_within, chord
from hazards.weighing import weigh

if TYPE_CHECKING:
    from geo.intervals import Flags, Floats, Ints
    from geo.measures import MeasureTable
    from hazards.chords import Lines, Places, Shape, Stretches

MOST_CELLS = 4096
"""Columns and rows of the grid at most."""
COMPILED = compiling.COMPILED


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
    cell_m = max(float(radius_m.max()), float((xy.max(axis=0) - corner).max()) / MOST_CELLS, 1.0)
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


def touched(table: MeasureTable, grid: Grid) -> Flags:
    """Return which lines come as near to a place as its radius: distance_m <= radius."""
    return _touched((table.xy, table.m, table.first), grid.places, grid.shape)


def weights(table: MeasureTable, parts: Intervals, grid: Grid, place_weight: Floats) -> Floats:
    """Return for each stretch Σ over circles of the metres inside the circle × the weight of its place.

    `place_weight` is in the order that was given to `grid_of`.
    """
    stretches = (parts.group, parts.start, parts.stop)
    return weigh(
        (table.xy, table.m, table.first), stretches, grid.places, place_weight[grid.order], grid.shape
    )


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
                t0, t1 = chord(ax, ay, bx, by, length, circle[last, 0], circle[last, 1], circle[last, 2])
                if t0 <= 0.0 and t1 >= length:
                    out, used = _append(out, used, bank, m[i], m[i + 1])
                    continue
            left, right = cells_within(ax, bx, corner[0], cell_m, columns)
            bottom, top = cells_within(ay, by, corner[1], cell_m, rows)
            count = 0
            whole = False
            if left <= right:
                for row in range(bottom, top + 1):
                    for k in range(cell_first[row * columns + left], cell_first[row * columns + right + 1]):
                        t0, t1 = chord(ax, ay, bx, by, length, circle[k, 0], circle[k, 1], circle[k, 2])
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
def _touched(lines: Lines, places: Places, shape: Shape) -> Flags:
    xy, _, first = lines
    cell_first, circle, corner = places
    cell_m, columns, rows = shape
    found = np.zeros(len(first) - 1, np.bool_)
    for bank in range(len(found)):
        for i in range(first[bank], first[bank + 1] - 1):
            ax, ay, ux, uy = xy[i, 0], xy[i, 1], xy[i + 1, 0] - xy[i, 0], xy[i + 1, 1] - xy[i, 1]
            square = ux * ux + uy * uy
            left, right = cells_within(ax, ax + ux, corner[0], cell_m, columns)
            bottom, top = cells_within(ay, ay + uy, corner[1], cell_m, rows)
            if left > right:
                continue
            for row in range(bottom, top + 1):
                for k in range(cell_first[row * columns + left], cell_first[row * columns + right + 1]):
                    vx, vy = circle[k, 0] - ax, circle[k, 1] - ay
                    t = 0.0 if square == 0.0 else min(max((vx * ux + vy * uy) / square, 0.0), 1.0)
                    dx, dy = vx - t * ux, vy - t * uy
                    if dx * dx + dy * dy <= circle[k, 2] * circle[k, 2]:
                        found[bank] = True
                        break
                if found[bank]:
                    break
            if found[bank]:
                break
    return found
