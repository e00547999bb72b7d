"""Which invented places would lie in water; and shapes that cross themselves made sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Shapes = NDArray[np.object_]


def points(places: Floats) -> Shapes:
    """Return a point for each row of `places` (n × 2)."""
    return np.asarray(shapely.points(places), dtype=object)


def wet(places: Floats, shapes: Shapes, within_m: Floats | float) -> NDArray[np.bool_]:
    """Return which `places` (n × 2) lie within `within_m` of a shape (one distance, or one a shape)."""
    mask = np.zeros(len(places), dtype=bool)
    if len(places) and len(shapes):
        tree = shapely.STRtree(points(places))
        _, found = tree.query(shapes, predicate="dwithin", distance=within_m)
        mask[found] = True
    return mask


def valid(shapes: Shapes) -> Shapes:
    """Return `shapes` with only the invalid ones repaired: repair costs more than the check."""
    sound = shapes.copy()
    broken = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    sound[broken] = shapely.make_valid(shapes[broken])
    return sound
