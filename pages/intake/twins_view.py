"""What the section of records that may be one shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from geo.crs import GEOGRAPHIC
from layers import words
from layers.maps import Layer, features
from layers.palette import TWINS
from pages.intake.view import UTC8

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KINDS: Final = {"station": "点位", "institution": "机构", "hazard": "隐患"}
HINT: Final = "位置相距 60 米以内、种类相同且名称相似（或同在一处）的记录；系统只提出，不会自动合并。"
APART: Final = "apart"
FIRST: Final = "first"
SECOND: Final = "second"
EFFECT: Final = {
    "station": "停用的点位不再计入覆盖，它的器材、检查记录和照片原样保留；可以撤回。",
    "institution": "机构下挂有儿童和排查记录，不自动停用：这里记下以哪条为准，不再提示；可以撤回。",
    "hazard": "隐患按流程销号，不自动关闭：这里记下以哪条为准，不再提示；可以撤回。",
}
FIELDS: Final = {
    "code": "编号",
    "name": "名称",
    "kind": "类型",
    "area": "区划",
    "water": "水域",
    "items": "器材",
    "checked_on": "最近检查",
    "photos": "照片（张）",
    "installed_on": "设置日期",
    "headcount": "人数",
    "boarders": "寄宿",
    "contact_unit": "联系单位",
    "domain": "类别",
    "grade": "等级",
    "state": "办理状态",
    "found_on": "发现日期",
    "deadline": "整改期限",
    "responsible_unit": "责任单位",
    "note": "备注",
    "position_method": "位置来源",
    "source": "导入文件",
}
NOTHING: Final = "—"
HEADINGS: Final = ("", "甲", "乙")
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "kind": words.INSTITUTIONS,
    "domain": words.DOMAINS,
    "grade": words.HAZARD_GRADES,
    "state": words.HAZARD_STATES,
    "position_method": words.METHODS,
}


def table(found: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs under Chinese headings."""
    return pd.DataFrame(
        {
            "相距 (米)": found["distance_m"],
            "甲编号": found["code"],
            "乙编号": found["other_code"],
            # Last, for names may be long: both stand in full beside each other once a pair is chosen.
            "甲": found["name"].where(found["name"] != "", found["code"]),
            "乙": found["other"].where(found["other"] != "", found["other_code"]),
        }
    )


def side_rows(sides: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Return both records field by field, a sign before those that differ; what neither says is left out."""
    rows: list[tuple[str, ...]] = []
    for name, title in FIELDS.items():
        if name not in sides[0]:
            continue
        one, other = (_told(name, side[name]) for side in sides)
        if one == other == NOTHING:
            continue
        rows.append((title if one == other else f"≠ {title}", one, other))
    return rows


def _told(name: str, value: Any) -> str:  # noqa: ANN401 - whatever a column holds
    if value is None or value == "":
        return NOTHING
    if name == "items":
        pairs = (pair.split(":", 1) for pair in str(value).split())
        return "，".join(
            f"{words.ITEMS.get(kind, kind)}{words.ITEM_STATES.get(state, state)}" for kind, state in pairs
        )
    return WORDS.get(name, {}).get(str(value), str(value))


def choices(kind: str, row: Any) -> dict[str, str]:  # noqa: ANN401 - a row of the pairs
    """Return what can be said of a pair."""
    stays = "保留{0}（{1}），停用{2}" if kind == "station" else "以{0}（{1}）为准"
    return {
        APART: "不是同一个：两条都保留，以后不再提示",
        FIRST: f"是同一个：{stays.format('甲', row['code'], '乙')}",
        SECOND: f"是同一个：{stays.format('乙', row['other_code'], '甲')}",
    }


def drawn(row: Any) -> gpd.GeoDataFrame:  # noqa: ANN401 - a row of the pairs
    """Return both places of a pair."""
    return gpd.GeoDataFrame(
        {
            "k": [FIRST, SECOND],
            "label": [f"甲　{row['code']}　{row['name']}", f"乙　{row['other_code']}　{row['other']}"],
        },
        geometry=shapely.points([[row["lon"], row["lat"]], [row["other_lon"], row["other_lat"]]]),
        crs=GEOGRAPHIC,
    )


def layers(both: gpd.GeoDataFrame) -> list[Layer]:
    """Return the layer of a pair."""
    made = features(both, key="k", lines=lambda row: (row.label,))
    return [Layer(name="两条记录", styles=TWINS, features=made)]


def verdict_table(kind: str, found: pd.DataFrame) -> pd.DataFrame:
    """Return what was said of pairs."""
    stays = found["code"].where(found["kept_id"] == found["first_id"], found["other_code"])
    said = f"同一个，{'保留' if kind == 'station' else '以此为准：'}"
    kept = (said + stays).where(found["verdict"] == "same", "不是同一个")
    return pd.DataFrame(
        {
            "甲": found["code"],
            "乙": found["other_code"],
            "判定": kept,
            "理由": found["note"],
            "判定人": found["person"],
            "时间": found["decided_at"].dt.tz_convert(UTC8).dt.strftime("%Y-%m-%d %H:%M"),
        }
    )
