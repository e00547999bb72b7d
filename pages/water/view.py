"""What the water page shows: gaps by priority, and stations with what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from layers import words
from layers.maps import Layer, features
from layers.palette import STATIONS
from pages.shell.blocks import Figure
from pages.shell.places import township_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

SECTIONS: Final = (
    "缺口",
    "点位",
    "采购清单",
    "缺口台账",
    "月通报",
    "可用估计",
    "巡查轨迹",
    "护栏与摄像头",
    "上学路线",
    "照片归位",
    "登记与核查",
)
WRITING: Final = SECTIONS[-2:]
"""Those that only writers are offered."""
STATUSES: Final = words.STATUSES
CLASSES: Final = {"A": "A 类（重点）", "B": "B 类（一般）", "C": "C 类（偏远）"}


def gap_figures(gaps: gpd.GeoDataFrame, figures: Mapping[str, float]) -> list[Figure]:
    """Return what the gaps amount to, of all exposed bank."""
    exposed, covered = figures["exposed_m"], figures["covered_m"]
    key = gaps[gaps["water_class"] == "A"]
    share = covered / exposed if exposed else None
    return [
        Figure(
            label="暴露岸线已覆盖",
            value="—" if share is None else f"{share:.1%}",
            share=share,
            note=f"{words.kilometres(covered)} / {words.kilometres(exposed)} 公里",
        ),
        Figure(
            label="缺口",
            value=f"{len(gaps):,}",
            unit="段",
            tone="bad" if len(gaps) else "good",
            note=f"共 {words.kilometres(float(gaps['length_m'].sum()))} 公里",
        ),
        Figure(
            label="其中 A 类重点水域",
            value=f"{len(key):,}",
            unit="段",
            tone="bad" if len(key) else "good",
            note=f"共 {words.kilometres(float(key['length_m'].sum()))} 公里",
        ),
        Figure(label="最长一段", value=f"{gaps['length_m'].max():,.0f}" if len(gaps) else "—", unit="米"),
    ]


def gap_table(gaps: gpd.GeoDataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return gaps under Chinese headings, the first to close on top."""
    return pd.DataFrame(
        {
            "次序": gaps["priority"],
            "编号": gaps["number"],
            "水域": gaps["water_name"],
            "岸别": gaps["side"].map(words.SIDES),
            "起点桩号": gaps["from_m"].map(words.chainage),
            "止点桩号": gaps["to_m"].map(words.chainage),
            "长度 (米)": gaps["length_m"].round(),
            "类别": gaps["water_class"],
            "原因": gaps["reason"].map(words.REASONS),
            "最近村（居）": gaps["nearest_village"].fillna(""),
            "距村 (米)": gaps["nearest_village_m"].round(),
            "乡镇": township_names(gaps["area_code"], names),
        }
    )


def shopping_figures(found: pd.DataFrame) -> list[Figure]:
    """Return complete sets first, then what is lacking: totals alone would mislead."""
    total = found.sum(numeric_only=True)
    return [
        Figure(
            label="完整有效套数",
            value=f"{total['valid']:,}",
            unit=f"/ {total['stations']:,} 处点位",
            note=f"不完整 {total['incomplete']:,} 处，过期未核 {total['expired']:,} 处",
        ),
        *(
            Figure(label=f"缺{words.MISSING[kind]}", value=f"{total[f'lacks_{kind}']:,}", tone="warn")
            for kind in words.BOUGHT
        ),
    ]


def station_table(stations: gpd.GeoDataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return stations under Chinese headings."""
    return pd.DataFrame(
        {
            "编号": stations["code"],
            "名称": stations["name"],
            "状态": stations["status"].map(words.STATUSES),
            "缺项": stations["missing"].map(words.missing),
            "核查有效至": stations["expires_on"],
            "水域": stations["water_name"].fillna(""),
            "乡镇": township_names(stations["area_code"], names),
            "责任单位": stations["responsible_unit"],
        }
    )


def with_status(stations: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return stations whose status is never missing: 待核算 until the assessment saw them."""
    return stations.assign(status=stations["status"].where(stations["status"].notna(), "unassessed"))


def station_layer(stations: gpd.GeoDataFrame) -> Layer:
    """Return stations as marks of five shapes."""
    found = features(stations, key="status", lines=_station_lines)
    return Layer(name="点位", styles=STATIONS, features=found)


def _station_lines(row: Any) -> tuple[str, ...]:  # noqa: ANN401 - a named tuple of the frame
    missing = words.missing(row.missing)
    lines = [f"{row.code}　{row.name}".strip(), f"状态：{words.STATUSES[row.status]}"]
    if missing:
        lines.append(f"缺项或损坏：{missing}")
    if pd.notna(row.expires_on):
        lines.append(f"核查有效至 {row.expires_on:%Y-%m-%d}")
    if pd.notna(row.water_name):
        lines.append(f"水域：{row.water_name}")
    return tuple(lines)
