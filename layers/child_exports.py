"""The file of an approved export of children: who asked, who approved and what for on every sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from layers import words
from layers.handouts import Handout, Heading, moment, month, under

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

NAME: Final = "child_export"
DEMO: Final = "演示数据：由程序生成，不得用于实际工作"
DUTY: Final = "仅限上述用途，不得转交、转发；用完即删除。下载已留痕，每行有导出编号。"
LISTED: Final = {
    "code": (Heading(column="code", title="儿童编号"),),
    "birth_month": (Heading(column="birth_month", title="出生年月", read=month),),
    "category": (Heading(column="category", title="儿童类别", words=words.CATEGORIES),),
    "school": (Heading(column="school", title="就读学校"),),
    "home": (
        Heading(column="lon", title="经度", digits=7),
        Heading(column="lat", title="纬度", digits=7),
        Heading(column="precision", title="点位精度", words=words.PRECISIONS | {"": ""}),
    ),
}
"""Columns of each field; those of an identity are one each."""
PLACE: Final = (Heading(column="area_code", title="区划代码"), Heading(column="area_name", title="区划"))


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What every sheet says of the export; texts as people wrote them."""

    number: int
    area: str
    asked: str
    approved: str
    purpose: str
    reasons: tuple[tuple[str, str], ...]
    made_at: str
    sample: bool


def handout(frame: gpd.GeoDataFrame, fields: Sequence[str], mark: Mark, *, shapes: bool) -> Handout:
    """Return the table of `fields` (and the place of each child) under the mark.

    `frame` holds the columns of `data.storage.children.children_for_export` and one of each identity field.
    """
    headings = [
        one
        for name in fields
        for one in LISTED.get(name, (Heading(column=name, title=words.EXPORT_FIELDS[name]),))
    ]
    points = frame.geometry
    table = under([*headings, *PLACE], frame.assign(lon=points.x, lat=points.y))
    table["导出编号"] = f"第 {mark.number} 号"
    if mark.sample:
        table["数据性质"] = "演示数据"
    facts = _facts(mark, fields, len(table))
    return Handout(
        name=NAME,
        title="儿童信息",
        table=table,
        shapes=points if shapes else None,
        banner=f"儿童信息（导出第 {mark.number} 号）",
        lines=(
            *((DEMO,) if mark.sample else ()),
            f"区域：{mark.area}　　导出时间：{mark.made_at}　　行数：{len(table)}",
            f"申请人：{mark.asked}",
            f"批准人：{mark.approved}",
            f"用途：{mark.purpose}",
            DUTY,
        ),
        facts=facts,
    )


def _facts(mark: Mark, fields: Sequence[str], rows: int) -> tuple[tuple[str, str], ...]:
    return (
        *((("数据性质", DEMO),) if mark.sample else ()),
        ("导出编号", f"第 {mark.number} 号"),
        ("区域", mark.area),
        ("申请人", mark.asked),
        ("批准人", mark.approved),
        ("用途", mark.purpose),
        *mark.reasons,
        ("字段", "、".join(words.EXPORT_FIELDS[name] for name in fields)),
        ("行数", f"{rows}（不含封存的儿童）"),
        ("导出时间", mark.made_at),
        ("使用要求", DUTY),
    )


def when(instant: Any) -> str:  # noqa: ANN401 - an instant in one of pandas' forms
    """Return an instant to the minute."""
    return moment(instant)[:16]
