"""Chainage 桩号: places on a bank by metres from its start, and the way back to shapes."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import CrsError, require_metric
from geo.measures import measure, substrings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.intervals import Floats, Intervals, Ints

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
    shapes = np.asarray(points.geometry.array, dtype=object)
    lines = np.asarray(banks.geometry.array, dtype=object)
    own, own_bank = _own_banks(points, banks)
    free = _free_points(points)
    near, near_bank = _nearest_banks(shapes[free], lines)
    point, bank = np.concatenate([own, free[near]]), np.concatenate([own_bank, near_bank])
    best = nearest_of_pairs(shapes, lines, point, bank)
    return _placed(points, banks, best, max_distance_m)


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


def _placed(
    points: gpd.GeoDataFrame, banks: gpd.GeoDataFrame, best: tuple[Ints, Ints, Floats], max_distance_m: float
) -> pd.DataFrame:
    point, bank, distance = best
    lines = np.asarray(banks.geometry.array, dtype=object)[bank]
    shapes = np.asarray(points.geometry.array, dtype=object)[point]
    m = shapely.line_locate_point(lines, shapes)
    length = banks["length_m"].to_numpy(dtype=np.float64)[bank]
    m = np.where(shapely.is_closed(lines) & (m >= length), 0.0, np.minimum(m, length))
    found = pd.DataFrame(
        {
            "bank": pd.array(banks.index.to_numpy()[bank], dtype="Int64"),
            "side": banks["side"].to_numpy()[bank],
            "m": m,
            "distance_m": distance,
        },
        index=points.index[point],
    )
    found = found.reindex(points.index)
    found["too_far"] = ~(found["distance_m"] <= max_distance_m).to_numpy()
    return found


def _own_banks(points: gpd.GeoDataFrame, banks: gpd.GeoDataFrame) -> tuple[Ints, Ints]:
    """Return pairs (point, bank) of the same water."""
    if "water_id" not in points.columns:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    wanted = pd.DataFrame({"water_id": points["water_id"].to_numpy(), "point": np.arange(len(points))})
    wanted = wanted[wanted["water_id"].notna()].astype({"water_id": "int64"})
    held = pd.DataFrame({"water_id": banks["water_id"].to_numpy(), "bank": np.arange(len(banks))})
    pairs = wanted.merge(held, on="water_id")
    return pairs["point"].to_numpy(np.int64), pairs["bank"].to_numpy(np.int64)


def _free_points(points: gpd.GeoDataFrame) -> Ints:
    if "water_id" not in points.columns:
        return np.arange(len(points))
    return np.flatnonzero(points["water_id"].isna().to_numpy())


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
