"""The three layers of protection as stretches of bank: 物防 equipment, 技防 cameras, 人防 patrols."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.intervals import Intervals, concat, difference, expand, intersection, totals, union
from geo.measures import segment_boxes, some_lines
from hazards.coverage import along
from hazards.exposure import chord

if TYPE_CHECKING:
    import datetime as dt

    from geo.intervals import Flags, Floats, Ints
    from geo.measures import MeasureTable
    from geo.tables import Table
    from hazards.protection_rules import Closes, PatrolRule

NAMES = ("physical", "technical", "personal")
PATROL_STEP_M = 15.0
"""A track is followed along the banks in steps no longer than this."""
BEIJING = np.timedelta64(8, "h")
"""The one clock of the country: the day of a patrol is the day there."""
HALF_CIRCLE_DEG = 180.0
FULL_CIRCLE_DEG = 360.0


@dataclass(frozen=True, kw_only=True)
class Layers:
    """Disjoint sorted stretches of each layer, and which of them close a gap."""

    physical: Intervals
    technical: Intervals
    personal: Intervals
    closes: Closes

    def each(self) -> tuple[Intervals, Intervals, Intervals]:
        """Return the layers in the order of `NAMES`."""
        return self.physical, self.technical, self.personal

    def closing(self) -> Intervals:
        """Return the union of the layers that close a gap."""
        chosen = [layer for name, layer in zip(NAMES, self.each(), strict=True) if getattr(self.closes, name)]
        return union(concat(*chosen))

    def metres(self, exposed: Intervals, banks: int) -> dict[str, Floats]:
        """Return of the exposed metres of each bank those of each layer, and those of no other layer."""
        found: dict[str, Floats] = {}
        for name, layer in zip(NAMES, self.each(), strict=True):
            found[f"{name}_m"] = totals(intersection(exposed, layer), banks)
        for name, layer in zip(NAMES, self.each(), strict=True):
            others = union(concat(*(other for other in self.each() if other is not layer)))
            alone = difference(layer, others)
            found[f"{name}_only_m"] = totals(intersection(exposed, alone), banks)
        return found


def seen_by_cameras(table: MeasureTable, cameras: Table) -> Intervals:
    """Return the stretches inside the sector of a camera in good state: within reach and inside its view.

    The sector is centred on `bearing_deg`, clockwise from grid north, and `view_deg` wide; its edges belong
    to it. Exact: chord of the circle and of the two half-planes (of the rest of the circle where the view is
    wider than half of it). What stands between camera and bank is not known and not asked.
    """
    good = cameras.take(cameras["state"] == "good")
    centre = shapely.get_coordinates(good.shapes)
    # Cameras are few: only the banks near one are looked at.
    near = _near_circles(table, centre, good["reach_m"])
    seen = _seen(some_lines(table, near), good, centre)
    return Intervals(near[seen.group], seen.start, seen.stop)


def _near_circles(table: MeasureTable, centre: Floats, radius_m: Floats) -> Ints:
    """Return the lines whose box comes near the box of a circle, in order."""
    if not len(table.xy):
        return np.empty(0, np.int64)
    low, high = (edge.reduceat(table.xy, table.first[:-1]) for edge in (np.minimum, np.maximum))
    found = np.zeros(len(low), np.bool_)
    for xy, radius in zip(centre, radius_m, strict=True):
        found |= ((low <= xy + radius) & (high >= xy - radius)).all(axis=1)
    return np.flatnonzero(found)


def _seen(table: MeasureTable, good: Table, centre: Floats) -> Intervals:
    """Return the stretches of a table inside the sectors of cameras in good state."""
    boxes, first, beyond = segment_boxes(table)
    radius = good["reach_m"]
    if not len(boxes) or not len(good):
        return Intervals(np.empty(0, np.int64), np.empty(0), np.empty(0))
    around = shapely.box(*(centre - radius[:, None]).T, *(centre + radius[:, None]).T)
    camera, box = shapely.STRtree(boxes).query(around)
    pair, segment = expand(first[box], beyond[box])
    camera, vertex = camera[pair], table.segment_start[segment]
    start, stop = chord(table, vertex, centre[camera], radius[camera])
    real = stop > start
    camera, vertex, start, stop = camera[real], vertex[real], start[real], stop[real]
    view, bearing = good["view_deg"][camera], good["bearing_deg"][camera]
    bank = table.line_of_vertex[vertex]
    sight = _Sight(table, vertex, centre[camera], start, stop)
    narrow = view <= HALF_CIRCLE_DEG
    inner = sight.within(bearing, view)
    # A view wider than half the circle leaves a blind sector that is narrower.
    behind = sight.within(bearing + HALF_CIRCLE_DEG, FULL_CIRCLE_DEG - view)
    blind_from, blind_to = (np.where(view >= FULL_CIRCLE_DEG, stop, edge) for edge in behind)
    low = (np.where(narrow, inner[0], start), np.where(narrow, stop, np.maximum(blind_to, start)))
    high = (np.where(narrow, inner[1], np.minimum(blind_from, stop)), stop)
    parts = [Intervals(bank, low[k], high[k]) for k in range(2)]
    return union(concat(*(part.take(part.stop > part.start) for part in parts)))


@dataclass(frozen=True)
class _Sight:
    """Stretches of segments, each with a camera."""

    table: MeasureTable
    vertex: Ints
    camera: Floats
    start: Floats
    stop: Floats

    def within(self, bearing_deg: Floats, view_deg: Floats) -> tuple[Floats, Floats]:
        """Return the part of each stretch inside a sector up to half a circle wide; [stop, stop] if none."""
        low, high = self.start, self.stop
        for edge, sign in ((-view_deg / 2.0, -1.0), (view_deg / 2.0, 1.0)):
            angle = np.radians(bearing_deg + edge)
            ray = np.column_stack([np.sin(angle), np.cos(angle)])
            low, high = self._half_plane(ray, sign, low, high)
        none = high <= low
        return np.where(none, self.stop, low), np.where(none, self.stop, high)

    def _half_plane(self, ray: Floats, sign: float, low: Floats, high: Floats) -> tuple[Floats, Floats]:
        """Keep where sign · (ray × (place − camera)) >= 0, which is linear along the segment."""
        from_m, to_m = self.table.m[self.vertex], self.table.m[self.vertex + 1]
        a, b = self.table.xy[self.vertex], self.table.xy[self.vertex + 1]
        at_a, at_b = sign * _cross(ray, a - self.camera), sign * _cross(ray, b - self.camera)
        change = at_b - at_a
        turn = np.divide(-at_a, change, out=np.zeros_like(change), where=change != 0.0)
        turn_m = from_m + turn * (to_m - from_m)
        flat_out = (change == 0.0) & (at_a < 0.0)
        low = np.where(change > 0.0, np.maximum(low, turn_m), low)
        high = np.where(change < 0.0, np.minimum(high, turn_m), high)
        return low, np.where(flat_out, low, high)


def _cross(one: Floats, other: Floats) -> Floats:
    crossed: Floats = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
    return crossed


def walked(table: MeasureTable, banks: Table, patrols: Table, snap_m: float) -> Intervals:
    """Return the stretches really walked: where the track runs along a bank, no further than `snap_m` away.

    A track serves its `water_id`, or whichever banks are nearest where it names none.
    """
    return union(along(table, banks, patrols, snap_m, PATROL_STEP_M))


def counted(patrols: Table, rule: PatrolRule, as_of: dt.date) -> Flags:
    """Return which patrols count: long enough in time and metres, and not older than the rule's days.

    It counts on the day it ended (Beijing time) and `valid_days` days after; not before it was walked.
    `started_at` and `ended_at` are UTC.
    """
    started, ended = (patrols[name].astype("datetime64[us]") for name in ("started_at", "ended_at"))
    minutes = (ended - started) / np.timedelta64(1, "m")
    age = (np.datetime64(as_of, "D") - (ended + BEIJING).astype("datetime64[D]")).astype(np.int64)
    long_enough = (minutes >= rule.min_minutes) & (patrols["walked_m"] >= rule.min_walked_m)
    flags: Flags = long_enough & (age >= 0) & (age <= rule.valid_days)
    return flags
