"""Chords of circles and the cells of a grid from which a circle can reach: what every compiled loop asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo.compiling import compiled

if TYPE_CHECKING:
    from geo.intervals import Floats, Ints

    Lines = tuple[Floats, Floats, Ints]
    Places = tuple[Ints, Floats, Floats]
    Shape = tuple[float, int, int]
    Stretches = tuple[Ints, Floats, Floats]


@compiled
def chord(  # noqa: PLR0913, PLR0917 - numbers, for the compiler
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
def cells_within(a: float, b: float, corner: float, cell_m: float, count: int) -> tuple[int, int]:
    """Return the columns (or rows) from which a circle can reach the span from a to b."""
    low = int(np.floor((min(a, b) - corner) / cell_m)) - 1
    high = int(np.floor((max(a, b) - corner) / cell_m)) + 1
    return max(low, 0), min(high, count - 1)
