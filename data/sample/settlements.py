"""Townships and villages: real names and codes, invented places (position_method = 'invented')."""

# ruff: noqa: PLR2004 - shares and sizes of an invented county, each used once

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from scipy.spatial import cKDTree

from data.sample.chance import stream, wander
from data.sample.dry import points, valid, wet

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from data.sample.basin import Basin

    Floats = NDArray[np.float64]

TOWN_M: Final = 2_500.0
TOWN_BOOST: Final = 9.0
CANDIDATES: Final = (2_500, 24)
"""Least number, and number a village."""
BORDER: Final = ((7_000.0, 0.11), (2_200.0, 0.035))
"""Wave of a township border [m] and its amplitude as a share of the spacing of seats."""
DRY_M: Final = 30.0
WIDER_M: Final = 6_000.0
"""How far cells reach beyond the county before it cuts them."""
CHILDREN_MEAN: Final = 40.8
TOWNSHIP_DIGITS: Final = 9
VILLAGE_DIGITS: Final = 12


@dataclass(frozen=True, kw_only=True)
class Settlements:
    """The townships (code, name, seat, geom) and villages (code, name, geom, children …) of one county."""

    county: str
    name: str
    townships: pd.DataFrame
    villages: pd.DataFrame


def named(names: pd.DataFrame) -> frozenset[str]:
    """Return the counties of which townships are listed; some that are drawn on the map are not."""
    return frozenset(names.loc[names["code"].str.len() == TOWNSHIP_DIGITS, "code"].str[:6])


def settlements(ground: Basin, county: str, names: pd.DataFrame) -> Settlements:
    """Return the places of one county; `names` (code, name) may hold other counties too."""
    own = names[names["code"].str.startswith(county)]
    length = own["code"].str.len()
    townships = own[length == TOWNSHIP_DIGITS].reset_index(drop=True)
    villages = own[length == VILLAGE_DIGITS].reset_index(drop=True)
    rng = stream(ground.seed, county, "settlements")
    places, weight = _candidates(rng, ground, county, len(villages))
    seats = _seats(rng, places, weight, townships, _centre(ground, county, places, weight))
    townships["geom"] = _cells(rng, seats, ground.counties[county])
    townships["x"], townships["y"] = seats.T
    villages["geom"] = _villages(rng, places, weight, townships, villages)
    expected = rng.gamma(2.6, CHILDREN_MEAN / 2.6, len(villages)).round().astype(int)
    villages["children_expected"] = expected
    villages["child_directors"] = np.where(rng.random(len(villages)) < 0.93, 1 + (expected > 60), 0)
    villages["has_children_home"] = rng.random(len(villages)) < 0.6
    villages["diligence"] = rng.beta(0.9, 1.1, len(villages))
    name = own.loc[own["code"] == county, "name"].iloc[0]
    return Settlements(county=county, name=name, townships=townships, villages=villages)


def _candidates(rng: np.random.Generator, ground: Basin, county: str, villages: int) -> tuple[Floats, Floats]:
    """Return dry places in the county and how likely people live there: low ground, streams, the town."""
    outline = ground.counties[county]
    places = scatter(rng, outline, max(CANDIDATES[0], CANDIDATES[1] * villages))
    near = ground.rivers.reaches.iloc[
        shapely.STRtree(ground.rivers.reaches["geom"].to_numpy()).query(outline, predicate="intersects")
    ]
    places = places[~wet(places, near["geom"].to_numpy(), near["width_m"].to_numpy() / 2 + DRY_M)]
    _, node = cKDTree(ground.ground.places).query(places)
    stream_m, _ = cKDTree(ground.rivers.curves[:, ::6].reshape(-1, 2)).query(places)
    weight = np.exp(-0.4 * ground.ground.height[node]) * (0.06 + np.exp(-(((stream_m - 260) / 420) ** 2)))
    seat = ground.seats.get(county)
    if seat is not None:
        weight *= 1 + TOWN_BOOST * np.exp(-((np.linalg.norm(places - seat, axis=1) / TOWN_M) ** 2))
    return places, weight / weight.sum()


def scatter(rng: np.random.Generator, shape: BaseGeometry, count: int) -> Floats:
    """Return `count` even random places inside a polygon (n × 2)."""
    shapely.prepare(shape)
    west, south, east, north = shape.bounds
    share = max(shape.area / ((east - west) * (north - south)), 0.02)
    kept: list[Floats] = []
    found = 0
    while found < count:
        tried = rng.uniform((west, south), (east, north), (int(1.2 * count / share) + 8, 2))
        kept.append(tried[shapely.contains_xy(shape, tried)])
        found += len(kept[-1])
    return np.concatenate(kept)[:count]


