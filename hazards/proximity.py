"""Which places lie near which water, and how near."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geo.crs import require_metric

if TYPE_CHECKING:
    import geopandas as gpd

PLACES_A_ROUND = 4096


def proximity(places: gpd.GeoDataFrame, waters: gpd.GeoDataFrame, limit_m: float) -> pd.DataFrame:
    """Return every pair with distance_m <= `limit_m`: `place`, `water_id` (index values), `distance_m` [m].

    The distance is that to the water's geometry: nothing inside a pond's outline, to the line of a river.
    Give banks, indexed by their water, to measure to the bank; of a water's several banks the nearest counts.
    """
    require_metric(places, "places")
    require_metric(waters, "waters")
    points = np.asarray(places.geometry.array, dtype=object)
    shapes = np.asarray(waters.geometry.array, dtype=object)
    tree = shapely.STRtree(shapes)
    rounds = []
    for low in range(0, max(len(points), 1), PLACES_A_ROUND):
        place, water = tree.query(points[low : low + PLACES_A_ROUND], predicate="dwithin", distance=limit_m)
        place = place + low
        rounds.append(
            pd.DataFrame(
                {
                    "place": places.index.to_numpy()[place],
                    "water_id": waters.index.to_numpy()[water],
                    "distance_m": shapely.distance(points[place], shapes[water]),
                }
            )
        )
    pairs = pd.concat(rounds, ignore_index=True)
    nearest = pairs.sort_values(["place", "water_id", "distance_m"], kind="stable")
    return nearest.drop_duplicates(["place", "water_id"]).reset_index(drop=True)
