"""What the settings page shows, as tables and checked values."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from hazards.judged import ParameterError
from hazards.parameters import from_mapping

if TYPE_CHECKING:
    from data.storage.findings import Assessment

HEADINGS: Final = ("参数", "取值", "性质", "来源", "批准")
UNITS: Final = {"m": "米", "d": "天", "month": "月", "min": "分钟", "h": "小时", "s": "秒"}


class ValueFaultError(ValueError):
    """What was typed is no value of this parameter."""


def parameter_rows(parameters: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return parameters in the order of `HEADINGS`; a proposal of ours is marked as such."""
    return [_parameter_row(row) for row in parameters.itertuples()]


def _parameter_row(row: Any) -> tuple[str, ...]:  # noqa: ANN401 - a named tuple of the frame
    return (
        row.label,
        f"{shown(row.value)} {unit(row.unit)}".strip(),
        "建议值" if row.proposal else "有出处",
        row.source if pd.isna(row.source_date) else f"{row.source}（{row.source_date:%Y-%m-%d}）",
        "未批准" if pd.isna(row.approved_by) else f"{row.approved_by}　{instant(row.approved_at)}",
    )


def unit(stored: str) -> str:
    """Return a unit in words."""
    return UNITS.get(stored, stored)


def parsed(text: str, held: object) -> object:
    """Return what was typed as a value of the same kind as `held`.

    Raises
    ------
    ValueFaultError
        If it is not; a number must be finite and not negative.
    """
    text = text.strip()
    if isinstance(held, bool):
        if text not in {"是", "否"}:
            raise ValueFaultError("请填写“是”或“否”。")
        return text == "是"
    if isinstance(held, int | float):
        return _number(text, whole=isinstance(held, int))
    if isinstance(held, str):
        if not text:
            raise ValueFaultError("不能为空。")
        return text
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        raise ValueFaultError("格式不正确，请保持原有的括号、引号和逗号。") from None
    if type(value) is not type(held):
        raise ValueFaultError("格式与原值不同，请保持原有的形式。")
    return value


def shown(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """Return a stored value as people write it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, str | int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return json.dumps(value, ensure_ascii=False)


def data_facts(found: Assessment | None, version: str, metric_crs: str) -> list[tuple[str, str]]:
    """Return the state of the data as words."""
    last = "尚未核算" if found is None else f"{instant(found.finished_at)}（截至 {found.as_of:%Y-%m-%d}）"
    seen = "—" if found is None else str(found.data_version)
    return [
        ("数据版本", version.split("-", 1)[0]),
        ("最近核算", last),
        ("核算所用数据版本", seen),
        ("存储坐标系", "CGCS2000 经纬度（EPSG:4490）"),
        ("量算坐标系", metric_crs),
    ]


def instant(moment: Any) -> str:  # noqa: ANN401 - a timestamp, or nothing
    """Return a moment in China time, to the minute; nothing for none."""
    return (
        "" if pd.isna(moment) else pd.Timestamp(moment).tz_convert("Asia/Shanghai").strftime("%Y-%m-%d %H:%M")
    )


def _number(text: str, *, whole: bool) -> float | int:
    try:
        number = float(text)
    except ValueError:
        raise ValueFaultError("请填写数字。") from None
    if not math.isfinite(number) or number < 0:
        raise ValueFaultError("请填写不小于零的数字。")
    return int(number) if whole and number.is_integer() else number


def require_sound(parameters: pd.DataFrame, key: str, value: object) -> None:
    """Raise `ValueFaultError` where the parameters with this change could not be judged by."""
    changed = {str(name): held for name, held in parameters["value"].items()} | {key: value}
    try:
        from_mapping(changed)
    except ParameterError as fault:
        raise ValueFaultError(f"这个取值不能保存，会使评估无法进行：{'；'.join(fault.faults)}") from fault
