"""The ground of an assessment: the banks with all that is known of each before any station is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from geo.chainage import project
from geo.intervals import Intervals, concat, fit
from geo.measures import MeasureTable, measure
from geo.network import Network, links_of, network_of
from hazards.spill import spilled

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geo.intervals import Flags, Floats
    from hazards.gaps import Standing
    from hazards.parameters import Parameters


@dataclass(frozen=True)
class Ground:
    """Banks with measure, class, small ring, reach of a station on it [m], and the network between them."""

    banks: gpd.GeoDataFrame
    table: MeasureTable
    water_class: NDArray[np.object_]
    small: Flags
    reach_m: Floats
    network: Network

    def within_reach(self, standing: Standing) -> Intervals:
        """Return the stretches within reach of the stations along the water, in any order.

        On its own bank [m − reach, m + reach]; over links what is left of the reach. The one set of a small
        ring serves that ring alone: its length says nothing about how far somebody would run with it.
        """
        direct = Intervals(standing.bank, standing.m - standing.reach_m, standing.m + standing.reach_m)
        far = standing.take(~self.small[standing.bank])
        around = np.where(self.table.ring, self.table.length_m, np.inf)
        beyond = spilled(self.network, around, far.bank, far.m, far.reach_m)
        return fit(concat(direct, beyond), self.table.length_m, self.table.ring)


def ground_of(banks: gpd.GeoDataFrame, classes: pd.DataFrame, parameters: Parameters) -> Ground:
    """Return the ground; `classes` on the index of the waters."""
    table = measure(np.asarray(banks.geometry.array, dtype=object))
    water_class = classes["water_class"].reindex(banks["water_id"]).to_numpy(dtype=object)
    small = table.ring & (table.length_m < parameters.small_ring.perimeter_m)
    reach = pd.Series({name: getattr(parameters.reach_m, name) for name in "ABC"})
    # One set serves the whole of a small ring.
    reach_m = np.where(small, table.length_m, reach.reindex(water_class).to_numpy(np.float64))
    network = network_of(links_of(banks, parameters.crossing_limit_m), table)
    return Ground(banks, table, water_class, small, reach_m, network)


def stand(
    stations: gpd.GeoDataFrame, waters: gpd.GeoDataFrame, banks: gpd.GeoDataFrame, max_distance_m: float
) -> pd.DataFrame:
    """Return `geo.chainage.project` of the stations, each on its own water.

    A station at the mouth of its water stands where that bank was cut away: if it is near the water's whole
    bank and far from what is left of it, it serves the nearest bank of any water.
    """
    place = project(stations, banks, max_distance_m)
    row = waters.index.get_indexer(pd.Index(stations["water_id"].fillna(-1)))
    lost = np.flatnonzero(place["too_far"].to_numpy(bool) & (row >= 0))
    away = np.abs(_to_whole_bank_m(stations.geometry.array[lost], waters.iloc[row[lost]]))
    lost = lost[away <= max_distance_m]
    if len(lost) and len(banks):
        again = project(stations.iloc[lost].drop(columns="water_id"), banks, max_distance_m)
        near = again[~again["too_far"].to_numpy(bool)]
        place.loc[near.index] = near.astype({"too_far": bool})
    return place


def _to_whole_bank_m(points: Any, waters: gpd.GeoDataFrame) -> Floats:  # noqa: ANN401 - a geometry array
    """Return how far each point is from half the width of its line, or from the edge of its polygon [m]."""
    shape = np.asarray(waters.geometry.array, dtype=object)
    solid = shapely.get_dimensions(shape) == 2  # noqa: PLR2004 - a surface
    edge = np.where(solid, shapely.boundary(shape), shape)
    half = waters["width_m"].fillna(0.0).to_numpy(np.float64) / 2.0
    return shapely.distance(np.asarray(points, dtype=object), edge) - np.where(solid, 0.0, half)
