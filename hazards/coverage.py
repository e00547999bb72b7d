"""Covered bank beside the reach of stations: what lies behind a barrier or under a cover."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.chainage import Lines, feet
from geo.intervals import Intervals, concat, empty, fit, union

if TYPE_CHECKING:
    from geo.intervals import Flags
    from geo.measures import MeasureTable
    from geo.tables import Table

BARRIER_STEP_M = 5.0
"""A barrier is followed along its bank in steps no longer than this."""


def behind_barriers(table: MeasureTable, banks: Table, barriers: Table, snap_m: float) -> Intervals:
    """Return the stretches of bank that barriers run along, no further than `snap_m` from them."""
    return along(table, banks, barriers, snap_m, BARRIER_STEP_M)


def along(table: MeasureTable, banks: Table, lines: Table, snap_m: float, step_m: float) -> Intervals:
    """Return the stretches of bank that lines run along, no further than `snap_m` from them, in any order.

    The line is walked in steps no longer than `step_m`; the bank between the feet of two neighbouring steps
    (on a ring the shorter way) is along it. A line looks at the banks of its `water_id`, if it has one.
    """
    if not len(lines) or not len(banks):
        return empty()
    fine = shapely.segmentize(lines.shapes, step_m)
    xy, line = shapely.get_coordinates(fine, return_index=True)
    steps = np.asarray(shapely.points(xy), dtype=object)
    foot = feet(steps, lines["water_id"][line], Lines.of(banks))
    near, bank, m = ~foot.too_far(snap_m), foot.bank, foot.m
    pair = near[1:] & near[:-1] & (bank[1:] == bank[:-1]) & (line[1:] == line[:-1])
    low, high = np.minimum(m[1:], m[:-1])[pair], np.maximum(m[1:], m[:-1])[pair]
    bank = bank[1:][pair]
    length = table.length_m[bank]
    over = table.ring[bank] & (high - low > length / 2.0)
    low, high = np.where(over, high, low), np.where(over, low + length, high)
    # A cut across a bend does not run along the bank: the foot may not run much further than the step.
    honest = high - low <= step_m + 2.0 * snap_m
    return fit(Intervals(bank[honest], low[honest], high[honest]), table.length_m, table.ring)


def whole(table: MeasureTable, chosen: Flags) -> Intervals:
    """Return the chosen banks from end to end."""
    bank = np.flatnonzero(chosen)
    return Intervals(bank, np.zeros(len(bank)), table.length_m[bank])


def covered(*layers: Intervals) -> Intervals:
    """Return the union of all layers of protection."""
    return union(concat(*layers))
