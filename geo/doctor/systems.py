"""The systems in which keepers write a position, and the way from their numbers to CGCS2000.

A *system* says what a number means (which datum, which zone). A *notation* says how it was written: plain,
columns swapped, decimal point lost, kilometres for metres. The notation of a row shows in the size of its
numbers once the area is known; the system of angular numbers does not, since GCJ-02 and BD-09 differ from
CGCS2000 by a kilometre at most, and has to be inferred from where the rows say they are.

Systems follow from the deployment: its metric CRS gives the central meridian, its outline the area. Outside
China GCJ-02 and BD-09 do not exist and are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import datum
from geo.crs import crs_of, project, unproject

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]
Part = Literal["angular", "grid"]

MARGIN_DEG: Final = 0.15
"""About 15 km: a row this far outside the area is still looked at; BD-09 moves by little more than 1 km."""
ZONE_M: Final = 1_000_000.0
LOST_POINT_MIN: Final = 1_000.0
MERCATOR: Final = "EPSG:3857"
SHIFT_MIN_DEG: Final = 1e-5
FIRST_CM_3, LAST_CM_3, FIRST_CM_6, LAST_CM_6 = 75, 135, 75, 135
NOTATIONS: Final[dict[Part, tuple[str, ...]]] = {
    "angular": ("plain", "swapped", "lost_point", "lost_point_swapped"),
    "grid": ("plain", "swapped", "kilometres", "kilometres_swapped"),
}


@dataclass(frozen=True, kw_only=True)
class System:
    """One meaning of a pair: `key` for programs, `crs` where it is projected, prior odds among its part."""

    key: str
    part: Part
    prior: float
    crs: str = ""


@dataclass(frozen=True, kw_only=True)
class Region:
    """Where a deployment is: its metric CRS and its outline in EPSG:4490."""

    metric_crs: str
    outline: BaseGeometry

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north [degrees] with the margin within which rows are looked at."""
        west, south, east, north = self.outline.bounds
        return west - MARGIN_DEG, south - MARGIN_DEG, east + MARGIN_DEG, north + MARGIN_DEG

    @cached_property
    def ground(self) -> BaseGeometry:
        """The outline in the metric CRS."""
        made: BaseGeometry = to_ground(np.array([self.outline], dtype=object), self.metric_crs)[0]
        return made

    @cached_property
    def area_m2(self) -> float:
        """Area of the outline [m²]; of its box where the outline has none."""
        west, south, east, north = self.ground.buffer(1000.0).bounds
        return float(self.ground.area) or (east - west) * (north - south)

    @cached_property
    def systems(self) -> tuple[System, ...]:
        """Every system that a file of this deployment may be in."""
        return (*_angular(self), *_grids(self))

    def inside(self, lon: Floats, lat: Floats) -> NDArray[np.bool_]:
        """Return which places lie in the box of the area and its margin."""
        west, south, east, north = self.bounds
        held: NDArray[np.bool_] = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        return held


def to_ground(shapes: NDArray[Any], metric_crs: str) -> NDArray[Any]:
    """Return geometries of EPSG:4490 in the metric CRS."""
    turned = shapely.transform(shapes, lambda xy: np.column_stack(project(xy[:, 0], xy[:, 1], metric_crs)))
    return np.asarray(turned, dtype=object)


def _angular(region: Region) -> list[System]:
    found = [System(key="cgcs2000", part="angular", prior=0.5)]
    west, south, east, north = region.outline.bounds
    middle = (west + east) / 2, (south + north) / 2
    moved = datum.wgs84_to_gcj02(*middle)
    if float(np.hypot(moved[0] - middle[0], moved[1] - middle[1])) > SHIFT_MIN_DEG:
        found += [
            System(key="gcj02", part="angular", prior=0.35),
            System(key="bd09", part="angular", prior=0.12),
        ]
    return [*found, System(key="packed_dms", part="angular", prior=0.005)]


