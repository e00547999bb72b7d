"""Which places lie near which water, and how near."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.crs import require_metric

if TYPE_CHECKING:
    from geo.tables import Column, Table

PLACES_A_ROUND = 4096


def proximity(places: Table, waters: Table, limit_m: float) -> dict[str, Column]:
    """Return every pair with distance_m <= `limit_m`: `place`, `water_id` (ids), `distance_m` [m].

    The pairs are sorted by place and water.

    The distance is that to the water's geometry: nothing inside a pond's outline, to the line of a river.
    Give banks under the ids of their waters to measure to the bank; of a water's several banks the nearest
    counts.
    """
    require_metric(places, "places")
    require_metric(waters, "waters")
    tree = shapely.STRtree(waters.shapes)
    found = []
    for low in range(0, max(len(places), 1), PLACES_A_ROUND):
        place, water = tree.query(
            places.shapes[low : low + PLACES_A_ROUND], predicate="dwithin", distance=limit_m
        )
        found.append((place + low, water))
    place, water = (np.concatenate(parts) for parts in zip(*found, strict=True))
    distance_m = shapely.distance(places.shapes[place], waters.shapes[water])
    place, water = places.ids[place], waters.ids[water]
    order = np.lexsort((distance_m, water, place))
    place, water, distance_m = place[order], water[order], distance_m[order]
    first = np.ones(len(order), np.bool_)
    first[1:] = (place[1:] != place[:-1]) | (water[1:] != water[:-1])
    return {"place": place[first], "water_id": water[first], "distance_m": distance_m[first]}
