"""Exposed bank: the metres within the exposure distance of a place, exact and without buffer polygons.

For a segment a + t·u (0 ≤ t ≤ l) and v = h − a: t₀ = v·u, d = v × u; where d² <= R² the hit is
[t₀ − √(R² − d²), t₀ + √(R² − d²)] ∩ [0, l]. A buffer of finitely many corners lies inside its circle and
under-reports exposure, the unsafe side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.intervals import Intervals, concat, empty, expand, overlaps, union
from geo.measures import segment_boxes
from hazards import sweep

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo.intervals import Floats, Ints
    from geo.measures import MeasureTable

PLACES_A_ROUND = 1024
"""Places taken together: bounds the memory of the pairs to some hundred MB at any size of the table."""


@dataclass(frozen=True)
class Hits:
    """What each place exposes: disjoint intervals of a place on a bank, and the position of that place."""

    intervals: Intervals
    place: Ints


def hits_of(table: MeasureTable, xy: Floats, radius_m: Floats) -> Hits:
    """Return the stretches of bank within `radius_m` (n,) of each place `xy` (n, 2), place by place."""
    boxes, first, beyond = segment_boxes(table)
    if not len(boxes) or not len(xy):
        return Hits(empty(), np.empty(0, np.int64))
    tree = shapely.STRtree(boxes)
    banks = len(table.first) - 1
    rounds, owners = [], []
    for low in range(0, len(xy), PLACES_A_ROUND):
        centre, radius = xy[low : low + PLACES_A_ROUND], radius_m[low : low + PLACES_A_ROUND]
        corner, other = centre - radius[:, None], centre + radius[:, None]
        place, box = tree.query(shapely.box(*corner.T, *other.T))
        pair, segment = expand(first[box], beyond[box])
        place = place[pair]
        start, stop = chord(table, table.segment_start[segment], centre[place], radius[place])
        real = stop > start
        bank = table.line_of_vertex[table.segment_start[segment[real]]]
        merged = union(Intervals(place[real] * banks + bank, start[real], stop[real]))
        rounds.append(Intervals(merged.group % banks, merged.start, merged.stop))
        owners.append(merged.group // banks + low)
    return Hits(concat(*rounds), np.concatenate(owners))


def exposed_by(table: MeasureTable, xy: Floats, radius_m: Floats) -> Intervals:
    """Return the stretches of every line within `radius_m` (n,) of any of the places `xy` (n, 2) [m]."""
    if not len(xy) or not len(table.first) - 1:
        return empty()
    if sweep.COMPILED:
        return sweep.exposed(table, sweep.grid_of(xy, radius_m))
    return exposed(hits_of(table, xy, radius_m))


def weigher(
    table: MeasureTable, xy: Floats, radius_m: Floats, weight: Floats
) -> Callable[[Intervals], Floats]:
    """Return what weighs stretches: Σ over places of the metres within the place's radius × its weight.

    The stretches must be disjoint and sorted by bank and start.
    """
    real = (radius_m > 0.0) & (weight > 0.0)
    xy, radius_m, weight = xy[real], radius_m[real], weight[real]
    if not len(xy) or not len(table.first) - 1:
        return lambda parts: np.zeros(len(parts))
    if sweep.COMPILED:
        grid = sweep.grid_of(xy, radius_m)
        return lambda parts: sweep.weights(table, parts, grid, weight)
    hits = hits_of(table, xy, radius_m)
    return lambda parts: weights(parts, hits, weight)


def weights(stretches: Intervals, hits: Hits, weight: Floats) -> Floats:
    """Return Σ over places of the metres of each stretch that the place exposes × weight of the place.

    The stretches must be disjoint and sorted by bank and start.
    """
    hit, part, shared_m = overlaps(hits.intervals, stretches)
    share = shared_m * weight[hits.place[hit]]
    return np.bincount(part, weights=share, minlength=len(stretches)).astype(np.float64)


def exposed(hits: Hits) -> Intervals:
    """Return the exposed stretches of every bank, whoever exposes them."""
    return union(hits.intervals)


def chord(table: MeasureTable, vertex: Ints, centre: Floats, radius: Floats) -> tuple[Floats, Floats]:
    """Return the measures between which a segment is inside its circle; stop <= start where it never is."""
    from_m, to_m = table.m[vertex], table.m[vertex + 1]
    length = to_m - from_m
    a = table.xy[vertex]
    u = (table.xy[vertex + 1] - a) / length[:, None]
    v = centre - a
    along = v[:, 0] * u[:, 0] + v[:, 1] * u[:, 1]
    across = v[:, 0] * u[:, 1] - v[:, 1] * u[:, 0]
    half = np.sqrt(np.maximum(radius * radius - across * across, 0.0))
    # The ends are the vertices' own measures, so that neighbouring segments meet without a rounding gap.
    start = np.where(along - half <= 0.0, from_m, from_m + (along - half))
    stop = np.where(along + half >= length, to_m, from_m + (along + half))
    return start, stop
