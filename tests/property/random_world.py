"""Random small worlds from a seed: rivers, streams, ponds with islands, wells, stations, places."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hazards.findings import Findings, assess
from hazards.parameters import ExposureDistances, Parameters, SmallRing

CRS = "EPSG:4546"
TODAY = dt.date(2026, 7, 1)
ORIGIN = np.array([500_000.0, 3_000_000.0])
SET = ("sign", "lifebuoy", "rope", "pole")
PARAMETERS = Parameters(
    exposure_m=ExposureDistances(home=120.0, school=200.0, village=80.0),
    small_ring=SmallRing(cover_required=False),
    min_gap_m=0.0,
)


@dataclass(frozen=True)
class World:
    """The arguments of `assess`, and which stations the generator made valid."""

    waters: gpd.GeoDataFrame
    stations: gpd.GeoDataFrame
    items: pd.DataFrame
    places: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    routes: gpd.GeoDataFrame
    valid: np.ndarray[Any, np.dtype[np.bool_]]

    def assess(self) -> Findings:
        """Return the findings of today."""
        return assess(
            self.waters,
            self.stations,
            self.items,
            self.places,
            self.barriers,
            PARAMETERS,
            TODAY,
            routes=self.routes,
        )


def _water(rng: np.random.Generator) -> Any:
    start = ORIGIN + rng.uniform(0, 1500, 2)
    kind = rng.integers(0, 4)
    if kind == 0:
        return shapely.Point(start)
    if kind == 1:
        count = int(rng.integers(4, 10))
        angle = np.linspace(0, 2 * np.pi, count, endpoint=False) + rng.uniform(0, 0.3, count)
        radius = rng.uniform(20, 150, count)[:, None]
        spokes = np.column_stack([np.cos(angle), np.sin(angle)])
        island = [start + 6.0 * spokes] if rng.random() < 0.5 else []
        return shapely.Polygon(start + radius * spokes, island)
    bend = rng.uniform(-0.5, 0.5, int(rng.integers(2, 12))).cumsum() + rng.uniform(0, 6.28)
    step = np.column_stack([np.cos(bend), np.sin(bend)]) * rng.uniform(20, 200, (len(bend), 1))
    return shapely.LineString(np.vstack([start, start + step.cumsum(axis=0)]))


def random_world(seed: int) -> World:
    """Return the world of a seed."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 7))
    shapes = [_water(rng) for _ in range(count)]
    width = np.where(
        [shape.geom_type == "Point" for shape in shapes], np.nan, rng.choice([3.0, 12.0, 50.0, 80.0], count)
    )
    waters = gpd.GeoDataFrame(
        {
            "kind": ["reach"] * count,
            "width_m": width,
            "class_override": np.array(rng.choice(["A", "B", "C"], count).tolist(), dtype=object),
            "incidents": np.zeros(count, np.int64),
        },
        geometry=shapes,
        crs=CRS,
        index=pd.Index(rng.permutation(100)[:count], name="water_id"),
    )
    stations = _stations(rng, waters)
    items, valid = _items(rng, stations)
    return World(waters, stations, items, _places(rng), no_barriers(), _routes(rng), valid)


def _stations(rng: np.random.Generator, waters: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    count = int(rng.integers(0, 15))
    own = rng.integers(0, len(waters), count)
    outlines = [
        shape if shape.geom_type != "Polygon" else shape.exterior for shape in waters.geometry.iloc[own]
    ]
    points = [
        line if line.geom_type == "Point" else line.interpolate(rng.random(), normalized=True)
        for line in outlines
    ]
    shift = rng.uniform(-30, 30, (count, 2))
    xy = np.array([[point.x, point.y] for point in points]).reshape(-1, 2) + shift
    return gpd.GeoDataFrame(
        {"water_id": pd.array(waters.index.to_numpy()[own], dtype="Int64")},
        geometry=gpd.points_from_xy(*xy.T),
        crs=CRS,
        index=pd.Index(rng.permutation(1000)[:count], name="station_id"),
    )


def _items(rng: np.random.Generator, stations: gpd.GeoDataFrame) -> tuple[pd.DataFrame, np.ndarray[Any, Any]]:
    valid = rng.random(len(stations)) < 0.6
    frame = full_sets(stations)
    for station, whole in zip(stations.index, valid, strict=True):
        if not whole:
            row = (frame["station_id"] == station) & (frame["kind"] == rng.choice(SET))
            fault = rng.integers(0, 3)
            if fault == 0:
                frame = frame[~row]
            elif fault == 1:
                frame.loc[row, "state"] = rng.choice(["damaged", "missing", "expired", "unverified"])
            else:
                frame.loc[row, "verified_on"] = TODAY - dt.timedelta(days=200)
    return frame, valid


def full_sets(stations: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return four good items, verified today, of every station."""
    return pd.DataFrame(
        {
            "station_id": np.repeat(stations.index.to_numpy(np.int64), len(SET)),
            "kind": np.array(np.tile(np.array(SET, dtype=object), len(stations)), dtype=object),
            "state": np.array(["good"] * len(SET) * len(stations), dtype=object),
            "verified_on": np.array([TODAY] * len(SET) * len(stations), dtype=object),
        }
    )


def _places(rng: np.random.Generator) -> gpd.GeoDataFrame:
    count = int(rng.integers(0, 20))
    return gpd.GeoDataFrame(
        {
            "kind": np.array(rng.choice(["home", "school", "village"], count).tolist(), dtype=object),
            "weight": rng.uniform(0.5, 2, count),
        },
        geometry=gpd.points_from_xy(*(ORIGIN + rng.uniform(-100, 1600, (count, 2))).T),
        crs=CRS,
        index=pd.RangeIndex(count),
    )


def _routes(rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Return ways to school: bent, straight, in and out of the waters, some with a vertex twice."""
    shapes = []
    for _ in range(int(rng.integers(0, 4))):
        steps = rng.uniform(-150, 150, (int(rng.integers(1, 8)), 2))
        way = np.vstack([ORIGIN + rng.uniform(0, 1500, 2), steps]).cumsum(axis=0)
        shapes.append(shapely.LineString(np.repeat(way, rng.integers(1, 3, len(way)), axis=0)))
    return gpd.GeoDataFrame({"weight": rng.uniform(0.5, 2, len(shapes))}, geometry=shapes, crs=CRS)


def no_barriers() -> gpd.GeoDataFrame:
    """Return a frame of barriers without a row."""
    columns = {"water_id": np.empty(0, np.int64), "kind": np.array([], dtype=object)}
    return gpd.GeoDataFrame(columns, geometry=[], crs=CRS)
