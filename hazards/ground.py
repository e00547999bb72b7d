"""The ground of an assessment: the banks with all that is known of each before any station is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.chainage import NO_WATER, Feet, Lines, feet
from geo.intervals import Intervals, concat, fit
from geo.network import Network, links_of, network_of
from hazards.spill import spilled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.intervals import Flags, Floats
    from geo.measures import MeasureTable
    from geo.tables import Table
    from hazards.gaps import Standing
    from hazards.parameters import Parameters


@dataclass(frozen=True)
class Ground:
    """Banks with measure, class, small ring, reach of a station on it [m], and the network between them."""

    banks: Table
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


def ground_of(banks: Table, table: MeasureTable, classes: Table, parameters: Parameters) -> Ground:
    """Return the ground; `table` measures the banks, `classes` are those of the waters."""
    water_class = classes["water_class"][classes.rows_of(banks["water_id"])]
    small = table.ring & (table.length_m < parameters.small_ring.perimeter_m)
    reach_m = table.length_m.copy()  # one set serves the whole of a small ring
    for name in "ABC":
        reach_m[~small & (water_class == name)] = getattr(parameters.reach_m, name)
    network = network_of(links_of(banks, parameters.crossing_limit_m), table)
    return Ground(banks, table, water_class, small, reach_m, network)


def stand(stations: Table, waters: Table, banks: Table, max_distance_m: float) -> Feet:
    """Return `geo.chainage.feet` of the stations, each on its own water.

    A station at the mouth of its water stands where that bank was cut away: if it is near the water's whole
    bank and far from what is left of it, it serves the nearest bank of any water.
    """
    points, water, lines = stations.shapes, stations["water_id"], Lines.of(banks)
    foot = feet(points, water, lines)
    row = waters.rows_of(water)
    lost = np.flatnonzero(foot.too_far(max_distance_m) & (water != NO_WATER) & (row >= 0))
    if not len(lost):
        return foot
    away = np.abs(_to_whole_bank_m(points[lost], waters.take(row[lost])))
    lost = lost[away <= max_distance_m]
    again = feet(points[lost], np.full(len(lost), NO_WATER), lines)
    near = ~again.too_far(max_distance_m)
    for mine, new in zip((foot.bank, foot.m, foot.distance_m), (again.bank, again.m, again.distance_m),
                         strict=True):  # fmt: skip
        mine[lost[near]] = new[near]
    return foot


def _to_whole_bank_m(points: NDArray[np.object_], waters: Table) -> Floats:
    """Return how far each point is from half the width of its line, or from the edge of its polygon [m]."""
    shape = waters.shapes
    solid = shapely.get_dimensions(shape) == 2  # noqa: PLR2004 - a surface
    edge = np.where(solid, shapely.boundary(shape), shape)
    half = np.nan_to_num(waters["width_m"]) / 2.0
    return shapely.distance(points, edge) - np.where(solid, 0.0, half)
