"""Barriers, covers and cameras in words, rows and layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import to_geographic, to_metric
from layers import words
from layers.maps import Layer, features
from layers.palette import CAMERAS, DEVICES
from pages.shell.places import township_names

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS: Final = {"barrier": "护栏、盖板", "camera": "摄像头"}
COMPARED: Final = ("项目", "对方已保存", "您填写的")
FIELDS: Final = {
    "code": "编号",
    "kind": "种类",
    "state": "状态",
    "height_m": "高度 (米)",
    "installed_on": "设置日期",
    "bearing_deg": "朝向 (度)",
    "view_deg": "视角 (度)",
    "reach_m": "可视距离 (米)",
}
ARC_DEG: Final = 6.0
"""The edge of a drawn sector is bent every so many degrees."""


def faults(code: str, points: int, table: str, *, placed: bool) -> list[str]:
    """Return what keeps a device from being saved, in words."""
    found = [] if code.strip() else ["请填写编号"]
    if table == "barrier" and points < 2:  # noqa: PLR2004 - a line has two ends
        found.append("护栏、盖板须在图上至少点两处")
    if table == "camera" and points < 1:
        found.append("请在图上点出摄像头的位置")
    if not placed:
        found.append("请选择所属水域" if table == "barrier" else "该位置不在您的辖区内，请核对坐标")
    return found


def compared(theirs: Mapping[str, Any], mine: object) -> list[tuple[str, ...]]:
    """Return the fields that differ between what stands now and what was filled in."""
    rows = [
        (label, told(name, theirs[name]), told(name, getattr(mine, name)))
        for name, label in FIELDS.items()
        if name in theirs and theirs[name] != getattr(mine, name)
    ]
    return [*rows, ("位置", "对方已保存的位置", "您图上的位置")]


def told(name: str, value: Any) -> str:  # noqa: ANN401 - a value of the record
    """Return a value of one field in words."""
    if value is None:
        return "—"
    listed = {"kind": words.BARRIERS, "state": words.DEVICE_STATES}.get(name)
    return listed[value] if listed else f"{value:g}" if isinstance(value, float) else str(value)


def table(found: gpd.GeoDataFrame, kind: str, names: Mapping[str, str]) -> pd.DataFrame:
    """Return devices under Chinese headings."""
    columns = {"编号": found["code"], "状态": found["state"].map(words.DEVICE_STATES)}
    if kind == "barrier":
        columns |= {
            "种类": found["kind"].map(words.BARRIERS),
            "水域": found["water_name"],
            "高度 (米)": found["height_m"].map(lambda metres: "" if pd.isna(metres) else f"{metres:g}"),
            "设置日期": found["installed_on"],
        }
    else:
        columns |= {
            "朝向 (度)": found["bearing_deg"],
            "视角 (度)": found["view_deg"],
            "可视距离 (米)": found["reach_m"],
        }
    return pd.DataFrame(columns | {"乡镇": township_names(found["area_code"], names)})


def layers(barriers: gpd.GeoDataFrame, cameras: gpd.GeoDataFrame, metric_crs: str) -> list[Layer]:
    """Return what the cameras see, the barriers and the cameras."""
    seen = sectors(cameras, metric_crs)
    states = {True: "good", False: "other"}
    lines = barriers.assign(k=barriers["state"].eq("good").map(states))
    points = cameras.assign(k=cameras["state"].eq("good").map(states))
    return [
        Layer(
            name="摄像头可视范围",
            styles=CAMERAS,
            features=features(seen.assign(k="seen"), key="k", lines=lambda _: ()),
            told=False,
        ),
        Layer(name="护栏、盖板", styles=DEVICES, features=features(lines, key="k", lines=_barrier_lines)),
        Layer(name="摄像头", styles=CAMERAS, features=features(points, key="k", lines=_camera_lines)),
    ]


def sectors(cameras: gpd.GeoDataFrame, metric_crs: str) -> gpd.GeoDataFrame:
    """Return what each working camera sees as a polygon in EPSG:4490: a sector, or a disc."""
    good = to_metric(cameras[cameras["state"].eq("good")], metric_crs)
    shapes = [
        _sector(row.geometry, float(row.bearing_deg), float(row.view_deg), float(row.reach_m))
        for row in good.itertuples()
    ]
    made = gpd.GeoDataFrame({"code": good["code"]}, geometry=shapes, crs=good.crs)
    return to_geographic(made)


def _sector(at: shapely.Point, bearing_deg: float, view_deg: float, reach_m: float) -> shapely.Polygon:
    count = int(np.ceil(view_deg / ARC_DEG)) + 1
    turn = np.radians(np.linspace(bearing_deg - view_deg / 2, bearing_deg + view_deg / 2, count))
    edge = np.column_stack([at.x + reach_m * np.sin(turn), at.y + reach_m * np.cos(turn)])
    return shapely.Polygon(edge if view_deg >= 360 else [(at.x, at.y), *edge])  # noqa: PLR2004 - a full circle


def _barrier_lines(row: Any) -> tuple[str, ...]:  # noqa: ANN401 - a named tuple of the frame
    return (
        f"{words.BARRIERS[row.kind]}　{row.code}",
        f"状态：{words.DEVICE_STATES[row.state]}",
        row.water_name,
    )


def _camera_lines(row: Any) -> tuple[str, ...]:  # noqa: ANN401 - a named tuple of the frame
    return f"摄像头　{row.code}", f"状态：{words.DEVICE_STATES[row.state]}", f"可视 {row.reach_m:g} 米"
