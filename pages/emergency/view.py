"""What the emergency page shows: institutions with the state of their round, and open hazards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from layers import words
from layers.maps import Layer, features
from layers.palette import HAZARDS, ROUNDS
from pages.shell.blocks import Figure
from pages.shell.places import township_names

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import geopandas as gpd

STATES: Final = {state: words.INSPECTIONS[state] for state in ("planned", "missed", "done", "none")}
SOON_DAYS: Final = 7


def figures(institutions: gpd.GeoDataFrame, hazards: gpd.GeoDataFrame, today: dt.date) -> list[Figure]:
    """Return how far the round is and what is open."""
    counted = institutions["state"].value_counts()
    done, missed = int(counted.get("done", 0)), int(counted.get("missed", 0))
    listed = len(institutions) - int(counted.get("none", 0)) - int(counted.get("cancelled", 0))
    overdue = overdue_mask(hazards, today)
    major = int((hazards["grade"] == "major").sum())
    return [
        Figure(
            label="本轮已查机构",
            value=f"{done}",
            unit=f"/ {listed} 所",
            share=done / listed if listed else 0.0,
            note="按本轮计划内机构计",
        ),
        Figure(
            label="漏查",
            value=f"{missed}",
            unit="所",
            tone="bad" if missed else "good",
            note="超过计划日期未查",
        ),
        Figure(
            label="未销号隐患",
            value=f"{len(hazards)}",
            unit="处",
            note=f"其中重大 {major} 处",
            tone="warn" if len(hazards) else "good",
        ),
        Figure(
            label="逾期未销号",
            value=f"{int(overdue.sum())}",
            unit="处",
            tone="bad" if overdue.any() else "good",
        ),
    ]


def overdue_mask(hazards: gpd.GeoDataFrame, today: dt.date) -> pd.Series[bool]:
    """Return which open hazards are past their deadline: overdue if deadline < today; never without one."""
    late: pd.Series[bool] = hazards["deadline"] < pd.Timestamp(today)
    return late


def institution_table(institutions: gpd.GeoDataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the list of institutions under Chinese headings."""
    at = institutions
    return pd.DataFrame(
        {
            "名称": at["name"],
            "类别": at["kind"].map(words.INSTITUTIONS),
            "乡镇": township_names(at["area_code"], names),
            "本轮": at["state"].map(words.INSPECTIONS),
            "计划日期": at["planned_on"],
            "完成日期": at["done_on"],
            "异常项": at["abnormal"],
            "未销号隐患": at["open_hazards"],
            "最近水域": at["nearest_water"].fillna(""),
            "距水 (米)": at["nearest_water_m"].round(),
            "人数": at["headcount"],
            "其中寄宿": at["boarders"],
        }
    )


UNVERIFIED: Final = "位置未核实"
TOMORROW: Final = "次日起显示"
WAITING: Final = "待核算"


def with_children(hazards: gpd.GeoDataFrame, told: pd.DataFrame, today: dt.date) -> gpd.GeoDataFrame:
    """Return the hazards with what may be told of the children near each, in words, as `near_children`."""
    known = told.reindex(hazards.index)
    if "children_band" in known:
        said = known["grade"].str.cat(known["children_band"].map(words.BANDS), sep=" 级，")
    else:
        said = known["grade"].map(words.NEAR_CHILDREN)
    day = hazards["verified_at"]
    fresh = np.where(day >= pd.Timestamp(today), TOMORROW, WAITING)
    waiting = pd.Series(np.where(day.isna(), UNVERIFIED, fresh), index=hazards.index)
    return hazards.assign(near_children=said.astype(object).where(said.notna(), waiting))


def labels(table: pd.DataFrame) -> list[str]:
    """Return how each row of the list is named where one is to be chosen."""
    return [f"{row.编号}　{row.隐患}（{row.时限}）" for row in table.itertuples()]


