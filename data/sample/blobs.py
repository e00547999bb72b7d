"""Shapes of standing water: ponds with a straight dam, and reservoirs that reach up their valleys."""

# ruff: noqa: PLR2004 - shares and sizes of an invented county, each used once

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from data.sample.rivers import Net

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

CORNERS: Final = 18
RESERVOIR_KM2: Final = (5.0, 90.0)
"""Catchment at the dam."""
SEPARATE_M: Final = 6.0
BAYS: Final = 2
"""Side arms on each half edge."""


def ponds(rng: np.random.Generator, places: Floats, radius_m: Floats) -> NDArray[np.object_]:
    """Return an irregular rounded polygon at each place, longer than wide, most with one straight side."""
    count = len(places)
    turn = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False) + rng.uniform(-0.09, 0.09, (count, CORNERS))
    ripple = np.ones((count, CORNERS))
    for wave, height in ((2, 0.16), (3, 0.13), (4, 0.07), (5, 0.05)):
        phase = rng.uniform(0, 2 * np.pi, (count, 1))
        ripple += height * rng.uniform(0.2, 1.0, (count, 1)) * np.cos(wave * turn + phase)
    stretch = rng.uniform(0.62, 1.0, (count, 1))
    x, y = ripple * np.cos(turn), ripple * np.sin(turn) * stretch
    dam = np.where(rng.random((count, 1)) < 0.75, rng.uniform(0.35, 0.75, (count, 1)), 9.0)
    # Along its own ray, so that the ring stays star-shaped and never folds back along the dam.
    drawn_in = np.where(x > dam, dam / np.maximum(x, 1e-9), 1.0)
    x, y = x * drawn_in, y * drawn_in
    angle = rng.uniform(0, 2 * np.pi, (count, 1))
    ring = (
        np.stack([x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)], axis=2)
        * radius_m[:, None, None]
    )
    rings = np.concatenate([ring, ring[:, :1]], axis=1) + places[:, None]
    return np.asarray(shapely.polygons(rings), dtype=object)


def apart(places: Floats, radius_m: Floats) -> Bools:
    """Return which discs to keep so that none overlaps an earlier one."""
    keep = np.ones(len(places), dtype=bool)
    if len(places) < 2:
        return keep
    pairs = cKDTree(places).query_pairs(2 * float(radius_m.max()) + SEPARATE_M, output_type="ndarray")
    gap = np.hypot(*(places[pairs[:, 0]] - places[pairs[:, 1]]).T) - radius_m[pairs].sum(axis=1)
    keep[pairs[gap < SEPARATE_M].max(axis=1)] = False
    return keep


def reservoirs(rng: np.random.Generator, rivers: Net, rows: Ints, count: int) -> NDArray[np.object_]:
    """Return up to `count` reservoirs with their dams at channel points of `rows`, none over another."""
    small = rows[
        (rivers.catchment_km2[rows] >= RESERVOIR_KM2[0]) & (rivers.catchment_km2[rows] <= RESERVOIR_KM2[1])
    ]
    small = small[rivers.receiver[small] != small]
    dams = rng.permutation(small)[: 2 * count]
    feeders = _feeders(rivers)
    made = [_reservoir(rng, rivers, feeders, int(dam)) for dam in dams]
    kept: list[BaseGeometry] = []
    taken = np.zeros(len(rivers.receiver), dtype=bool)
    for shape, flooded in made:
        if len(kept) < count and not taken[flooded].any() and isinstance(shape, shapely.Polygon):
            taken[flooded] = True
            kept.append(shape)
    shapes = np.array(kept, dtype=object)
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    overlapping = np.unique(np.maximum(first, second)[first != second])
    return np.delete(shapes, overlapping)


def _feeders(rivers: Net) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for row, target in enumerate(rivers.receiver.tolist()):
        if row != target:
            found.setdefault(target, []).append(row)
    return found


def _reservoir(
    rng: np.random.Generator, rivers: Net, feeders: dict[int, list[int]], dam: int
) -> tuple[BaseGeometry, list[int]]:
    """Return the flooded valley above one dam: wide at the dam, narrow at the ends of its arms."""
    depth = int(rng.integers(2, 5))
    wide_m = rng.uniform(60, 150) * (rivers.catchment_km2[dam] / 20) ** 0.2
    pieces, widths, flooded = [], [], [dam]
    front = [dam]
    for level in range(depth):
        front = [feeder for row in front for feeder in feeders.get(row, ())]
        flooded += front
        for row in front:
            halves = (rivers.curves[row, 9:], rivers.curves[row, :10])
            for half, line in enumerate(halves):
                wide = wide_m * (1 - (level + half / 2) / depth) ** 1.3
                pieces += [shapely.linestrings(line), *_bays(rng, line, wide)]
                widths += [wide * rng.uniform(0.6, 1.1) + 6] + [
                    wide * rng.uniform(0.2, 0.5) + 3 for _ in range(BAYS)
                ]
    if not pieces:
        return shapely.Point(), flooded
    arms = shapely.union_all(shapely.buffer(np.array(pieces), np.array(widths), quad_segs=4))
    below = rivers.curves[dam]
    along = (below[4] - below[0]) / max(float(np.hypot(*(below[4] - below[0]))), 1.0)
    across = np.array([-along[1], along[0]]) * 4 * wide_m
    foot = below[0] + along * 0.15 * wide_m
    away = foot + along * 4 * wide_m
    valley = arms.difference(shapely.polygons([foot - across, foot + across, away + across, away - across]))
    parts = shapely.get_parts(valley.buffer(10).buffer(-18).buffer(8).simplify(2.0))
    return (parts[np.argmax(shapely.area(parts))] if len(parts) else shapely.Point()), flooded


def _bays(rng: np.random.Generator, line: Floats, wide_m: float) -> list[BaseGeometry]:
    """Return side arms of a flooded valley: short lines that leave it to either side."""
    arms = []
    for _ in range(BAYS):
        root = line[rng.integers(len(line) - 1)]
        along = line[-1] - line[0]
        turn = np.arctan2(along[1], along[0]) + rng.choice([-1.0, 1.0]) * rng.uniform(1.5, 2.7)
        reach_m = wide_m * rng.uniform(0.8, 2.6)
        bend = turn + rng.uniform(-0.7, 0.7)
        middle = root + 0.5 * reach_m * np.array([np.cos(turn), np.sin(turn)])
        tip = middle + 0.5 * reach_m * np.array([np.cos(bend), np.sin(bend)])
        arms.append(shapely.linestrings([root, middle, tip]))
    return arms
