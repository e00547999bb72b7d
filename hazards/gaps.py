"""Gaps: bank that is exposed and not covered, each with its place, its reason and its weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.chainage import nearest_of_pairs
from geo.intervals import Intervals, difference, expand, join_over_start, overlaps, split_over_start
from geo.measures import substrings
from geo.tables import Column, Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geo.intervals import Flags, Floats, Ints
    from geo.measures import MeasureTable
    from hazards.ground import Ground

    Parts = dict[str, Floats]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where stations stand, as arrays of one length; `bank` is a position, `point` the station itself."""

    bank: Ints
    m: Floats
    reach_m: Floats
    status: NDArray[np.object_]
    point: NDArray[np.object_]

    def take(self, chosen: Flags | Ints) -> Standing:
        """Return the chosen ones."""
        return Standing(
            bank=self.bank[chosen],
            m=self.m[chosen],
            reach_m=self.reach_m[chosen],
            status=self.status[chosen],
            point=self.point[chosen],
        )


def gap_intervals(exposed: Intervals, covered: Intervals, table: MeasureTable, min_gap_m: float) -> Intervals:
    """Return exposed − covered; a gap over the start of a ring is one and ends above the ring's length.

    A gap is listed if length_m >= `min_gap_m`.
    """
    gaps = join_over_start(difference(exposed, covered), table.length_m, table.ring)
    return gaps.take(gaps.length_m >= min_gap_m)


def gap_table(gaps: Intervals, banks: Table, water_class: NDArray[np.object_], table: MeasureTable) -> Table:
    """Return where each gap is: bank, water, side, from, to, length, class and shape; ids 0 … n-1."""
    return Table(
        ids=np.arange(len(gaps)),
        columns={
            "bank": banks.ids[gaps.group],
            "water_id": banks["water_id"][gaps.group],
            "side": banks["side"][gaps.group],
            "from_m": gaps.start,
            "to_m": gaps.stop,
            "length_m": gaps.length_m,
            "water_class": water_class[gaps.group],
        },
        shapes=_shapes(gaps, banks, table),
        crs=banks.crs,
    )


def _shapes(gaps: Intervals, banks: Table, table: MeasureTable) -> NDArray[np.object_]:
    """Return the line of each gap: many are a whole bank, whose line is there already."""
    lines = banks.shapes[gaps.group]
    cut = (gaps.start > 0.0) | (gaps.stop < table.length_m[gaps.group])
    lines[cut] = substrings(table, gaps.group[cut], gaps.start[cut], gaps.stop[cut])
    return lines


def weights(gaps: Intervals, weigh: Callable[[Intervals], dict[str, Floats]], table: MeasureTable) -> Parts:
    """Return each part of the weight of each gap; one over the start of a ring is weighed in two."""
    parts, owner = split_over_start(gaps, table.length_m)
    return {
        name: np.bincount(owner, weights=part, minlength=len(gaps)).astype(np.float64)
        for name, part in weigh(parts).items()
    }


def reasons(gaps: Intervals, standing: Standing, ground: Ground) -> NDArray[np.object_]:
    """Return why each gap is open: what the first of these that holds would cover within its reach.

    A station along the water that is `incomplete`; one that is `expired`; a valid station of the same water's
    `other_bank`, as if it stood across; else `no_station`.
    """
    across = _across(standing.take(standing.status == "valid"), ground.banks)
    chosen = [
        (_touched(gaps, standing.take(standing.status == "incomplete"), ground), "incomplete"),
        (_touched(gaps, standing.take(standing.status == "expired"), ground), "expired"),
        (_touched(gaps, across, ground), "other_bank"),
    ]
    flags = [flag for flag, _ in chosen]
    return np.select(flags, [reason for _, reason in chosen], "no_station").astype(object)


def _touched(gaps: Intervals, standing: Standing, ground: Ground) -> Flags:
    parts, owner = split_over_start(gaps, ground.table.length_m)
    _, part, _ = overlaps(ground.within_reach(standing), parts)
    touched = np.zeros(len(gaps), np.bool_)
    touched[owner[part]] = True
    return touched


def _across(standing: Standing, banks: Table) -> Standing:
    """Return the stations of left and right banks set over to the opposite bank of their water."""
    side, water = banks["side"], banks["water_id"]
    sided = (side == "left") | (side == "right")
    # One whole number for (water, side): 2·water, + 1 on the right.
    mine = np.where(sided, 2 * water + (side == "right"), -1)
    order = np.argsort(mine, kind="stable")
    station = np.flatnonzero(sided[standing.bank])
    opposite = mine[standing.bank[station]] ^ 1
    low = np.searchsorted(mine[order], opposite, side="left")
    high = np.searchsorted(mine[order], opposite, side="right")
    pair, at = expand(low.astype(np.int64), high.astype(np.int64))
    lines = banks.shapes
    who, bank, _ = nearest_of_pairs(standing.point, lines, station[pair], order[at])
    moved = standing.take(who)
    m = np.asarray(shapely.line_locate_point(lines[bank], moved.point), dtype=np.float64)
    return Standing(bank=bank, m=m, reach_m=moved.reach_m, status=moved.status, point=moved.point)


def nearest_village(gaps: Table, places: Table) -> dict[str, Column]:
    """Return `nearest_place` (id) and `nearest_distance_m` of each gap; empty without a village.

    Only villages are named: a gap's row is read by bureaus that must not learn where a child lives.
    """
    at = np.flatnonzero(places["kind"] == "village")
    at = at[np.argsort(places.ids[at], kind="stable")]
    nearest = np.full(len(gaps), None, dtype=object)
    distance_m = np.full(len(gaps), np.nan)
    if len(at) and len(gaps):
        tree = shapely.STRtree(places.shapes[at])
        (gap, village), distance = tree.query_nearest(gaps.shapes, return_distance=True)
        order = np.lexsort((village, gap))
        first = order[np.append(True, gap[order][1:] != gap[order][:-1])]
        nearest[gap[first]] = places.ids[at[village[first]]]
        distance_m[gap[first]] = distance[first]
    return {"nearest_place": nearest, "nearest_distance_m": distance_m}
