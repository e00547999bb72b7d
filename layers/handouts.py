"""Results as they are handed out: Chinese headings, words instead of codes, chainage beside metres."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from geo.chainage import format_chainage
from layers import words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import geopandas as gpd


@dataclass(frozen=True, kw_only=True)
class Heading:
    """One column of a hand-out: where it comes from, what it is called, how its values read."""

    column: str
    title: str
    words: Mapping[Any, str] | None = None
    digits: int | None = None
    read: Callable[[Any], object] | None = None


@dataclass(frozen=True, kw_only=True)
class Handout:
    """A titled table, with geometry (EPSG:4490) where there may be any, and the facts printed beside it."""

    name: str
    title: str
    table: pd.DataFrame
    shapes: gpd.GeoSeries | None = None
    facts: tuple[tuple[str, str], ...] = field(default=())
    banner: str = ""
    """The title row above the headings, where a bureau's form has one."""
    lines: tuple[str, ...] = ()
    """Below the title: who reports, the period, the units."""
    lead: tuple[str, ...] = ()
    """Paragraphs before the table, in a document."""
    parts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """In a document: titled tables of some columns each; the first column stands in all of them."""
    footnotes: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Section:
    """One more table of a hand-out, of its own columns: a sheet in a workbook, a chapter in a document."""

    name: str
    """Of the sheet."""
    banner: str
    lines: tuple[str, ...]
    table: pd.DataFrame
    footnotes: tuple[str, ...] = ()


def month(day: Any) -> str:  # noqa: ANN401 - a date in one of pandas' forms
    """Return the month of a day as it is printed."""
    return f"{day:%Y-%m}"


def moment(instant: Any) -> str:  # noqa: ANN401 - an instant in one of pandas' forms
    """Return an instant as it is printed."""
    return str(instant.tz_convert("Asia/Shanghai").strftime("%Y-%m-%d %H:%M:%S"))


