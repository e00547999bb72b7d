"""The river net of a prefecture: smooth, meandering, named reaches whose width grows downstream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from data.sample.chance import Field, stream, wander
from data.sample.naming import stream_names

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from data.sample.terrain import Course, Terrain

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

CHANNEL_KM2: Final = 4.0
"""Catchment from which a stream is drawn: gives about 0.4 km of stream a square kilometre."""
STEPS: Final = 18
"""Vertices on an edge of the net: one about every 25 m."""
REACH_EDGES: Final = 7
"""Edges in a reach of 3 to 4 km."""
SMOOTHINGS: Final = 3
BENDS: Final = ((1_700.0, 150.0), (620.0, 60.0), (230.0, 14.0))
"""Wave and amplitude of the bends that every stream has [m]."""
MEANDER_M: Final = (3_600.0, 420.0)
"""Wave and greatest amplitude of a large river's meanders [m]."""
WIDTH_M: Final = (2.0, 150.0)
NAMED_WITHIN_M: Final = 3_000.0


@dataclass(frozen=True, kw_only=True)
class Net:
    """Channel points (rows of the terrain) with smoothed places, and the reaches drawn through them.

    `receiver`, `donor` (the main one, -1 at a head) and `hops` to the mouth are on channel rows; `curves`
    (n × steps + 1 × 2) leads from each point to its receiver. `reaches` has key, river, name, width_m, geom.
    """

    points: Ints
    places: Floats
    receiver: Ints
    donor: Ints
    river: Ints
    hops: Ints
    catchment_km2: Floats
    width_m: Floats
    curves: Floats
    reaches: pd.DataFrame


def net(seed: int, code: str, ground: Terrain, courses: tuple[Course, ...]) -> Net:
    """Return the rivers that `ground` drains by."""
    points = np.flatnonzero((ground.catchment_km2 >= CHANNEL_KM2) & np.isfinite(ground.way))
    row = np.full(len(ground.places), -1)
    row[points] = np.arange(len(points))
    receiver = row[ground.receiver[points]]
    catchment = ground.catchment_km2[points]
    donor = np.full(len(points), -1)
    rising = np.argsort(catchment, kind="stable")
    rising = rising[receiver[rising] != rising]
    donor[receiver[rising]] = rising  # the last one written is the largest
    river, hops = _rivers(ground.way[points], receiver, donor)
    width = np.clip(1.55 * catchment**0.48, *WIDTH_M)
    places = _smooth(ground.places[points], receiver, donor)
    places = _meander(stream(seed, code, "meanders"), places, receiver, donor, width)
    drawn = _edges(places, receiver, donor, river)
    bent = wander(stream(seed, code, "bends"), drawn.reshape(-1, 2), BENDS).reshape(drawn.shape)
    reaches = _reaches(bent, receiver, river, hops, width)
    names = _names(stream(seed, code, "river names"), places, catchment, river, courses)
    reaches["name"] = names[reaches["river"].to_numpy()]
    return Net(
        points=points, places=bent[:, 0], receiver=receiver, donor=donor, river=river, hops=hops,
        catchment_km2=catchment, width_m=width, curves=bent, reaches=reaches,
    )  # fmt: skip


def _rivers(way: Floats, receiver: Ints, donor: Ints) -> tuple[Ints, Ints]:
    """Return each point's river (0, 1, … in the order of joining) and its hops to the mouth."""
    river, hops = [-1] * len(way), [0] * len(way)
    to, main = receiver.tolist(), donor.tolist()
    count = 0
    for point in np.argsort(way, kind="stable").tolist():
        target = to[point]
        if target != point and main[target] == point:
            river[point], hops[point] = river[target], hops[target] + 1
        else:
            river[point], hops[point] = count, 0
            count += 1
    return np.array(river), np.array(hops)


