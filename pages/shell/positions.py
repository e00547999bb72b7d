"""A typed or clicked position, brought to the system of storage with the reason shown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import geopandas as gpd
from shapely.geometry import Point

from geo.crs import GEOGRAPHIC, to_geographic, to_metric
from geo.datum import bd09_to_wgs84, gcj02_to_wgs84

if TYPE_CHECKING:
    from layers.maps import Bounds

DATUMS: Final = {
    "cgcs2000": "CGCS2000、WGS84 经纬度（天地图、GPS）",
    "gcj02": "GCJ-02 经纬度（高德、腾讯、微信）",
    "bd09": "BD-09 经纬度（百度）",
    "metric": "平面坐标（东 E、北 N，米）",
}
MARGIN_DEG: Final = 0.05


class PositionError(ValueError):
    """What was typed is no position in this area; the message says why and what to check."""


@dataclass(frozen=True, kw_only=True)
class Position:
    """A place in EPSG:4490 with the numbers as they were given and how they were turned."""

    lon: float
    lat: float
    given: str
    method: str
    moved_m: float = 0.0

    @property
    def told(self) -> str:
        """Say where the place is and what was done to the numbers."""
        words = f"经度 {self.lon:.6f}，纬度 {self.lat:.6f}（CGCS2000）"
        return f"{words}；由 {self.given} 换算，移动 {self.moved_m:.0f} 米" if self.moved_m > 1 else words


def from_click(lon: float, lat: float) -> Position:
    """Return the place that was clicked on the map."""
    return Position(lon=round(lon, 7), lat=round(lat, 7), given=f"{lon:.6f}, {lat:.6f}", method="clicked")


def from_numbers(first: float, second: float, datum: str, *, metric_crs: str, area: Bounds) -> Position:
    """Return the place of a typed pair: lon and lat, or east and north for `metric`.

    Raises
    ------
    PositionError
        If the pair lies outside `area`; swapped columns and a wrong datum are named as the likely cause.
    """
    if not (math.isfinite(first) and math.isfinite(second)):
        raise PositionError("坐标须为数字。")
    if datum == "metric":
        frame = gpd.GeoDataFrame(geometry=[Point(first, second)], crs=metric_crs)
        place = to_geographic(frame).geometry.iloc[0]
        given, lon, lat = f"E {first:.2f}, N {second:.2f}", float(place.x), float(place.y)
    else:
        given, (lon, lat) = f"{first:.6f}, {second:.6f}", _plain(first, second, datum)
    if not _inside(lon, lat, area):
        raise PositionError(_likely_cause(first, second, datum, area))
    moved = 0.0 if datum == "metric" else _metres_between((first, second), (lon, lat), metric_crs)
    method = "stated" if datum == "cgcs2000" else "converted"
    return Position(lon=round(lon, 8), lat=round(lat, 8), given=given, method=method, moved_m=moved)


def _plain(lon: float, lat: float, datum: str) -> tuple[float, float]:
    turn = {"gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84}.get(datum)
    if turn is None:
        return lon, lat
    turned = turn([lon], [lat])
    return float(turned[0][0]), float(turned[1][0])


def _inside(lon: float, lat: float, area: Bounds) -> bool:
    west, south, east, north = area
    return west - MARGIN_DEG <= lon <= east + MARGIN_DEG and south - MARGIN_DEG <= lat <= north + MARGIN_DEG


def _likely_cause(first: float, second: float, datum: str, area: Bounds) -> str:
    if datum != "metric" and _inside(second, first, area):
        return "经度与纬度似乎写反了：第一格填经度（东经），第二格填纬度（北纬）。"
    if datum != "metric" and max(abs(first), abs(second)) > 180:  # noqa: PLR2004 - degrees end here
        return "这组数字是以米为单位的平面坐标，请把坐标类型改为“平面坐标”。"
    if datum == "metric" and max(abs(first), abs(second)) <= 180:  # noqa: PLR2004 - degrees end here
        return "这组数字是经纬度，请改选经纬度的坐标类型。"
    if datum == "metric" and second < first:
        return "东坐标与北坐标似乎写反了：测绘成果表中的 X 是北坐标，Y 是东坐标。"
    return "该位置不在本辖区范围内，请核对坐标数字和坐标类型。"


def _metres_between(one: tuple[float, float], other: tuple[float, float], metric_crs: str) -> float:
    pair = to_metric(gpd.GeoDataFrame(geometry=[Point(one), Point(other)], crs=GEOGRAPHIC), metric_crs)
    return float(pair.geometry.iloc[0].distance(pair.geometry.iloc[1]))
