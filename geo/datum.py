"""The shifted coordinates of Chinese web maps, and the way back.

GCJ-02 (Amap, Tencent, WeChat) is off by 598-660 m in Shaoyang and BD-09 (Baidu) by 1,135-1,235 m: more than
every safety distance. CGCS2000 and WGS 84 agree within centimetres and are one system here.

Both shifts have a closed form in one direction only. The inverse is a fixed-point iteration
``p ← p − (shift(p) − target)``: the shift changes by less than 1 % of a step, so that each round gains more
than two digits and five rounds leave less than 1 µm (one step leaves up to 2.2 m).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]

KRASOVSKY_RADIUS_M = 6_378_245.0
KRASOVSKY_ECCENTRICITY_2 = 0.00669342162296594323
BAIDU_TURN = np.pi * 3000.0 / 180.0
INVERSE_ROUNDS = 8

# Outside this box the web maps publish WGS 84.
CHINA_WEST, CHINA_SOUTH, CHINA_EAST, CHINA_NORTH = 72.004, 0.8293, 137.8347, 55.8271


def _waves(scale: float, turn: Floats, waves: tuple[tuple[float, float], ...]) -> Floats:
    total = np.zeros_like(turn)
    for height, length in waves:
        total += height * np.sin(turn / length * np.pi)
    return total * scale


def _shift_deg(lon: Floats, lat: Floats) -> Pair:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    ripple = _waves(2.0 / 3.0, x, ((20.0, 1.0 / 6.0), (20.0, 1.0 / 2.0)))
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north_m += _waves(2.0 / 3.0, y, ((20.0, 1.0), (40.0, 3.0), (160.0, 12.0), (320.0, 30.0)))
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east_m += _waves(2.0 / 3.0, x, ((20.0, 1.0), (40.0, 3.0), (150.0, 12.0), (300.0, 30.0)))
    phi = np.radians(lat)
    bend = 1.0 - KRASOVSKY_ECCENTRICITY_2 * np.sin(phi) ** 2
    meridian_m = KRASOVSKY_RADIUS_M * (1.0 - KRASOVSKY_ECCENTRICITY_2) / bend**1.5
    parallel_m = KRASOVSKY_RADIUS_M / np.sqrt(bend) * np.cos(phi)
    return np.degrees(east_m / parallel_m), np.degrees(north_m / meridian_m)


def _arrays(lon: ArrayLike, lat: ArrayLike) -> Pair:
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def _solve(forward: Callable[[ArrayLike, ArrayLike], Pair], lon: ArrayLike, lat: ArrayLike) -> Pair:
    target_lon, target_lat = _arrays(lon, lat)
    x, y = target_lon, target_lat
    for _ in range(INVERSE_ROUNDS):
        shifted_x, shifted_y = forward(x, y)
        x, y = x - (shifted_x - target_lon), y - (shifted_y - target_lat)
    return x, y


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Return GCJ-02 [degrees] of WGS 84 positions; positions outside China stay where they are."""
    lon, lat = _arrays(lon, lat)
    east, north = _shift_deg(lon, lat)
    inside = (lon >= CHINA_WEST) & (lon <= CHINA_EAST) & (lat >= CHINA_SOUTH) & (lat <= CHINA_NORTH)
    return lon + np.where(inside, east, 0.0), lat + np.where(inside, north, 0.0)


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Return WGS 84 [degrees] of GCJ-02 positions, to less than 1 µm."""
    return _solve(wgs84_to_gcj02, lon, lat)


def _gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    x, y = _arrays(lon, lat)
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * BAIDU_TURN)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * BAIDU_TURN)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Return BD-09 [degrees] of WGS 84 positions."""
    return _gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Return WGS 84 [degrees] of BD-09 positions, to less than 1 µm."""
    return gcj02_to_wgs84(*_solve(_gcj02_to_bd09, lon, lat))
