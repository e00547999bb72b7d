"""What the overview shows: headline figures, the list of a bureau's tasks, shares by area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from layers import words
from pages.shell.blocks import Bar, Figure, Task

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import geopandas as gpd

    from data.storage.findings import Assessment

HEADINGS: Final = ("地区", "暴露岸线已覆盖", "暴露 (公里)", "缺口 (公里)", "点位", "有效")
TABLE_DIGITS: Final = {2: 4, 4: 6, 6: 9, 9: 12}
"""Digits of the areas that are compared, by the digits of the viewer's own area."""


def said(found: Assessment | None, *, stale: bool) -> str:
    """Return as of when the figures are, and whether the data moved on since."""
    if found is None:
        return "尚未核算"
    day = f"核算截至 {found.as_of:%Y-%m-%d}，数据版本 {found.data_version}"
    return f"{day}；数据其后有更新，待重新计算" if stale else day


def headline(figures: Mapping[str, float], sets: Mapping[str, int], done: tuple[int, int]) -> list[Figure]:
    """Return the figures of the first row: the one number, then what it is made of.

    `sets` counts good items by kind; wherever totals are printed, complete sets stand beside them.
    """
    exposed, covered = figures["exposed_m"], figures["covered_m"]
    share = covered / exposed if exposed else None
    inspected, planned = done
    items = "、".join(f"{words.ITEMS[kind]} {sets.get(kind, 0):,}" for kind in words.REQUIRED)
    return [
        Figure(
            label="暴露岸线已覆盖",
            value="—" if share is None else f"{share:.1%}",
            share=share,
            note=f"暴露岸线 {words.kilometres(exposed)} 公里",
        ),
        Figure(
            label="缺口",
            value=words.kilometres(figures["gap_m"]),
            unit="公里",
            note=f"{figures['gaps']:,.0f} 段",
            tone="bad" if figures["gap_m"] else "good",
        ),
        Figure(
            label="有效点位",
            value=f"{figures['stations_valid']:,.0f}",
            unit=f"/ {figures['stations']:,.0f} 处",
            note=f"完好器材：{items}",
            tone="warn",
        ),
        Figure(
            label="本轮机构排查",
            value=f"{inspected:,}",
            unit=f"/ {planned:,} 所",
            share=inspected / planned if planned else 0.0,
        ),
        Figure(
            label="未销号隐患",
            value=f"{figures['hazards_open']:,.0f}",
            unit="处",
            note=f"逾期 {figures['hazards_overdue']:,.0f} 处，重大 {figures['hazards_major']:,.0f} 处",
            tone="bad" if figures["hazards_overdue"] else "plain",
        ),
    ]


def good_sets(items: pd.DataFrame) -> dict[str, int]:
    """Return how many items of each kind are in good state."""
    counted = items.loc[items["state"] == "good", "kind"].value_counts()
    return {str(kind): int(number) for kind, number in counted.items()}


def progress(rounds: pd.DataFrame, today: dt.date) -> tuple[int, int]:
    """Return how many inspections are done and planned in the round that is on, else in the newest begun."""
    begun = rounds[rounds["opens_on"] <= pd.Timestamp(today)]
    chosen = begun if len(begun) else rounds
    if chosen.empty:
        return 0, 0
    return int(chosen["done"].iloc[0]), int(chosen["planned"].iloc[0])


def tasks(role: str, figures: Mapping[str, float], left: int) -> list[Task]:
    """Return what the bureau of `role` has to do, with the page where it is done; nothing done is listed."""
    water = [
        Task(
            text="段缺口待补齐，按优先次序处理",
            count=_n(figures["gaps"]),
            link="/water?section=缺口",
            tone="bad",
        ),
        Task(
            text="处点位缺项或损坏，须补齐“四个一”",
            count=_n(figures["stations_incomplete"]),
            link="/water?section=点位",
            tone="bad",
        ),
        Task(
            text="处点位超过核查期限，须现场核查",
            count=_n(figures["stations_expired"]),
            link="/water?section=点位",
            tone="warn",
        ),
    ]
    emergency = [
        Task(text="处隐患逾期未销号", count=_n(figures["hazards_overdue"]), link="/emergency", tone="bad"),
        Task(text="所机构本轮尚未排查", count=_n(left), link="/emergency", tone="warn"),
        Task(text="处隐患未销号", count=_n(figures["hazards_open"]), link="/emergency"),
    ]
    civil = [Task(text="儿童居住地与水域、隐患的距离清单", count="查看", link="/civil", tone="warn")]
    own = {
        "water": water,
        "patroller": water,
        "emergency": emergency,
        "education": emergency,
        "civil": [*civil, *water[:1], *emergency[:1]],
        "child_director": civil,
        "auditor": [],
    }
    listed = own.get(role, [*water, *emergency])
    return [task for task in listed if task.count != "0"]


def table(
    banks: gpd.GeoDataFrame, stations: gpd.GeoDataFrame, names: Mapping[str, str], area_code: str
) -> list[Bar]:
    """Return one row an area below the viewer's, the smallest share first; without exposure last."""
    digits = TABLE_DIGITS.get(len(area_code), 12)
    while digits in TABLE_DIGITS and len(set(banks["area_code"].str[:digits])) == 1:
        digits = TABLE_DIGITS[digits]  # one row compares nothing: go down to its parts
    metres = banks.groupby(banks["area_code"].str[:digits])[["exposed_m", "covered_m", "gap_m"]].sum()
    codes = stations["area_code"].str[:digits]
    placed = codes.value_counts()
    valid = codes[stations["status"] == "valid"].value_counts()
    rows = metres.reindex(metres.index.union(placed.index)).fillna(0.0)
    rows["share"] = (rows["covered_m"] / rows["exposed_m"]).where(rows["exposed_m"] > 0)
    rows = rows.sort_values(["share", "gap_m"], ascending=[True, False], na_position="last")
    return [
        Bar(
            name=names.get(str(row.Index), str(row.Index)),
            share=None if pd.isna(row.share) else float(row.share),
            cells=(
                words.kilometres(row.exposed_m),
                words.kilometres(row.gap_m),
                f"{placed.get(row.Index, 0):,}",
                f"{valid.get(row.Index, 0):,}",
            ),
        )
        for row in rows.itertuples()
    ]


def _n(number: float) -> str:
    return f"{number:,.0f}"
