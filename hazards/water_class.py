"""Water classes: A key, B general, C remote (domain.md §4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from geo.measures import measure
from hazards import sweep

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.intervals import Flags, Floats
    from geo.measures import MeasureTable
    from hazards.parameters import ClassDistances


def water_classes(
    waters: gpd.GeoDataFrame,
    banks: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    limits: ClassDistances,
    settled: Flags | None = None,
) -> pd.DataFrame:
    """Return `water_class` and `why` on the index of `waters`.

    An override wins. Else A if a school or settlement lies within its distance of a bank (distance_m <=
    limit) or a child drowned there before; else B if a home does; else C. `settled` says of each bank whether
    homes do as others may know of it, None: exactly. `why` is `override`, `incident`,
    `school`, `village`, `home` or `remote`.
    """
    table = measure(np.asarray(banks.geometry.array, dtype=object))
    kinds = places["kind"].to_numpy(dtype=object)
    xy = shapely.get_coordinates(np.asarray(places.geometry.array, dtype=object))
    row = waters.index.get_indexer(pd.Index(banks["water_id"]))
    near = {}
    for kind in ("school", "village", "home"):
        near[kind] = np.zeros(len(waters), np.bool_)
        told = kind == "home" and settled is not None
        banked = settled if told else _near(table, xy[kinds == kind], getattr(limits, kind))
        near[kind][row[banked]] = True
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


def _near(table: MeasureTable, xy: Floats, limit_m: float) -> Flags:
    """Return the banks within `limit_m` of a place."""
    if not len(xy) or not len(table.first) - 1:
        return np.zeros(len(table.first) - 1, np.bool_)
    return sweep.touched(table, sweep.grid_of(xy, np.full(len(xy), limit_m)))
