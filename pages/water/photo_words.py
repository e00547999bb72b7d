"""Photos of a walk in words, rows and layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import shapely

from geo.crs import GEOGRAPHIC
from layers.maps import Layer, bounds_of, features
from layers.palette import PHOTOS
from pages.water.patrol_words import SYSTEMS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jobs.photo_places import Placed
    from layers.maps import Bounds

HEADINGS: Final = ("照片", "结论", "最近的点位", "相距 (米)")


def evidence(fits: Mapping[str, int], total: int) -> str:
    """Return how many pictures lie at a station in each system."""
    counted = "，".join(f"按 {SYSTEMS[name].split('（')[0]} 有 {count} 张" for name, count in fits.items())
    return f"共 {total} 张照片：{counted}落在点位附近；默认选最多的一种，请核对。"


def rows(found: Sequence[Placed]) -> list[tuple[str, ...]]:
    """Return one row for each picture, with what becomes of it."""
    return [
        (
            one.name,
            "可保存" if one.counts else f"不收：{one.why}",
            f"{one.code} {one.station}".strip() or "—",
            "—" if one.distance_m is None else f"{one.distance_m:,.0f}",
        )
        for one in found
    ]


def layers(found: Sequence[Placed]) -> list[Layer]:
    """Return the pictures that have a place, told apart by whether they are kept."""
    drawn = _drawn(found)
    if drawn.empty:
        return []
    made = features(drawn, key="k", lines=lambda row: (row.name, row.station))
    return [Layer(name="照片", styles=PHOTOS, features=made)]


def around(found: Sequence[Placed]) -> Bounds | None:
    """Return what the map of the pictures shows: all of them."""
    return bounds_of(_drawn(found))


def _drawn(found: Sequence[Placed]) -> gpd.GeoDataFrame:
    placed = [one for one in found if one.picture.lon is not None]
    at = np.array([(one.picture.lon, one.picture.lat) for one in placed], dtype=np.float64).reshape(-1, 2)
    return gpd.GeoDataFrame(
        {
            "k": ["kept" if one.counts else "left" for one in placed],
            "name": [one.name for one in placed],
            "station": [f"{one.code} {one.station}".strip() for one in placed],
        },
        geometry=shapely.points(at),
        crs=GEOGRAPHIC,
    )
