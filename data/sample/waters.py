"""The waters of one county: reaches, ditches, reservoirs, ponds, wells and the rest of the rule's list."""

# ruff: noqa: PLR2004 - shares and sizes of an invented county, each used once

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely
from scipy.ndimage import uniform_filter1d
from scipy.spatial import cKDTree

from data.sample import blobs
from data.sample.basin import in_lines
from data.sample.chance import stream
from data.sample.dry import points, wet
from data.sample.register import described

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from data.sample.basin import Basin
    from data.sample.settlements import Settlements

    Floats = NDArray[np.float64]

A_VILLAGE: Final = {"pond": 11.7, "well": 1.0}
"""Waters a village, before those that would overlap are left out."""
A_100_KM2: Final = {"reservoir": 3.6, "ditch": 15.0, "pool": 3.4}
FERRY_WIDTH_M: Final = 45.0


def waters(ground: Basin, people: Settlements, thin: float) -> pd.DataFrame:
    """Return name, kind, width_m, geom (metres) of every water of one county."""
    outline = ground.counties[people.county]
    homes = shapely.get_coordinates(people.villages["geom"].to_numpy())
    area = outline.area / 1e8 / thin
    rng = stream(ground.seed, people.county, "waters")
    rivers = ground.rivers
    shapely.prepare(outline)
    rows = np.flatnonzero(shapely.contains_xy(outline.buffer(-600.0), rivers.places))
    lakes = blobs.reservoirs(rng, rivers, rows, round(A_100_KM2["reservoir"] * area * 1.5))
    lakes = lakes[~_near(lakes, homes, 60.0)][: round(A_100_KM2["reservoir"] * area)]
    lakes = lakes[shapely.contains(outline, lakes)]
    reaches = _cut(ground.reaches_in(people.county), lakes)
    taken = _Taken(reaches, lakes)
    frames = [
        reaches[["name", "width_m", "geom"]].assign(kind="reach"),
        _frame("reservoir", lakes),
        _ditches(rng, ground, rows, round(A_100_KM2["ditch"] * area), outline, lakes),
        _standing(rng, people, homes, outline, taken, thin),
        _beside_rivers(rng, reaches, round(A_100_KM2["pool"] * area)),
    ]
    return described(rng, pd.concat(frames, ignore_index=True), people)


class _Taken:
    """Where no pond fits: rivers with their width, reservoirs."""

    def __init__(self, reaches: pd.DataFrame, lakes: NDArray[np.object_]) -> None:
        self.shapes = np.concatenate([reaches["geom"].to_numpy(), lakes])
        self.half_m = np.concatenate([reaches["width_m"].to_numpy() / 2, np.zeros(len(lakes))])

    def at(self, places: Floats, margin_m: float) -> NDArray[np.bool_]:
        return wet(places, self.shapes, self.half_m + margin_m)


def _frame(kind: str, shapes: NDArray[np.object_]) -> pd.DataFrame:
    return pd.DataFrame({"name": "", "kind": kind, "width_m": np.nan, "geom": shapes})


def _near(shapes: NDArray[np.object_], places: Floats, within_m: float) -> NDArray[np.bool_]:
    tree = shapely.STRtree(points(places))
    mask = np.zeros(len(shapes), dtype=bool)
    if len(shapes):
        mask[tree.query(shapes, predicate="dwithin", distance=within_m)[0]] = True
    return mask


def _cut(reaches: pd.DataFrame, lakes: NDArray[np.object_]) -> pd.DataFrame:
    """Return the reaches without their stretch through a reservoir."""
    if not len(lakes):
        return reaches
    lake, reach = shapely.STRtree(reaches["geom"].to_numpy()).query(lakes, predicate="intersects")
    shapes = reaches["geom"].to_numpy().copy()
    for one, other in zip(lake, reach, strict=True):
        shapes[other] = shapely.difference(shapes[other], lakes[one])
    return in_lines(reaches.assign(geom=shapes))


def _ditches(  # noqa: PLR0913, PLR0917 - the ground of a county in parts
    rng: np.random.Generator, ground: Basin, rows: NDArray[np.int64], count: int,
    outline: BaseGeometry, lakes: NDArray[np.object_],
) -> pd.DataFrame:  # fmt: skip
    """Return canals that follow a stream along the foot of its valley side."""
    rivers = ground.rivers
    low = rows[rivers.catchment_km2[rows] < 700]
    lines: list[shapely.LineString] = []
    used: set[tuple[int, int]] = set()
    for start in rng.permutation(low).tolist():
        side = int(rng.integers(2))
        row, path = start, []
        for _ in range(int(rng.integers(2, 5))):
            path.append(row)
            row = int(rivers.receiver[row])
        if len(lines) < count and not used.intersection((row, side) for row in path):
            used.update((row, side) for row in path)
            curve = np.concatenate([rivers.curves[row, :-1:3] for row in path])
            lines.append(_beside(curve, (2 * side - 1) * (rng.uniform(60, 190) + rivers.width_m[start] / 2)))
    cut = shapely.intersection(np.array(lines, dtype=object), outline.buffer(-40.0))
    if len(lakes):
        cut = shapely.difference(cut, shapely.union_all(lakes).buffer(15.0))
    width = np.round(rng.uniform(0.8, 4.0, len(cut)), 1)
    return in_lines(pd.DataFrame({"name": "", "kind": "ditch", "width_m": width, "geom": cut}), 220.0)


