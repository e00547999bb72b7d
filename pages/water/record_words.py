"""The record of a water in words: what was changed, and three versions side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from data.storage.water_edits import FIELDS, WaterRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import tzinfo

OVERRIDES: Final = {None: "按规则判定", "A": "A 类（重点）", "B": "B 类（一般）", "C": "C 类（偏远）"}
LABELS: Final = {
    "class_override": "类别认定",
    "class_reason": "认定理由",
    "owner": "所有人",
    "user_unit": "使用人",
    "manager": "管理人",
    "river_chief": "河长",
    "incidents": "溺水事故起数",
    "incident": "溺水事故",
}
COMPARED: Final = ("项目", "您打开时", "对方已保存", "您填写的")
HISTORY: Final = ("时间", "修改人", "项目", "原内容", "改为", "说明")
LONGEST: Final = 120
LONGEST_REASON: Final = 400


def faults(form: WaterRecord) -> list[str]:
    """Return what keeps a record from being saved, in words."""
    found = []
    if form.class_override is not None and not form.class_reason:
        found.append("人工认定类别须填写理由（如文件名称与文号、现场情况）")
    if form.class_override not in OVERRIDES:
        found.append("类别只有 A、B、C 三类")
    for name in FIELDS[1:]:
        longest = LONGEST_REASON if name == "class_reason" else LONGEST
        if len(getattr(form, name)) > longest:
            found.append(f"{LABELS[name]}不超过 {longest} 字")
    return found


def compared(base: Mapping[str, Any], theirs: Mapping[str, Any], mine: WaterRecord) -> pd.DataFrame:
    """Return the fields that are not the same as opened, as saved meanwhile and as filled in."""
    rows = [
        (LABELS[name], *(told(name, value) for value in versions))
        for name in FIELDS
        if len(set(versions := (base[name], theirs[name], getattr(mine, name)))) > 1
    ]
    return pd.DataFrame(rows, columns=list(COMPARED))


def merged(base: Mapping[str, Any], theirs: Mapping[str, Any], mine: WaterRecord) -> WaterRecord:
    """Return theirs with those fields alone that I changed."""
    return WaterRecord(
        **{
            name: getattr(mine, name) if getattr(mine, name) != base[name] else theirs[name]
            for name in FIELDS
        }
    )


def told(name: str, value: Any) -> str:  # noqa: ANN401 - a value of the record
    """Return a value of one field in words; nothing is a dash."""
    if name == "class_override":
        return OVERRIDES[value]
    if name == "incident" and value is not None:
        return f"{value['day']}　{value['note']}".strip()
    return "—" if value is None or not str(value) else str(value)


def history(changes: pd.DataFrame, zone: tzinfo) -> Iterator[tuple[str, ...]]:
    """Return one row for each field of each change, newest first; the clock is that of `zone`."""
    for row in _rows(changes):
        note = "撤销" if pd.notna(row.undoes) else "已撤销" if row.undone else ""
        for name in LABELS:
            if name in row.was:
                yield (
                    moment(row.changed_at, zone),
                    row.person or "—",
                    LABELS[name],
                    told(name, row.was[name]),
                    told(name, row.became[name]),
                    note,
                )


def undoable(changes: pd.DataFrame, zone: tzinfo) -> dict[int, str]:
    """Return the changes that were not undone yet, each with its moment and fields."""
    return {
        int(row.Index): f"{moment(row.changed_at, zone)}　{'、'.join(_labels(row.was))}"
        for row in _rows(changes)
        if not row.undone
    }


def moment(at: pd.Timestamp, zone: tzinfo) -> str:
    """Return day and minute on the clock of `zone`."""
    return f"{at.tz_convert(zone):%Y-%m-%d %H:%M}"


def _labels(fields: Mapping[str, object]) -> list[str]:
    return [label for name, label in LABELS.items() if name in fields]


def _rows(frame: pd.DataFrame) -> Iterator[Any]:
    return iter(frame.itertuples())