def _smooth(places: Floats, receiver: Ints, donor: Ints) -> Floats:
    middle = (donor >= 0) & (receiver != np.arange(len(places)))
    for _ in range(SMOOTHINGS):
        mean = (places[donor] + 2 * places + places[receiver]) / 4
        places = np.where(middle[:, None], mean, places)
    return places


def _meander(rng: np.random.Generator, places: Floats, receiver: Ints, donor: Ints, width: Floats) -> Floats:
    wave_m, greatest_m = MEANDER_M
    along = places[receiver] - places[np.where(donor >= 0, donor, np.arange(len(places)))]
    length = np.linalg.norm(along, axis=1, keepdims=True)
    normal = np.column_stack([-along[:, 1], along[:, 0]]) / np.maximum(length, 1.0)
    swing = greatest_m * np.clip((width - 8) / 70, 0, 1) * np.clip(Field(rng, wave_m).at(places), -1.6, 1.6)
    return np.asarray(places + normal * swing[:, None])


def _edges(places: Floats, receiver: Ints, donor: Ints, river: Ints) -> Floats:
    """Return the curve from each point to its receiver (n × steps + 1 × 2): cubic, tangents shared."""
    own = np.arange(len(places))
    begin, end = places, places[receiver]
    tangent = (end - places[np.where(donor >= 0, donor, own)]) / 2
    tangent = np.where((donor >= 0)[:, None], tangent, end - begin)
    main = river == river[receiver]
    leaving = np.where(main[:, None], tangent[receiver], 0.7 * tangent[receiver] + 0.5 * (end - begin))
    t = np.linspace(0.0, 1.0, STEPS + 1)[None, :, None]
    return np.asarray(
        (2 * t**3 - 3 * t**2 + 1) * begin[:, None]
        + (t**3 - 2 * t**2 + t) * tangent[:, None]
        + (-2 * t**3 + 3 * t**2) * end[:, None]
        + (t**3 - t**2) * leaving[:, None]
    )


def _reaches(drawn: Floats, receiver: Ints, river: Ints, hops: Ints, width: Floats) -> pd.DataFrame:
    """Return one line for every few edges of a river, from its head down; `key` is stable for a seed."""
    edges = np.flatnonzero(receiver != np.arange(len(receiver)))
    part = (hops[edges]) // REACH_EDGES
    edges = edges[np.lexsort([-hops[edges], -part, river[edges]])]
    key = river[edges] * 10_000 + hops[edges] // REACH_EDGES
    first = np.r_[True, key[1:] != key[:-1]]
    keep = np.ones((len(edges), STEPS + 1), dtype=bool)
    keep[~first, 0] = False
    number = np.cumsum(first) - 1
    line = np.repeat(number, keep.sum(axis=1))
    geom = shapely.linestrings(drawn[edges][keep], indices=line)
    count = np.bincount(number)
    return pd.DataFrame(
        {
            "key": key[first],
            "river": river[edges][first],
            "width_m": np.round(np.bincount(number, weights=width[edges]) / count, 1),
            "geom": geom,
        }
    )


def _names(
    rng: np.random.Generator, places: Floats, catchment: Floats, river: Ints, courses: tuple[Course, ...]
) -> NDArray[np.object_]:
    """Return a name for each river: of the course it follows, else an invented one."""
    size = np.zeros(river.max() + 1)
    np.maximum.at(size, river, catchment)
    names = stream_names(rng, size)
    tree = cKDTree(places)
    taken: set[int] = set()
    for course in courses:
        votes: dict[int, int] = {}
        for place in course.places[1:-1]:
            near = tree.query_ball_point(place, NAMED_WITHIN_M)
            if near:
                largest = int(river[max(near, key=lambda point: catchment[point])])
                votes[largest] = votes.get(largest, 0) + 1
        free = [(count, largest) for largest, count in votes.items() if largest not in taken]
        if free:
            taken.add(max(free)[1])
            names[max(free)[1]] = course.name
    return names
