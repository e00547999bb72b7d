"""Water classes: A key, B general, C remote (domain.md §4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geo.intervals import Flags, Floats
    from hazards.parameters import ClassDistances


def water_classes(
    waters: gpd.GeoDataFrame, banks: gpd.GeoDataFrame, places: gpd.GeoDataFrame, limits: ClassDistances
) -> pd.DataFrame:
    """Return `water_class` and `why` on the index of `waters`.

    An override wins. Else A if a school or settlement lies within its distance of a bank (distance_m <=
    limit) or a child drowned there before; else B if a home does; else C. `why` is `override`, `incident`,
    `school`, `village`, `home` or `remote`.
    """
    near = {
        kind: _near(waters, banks, places[(places["kind"] == kind).to_numpy()], getattr(limits, kind))
        for kind in ("school", "village", "home")
    }
    override = waters["class_override"].to_numpy(dtype=object)
    reasons: list[tuple[Flags, str, Any]] = [
        (~pd.isna(override), "override", override),
        (waters["incidents"].to_numpy() > 0, "incident", "A"),
        (near["school"], "school", "A"),
        (near["village"], "village", "A"),
        (near["home"], "home", "B"),
    ]
    holds = [flag for flag, _, _ in reasons]
    return pd.DataFrame(
        {
            "water_class": np.select(holds, [grade for _, _, grade in reasons], "C").astype(object),
            "why": np.select(holds, [why for _, why, _ in reasons], "remote"),
        },
        index=waters.index,
    )


def _near(
    waters: gpd.GeoDataFrame, banks: gpd.GeoDataFrame, places: gpd.GeoDataFrame, limit_m: float
) -> Flags:
    found = np.zeros(len(waters), np.bool_)
    if len(places) and len(banks):
        lines = np.asarray(banks.geometry.array, dtype=object)
        close = nearest_m(lines, np.asarray(places.geometry.array, dtype=object), limit_m) <= limit_m
        found[waters.index.get_indexer(pd.Index(banks["water_id"].to_numpy()[close]))] = True
    return found


def nearest_m(lines: NDArray[np.object_], points: NDArray[np.object_], limit_m: float) -> Floats:
    """Return the distance [m] from each line to its nearest point, infinite well beyond `limit_m`."""
    distance = np.full(len(lines), np.inf)
    # A hair wider, so that the limit itself is searched; the caller compares.
    (line, _), found = shapely.STRtree(points).query_nearest(
        lines, max_distance=limit_m * 1.001 + 0.001, return_distance=True, all_matches=False
    )
    distance[line] = found
    return distance