def facts(hazard: Any, radius_m: float | None) -> list[tuple[str, str]]:  # noqa: ANN401 - a row of the frame
    """Return what a card says of one hazard beside the list; `radius_m`: as of the assessment, if any was."""
    day = hazard["verified_at"]
    near = "周边儿童" if radius_m is None else f"约 {radius_m:,.0f} 米内儿童"
    return [
        ("编号", str(hazard["code"])),
        ("隐患", str(hazard["title"])),
        ("位置核实", UNVERIFIED if pd.isna(day) else f"{day:%Y-%m-%d} 已由第二人核实"),
        (near, str(hazard["near_children"])),
    ]


def hazard_table(hazards: gpd.GeoDataFrame, names: Mapping[str, str], today: dt.date) -> pd.DataFrame:
    """Return open hazards, overdue ones first, under Chinese headings."""
    at = hazards.assign(late=overdue_mask(hazards, today))
    at = at.sort_values(["late", "deadline"], ascending=[False, True], na_position="last", kind="stable")
    left = (at["deadline"] - pd.Timestamp(today)).dt.days
    return pd.DataFrame(
        {
            "时限": [deadline_words(days) for days in left],
            "编号": at["code"],
            "隐患": at["title"],
            "类别": at["domain"].map(words.DOMAINS),
            "等级": at["grade"].map(words.HAZARD_GRADES),
            "环节": at["state"].map(words.HAZARD_STATES),
            "周边儿童": at["near_children"],
            "机构": at["institution_name"].fillna(""),
            "乡镇": township_names(at["area_code"], names),
            "责任单位": at["responsible_unit"],
            "责任人": at["responsible_person"],
            "整改期限": at["deadline"],
            "发现日期": at["found_on"],
        }
    )


def deadline_words(days_left: float) -> str:
    """Return how a deadline stands: 逾期 n 天, 今日到期, 剩 n 天, or 未定期限."""
    if pd.isna(days_left):
        return "未定期限"
    if days_left < 0:
        return f"逾期 {-int(days_left)} 天"
    return "今日到期" if days_left == 0 else f"剩 {int(days_left)} 天"


def layers(institutions: gpd.GeoDataFrame, hazards: gpd.GeoDataFrame) -> list[Layer]:
    """Return the two layers of the map."""
    shown = institutions.assign(
        state=institutions["state"].where(institutions["state"] != "cancelled", "none")
    )
    return [
        Layer(name="机构", styles=ROUNDS, features=features(shown, key="state", lines=_institution_lines)),
        hazard_layer(hazards),
    ]


def hazard_layer(hazards: gpd.GeoDataFrame) -> Layer:
    """Return open hazards as marks by their grade."""
    return Layer(name="隐患", styles=HAZARDS, features=features(hazards, key="grade", lines=_hazard_lines))


def _institution_lines(row: Any) -> tuple[str, ...]:  # noqa: ANN401 - a named tuple of the frame
    near = "500 米内无登记水域"
    if pd.notna(row.nearest_water_m):
        near = f"最近水域：{row.nearest_water}（{row.nearest_water_m:.0f} 米）"
    return (
        row.name,
        f"{words.INSTITUTIONS.get(row.kind, row.kind)}　{row.headcount} 人",
        f"本轮：{words.INSPECTIONS.get(row.state, row.state)}",
        near,
        f"未销号隐患：{row.open_hazards} 处",
    )


def _hazard_lines(row: Any) -> tuple[str, ...]:  # noqa: ANN401 - a named tuple of the frame
    due = "未定" if pd.isna(row.deadline) else f"{row.deadline:%Y-%m-%d}"
    return (
        row.title,
        f"{words.HAZARD_GRADES[row.grade]}隐患　{words.DOMAINS[row.domain]}",
        f"环节：{words.HAZARD_STATES[row.state]}　期限：{due}",
        f"周边儿童：{row.near_children}" if hasattr(row, "near_children") else "",
        row.institution_name if pd.notna(row.institution_name) else "",
    )
