"""A drainage tree over a scattered net of points: which way water leaves each place, and how much.

Rivers follow the cheapest way out over rough ground (an optimal path tree): this gives the branching of
real catchments, junctions included, without a grid showing through.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import Delaunay, cKDTree

from data.sample.chance import Field, stream

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

SPACING_M: Final = 460.0
FRINGE_M: Final = 2500.0
"""How far the net reaches beyond the outline: rivers cross borders, they do not begin there."""
WAVES: Final = ((26_000.0, 1.0), (9_000.0, 0.8), (3_000.0, 0.6), (1_200.0, 0.35))
ROUGHNESS: Final = 1.3
CARVED_M: Final = 1_300.0
CARVED_COST: Final = 0.012
LEVEL_COST: Final = 0.1
SIDE_EXIT_M: Final = 60_000.0
"""Price of leaving over the border anywhere but where a main river leaves."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """A main river in metres: `places` from source to mouth."""

    name: str
    places: Floats
    inflow_km2: float
    leaves: bool


@dataclass(frozen=True, kw_only=True)
class Terrain:
    """Points with height, the point that each drains to (itself at an exit), way out and catchment."""

    places: Floats
    height: Floats
    receiver: Ints
    way: Floats
    catchment_km2: Floats


def terrain(seed: int, code: str, outline: BaseGeometry, courses: tuple[Course, ...]) -> Terrain:
    """Return the drainage of one prefecture; `outline` and `courses` in metres."""
    rng = stream(seed, code, "terrain")
    places = _scatter(rng, outline)
    height = np.zeros(len(places))
    for wave_m, weight in WAVES:
        height += weight * Field(rng, wave_m).at(places)
    carved = np.full(len(places), np.inf)
    for course in courses:
        line = shapely.segmentize(shapely.linestrings(course.places), SPACING_M / 2)
        away, _ = cKDTree(shapely.get_coordinates(line)).query(places)
        carved = np.minimum(carved, away)
    deep = np.exp(-((carved / CARVED_M) ** 2))
    cost = (LEVEL_COST + np.exp(ROUGHNESS * height)) ** (1 - deep) * CARVED_COST**deep
    receiver, way = _ways_out(places, cost, _exits(places, outline, courses))
    catchment = _gather(receiver, way, _own_area(places, courses))
    return Terrain(
        places=places, height=height - 2 * deep, receiver=receiver, way=way, catchment_km2=catchment
    )


def _scatter(rng: np.random.Generator, outline: BaseGeometry) -> Floats:
    wide = outline.simplify(300).buffer(FRINGE_M)
    shapely.prepare(wide)
    west, south, east, north = wide.bounds
    columns = np.arange(west, east, SPACING_M)
    rows = np.arange(south, north, SPACING_M * 0.87)
    grid_x, grid_y = np.meshgrid(columns, rows)
    grid_x[1::2] += SPACING_M / 2
    grid = np.column_stack([grid_x.ravel(), grid_y.ravel()])
    grid += rng.uniform(-0.36, 0.36, grid.shape) * SPACING_M
    return np.asarray(grid[shapely.contains_xy(wide, grid)], dtype=np.float64)


def _exits(places: Floats, outline: BaseGeometry, courses: tuple[Course, ...]) -> Floats:
    """Return the price of leaving at each place [cost · m]; infinite within the outline."""
    inside = outline.simplify(300).buffer(FRINGE_M - 2 * SPACING_M)
    shapely.prepare(inside)
    price = np.where(shapely.contains_xy(inside, places), np.inf, SIDE_EXIT_M)
    rim = np.flatnonzero(np.isfinite(price))
    mouths = [course.places[-1] for course in courses if course.leaves] or [places[rim[0]]]
    _, nearest = cKDTree(places[rim]).query(np.array(mouths))
    price[rim[nearest]] = 0.0
    return price


def _ways_out(places: Floats, cost: Floats, exits: Floats) -> tuple[Ints, Floats]:
    """Return each point's receiver and its way, by one search from all exits at once."""
    start, end = Delaunay(places).vertex_neighbor_vertices
    begin = np.repeat(np.arange(len(places)), np.diff(start))
    length = np.hypot(*(places[begin] - places[end]).T)
    # Long sides only close the hull.
    weight = np.where(length < 3 * SPACING_M, length * (cost[begin] + cost[end]) / 2, 100 * SIDE_EXIT_M)
    root = len(places)
    open_ = np.flatnonzero(np.isfinite(exits))
    graph = csr_array(
        (
            np.concatenate([weight, exits[open_] + 1e-6]),
            np.concatenate([end, open_]),
            np.append(start, len(end) + len(open_)),
        ),
        shape=(root + 1, root + 1),
    )
    way, before = dijkstra(graph, indices=root, return_predecessors=True)
    receiver = before[:root].astype(np.int64)
    own = np.arange(root)
    receiver = np.where((receiver < 0) | (receiver == root), own, receiver)
    return receiver, np.asarray(way[:root], dtype=np.float64)


def _own_area(places: Floats, courses: tuple[Course, ...]) -> Floats:
    area = np.full(len(places), SPACING_M * SPACING_M * 0.87 / 1e6)
    for course in courses:
        if course.inflow_km2:
            area[cKDTree(places).query(course.places[0])[1]] += course.inflow_km2
    return area


def _gather(receiver: Ints, way: Floats, area: Floats) -> Floats:
    total = area.tolist()
    to = receiver.tolist()
    for point in np.argsort(-way, kind="stable").tolist():
        if to[point] != point:
            total[to[point]] += total[point]
    return np.array(total)
