"""What stretches of bank weigh, compiled: Σ over circles of the metres inside × the weight of the place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo.compiling import compiled
from hazards.chords import cells_within, chord

if TYPE_CHECKING:
    from geo.intervals import Floats
    from hazards.chords import Lines, Places, Shape, Stretches

    Span = tuple[int, int, float, float]
    Box = tuple[float, float, float, float]

CHUNKS_A_CELL = 4.0
"""Neighbouring segments are weighed together up to this part of a cell."""


@compiled
def _at(lines: Lines, i: int, m: float) -> tuple[float, float]:
    """Return the place with measure m on the segment behind vertex i."""
    xy, measure_m, _ = lines
    length = measure_m[i + 1] - measure_m[i]
    t = 0.0 if length <= 0.0 else min(max((m - measure_m[i]) / length, 0.0), 1.0)
    return xy[i, 0] + t * (xy[i + 1, 0] - xy[i, 0]), xy[i, 1] + t * (xy[i + 1, 1] - xy[i, 1])


@compiled
def weigh(lines: Lines, parts: Stretches, places: Places, weight: Floats, shape: Shape) -> Floats:
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
    left, right = cells_within(box[0], box[2], corner[0], cell_m, columns)
    bottom, top = cells_within(box[1], box[3], corner[1], cell_m, rows)
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
                t0, t1 = chord(
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
