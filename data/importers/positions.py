"""From the coordinates of a file to EPSG:4490: only where the reference system is known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import shapely
from pyproj.exceptions import CRSError

from data.importers.rows import IntakeError
from geo import datum
from geo.crs import GEOGRAPHIC, crs_of, to_geographic

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SHIFTED: Final[dict[str, Callable[..., Any]]] = {"gcj02": datum.gcj02_to_wgs84, "bd09": datum.bd09_to_wgs84}
NAMES: Final = {"wgs84": "EPSG:4326", "cgcs2000": GEOGRAPHIC, "4490": GEOGRAPHIC, "crs84": "EPSG:4326"}
STORED_ALIKE: Final = frozenset({"EPSG:4326", GEOGRAPHIC, "EPSG:4979", "OGC:CRS84"})
"""WGS84 and CGCS2000 agree within centimetres: their degrees are stored as they are."""
UNCERTAIN: Final = re.compile(r"beijing|xian|xi'an|new beijing", re.IGNORECASE)
LON_MAX: Final = 180.0
LAT_MAX: Final = 90.0
REMEDY: Final = (
    "请说明坐标系（命令行用 --crs），如 EPSG:4490、EPSG:4546、gcj02（高德、腾讯、微信）或 bd09（百度）"
)


@dataclass(frozen=True)
class Reference:
    """The reference system of a file, as it is recorded with the batch."""

    name: str

    @property
    def degrees(self) -> bool:
        """Whether coordinates are longitude and latitude."""
        return self.name in SHIFTED or bool(crs_of(self.name).is_geographic)

    @property
    def method(self) -> str:
        """How positions came to be: `stated` as they were handed in, or `converted`."""
        return "stated" if self.name in STORED_ALIKE else "converted"


def reference(text: str) -> Reference:
    """Return the reference system that a keeper or a file names.

    Raises
    ------
    IntakeError
        If it is unknown, has no position on the ground, or stands on an uncertain datum.
    """
    key = text.strip().casefold().replace("-", "").replace("_", "")
    if key in SHIFTED:
        return Reference(key)
    named = "EPSG:4326" if key.endswith("crs84") else NAMES.get(key, text.strip())
    if re.fullmatch(r"\d{4,6}", named):
        named = f"EPSG:{named}"
    try:
        crs = crs_of(named)
    except CRSError:
        raise IntakeError(f"不认识坐标系“{text[:40]}”：{REMEDY}。") from None
    if UNCERTAIN.search(crs.name):
        raise IntakeError(
            f"坐标系“{crs.name}”与国家 2000 坐标系之间没有公开的准确转换：请先转换到 CGCS2000。"
        )
    if not (crs.is_geographic or crs.is_projected):
        raise IntakeError(f"坐标系“{crs.name}”不是平面或经纬度坐标系：{REMEDY}。")
    code = crs.to_epsg(min_confidence=70)
    return Reference(f"EPSG:{code}" if code else named)


def to_stored(shapes: NDArray[Any], found: Reference) -> NDArray[Any]:
    """Return geometries in EPSG:4490, without Z and M."""
    flat = shapely.force_2d(shapes)
    if found.name in STORED_ALIKE:
        return np.asarray(flat, dtype=object)
    if found.name in SHIFTED:
        return np.asarray(shapely.transform(flat, _back(SHIFTED[found.name])), dtype=object)
    frame = gpd.GeoDataFrame(geometry=flat, crs=crs_of(found.name))
    return np.asarray(to_geographic(frame).geometry.to_numpy(), dtype=object)


def _back(inverse: Callable[..., Any]) -> Callable[[NDArray[Any]], NDArray[Any]]:
    def turn(pairs: NDArray[Any]) -> NDArray[Any]:
        return np.column_stack(inverse(pairs[:, 0], pairs[:, 1]))

    return turn


def in_range(x: NDArray[np.float64], y: NDArray[np.float64], found: Reference) -> NDArray[np.bool_]:
    """Return which pairs may be what the reference system says."""
    small = (np.abs(x) <= LON_MAX) & (np.abs(y) <= LAT_MAX)
    return small if found.degrees else ~small & np.isfinite(x) & np.isfinite(y)


def range_fault(x: float, y: float, found: Reference) -> str | None:
    """Return why a pair cannot be what the reference system says, or none."""
    if in_range(np.array([x]), np.array([y]), found).all():
        return None
    if not (np.isfinite(x) and np.isfinite(y)):
        return "坐标不是有限的数"
    if found.degrees:
        if abs(y) <= LON_MAX and abs(x) <= LAT_MAX:
            return "纬度超出 ±90：经度与纬度可能填反"
        return f"不像经纬度：按 {found.name} 应为度"
    return f"像经纬度：按 {found.name} 应为米"
