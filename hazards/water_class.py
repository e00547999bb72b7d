"""Water classes: A key, B general, C remote (domain.md §4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geo.measures import measure
from hazards import sweep

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.intervals import Flags
    from geo.measures import MeasureTable
    from hazards.parameters import ClassDistances


def water_classes(
    waters: gpd.GeoDataFrame, banks: gpd.GeoDataFrame, places: gpd.GeoDataFrame, limits: ClassDistances
) -> pd.DataFrame:
    """Return `water_class` and `why` on the index of `waters`.

    An override wins. Else A if a school or settlement lies within its distance of a bank (distance_m <=
    limit) or a child drowned there before; else B if a home does; else C. `why` is `override`, `incident`,
    `school`, `village`, `home` or `remote`.
    """
    table = measure(np.asarray(banks.geometry.array, dtype=object))
    near = {
        kind: _near(waters, banks, table, places[(places["kind"] == kind).to_numpy()], getattr(limits, kind))
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
    waters: gpd.GeoDataFrame,
    banks: gpd.GeoDataFrame,
    table: MeasureTable,
    places: gpd.GeoDataFrame,
    limit_m: float,
) -> Flags:
    found = np.zeros(len(waters), np.bool_)
    if len(places) and len(banks):
        points = np.column_stack([places.geometry.x, places.geometry.y]).astype(np.float64)
        close = sweep.touched(table, sweep.grid_of(points, np.full(len(points), limit_m)))
        found[waters.index.get_indexer(pd.Index(banks["water_id"].to_numpy()[close]))] = True
    return found