def _grids(region: Region) -> list[System]:
    found = [System(key="metric", part="grid", prior=0.6, crs=region.metric_crs)]
    meridian = central_meridian(region.metric_crs)
    west, _, east, _ = region.outline.bounds
    zone = int(((west + east) / 2 + 180.0) // 6.0) + 1
    utm = f"EPSG:{32600 + zone if region.outline.bounds[1] >= 0 else 32700 + zone}"
    extra = [("utm", 0.02, utm), ("mercator", 0.02, MERCATOR)]
    if meridian is not None and "CGCS2000" in crs_of(region.metric_crs).name:
        degree = round(meridian)
        extra += [("zone3", 0.2, cgcs2000_zone3(degree))]
        six = (degree // 6) * 6 + 3
        extra += [("zone6", 0.05, f"EPSG:{4491 + (six - FIRST_CM_6) // 6}")]
        extra += [("zone6_plain", 0.02, f"EPSG:{4502 + (six - FIRST_CM_6) // 6}")]
        extra += [
            (name, 0.03, cgcs2000_cm(near))
            for name, near in (("neighbour_west", degree - 3), ("neighbour_east", degree + 3))
            if FIRST_CM_3 <= near <= LAST_CM_3
        ]
    taken = {crs_of(region.metric_crs).to_epsg()}
    for key, prior, code in extra:
        same_numbers = key == "zone6_plain" and meridian == central_meridian(code)
        if crs_of(code).to_epsg() not in taken and not same_numbers:
            taken.add(crs_of(code).to_epsg())
            found.append(System(key=key, part="grid", prior=prior, crs=code))
    return found


def cgcs2000_cm(degree: int) -> str:
    """Return the CGCS2000 3-degree system of a central meridian, without zone prefix (GB/T 17798)."""
    return f"EPSG:{4534 + (degree - FIRST_CM_3) // 3}"


def cgcs2000_zone3(degree: int) -> str:
    """Return the CGCS2000 3-degree system of a central meridian whose eastings begin with the zone."""
    return f"EPSG:{4513 + (degree - FIRST_CM_3) // 3}"


def central_meridian(crs: str) -> float | None:
    """Return the central meridian [degrees] of a transverse Mercator system."""
    operation = crs_of(crs).coordinate_operation
    if operation is None or "Transverse Mercator" not in operation.method_name:
        return None
    return next((float(p.value) for p in operation.params if p.name == "Longitude of natural origin"), None)


def undo(system: System, notation: str, first: Floats, second: Floats, region: Region) -> Pair:
    """Return longitude and latitude [degrees, EPSG:4490] that a pair means; not finite where it means none.

    `first` and `second` are the columns that the keeper calls longitude (or east) and latitude (or north).
    """
    x, y = (second, first) if notation.endswith("swapped") else (first, second)
    if system.part == "grid":
        scale = 1000.0 if notation.startswith("kilometres") else 1.0
        with np.errstate(invalid="ignore", over="ignore"):
            lon, lat = unproject(x * scale, y * scale, system.crs)
        return lon, lat
    if notation.startswith("lost_point"):
        west, south, east, north = region.bounds
        x, y = _pointed(x, west, east), _pointed(y, south, north)
    return ANGULAR[system.key](x, y)


def _pointed(values: Floats, low: float, high: float) -> Floats:
    """Return whole numbers with the decimal point put where they fall between `low` and `high`."""
    found = np.where((values >= low) & (values <= high), values, np.nan)
    whole = (values >= LOST_POINT_MIN) & (values == np.floor(values))
    for power in range(1, 16):
        scaled = values / 10.0**power
        fits = whole & np.isnan(found) & (scaled >= low) & (scaled <= high)
        found = np.where(fits, scaled, found)
    return found


def unpacked(values: Floats) -> Floats:
    """Return degrees of numbers written D.MMSSss, such as 111.2804 for 111°28′04″; NaN where not."""
    whole = np.round(np.abs(values) * 1e8).astype(np.float64)
    degrees = np.floor(whole / 1e8)
    minutes = np.floor((whole - degrees * 1e8) / 1e6)
    seconds = (whole - degrees * 1e8 - minutes * 1e6) / 1e4
    turned = degrees + minutes / 60.0 + seconds / 3600.0
    return np.where((minutes < 60.0) & (seconds < 60.0), np.copysign(turned, values), np.nan)  # noqa: PLR2004 - sixty


def _plain(lon: Floats, lat: Floats) -> Pair:
    return lon, lat


def _unpacked(lon: Floats, lat: Floats) -> Pair:
    return unpacked(lon), unpacked(lat)


ANGULAR: Final[dict[str, Callable[[Floats, Floats], Pair]]] = {
    "cgcs2000": _plain,
    "gcj02": datum.gcj02_to_wgs84,
    "bd09": datum.bd09_to_wgs84,
    "packed_dms": _unpacked,
}
