"""What the civil affairs page shows: children by number, never by name, with what is near their home."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from layers import words
from layers.maps import Layer, features
from layers.palette import HOMES
from pages.shell.blocks import Figure
from pages.shell.places import township_names

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import geopandas as gpd

NEAR_M: Final = 100.0
MID_M: Final = 200.0
BANDS: Final = {key: style.label for key, style in HOMES.items()}
PROFILES: Final = {"T": "0—4 岁", "P": "5—11 岁", "Y": "12—16 岁"}
AGE_STARTS: Final = {"T": 0, "P": 5, "Y": 12}


def with_profile(children: gpd.GeoDataFrame, today: dt.date) -> gpd.GeoDataFrame:
    """Return children with `age` in full years, `profile` (T, P, Y) and `band` of distance.

    near: distance_m <= 100; mid: <= 200; far: beyond.
    """
    born = children["birth_month"]
    age = today.year - born.dt.year - (born.dt.month > today.month).astype(int)
    profile = (
        pd.Series("T", index=children.index)
        .mask(age >= AGE_STARTS["P"], "P")
        .mask(age >= AGE_STARTS["Y"], "Y")
    )
    away = children["distance_m"]
    band = pd.Series("far", index=children.index).mask(away <= MID_M, "mid").mask(away <= NEAR_M, "near")
    return children.assign(age=age, profile=profile, band=band)


def figures(children: gpd.GeoDataFrame) -> list[Figure]:
    """Return how many children live how near to water."""
    near = children["band"] == "near"
    return [
        Figure(label="登记水域附近的儿童", value=f"{len(children):,}", unit="名", note="按核算时的近水距离"),
        Figure(
            label="100 米以内", value=f"{int(near.sum()):,}", unit="名", tone="bad" if near.any() else "good"
        ),
        Figure(
            label="其中 0—4 岁",
            value=f"{int((near & (children['profile'] == 'T')).sum()):,}",
            unit="名",
            note="低龄儿童意外落水多发生在家附近 100 米",
            tone="bad",
        ),
        Figure(
            label="附近另有未销号隐患",
            value=f"{int((children['hazards'] > 0).sum()):,}",
            unit="名",
            tone="warn",
        ),
    ]


def table(children: gpd.GeoDataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the list under Chinese headings, the nearest home first."""
    return pd.DataFrame(
        {
            "儿童编号": children["code"],
            "距水 (米)": children["distance_m"].round(),
            "最近水域": children["water_name"],
            "水域类型": children["water_kind"].map(words.WATERS),
            "年龄": children["age"],
            "类别": children["category"].map(words.CATEGORIES),
            "寄宿": children["boarding"].map({True: "是", False: "否"}),
            "近处水域数": children["waters"],
            "未销号隐患": children["hazards"],
            "村（居）": children["area_name"],
            "乡镇": township_names(children["area_code"], names),
        }
        # Only who is named on a seal has such rows at all.
        | ({"封存": children["sealed"].map({True: "封存", False: ""})} if children["sealed"].any() else {})
    )


def layer(children: gpd.GeoDataFrame) -> Layer:
    """Return homes as marks by distance; numbers only."""
    return Layer(name="儿童居住地", styles=HOMES, features=features(children, key="band", lines=_lines))


def _lines(row: Any) -> tuple[str, ...]:  # noqa: ANN401 - a named tuple of the frame
    return (
        f"儿童编号 {row.code}",
        f"{PROFILES[row.profile]}　{words.CATEGORIES[row.category]}",
        f"最近水域：{row.water_name}（{words.WATERS.get(row.water_kind, '')}，{row.distance_m:.0f} 米）",
        f"附近未销号隐患：{row.hazards} 处",
    )
