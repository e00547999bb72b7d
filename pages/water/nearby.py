"""What lies around a position: the areas and waters that a station there may belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
from shapely.geometry import Point

from geo.crs import GEOGRAPHIC, to_metric
from layers import words
from pages.shell import frames
from pages.shell.deployment import deployment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages.door.desk import Viewer
    from pages.shell.positions import Position

WATER_REACH_M: Final = 300.0
OFFERED: Final = 6
SEARCHED_DEG: Final = 0.02
"""About 2 km: only this much is measured in metres."""


@dataclass(frozen=True, kw_only=True)
class Around:
    """Codes of areas and ids of waters in the order of nearness, with their words."""

    areas: Mapping[str | None, str]
    waters: Mapping[int | None, str]


def around(viewer: Viewer, place: Position, stored: Mapping[str, Any]) -> Around:
    """Return what a station at `place` may belong to, what is stored of it first."""
    areas: dict[str | None, str] = {}
    waters: dict[int | None, str] = {}
    if stored:
        areas[str(stored["area_code"])] = str(stored["area_name"])
        if stored["water_id"] is not None:
            waters[int(stored["water_id"])] = str(stored["water_name"])
    villages = _measured(frames.villages(viewer), place)
    for row in villages.head(OFFERED).itertuples():
        if str(row.Index).startswith(viewer.area_code):
            areas.setdefault(str(row.Index), f"{row.township_name}{row.name}（{row.distance_m:.0f} 米）")
    close = _measured(frames.waters(viewer), place)
    for row in close[close["distance_m"] <= WATER_REACH_M].head(OFFERED).itertuples():
        kind = words.WATERS.get(row.kind, row.kind)
        waters.setdefault(int(row.Index), f"{row.name}（{kind}，{row.distance_m:.0f} 米）")
    return Around(areas=areas, waters=waters | {None: "暂不关联"})


def _measured(frame: gpd.GeoDataFrame, place: Position) -> gpd.GeoDataFrame:
    """Return the rows near the place with `distance_m`, the nearest first."""
    box = (
        place.lon - SEARCHED_DEG,
        place.lat - SEARCHED_DEG,
        place.lon + SEARCHED_DEG,
        place.lat + SEARCHED_DEG,
    )
    near = frame.iloc[sorted(frame.sindex.intersection(box))] if len(frame) else frame
    if near.empty:
        return near.assign(distance_m=[])
    crs = deployment().metric_crs
    point = to_metric(gpd.GeoDataFrame(geometry=[Point(place.lon, place.lat)], crs=GEOGRAPHIC), crs)
    measured = to_metric(near, crs).distance(point.geometry.iloc[0])
    return near.assign(distance_m=measured).sort_values("distance_m")
