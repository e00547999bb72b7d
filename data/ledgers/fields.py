"""What a cell of the station ledger may hold: one plain text a field, by which versions are compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from data.importers import cells
from data.importers.cells import CellError
from data.schema.stations import ITEM_KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TEXT_MAX: Final = 4000
"""Characters of a cell that come back: what is longer is compared, and shown, up to here."""
DIGITS: Final = 7
"""Of a degree: a centimetre."""
ITEM_TITLES: Final = dict(zip(ITEM_KINDS, ("警示牌", "救生圈", "救生绳", "救生杆", "救生衣"), strict=True))
STATE_WORDS: Final = {
    "good": "完好",
    "damaged": "损坏",
    "missing": "缺失",
    "expired": "过期",
    "unverified": "未核",
}
PLACES: Final = ("county", "township", "village")
_LOST: Final = re.compile("[\ufffe\uffff]")
"""Marks that no XML carries."""
_NUMBER: Final = re.compile(r"^(\d{1,4})(?:\.0+)?\s*(?:个|处|块|根|条|套|副|只|件|面|具|枚)?$")


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of the ledger: its name for people, its form, whether the ledger is where it is changed."""

    name: str
    title: str
    form: str
    editable: bool = True


def _fields() -> dict[str, Field]:
    listed = [
        Field(name="number", title="序号", form="number", editable=False),
        Field(name="county", title="县（市、区）", form="text"),
        Field(name="township", title="乡镇（街道）", form="text"),
        Field(name="village", title="村（社区）", form="text"),
        Field(name="water_code", title="水域编号", form="code"),
        Field(name="water_name", title="水域名称", form="text", editable=False),
        Field(name="code", title="点位编号", form="code"),
        Field(name="name", title="点位名称", form="text"),
        Field(name="lon", title="经度", form="coordinate"),
        Field(name="lat", title="纬度", form="coordinate"),
        Field(name="verified_on", title="核查日期", form="day"),
        Field(name="installed_on", title="安装日期", form="day"),
        Field(name="responsible_unit", title="责任单位", form="text"),
        Field(name="status", title="系统判定", form="text", editable=False),
        Field(name="note", title="备注", form="text"),
    ]
    for kind, title in ITEM_TITLES.items():
        listed.append(Field(name=kind, title=f"{title}状态", form="state"))
        listed.append(Field(name=f"{kind}_count", title=f"{title}数量", form="count"))
    return {field.name: field for field in listed}


FIELDS: Final[Mapping[str, Field]] = _fields()


def canonical(name: str, cell: Any) -> str:  # noqa: ANN401 - cells hold anything
    """Return what a cell of field `name` says, as the one text that means it; blank is empty.

    Raises
    ------
    CellError
        If it is not understood.
    """
    return _READ[FIELDS[name].form](cell)


def shown(name: str, text: str) -> object:
    """Return what stands in the cell of a field: numbers and days as such, states in words."""
    form = FIELDS[name].form
    if not text:
        return None
    if form == "coordinate":
        return float(text)
    if form == "count":
        return int(text)
    if form == "day":
        return date.fromisoformat(text)
    return said(name, text)


def said(name: str, text: str) -> str:
    """Return the value of a field in words."""
    return STATE_WORDS.get(text, text) if FIELDS[name].form == "state" else text


def _text(cell: Any) -> str:  # noqa: ANN401
    # XML turns a carriage return into a line end.
    given = cell.replace("\r\n", "\n").replace("\r", "\n") if isinstance(cell, str) else cell
    return _LOST.sub("", cells.name(given))[:TEXT_MAX].strip()


def _code(cell: Any) -> str:  # noqa: ANN401
    return _LOST.sub("", cells.code(cell))[:TEXT_MAX].strip()


def _coordinate(cell: Any) -> str:  # noqa: ANN401
    return f"{cells.coordinate(cell):.{DIGITS}f}" if cells.plain(cell) else ""


def _day(cell: Any) -> str:  # noqa: ANN401
    found = cells.day(cell)
    return found.isoformat() if found else ""


def _state(cell: Any) -> str:  # noqa: ANN401
    return cells.state(cell) or ""


def _count(cell: Any) -> str:  # noqa: ANN401
    text = cells.plain(cell)
    if not text:
        return ""
    if found := _NUMBER.match(text):
        return str(int(found[1]))
    try:
        return "1" if cells.yes(text) else "0"
    except CellError:
        raise CellError("不是数量", "请填 0、1、2……") from None


_READ: Final[Mapping[str, Callable[[Any], str]]] = {
    "text": _text,
    "number": cells.plain,
    "code": _code,
    "coordinate": _coordinate,
    "day": _day,
    "state": _state,
    "count": _count,
}
