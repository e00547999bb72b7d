"""Photos of a walk in words, rows and layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import shapely

from geo.crs import GEOGRAPHIC
from jobs.photo_places import TITLES
from layers.maps import Layer, bounds_of, features
from layers.palette import PHOTOS
from pages.water.patrol_words import SYSTEMS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data.storage.photos import Host
    from jobs.photo_places import Placed
    from layers.maps import Bounds

HEADINGS: Final = ("照片", "结论", "归到", "相距 (米)")


def evidence(fits: Mapping[str, int], total: int) -> str:
    """Return how many pictures lie at a station or hazard in each system."""
    counted = "，".join(f"按 {SYSTEMS[name].split('（')[0]} 有 {count} 张" for name, count in fits.items())
    return f"共 {total} 张照片：{counted}落在点位或隐患附近；默认选最多的一种，请核对。"


def rows(found: Sequence[Placed]) -> list[tuple[str, ...]]:
    """Return one row for each picture, with what becomes of it."""
    return [
        (
            one.name,
            "可保存" if one.counts else "待选定" if one.undecided else f"不收：{one.why}",
            "、".join(map(told, one.near if one.undecided else filter(None, [one.host]))) or "—",
            "—" if one.host is None else f"{one.host.distance_m:,.0f}",
        )
        for one in found
    ]


def told(host: Host) -> str:
    """Return a station or hazard in one clause."""
    return f"{TITLES[host.kind]} {host.code} {host.name}".strip()


def options(one: Placed) -> dict[str, str]:
    """Return what a picture between a station and a hazard may show, by kind."""
    return {host.kind: f"{told(host)}（{host.distance_m:,.0f} 米）" for host in one.near}


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
            "station": ["" if one.host is None else told(one.host) for one in placed],
        },
        geometry=shapely.points(at),
        crs=GEOGRAPHIC,
    )
