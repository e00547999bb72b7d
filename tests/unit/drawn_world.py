"""Small worlds drawn in a few words, for the tests of the engine."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString, Point, Polygon

from hazards.findings import Findings, assess
from hazards.parameters import Parameters

CRS = "EPSG:4546"
TODAY = dt.date(2026, 7, 1)
SET = ("sign", "lifebuoy", "rope", "pole")


def waters(
    *shapes: Any, width: float | None = None, grade: str | None = "A", incidents: int = 0
) -> gpd.GeoDataFrame:
    """Return waters 1, 2, … of one width and class."""
    count = len(shapes)
    return gpd.GeoDataFrame(
        {
            "kind": ["reach"] * count,
            "width_m": np.array([np.nan if width is None else width] * count, dtype=np.float64),
            "class_override": np.array([grade] * count, dtype=object),
            "incidents": np.full(count, incidents, dtype=np.int64),
        },
        geometry=list(shapes),
        crs=CRS,
        index=pd.RangeIndex(1, count + 1, name="water_id"),
    )


def stations(*points: tuple[float, float], water: int | None = 1) -> gpd.GeoDataFrame:
    """Return stations 1, 2, … of one water."""
    return gpd.GeoDataFrame(
        {"water_id": pd.array([water] * len(points), dtype="Int64")},
        geometry=[Point(point) for point in points],
        crs=CRS,
        index=pd.RangeIndex(1, len(points) + 1, name="station_id"),
    )


def full_sets(frame: gpd.GeoDataFrame, verified: dt.date | None = TODAY) -> pd.DataFrame:
    """Return the four items of every station, all good."""
    rows = [(station, kind, "good", verified) for station in frame.index for kind in SET]
    return pd.DataFrame(rows, columns=["station_id", "kind", "state", "verified_on"])


def places(*rows: tuple[str, float, float], weight: float = 1.0) -> gpd.GeoDataFrame:
    """Return places 1, 2, … of one weight."""
    return gpd.GeoDataFrame(
        {"kind": [kind for kind, _, _ in rows], "weight": np.full(len(rows), weight)},
        geometry=[Point(x, y) for _, x, y in rows],
        crs=CRS,
        index=pd.RangeIndex(1, len(rows) + 1, name="place_id"),
    )


def barriers(*rows: tuple[int, str, LineString]) -> gpd.GeoDataFrame:
    """Return barriers along waters."""
    return gpd.GeoDataFrame(
        {
            "water_id": np.array([water for water, _, _ in rows], dtype=np.int64),
            "kind": np.array([kind for _, kind, _ in rows], dtype=object),
        },
        geometry=[line for _, _, line in rows],
        crs=CRS,
    )


def cameras(*rows: tuple[float, float, float, float, float], state: str = "good") -> gpd.GeoDataFrame:
    """Return cameras at x, y with bearing, view [deg] and reach [m]."""
    return gpd.GeoDataFrame(
        {
            "state": np.array([state] * len(rows), dtype=object),
            "bearing_deg": [bearing for _, _, bearing, _, _ in rows],
            "view_deg": [view for _, _, _, view, _ in rows],
            "reach_m": [reach for _, _, _, _, reach in rows],
        },
        geometry=[Point(x, y) for x, y, _, _, _ in rows],
        crs=CRS,
    )


def patrol(
    line: LineString,
    *,
    walked_m: float = 1000.0,
    minutes: float = 20.0,
    days_ago: int = 0,
    water: int | None = None,
) -> gpd.GeoDataFrame:
    """Return one patrol that ended at nine in the morning, Beijing time."""
    end = pd.Timestamp(TODAY, tz="Asia/Shanghai") + pd.Timedelta(hours=9) - pd.Timedelta(days=days_ago)
    return gpd.GeoDataFrame(
        {
            "water_id": pd.array([water], dtype="Int64"),
            "started_at": [end - pd.Timedelta(minutes=minutes)],
            "ended_at": [end],
            "walked_m": [walked_m],
        },
        geometry=[line],
        crs=CRS,
    )


STRAIGHT = LineString([(0, 0), (1000, 0)])
POND = Polygon([(0, 0), (100, 0), (100, 100), (0, 100)])
EVERYWHERE = (("home", 250.0, 50.0), ("home", 750.0, 50.0))
"""Two homes that expose every metre of the straight bank at 500 m."""


@dataclass
class World:
    """The arguments of `assess`, each with something plain to begin with."""

    waters: gpd.GeoDataFrame = field(default_factory=lambda: waters(STRAIGHT))
    stations: gpd.GeoDataFrame = field(default_factory=stations)
    items: pd.DataFrame | None = None
    places: gpd.GeoDataFrame = field(default_factory=lambda: places(*EVERYWHERE))
    barriers: gpd.GeoDataFrame = field(default_factory=barriers)
    cameras: gpd.GeoDataFrame | None = None
    patrols: gpd.GeoDataFrame | None = None
    parameters: Parameters = field(default_factory=Parameters)
    as_of: dt.date = TODAY

    def assess(self) -> Findings:
        """Return the findings of this world; every station has its full set where nothing else is said."""
        items = full_sets(self.stations) if self.items is None else self.items
        return assess(
            self.waters,
            self.stations,
            items,
            self.places,
            self.barriers,
            self.parameters,
            self.as_of,
            cameras=self.cameras,
            patrols=self.patrols,
        )


def gap_list(findings: Findings) -> list[tuple[str, float, float]]:
    """Return side, from and to of every gap, to the millimetre."""
    gaps = findings.gaps
    return [
        (side, round(start, 3), round(stop, 3))
        for side, start, stop in zip(gaps["side"], gaps["from_m"], gaps["to_m"], strict=True)
    ]
