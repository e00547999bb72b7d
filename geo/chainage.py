"""Chainage 桩号: places on a bank by metres from its start, and the way back to shapes."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import CrsError, require_metric
from geo.intervals import expand
from geo.measures import measure, substrings
from geo.tables import MISSING, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.intervals import Flags, Floats, Intervals, Ints

PATTERN = re.compile(r"^K(\d+)\+(\d{3}(?:\.\d+)?)$", re.IGNORECASE)


class ChainageError(ValueError):
    """A text is no chainage, or a number cannot be written as one."""


def format_chainage(m: float) -> str:
    """Return 桩号 of a measure [m] to the metre: 120.4 → K0+120."""
    if not np.isfinite(m) or m < 0.0:
        raise ChainageError(f"A chainage is a finite number of metres from the start, found {m}.")
    whole = int(np.floor(m + 0.5))
    return f"K{whole // 1000}+{whole % 1000:03d}"


def parse_chainage(text: str) -> float:
    """Return the measure [m] of a 桩号 such as K0+120, k12+045.5 or its full-width form."""
    found = PATTERN.match(unicodedata.normalize("NFKC", text).replace(" ", ""))
    if found is None:
        raise ChainageError(f"{text!r} is no chainage: expected K<km>+<three digits>, such as K0+120.")
    return int(found[1]) * 1000.0 + float(found[2])


def project(points: gpd.GeoDataFrame, banks: gpd.GeoDataFrame, max_distance_m: float) -> pd.DataFrame:
    """Return where each point stands on its nearest bank; the index is that of `points`.

    A point with a `water_id` looks at the banks of that water alone, any other at all banks; where two banks
    are equally near, the first is taken. Columns: `bank` (Int64, empty where the water has no bank), `side`,
    `m` [m] along the bank (0 ≤ m < length on a ring), `distance_m`, `too_far` (distance_m > max_distance_m
    or there is no bank).
    """
    require_metric(points, "points")
    require_metric(banks, "banks")
    if points.crs != banks.crs:
        raise CrsError("points and banks are in different coordinate systems; bring both to one.")
    foot = feet(
        np.asarray(points.geometry.array, dtype=object),
        water_ids(points["water_id"]) if "water_id" in points.columns else np.full(len(points), NO_WATER),
        Lines.of(Table.of(banks)),
    )
    on = np.flatnonzero(foot.bank >= 0)
    bank = foot.bank[on]
    found = pd.DataFrame(
        {
            "bank": pd.array(banks.index.to_numpy()[bank], dtype="Int64"),
            "side": banks["side"].to_numpy()[bank],
            "m": foot.m[on],
            "distance_m": foot.distance_m[on],
        },
        index=points.index[on],
    ).reindex(points.index)
    found["too_far"] = foot.too_far(max_distance_m)
    return found


NO_WATER = MISSING


def water_ids(column: pd.Series[Any]) -> Ints:
    """Return the ids of waters in a column that may be empty: `NO_WATER` where it is."""
    ids: Ints = column.to_numpy(dtype=np.int64, na_value=NO_WATER)
    return ids


@dataclass(frozen=True)
class Lines:
    """Banks as arrays of one length: line, id of its water, length [m]."""

    line: NDArray[np.object_]
    water: Ints
    length_m: Floats

    @classmethod
    def of(cls, banks: Table) -> Lines:
        """Return the arrays of a table of banks."""
        return cls(banks.shapes, banks["water_id"], banks["length_m"])


@dataclass(frozen=True)
class Feet:
    """Where points stand: position of the bank (-1: nowhere), measure on it and distance to it [m] (NaN)."""

    bank: Ints
    m: Floats
    distance_m: Floats

    def too_far(self, limit_m: float) -> Flags:
        """Return where distance_m > `limit_m`, or there is no bank."""
        return ~(self.distance_m <= limit_m)


def feet(points: NDArray[np.object_], water: Ints, banks: Lines) -> Feet:
    """Return the feet of points on their nearest bank, as `project` does; `water` may be `NO_WATER`."""
    free = np.flatnonzero(water == NO_WATER)
    own = np.flatnonzero(water != NO_WATER)
    order = np.argsort(banks.water, kind="stable")
    sorted_ = banks.water[order]
    low = np.searchsorted(sorted_, water[own], side="left").astype(np.int64)
    high = np.searchsorted(sorted_, water[own], side="right").astype(np.int64)
    pair, at = expand(low, high)
    near, near_bank = _nearest_banks(points[free], banks.line)
    point, bank, distance = nearest_of_pairs(
        points, banks.line, np.concatenate([own[pair], free[near]]), np.concatenate([order[at], near_bank])
    )
    line, length = banks.line[bank], banks.length_m[bank]
    m = shapely.line_locate_point(line, points[point])
    m = np.where(shapely.is_closed(line) & (m >= length), 0.0, np.minimum(m, length))
    found = Feet(np.full(len(points), -1), np.full(len(points), np.nan), np.full(len(points), np.nan))
    found.bank[point], found.m[point], found.distance_m[point] = bank, m, distance
    return found


def nearest_of_pairs(
    shapes: NDArray[np.object_], lines: NDArray[np.object_], point: Ints, bank: Ints
) -> tuple[Ints, Ints, Floats]:
    """Return the nearest line of each point in the pairs (the first of equals): point, line, distance [m]."""
    distance = shapely.distance(shapes[point], lines[bank])
    order = np.lexsort((bank, distance, point))
    point, bank, distance = point[order], bank[order], distance[order]
    first = np.ones(len(point), np.bool_)
    first[1:] = point[1:] != point[:-1]
    return point[first], bank[first], distance[first]


def _nearest_banks(shapes: NDArray[np.object_], lines: NDArray[np.object_]) -> tuple[Ints, Ints]:
    if not len(shapes) or not len(lines):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    point, bank = shapely.STRtree(lines).query_nearest(shapes)
    return point.astype(np.int64), bank.astype(np.int64)


def cut(banks: gpd.GeoDataFrame, intervals: Intervals) -> gpd.GeoSeries:
    """Return the LineString of each interval; `group` is the position of its bank in `banks`.

    An interval that ends above the length of a ring runs over its start as one LineString.
    """
    require_metric(banks, "banks")
    table = measure(np.asarray(banks.geometry.array, dtype=object))
    return gpd.GeoSeries(substrings(table, intervals.group, intervals.start, intervals.stop), crs=banks.crs)
