"""Patrol tracks in words, rows and layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd

from geo.crs import GEOGRAPHIC
from layers import words
from layers.maps import Layer, bounds_of, features
from layers.palette import PATROLS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from jobs.patrols import Judged
    from layers.maps import Bounds

PARTS: Final = ("轨迹", "结论", "开始", "时长 (分)", "沿岸 (米)", "经过的岸线")
SYSTEMS: Final = {
    "wgs84": "WGS84（GPS、北斗，多数轨迹软件）",
    "gcj02": "GCJ-02（高德、腾讯、微信）",
    "bd09": "BD-09（百度）",
}


def rows(parts: Sequence[Judged], zone: tzinfo, valid_days: int) -> list[tuple[str, ...]]:
    """Return one row for each part of a file, with what becomes of it."""
    return [
        (
            part.name,
            verdict(part, valid_days),
            _moment(part.walk.started, zone),
            "—" if pd.isna(part.walk.minutes) else f"{part.walk.minutes:.0f}",
            f"{part.walk.walked_m:,.0f}" if part.line is not None else "—",
            "；".join(_stretch(at) for at in part.stretches) or "—",
        )
        for part in parts
    ]


def verdict(part: Judged, valid_days: int) -> str:
    """Return what becomes of one part, in words."""
    if part.reason:
        return f"不收：{words.track_fault(part.reason, part.walk, part.shifted)}"
    if part.stored:
        return "此前已保存，不重复计入"
    if part.age_days > valid_days:
        return f"可保存；{part.age_days} 天前的巡查，已超过 {valid_days} 天，不计入当前覆盖"
    return "有效，可保存"


def layer(parts: Sequence[Judged]) -> Layer:
    """Return the parts that have a line, told apart by whether they count."""
    found = features(_drawn(parts), key="k", lines=lambda row: (row.name, row.walked))
    return Layer(name="本次轨迹", styles=PATROLS, features=found)


def around(parts: Sequence[Judged]) -> Bounds | None:
    """Return what the map of the parts shows: all of their lines."""
    return bounds_of(_drawn(parts))


def _drawn(parts: Sequence[Judged]) -> gpd.GeoDataFrame:
    drawn = [part for part in parts if part.line is not None]
    return gpd.GeoDataFrame(
        {
            "k": ["refused" if part.reason else "counts" for part in drawn],
            "name": [part.name for part in drawn],
            "walked": [f"沿岸 {part.walk.walked_m:,.0f} 米" for part in drawn],
        },
        geometry=[part.line for part in drawn],
        crs=GEOGRAPHIC,
    )


def walked_table(found: gpd.GeoDataFrame, names: Mapping[str, str], zone: tzinfo) -> pd.DataFrame:
    """Return stored patrols under Chinese headings, newest first."""
    began, ended = (found[name].dt.tz_convert(zone) for name in ("started_at", "ended_at"))
    return pd.DataFrame(
        {
            "开始": began.dt.strftime("%Y-%m-%d %H:%M"),
            "时长 (分)": ((ended - began).dt.total_seconds() / 60.0).round(),
            "沿岸 (米)": found["walked_m"].round(),
            "是否计入": found["counts"].map({True: "计入", False: "不计入"}),
            "村（居）、乡镇": [names.get(code, names.get(code[:9], code)) for code in found["area_code"]],
            "巡查人": found["person"],
            "备注": found["note"],
            "编号": found["code"],
        }
    )


def walked_layer(found: gpd.GeoDataFrame, zone: tzinfo) -> Layer:
    """Return stored patrols, told apart by whether they count today."""
    shown = found.assign(
        k=found["counts"].map({True: "counts", False: "aged"}),
        began=found["started_at"].dt.tz_convert(zone).dt.strftime("%Y-%m-%d %H:%M"),
    )
    return Layer(name="巡查轨迹", styles=PATROLS, features=features(shown, key="k", lines=_lines))


def _lines(row: Any) -> tuple[str, ...]:  # noqa: ANN401 - a named tuple of the frame
    return f"巡查 {row.began}", f"沿岸 {row.walked_m:,.0f} 米", row.person, row.note


def _stretch(at: Any) -> str:  # noqa: ANN401 - a stretch
    return f"{at.water}　{words.SIDES[at.side]} {words.chainage(at.from_m)} 至 {words.chainage(at.to_m)}"


def _moment(seconds: float, zone: tzinfo) -> str:
    if pd.isna(seconds):
        return "—"
    return f"{pd.Timestamp(seconds, unit='s', tz='UTC').tz_convert(zone):%Y-%m-%d %H:%M}"
