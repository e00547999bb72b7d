"""What is expected to work today, in figures, rows and marks, with its uncertainty."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from hazards.availability import expected_between
from layers import words
from layers.maps import Layer, features
from layers.palette import OUTLOOK
from pages.shell.blocks import Figure
from pages.shell.places import township_names

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    import geopandas as gpd

    from data.storage.outlook import Outlook

RATE_HEADINGS: Final = ("器材与水域类别", "年丢损率", "95% 范围", "依据", "可信程度")
CAUTION: Final = (
    "这是按历次核查推算的估计，不是核查结果，也不改变任何点位的状态；洪水、连续偷盗等会使实际数偏出上述范围。"
)
FEW: Final = 5
"""Fewer failures than this leave the rate mostly to what was proposed."""
SHOWN: Final = 500


def amounts(stations: gpd.GeoDataFrame) -> list[Figure]:
    """Return what is expected, never without its range and the number on record."""
    low, high = expected_between(stations)
    on_record = stations[stations["status"] == "valid"]
    lost = float((1.0 - on_record["works"]).sum())
    repeated = int(stations["repeated"].sum())
    return [
        Figure(
            label="预计今天可用",
            value=f"{stations['works'].sum():,.0f}",
            unit="套",
            note=f"95% 范围 {low:,.0f}—{high:,.0f} 套，共 {len(stations):,} 处点位",
        ),
        Figure(
            label="台账认定有效",
            value=f"{len(on_record):,}",
            unit="套",
            note=f"其中预计已有约 {lost:,.0f} 套不再齐全",
        ),
        Figure(
            label="多次丢失、损坏",
            value=f"{repeated:,}",
            unit="处",
            tone="warn" if repeated else "good",
        ),
        Figure(label="近期查出丢失、损坏", value=f"{int(stations['losses'].sum()):,}", unit="件次"),
    ]


def method(run: Outlook) -> list[tuple[str, str]]:
    """Return how the estimate is made and what it does not know."""
    days, times = (run.parameters.get(f"survival.repeat_{name}", "—") for name in ("days", "losses"))
    return [
        (
            "怎么估计",
            "上次核查完好的器材，按同类器材、同类水域的丢损率估计今天仍完好的可能；四件相乘为一套，各点位相加。",
        ),
        (
            "没有算进去的",
            "盖板围栏；洪水、连续偷盗等同时发生的丢失（实际波动可能更大）；从未核查的器材按不可用计。",
        ),
        ("多次丢失、损坏", f"近 {days} 天内查出不少于 {times} 次的点位。"),
        (
            "先复核的次序",
            "可能已不齐全的程度 × 附近学校、居民点和分档儿童数（不用任何一户的位置）；已知缺件的见采购清单。",
        ),
        ("数据来源", f"第 {run.id} 次估计，估计日 {run.as_of:%Y-%m-%d}，数据版本 {run.data_version}"),
    ]


def listed(stations: gpd.GeoDataFrame, kind: str) -> gpd.GeoDataFrame:
    """Return the stations of a list: to verify by rank, or places of loss with the most on top."""
    if kind == "repeated":
        chosen = stations[stations["repeated"].astype(bool)]
        return chosen.sort_values("losses", ascending=False, kind="stable")
    return stations[stations["rank"].notna()].head(SHOWN)


def table(stations: gpd.GeoDataFrame, names: Mapping[str, str], as_of: dt.date) -> pd.DataFrame:
    """Return a list under Chinese headings."""
    ago = (pd.Timestamp(as_of) - stations["verified_on"]).dt.days
    return pd.DataFrame(
        {
            "次序": stations["rank"].astype("Int64"),
            "点位": (stations["code"] + "　" + stations["name"]).str.strip(),
            "水域": stations["water_name"].fillna(""),
            "今天齐全的可能 (%)": 100.0 * stations["works"],
            "距上次核查 (天)": ago,
            "近期丢损 (件次)": stations["losses"],
            "状态": stations["status"].fillna("unassessed").map(words.STATUSES),
            "乡镇": township_names(stations["area_code"], names),
            "责任单位": stations["responsible_unit"],
        }
    )


def layer(stations: gpd.GeoDataFrame) -> Layer:
    """Return a list as marks: places of loss stand out by their shape."""
    marked = stations.assign(k=stations["repeated"].map({True: "repeated", False: "verify"}))
    return Layer(name="点位", styles=OUTLOOK, features=features(marked, key="k", lines=_lines))


def _lines(row: Any) -> tuple[str, ...]:  # noqa: ANN401 - a named tuple of the frame
    rank = "" if pd.isna(row.rank) else f"复核次序：第 {row.rank:.0f} 位"
    return (
        f"{row.code}　{row.name}".strip(),
        f"今天齐全的可能约 {row.works:.0%}",
        f"近期查出丢失、损坏 {row.losses} 件次",
        rank,
    )


def rate_rows(rates: Iterable[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Return the rates of loss a year with their range, their ground and how far to trust them."""
    return [
        (
            f"{words.ITEMS[str(row['kind'])]}　{row['water_class']} 类",
            f"{yearly(row['rate_per_year']):.0%}",
            f"{yearly(row['low_per_year']):.0%}—{yearly(row['high_per_year']):.0%}",
            f"{row['failures']} 次丢损 / {row['item_days'] / 365.25:,.0f} 件·年",
            "记录少，主要取建议值" if int(row["failures"]) < FEW else "由本地记录得出",
        )
        for row in rates
    ]


def yearly(rate: float) -> float:
    """Return the share that a constant rate [1/year] takes in a year."""
    return -math.expm1(-rate)
