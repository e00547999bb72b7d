"""Rows of a drawn ledger: stations at ponds of known place, written down in any system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo import datum
from geo.crs import project, unproject
from geo.doctor.evidence import Evidence, Kind, Statement
from geo.doctor.systems import Floats, Pair, Region

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

METRIC = "EPSG:4546"
REGION = Region(metric_crs=METRIC, outline=shapely.box(109.83, 25.95, 112.09, 27.67))


@dataclass(frozen=True)
class Ledger:
    """Places of rows [degrees, EPSG:4490] with what they state."""

    lon: Floats
    lat: Floats
    ponds: NDArray[Any]
    villages: NDArray[Any]

    def evidence(self, *kinds: Kind, region: Region = REGION) -> Evidence:
        shapes = {"water": self.ponds, "village": self.villages}
        at = np.arange(len(self.lon), dtype=np.int64)
        return Evidence(
            region=region,
            rows=len(self.lon),
            statements=tuple(Statement(kind=kind, shapes=shapes[kind], which=at) for kind in kinds),
        )


def ledger(rows: int, seed: int = 0, off_m: float = 8.0) -> Ledger:
    chance = np.random.default_rng(seed)
    east, north = chance.uniform(420_000, 560_000, rows), chance.uniform(2_900_000, 3_040_000, rows)
    lon, lat = unproject(east + chance.normal(0, off_m, rows), north + chance.normal(0, off_m, rows), METRIC)
    middles = shapely.points(*unproject(east, north, METRIC))
    nearby = unproject(east + chance.normal(0, 600, rows), north + chance.normal(0, 600, rows), METRIC)
    ponds = shapely.buffer(middles, 0.0002, quad_segs=3)
    return Ledger(
        lon, lat, np.asarray(ponds, dtype=object), np.asarray(shapely.points(*nearby), dtype=object)
    )


def written(lon: Floats, lat: Floats, system: str) -> Pair:
    """Return the numbers of places as a keeper of that habit writes them."""
    whole: dict[str, Callable[[], Pair]] = {
        "cgcs2000": lambda: (lon, lat),
        "gcj02": lambda: datum.wgs84_to_gcj02(lon, lat),
        "bd09": lambda: datum.wgs84_to_bd09(lon, lat),
        "metric": lambda: project(lon, lat, "EPSG:4546"),
        "zone3": lambda: project(lon, lat, "EPSG:4525"),
        "neighbour_east": lambda: project(lon, lat, "EPSG:4547"),
        "zone6": lambda: project(lon, lat, "EPSG:4497"),
        "utm": lambda: project(lon, lat, "EPSG:32649"),
        "packed_dms": lambda: (packed(lon), packed(lat)),
    }
    return whole[system]()


def packed(values: Floats) -> Floats:
    degrees = np.floor(values)
    minutes = np.floor((values - degrees) * 60)
    seconds = np.minimum(np.round(((values - degrees) * 60 - minutes) * 60, 2), 59.99)
    return np.asarray(np.round(degrees + minutes / 100 + seconds / 10_000, 6))
