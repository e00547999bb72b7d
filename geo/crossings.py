"""Where lines cross: segments in a uniform grid, each pair that shares a cell tested once, compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo.compiling import compiled

if TYPE_CHECKING:
    from geo.intervals import Floats, Ints
    from geo.measures import MeasureTable

    Cells = tuple[Ints, Ints, "Frame"]
    Frame = tuple[float, float, float, int, int]

LENGTHS_A_CELL = 4.0
"""A cell is as wide as this many mean segments: few segments a cell, few cells a segment."""
MOST_CELLS = 2048
"""Columns and rows of the grid at most."""
MARGIN_M = 1e-6


def binned(table: MeasureTable) -> Cells:
    """Return the segments of each cell that their boxes touch: offsets, vertices before them, the grid."""
    vertex = table.segment_start
    corner, other = table.xy.min(axis=0), table.xy.max(axis=0)
    mean = float((table.m[vertex + 1] - table.m[vertex]).mean())
    cell_m = max(LENGTHS_A_CELL * mean, float((other - corner).max()) / MOST_CELLS)
    columns, rows = (int(count) + 1 for count in (other - corner) // cell_m)
    frame = (float(corner[0]), float(corner[1]), cell_m, columns, rows)
    first, held = _binned(table.xy, vertex, frame)
    return first, held, frame


@compiled
def _span(a: float, b: float, corner: float, cell_m: float, count: int) -> tuple[int, int]:
    """Return the columns (or rows) of a span and of a hair around it: rounding moves no crossing out."""
    low = int((min(a, b) - MARGIN_M - corner) // cell_m)
    high = int((max(a, b) + MARGIN_M - corner) // cell_m)
    return min(max(low, 0), count - 1), max(min(high, count - 1), 0)


@compiled
def _cell(x: float, corner: float, cell_m: float, count: int) -> int:
    return min(max(int((x - corner) // cell_m), 0), count - 1)


@compiled
def _binned(xy: Floats, vertex: Ints, frame: Frame) -> tuple[Ints, Ints]:
    x, y, cell_m, columns, rows = frame
    first = np.zeros(columns * rows + 1, np.int64)
    for i in vertex:
        left, right = _span(xy[i, 0], xy[i + 1, 0], x, cell_m, columns)
        bottom, top = _span(xy[i, 1], xy[i + 1, 1], y, cell_m, rows)
        for row in range(bottom, top + 1):
            for column in range(left, right + 1):
                first[row * columns + column + 1] += 1
    first = np.cumsum(first)
    used = first[:-1].copy()
    held = np.empty(first[-1], np.int64)
    for i in vertex:
        left, right = _span(xy[i, 0], xy[i + 1, 0], x, cell_m, columns)
        bottom, top = _span(xy[i, 1], xy[i + 1, 1], y, cell_m, rows)
        for row in range(bottom, top + 1):
            for column in range(left, right + 1):
                cell = row * columns + column
                held[used[cell]] = i
                used[cell] += 1
    return first, held


@compiled
def crossed(
    cells: Cells, lines: tuple[Floats, Floats], of: tuple[Ints, Ints, Ints]
) -> tuple[Ints, Floats, Ints, Floats]:
    """Return the vertex before and the measure of both lines at every crossing of different lines.

    Lines of one water (`of`: line of each vertex, water and side of each line) cross only on one side.
    """
    first, held, frame = cells
    xy, m = lines
    line, water, side = of
    x, y, cell_m, columns, rows = frame
    at, measures = np.empty((16, 2), np.int64), np.empty((16, 2))
    used = 0
    for cell in range(len(first) - 1):
        for one in range(first[cell], first[cell + 1]):
            i = held[one]
            ux, uy = xy[i + 1, 0] - xy[i, 0], xy[i + 1, 1] - xy[i, 1]
            for two in range(one + 1, first[cell + 1]):
                j = held[two]
                a, b = line[i], line[j]
                if a == b or (water[a] == water[b] and side[a] != side[b]):
                    continue
                vx, vy = xy[j + 1, 0] - xy[j, 0], xy[j + 1, 1] - xy[j, 1]
                turn = ux * vy - uy * vx
                if turn == 0.0:
                    continue
                wx, wy = xy[j, 0] - xy[i, 0], xy[j, 1] - xy[i, 1]
                t, s = (wx * vy - wy * vx) / turn, (wx * uy - wy * ux) / turn
                if t < 0.0 or t > 1.0 or s < 0.0 or s > 1.0:
                    continue
                # Found in every cell that both touch: it counts in the cell that holds it.
                column = _cell(xy[i, 0] + t * ux, x, cell_m, columns)
                row = _cell(xy[i, 1] + t * uy, y, cell_m, rows)
                if row * columns + column != cell:
                    continue
                if used == len(at):
                    at = np.concatenate((at, np.empty((used, 2), np.int64)))
                    measures = np.concatenate((measures, np.empty((used, 2))))
                at[used, 0], at[used, 1] = i, j
                measures[used, 0] = m[i] + t * (m[i + 1] - m[i])
                measures[used, 1] = m[j] + s * (m[j + 1] - m[j])
                used += 1
    return at[:used, 0].copy(), measures[:used, 0].copy(), at[:used, 1].copy(), measures[:used, 1].copy()
