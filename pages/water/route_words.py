"""Ways to school in words and rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from layers import words
from pages.shell.blocks import Figure
from pages.shell.places import township_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

HOW: Final = (
    "由应急、教育在“导入”中选“上学路线”导入：线图形文件，或每行一段起止两点的表格。"
    "从村口、路口起画，不要画到某一户。"
)
NOTE: Final = (
    "路线两侧的暴露距离见“参数与数据”（5–11 岁：距上学路线）。人数不足 3 人的路线不登记人数，按一户计权重。"
)


def summed(found: gpd.GeoDataFrame) -> list[Figure]:
    """Return how many ways there are, and how many of them pass a gap."""
    beside = found[found["gaps"] > 0]
    return [
        Figure(
            label="上学路线",
            value=f"{len(found):,}",
            unit="条",
            note=f"共 {words.kilometres(float(found['length_m'].sum()))} 公里",
        ),
        Figure(
            label="沿途有缺口的",
            value=f"{len(beside):,}",
            unit="条",
            tone="bad" if len(beside) else "good",
            share=len(beside) / len(found),
            note=f"步行学生 {int(beside['pupils'].sum()):,} 人（只计已登记人数的路线）",
        ),
    ]


def table(found: gpd.GeoDataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return ways to school under Chinese headings, those with most gaps on top."""
    return pd.DataFrame(
        {
            "编号": found["code"],
            "沿途缺口 (段)": found["gaps"],
            "名称": found["name"],
            "步行学生": found["pupils"].map(lambda count: f"{count:,}" if count else "未登记"),
            "长度 (米)": found["length_m"].round(),
            "学校": found["school"],
            "踏勘日期": found["surveyed_on"],
            "乡镇": township_names(found["area_code"], names),
        }
    )