_WATER: Final = (
    Heading(column="water_code", title="水域编号"),
    Heading(column="water_name", title="水域名称"),
    Heading(column="water_kind", title="水域类型", words=words.WATERS),
    Heading(column="area_code", title="区划代码"),
)
HEADINGS: Final[Mapping[str, tuple[Heading, ...]]] = {
    "gaps": (
        Heading(column="number", title="缺口编号"),
        Heading(column="priority", title="次序"),
        *_WATER,
        Heading(column="area_name", title="区划"),
        Heading(column="side", title="岸别", words=words.SIDES),
        Heading(column="from_m", title="起点桩号", read=format_chainage),
        Heading(column="to_m", title="止点桩号", read=format_chainage),
        Heading(column="from_m", title="起点（米）", digits=1),
        Heading(column="to_m", title="止点（米）", digits=1),
        Heading(column="length_m", title="缺口长度（米）", digits=1),
        Heading(column="water_class", title="水域等级"),
        Heading(column="reason", title="原因", words=words.REASONS),
        Heading(column="nearest_village", title="最近的村（社区）"),
        Heading(column="nearest_village_m", title="与村距离（米）", digits=0),
        Heading(column="weight", title="权重", digits=2),
    ),
    "banks": (
        *_WATER,
        Heading(column="side", title="岸别", words=words.SIDES),
        Heading(column="part", title="段号"),
        Heading(column="length_m", title="岸线长（米）", digits=1),
        Heading(column="water_class", title="水域等级"),
        Heading(column="exposed_m", title="临近儿童岸线（米）", digits=1),
        Heading(column="covered_m", title="已防护岸线（米）", digits=1),
        Heading(column="gap_m", title="缺口（米）", digits=1),
    ),
    "stations": (
        Heading(column="code", title="点位编号"),
        Heading(column="name", title="点位名称"),
        Heading(column="area_code", title="区划代码"),
        Heading(column="water_name", title="水域名称"),
        Heading(column="lon", title="经度", digits=7),
        Heading(column="lat", title="纬度", digits=7),
        Heading(column="status", title="判定", words=words.STATUSES),
        Heading(column="missing", title="缺少或失效", read=words.missing),
        *(Heading(column=f"state_{kind}", title=title) for kind, title in words.ITEMS.items()),
        Heading(column="verified_on", title="核查日期"),
        Heading(column="expires_on", title="复核到期"),
        Heading(column="installed_on", title="安装日期"),
        Heading(column="responsible_unit", title="责任单位"),
        Heading(column="note", title="备注"),
    ),
    "reverify": (
        Heading(column="rank", title="复核次序", digits=0),
        Heading(column="code", title="点位编号"),
        Heading(column="name", title="点位名称"),
        Heading(column="area_code", title="区划代码"),
        Heading(column="area_name", title="区划"),
        Heading(column="water_name", title="水域名称"),
        Heading(column="lon", title="经度", digits=7),
        Heading(column="lat", title="纬度", digits=7),
        Heading(column="status", title="判定", words=words.STATUSES),
        Heading(column="verified_on", title="最早一件的核查日期"),
        Heading(column="works", title="今天齐全的可能", digits=2),
        Heading(column="works_low", title="可能下限", digits=2),
        Heading(column="works_high", title="可能上限", digits=2),
        Heading(column="losses", title="近期丢损（件次）"),
        Heading(column="repeated", title="多次丢失、损坏", words=words.YES),
        Heading(column="responsible_unit", title="责任单位"),
    ),
    "waters": (
        Heading(column="code", title="水域编号"),
        Heading(column="name", title="水域名称"),
        Heading(column="kind", title="水域类型", words=words.WATERS),
        Heading(column="area_code", title="区划代码"),
        Heading(column="width_m", title="宽度（米）", digits=1),
        Heading(column="depth_m", title="水深（米）", digits=1),
        Heading(column="class_override", title="人工定级"),
        Heading(column="incidents", title="溺水事故数"),
        Heading(column="river_chief", title="河长"),
    ),
    "shopping": (
        Heading(column="code", title="区划代码"),
        Heading(column="county_name", title="县（市、区）"),
        Heading(column="name", title="乡镇（街道）"),
        Heading(column="stations", title="点位"),
        Heading(column="valid", title="完整有效套数"),
        Heading(column="incomplete", title="不完整点位"),
        Heading(column="expired", title="过期未核点位"),
        *(Heading(column=f"lacks_{kind}", title=f"缺{words.MISSING[kind]}") for kind in words.BOUGHT),
        *(Heading(column=f"good_{kind}", title=f"现有完好{words.ITEMS[kind]}") for kind in words.REQUIRED),
    ),
    "bulletin": (
        Heading(column="place", title="地区"),
        Heading(column="code", title="区划代码"),
        Heading(column="exposed_m", title="暴露岸线（米）", digits=0),
        Heading(column="covered_m", title="已覆盖（米）", digits=0),
        Heading(column="gap_m", title="缺口（米）", digits=0),
        Heading(column="covered_share", title="覆盖率（%）", digits=1),
        Heading(column="physical_m", title="物防（米）", digits=0),
        Heading(column="technical_m", title="技防（米）", digits=0),
        Heading(column="personal_m", title="人防（米）", digits=0),
        Heading(column="physical_only_m", title="仅物防（米）", digits=0),
        Heading(column="technical_only_m", title="仅技防（米）", digits=0),
        Heading(column="personal_only_m", title="仅人防（米）", digits=0),
        Heading(column="stations", title="点位"),
        Heading(column="valid", title="完整有效套数"),
        Heading(column="incomplete", title="不完整点位"),
        Heading(column="overdue", title="核查逾期点位"),
        *(Heading(column=f"good_{kind}", title=f"现有完好{words.ITEMS[kind]}") for kind in words.REQUIRED),
        Heading(column="gaps", title="期末缺口（段）"),
        Heading(column="gaps_m", title="期末缺口（米）", digits=0),
        Heading(column="opened", title="新增（段）"),
        Heading(column="opened_m", title="新增（米）", digits=0),
        Heading(column="closed", title="销号（段）"),
        Heading(column="closed_m", title="销号（米）", digits=0),
        Heading(column="grown_m", title="延长（米）", digits=0),
        Heading(column="shrunk_m", title="缩短（米）", digits=0),
        Heading(column="moved_m", title="净增减（米）", digits=0),
    ),
    "ledger": (
        Heading(column="number", title="缺口编号"),
        Heading(column="change", title="变化", words=words.CHANGES),
        Heading(column="water_code", title="水域编号"),
        Heading(column="water_name", title="水域名称"),
        Heading(column="area_code", title="区划代码"),
        Heading(column="side", title="岸别", words=words.SIDES),
        Heading(column="from_m", title="起点桩号", read=format_chainage),
        Heading(column="to_m", title="止点桩号", read=format_chainage),
        Heading(column="before_m", title="期初（米）", digits=1),
        Heading(column="after_m", title="期末（米）", digits=1),
        Heading(column="moved_m", title="增减（米）", digits=1),
        Heading(column="reason", title="原因", words=words.REASONS),
        Heading(column="opened_on", title="列入日期"),
        Heading(column="closed_on", title="销号日期"),
    ),
    "exposure": (
        Heading(column="code", title="水域编号"),
        Heading(column="name", title="水域名称"),
        Heading(column="kind", title="水域类型", words=words.WATERS),
        Heading(column="area_code", title="区划代码"),
        Heading(column="grade", title="接近等级"),
        Heading(column="children_band", title="临近儿童数（档）", words=words.BANDS),
    ),
    "audit": (
        Heading(column="id", title="记录号"),
        Heading(column="happened_at", title="时间", read=moment),
        Heading(column="person", title="人员"),
        Heading(column="login", title="登录名"),
        Heading(column="role", title="岗位", words=words.ACTORS),
        Heading(column="action", title="事项", words=words.ACTIONS),
        Heading(column="object_kind", title="对象", words=words.OBJECTS),
        Heading(column="row_count", title="数量"),
        Heading(column="purpose", title="用途"),
        Heading(column="area_code", title="区划代码"),
        Heading(column="area_name", title="范围"),
        Heading(column="object_ids", title="对象编号"),
    ),
    "compliance": (
        Heading(column="item", title="项目"),
        Heading(column="value", title="数"),
        Heading(column="unit", title="单位"),
        Heading(column="days", title="统计期"),
        Heading(column="source", title="详见"),
    ),
    "children-by-township": (
        Heading(column="area_name", title="地区"),
        Heading(column="area_code", title="区划代码"),
        Heading(column="level", title="级别"),
        *(Heading(column=name, title=title) for name, title in words.COUNTED.items()),
        Heading(column="since", title="自何季起未变", read=words.quarter),
    ),
    "children": (
        Heading(column="code", title="儿童编号"),
        Heading(column="birth_month", title="出生年月", read=month),
        Heading(column="boarding", title="是否寄宿", words=words.YES),
        Heading(column="area_code", title="区划代码"),
        Heading(column="area_name", title="区划"),
        Heading(column="water_name", title="最近水域"),
        Heading(column="water_kind", title="水域类型", words=words.WATERS),
        Heading(column="distance_m", title="距离（米）", digits=0),
        Heading(column="waters", title="临近水域数"),
        Heading(column="hazards", title="临近隐患数"),
    ),
}
TITLES: Final = {
    "gaps": "岸线缺口",
    "banks": "岸线",
    "stations": "四个一点位",
    "waters": "水域",
    "shopping": "四个一器材采购清单",
    "ledger": "缺口台账",
    "reverify": "点位复核工作单",
    "bulletin": "水域防护月通报",
    "audit": "访问记录",
    "compliance": "未成年人信息合规审计材料",
    "exposure": "水域接近等级",
    "children": "临近水域儿童",
    "children-by-township": "乡镇儿童统计表",
}


