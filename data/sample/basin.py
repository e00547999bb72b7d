"""One prefecture's ground: outlines, drainage and river net, made once and shared by its counties."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from data.sample.chance import stream, wander
from data.sample.dry import points
from data.sample.outlines import counties_of, outlines
from data.sample.rivers import Net, net
from data.sample.terrain import SPACING_M, Course, Terrain, terrain
from data.sample.valleys import MAIN, SEATS
from geo.crs import DEFAULT_METRIC, GEOGRAPHIC, to_metric

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

WINDING = ((9_000.0, 900.0), (3_500.0, 350.0))


@dataclass(frozen=True, kw_only=True)
class Basin:
    """The ground of one prefecture, in metres; `counties` is indexed by code."""

    code: str
    seed: int
    outline: BaseGeometry
    counties: gpd.GeoSeries
    ground: Terrain
    rivers: Net
    seats: dict[str, NDArray[np.float64]]

    def reaches_in(self, county: str) -> pd.DataFrame:
        """Return the reaches clipped to one county, one row a piece that is longer than a step across."""
        shape = self.counties[county]
        every = self.rivers.reaches
        found = np.sort(shapely.STRtree(every["geom"].to_numpy()).query(shape, predicate="intersects"))
        inside = every.iloc[found].reset_index(drop=True)
        inside["geom"] = shapely.intersection(inside["geom"].to_numpy(), shape)
        return in_lines(inside)


def in_lines(frame: pd.DataFrame, shortest_m: float = 40.0) -> pd.DataFrame:
    """Return one row for every line of `frame`, without the crumbs that cutting leaves."""
    parts, row = shapely.get_parts(frame["geom"].to_numpy(), return_index=True)
    keep = (shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING) & (
        shapely.length(parts) >= shortest_m
    )
    cut: pd.DataFrame = frame.iloc[row[keep]].reset_index(drop=True)
    cut["geom"] = parts[keep]
    return cut


@lru_cache(maxsize=2)
def basin(seed: int, code: str) -> Basin:
    """Return the ground of prefecture `code`; the same for every scale and county."""
    outline = outlines((code,)).iloc[0]
    courses = _courses(seed, code)
    ground = terrain(seed, code, outline, courses)
    seats = {county: _metres((place,))[0] for county, place in SEATS.items() if county.startswith(code)}
    return Basin(
        code=code, seed=seed, outline=outline, counties=outlines(counties_of(code)), ground=ground,
        rivers=net(seed, code, ground, courses), seats=seats,
    )  # fmt: skip


def _courses(seed: int, code: str) -> tuple[Course, ...]:
    made = []
    for valley in MAIN.get(code, ()):
        line = shapely.segmentize(shapely.linestrings(_metres(valley.course)), SPACING_M)
        # One stream for all: valleys that meet wind together and still meet.
        places = wander(stream(seed, code, "courses"), shapely.get_coordinates(line), WINDING)
        made.append(
            Course(name=valley.name, places=places, inflow_km2=valley.inflow_km2, leaves=valley.leaves)
        )
    return tuple(made)


def _metres(degrees: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    frame = gpd.GeoDataFrame(geometry=list(points(np.array(degrees))), crs=GEOGRAPHIC)
    return shapely.get_coordinates(to_metric(frame, DEFAULT_METRIC).geometry.to_numpy())
