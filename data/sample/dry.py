"""Which invented places would lie in water."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def wet(places: Floats, shapes: NDArray[np.object_], within_m: Floats | float) -> NDArray[np.bool_]:
    """Return which `places` (n × 2) lie within `within_m` of one of `shapes` (one distance, or one a shape)."""
    mask = np.zeros(len(places), dtype=bool)
    if len(places) and len(shapes):
        tree = shapely.STRtree(shapely.points(places))
        _, found = tree.query(shapes, predicate="dwithin", distance=within_m)
        mask[found] = True
    return mask