def with_sum(frame: pd.DataFrame, *, label: str) -> pd.DataFrame:
    """Return the frame with a last row that sums its numbers; `label` stands in the first column of words."""
    if frame.empty:
        return frame
    sums = frame.select_dtypes("number").sum()
    first = next(name for name in frame.columns if name not in sums.index)
    words_of = {name: "" for name in frame.columns if name not in sums.index} | {first: label}
    row = pd.DataFrame([words_of | sums.to_dict()], columns=frame.columns)
    whole = frame.select_dtypes("integer").dtypes
    return pd.concat([frame, row], ignore_index=True).astype(whole)


def titled(kind: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame under its Chinese headings, in the order of a ledger; missing values are None."""
    return under(HEADINGS[kind], frame)


def under(headings: Sequence[Heading], frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of a frame that have a heading, as `titled` does."""
    return pd.DataFrame(
        {
            heading.title: _values(frame[heading.column], heading)
            for heading in headings
            if heading.column in frame.columns
        },
        dtype=object,
    )


def _values(series: pd.Series[Any], heading: Heading) -> list[object]:
    dates = pd.api.types.is_datetime64_any_dtype(series.dtype)
    there = series.notna().tolist()
    return [
        _value(value, heading, dates=dates) if known or isinstance(value, list) else None
        for value, known in zip(series.tolist(), there, strict=True)
    ]


def _value(value: Any, heading: Heading, *, dates: bool) -> object:  # noqa: ANN401 - a cell of any table
    if heading.read is not None:
        return heading.read(value)
    if dates:
        return value.date()
    if heading.words is not None:
        return heading.words.get(value, str(value))
    if heading.digits is not None:
        return round(float(value), heading.digits) if heading.digits else round(float(value))
    return value