def _centre(ground: Basin, county: str, places: Floats, weight: Floats) -> Floats:
    known = ground.seats.get(county)
    return known if known is not None else np.asarray(places[np.argmax(weight)])


def _seats(
    rng: np.random.Generator, places: Floats, weight: Floats, townships: pd.DataFrame, centre: Floats
) -> Floats:
    """Return one seat a township (weighted k-means, so that each has people); 街道 nearest to the centre."""
    count = len(townships)
    drawn = places[rng.choice(len(places), min(len(places), 220 * count), p=weight, replace=False)]
    seats = drawn[rng.choice(len(drawn), count, replace=False)]
    for _ in range(12):
        _, cell = cKDTree(seats).query(drawn)
        size = np.bincount(cell, minlength=count)[:, None]
        total = np.column_stack([np.bincount(cell, drawn[:, axis], minlength=count) for axis in (0, 1)])
        seats = np.where(size > 0, total / np.maximum(size, 1), seats)
    _, near = cKDTree(drawn).query(seats)
    seats = drawn[near]
    urban = np.argsort(~townships["name"].str.endswith("街道").to_numpy(), kind="stable")
    placed = np.empty_like(seats)
    placed[urban] = seats[np.argsort(np.linalg.norm(seats - centre, axis=1), kind="stable")]
    return np.asarray(placed)


def _cells(rng: np.random.Generator, seats: Floats, outline: BaseGeometry) -> NDArray[np.object_]:
    """Return the township of each seat: a Voronoi cell whose borders wind, cut to the county."""
    if len(seats) == 1:
        return _multi(np.array([outline], dtype=object))
    west, south, east, north = outline.bounds
    frame = shapely.box(west - WIDER_M, south - WIDER_M, east + WIDER_M, north + WIDER_M)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points(seats)), extend_to=frame))
    cell_of = np.empty(len(seats), dtype=int)
    inside, seat = shapely.STRtree(points(seats)).query(cells, predicate="contains")
    cell_of[seat] = inside
    spacing = float(np.median(cKDTree(seats).query(seats, k=2)[0][:, 1]))
    octaves = tuple((wave, share * spacing) for wave, share in BORDER)
    fine = shapely.segmentize(shapely.intersection(cells[cell_of], frame), 250.0)
    state = rng.integers(2**32)
    bent = shapely.transform(fine, lambda places: wander(np.random.default_rng(state), places, octaves))
    cut = shapely.intersection(valid(bent), outline)
    lost = shapely.is_empty(cut)
    cut[lost] = shapely.buffer(points(seats[lost]), 200.0)
    return _multi(cut)


def _multi(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    made = []
    for shape in shapes:
        parts = shapely.get_parts(shape)
        made.append(shapely.multipolygons(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]))
    return np.array(made, dtype=object)


def _villages(
    rng: np.random.Generator, places: Floats, weight: Floats, townships: pd.DataFrame, villages: pd.DataFrame
) -> NDArray[np.object_]:
    shapes = townships["geom"].to_numpy()
    cell, candidate = shapely.STRtree(points(places)).query(shapes, predicate="contains")
    chosen = np.empty((len(villages), 2))
    township = villages["code"].str[:TOWNSHIP_DIGITS].to_numpy()
    for number, code in enumerate(townships["code"]):
        rows = np.flatnonzero(township == code)
        inside = candidate[cell == number]
        found, chance = places[inside], weight[inside]
        if len(found) < 4 * len(rows):
            extra = scatter(rng, shapes[number], 6 * len(rows))
            low = chance.mean() / 3 if len(chance) else 1.0
            found = np.concatenate([found, extra])
            chance = np.concatenate([chance, np.full(len(extra), low)])
        chosen[rows] = _spread(rng, found, chance, len(rows), shapes[number].area)
    return points(chosen)


def _spread(rng: np.random.Generator, places: Floats, weight: Floats, count: int, area_m2: float) -> Floats:
    """Return `count` places, likely where `weight` is high and seldom close together."""
    ideal = np.sqrt(area_m2 / max(count, 1)) * 0.8
    away = np.full(len(places), np.inf)
    picked = np.empty(count, dtype=int)
    for number in range(count):
        score = np.cumsum(weight * (np.minimum(away / ideal, 1.0) ** 3 + 1e-12))
        picked[number] = np.searchsorted(score, rng.random() * score[-1])
        away = np.minimum(away, np.hypot(*(places - places[picked[number]]).T))
        away[picked[number]] = 0.0
    return places[picked]