def _beside(path: Floats, aside_m: float) -> shapely.LineString:
    smooth = uniform_filter1d(path, 7, axis=0, mode="nearest")
    along = np.gradient(smooth, axis=0)
    along = uniform_filter1d(along, 5, axis=0, mode="nearest")
    normal = np.column_stack([-along[:, 1], along[:, 0]]) / np.maximum(np.hypot(*along.T), 1e-6)[:, None]
    return shapely.LineString(uniform_filter1d(smooth + aside_m * normal, 5, axis=0, mode="nearest"))


def _standing(  # noqa: PLR0913, PLR0917 - the ground of a county in parts
    rng: np.random.Generator, people: Settlements, homes: Floats, outline: BaseGeometry,
    taken: _Taken, thin: float,
) -> pd.DataFrame:  # fmt: skip
    """Return lakes, park waters and ponds (polygons), and wells (points), none over another."""
    kinds, places, radius = [], [], []
    towns = people.townships[["x", "y"]].to_numpy()
    urban = people.townships["name"].str.endswith("街道").to_numpy()
    for kind, near, spread_m, number, size in (
        ("lake", towns, 4000.0, max(1, round(0.5 * len(towns) / thin)), (60.0, 150.0)),
        (
            "park",
            towns[urban] if urban.any() else towns[:1],
            700.0,
            max(1, round(1.4 * max(urban.sum(), 1) / thin)),
            (30.0, 90.0),
        ),
        ("pond", homes, 620.0, round(A_VILLAGE["pond"] * len(homes) / thin), (0.0, 0.0)),
    ):
        around = near[rng.integers(len(near), size=number)]
        places.append(
            around + rng.standard_normal((number, 2)) * spread_m * rng.choice([0.5, 1.0, 1.4], (number, 1))
        )
        small = np.clip(rng.lognormal(2.65, 0.5, number), 7.0, 58.0)
        radius.append(rng.uniform(*size, number) if kind != "pond" else small)
        kinds.append(np.full(number, kind))
    where, wide, kind_of = np.concatenate(places), np.concatenate(radius), np.concatenate(kinds)
    keep = shapely.contains_xy(outline.buffer(-60.0), where) & blobs.apart(where, wide * 1.25)
    away, _ = cKDTree(homes).query(where)
    keep &= (away > wide * 1.3 + 12) & ~_too_near(where, wide, taken)
    where, wide, kind_of = where[keep], wide[keep], kind_of[keep]
    ponds = pd.DataFrame(
        {"name": "", "kind": kind_of, "width_m": np.nan, "geom": blobs.ponds(rng, where, wide)}
    )
    number = round(A_VILLAGE["well"] * len(homes) / thin)
    wells = homes[rng.integers(len(homes), size=number)] + rng.standard_normal((number, 2)) * 120.0
    free = shapely.contains_xy(outline, wells) & ~taken.at(wells, 5.0)
    free &= ~wet(wells, ponds["geom"].to_numpy(), 4.0)
    return pd.concat([ponds, _frame("well", points(wells[free]))], ignore_index=True)


def _too_near(places: Floats, radius_m: Floats, taken: _Taken) -> NDArray[np.bool_]:
    """Return which discs touch running water; by classes of size, as a distance belongs to a shape."""
    mask = np.zeros(len(places), dtype=bool)
    for low, high in ((0, 15), (15, 30), (30, 60), (60, 200)):
        some = (radius_m >= low) & (radius_m < high)
        mask[some] = taken.at(places[some], 1.3 * high + 4)
    return mask


def _beside_rivers(rng: np.random.Generator, reaches: pd.DataFrame, pools: int) -> pd.DataFrame:
    """Return pools in small streams, and wharves and ferries on wide rivers (points in the middle)."""
    shapes, width = reaches["geom"].to_numpy(), reaches["width_m"].to_numpy()
    small = np.flatnonzero(width < 20)
    at = rng.choice(small, min(pools, len(small)), replace=False)
    places = shapely.get_coordinates(
        shapely.line_interpolate_point(shapes[at], rng.uniform(0.1, 0.9, len(at)), normalized=True)
    )
    frames = [_frame("pool", blobs.ponds(rng, places, rng.uniform(7, 16, len(at)) + width[at] / 2))]
    for kind, share in (("wharf", 0.5), ("ferry", 0.35)):
        wide = np.flatnonzero((width >= FERRY_WIDTH_M) & (rng.random(len(width)) < share))
        points = shapely.line_interpolate_point(
            shapes[wide], rng.uniform(0.1, 0.9, len(wide)), normalized=True
        )
        frames.append(_frame(kind, points).assign(name=reaches["name"].to_numpy()[wide]))
    return pd.concat(frames, ignore_index=True)
