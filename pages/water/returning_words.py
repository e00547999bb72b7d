"""A returned ledger in tables: what was edited cell by cell, what clashes, what came and went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from data.ledgers.fields import FIELDS, said
from data.ledgers.writing import Choice
from pages.shell.blocks import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.ledgers.comparing import Change, Comparison
    from data.ledgers.handing_in import Preview

TAKE: Final = "采用"
RETIRE: Final = "停用"
THEIRS: Final = "保留对方的"
MINE: Final = "用台账里的"
VERDICTS: Final = (THEIRS, MINE)
CLASH_HEADINGS: Final = ("行", "点位编号", "项目", "导出时", "对方已改为", "台账里改为")
BLANK: Final = "（空）"


def figures(found: Comparison) -> list[Figure]:
    """Return what a ledger proposes, in numbers."""
    clashes = sum(change.conflict for change in found.changes)
    return [
        Figure(label="改动", value=f"{len(found.changes) - clashes:,}", unit="格"),
        Figure(label="与他人冲突", value=f"{clashes:,}", unit="格", tone="warn" if clashes else "plain"),
        Figure(label="新增点位", value=f"{len(found.added):,}", unit="行"),
        Figure(label="台账里没有了", value=f"{len(found.removed):,}", unit="处", note="停用须逐处勾选"),
        Figure(
            label="有误未采用",
            value=f"{len(found.refused):,}",
            unit="行",
            tone="bad" if found.refused else "plain",
        ),
    ]


def origin(shown: Preview) -> str:
    """Return which ledger this is: its area and the day it went out."""
    area, day, who = (shown.facts.get(name, "") for name in ("区域名称", "导出日期", "导出账号"))
    return f"{shown.file_name}：{area}，{day} 由 {who} 导出"


def split(found: Comparison) -> tuple[list[Change], list[Change]]:
    """Return the changes that nobody else touched, and those that clash."""
    plain = [change for change in found.changes if not change.conflict]
    return plain, [change for change in found.changes if change.conflict]


def change_table(changes: Sequence[Change]) -> pd.DataFrame:
    """Return changes with the mark of their acceptance, which stands at first."""
    return pd.DataFrame(
        {
            TAKE: [True] * len(changes),
            "行": [change.row for change in changes],
            "点位编号": [change.code for change in changes],
            "项目": [FIELDS[change.field].title for change in changes],
            "原来": [_told(change, change.theirs) for change in changes],
            "改为": [_told(change, change.yours) for change in changes],
        }
    )


def clash_rows(changes: Sequence[Change]) -> list[tuple[str, ...]]:
    """Return clashes with their three texts, in the order of `CLASH_HEADINGS`."""
    return [
        (
            str(change.row),
            change.code,
            FIELDS[change.field].title,
            _told(change, change.base),
            _told(change, change.theirs),
            _told(change, change.yours),
        )
        for change in changes
    ]


def asked(change: Change) -> str:
    """Return what is asked of a clash, in words of ours alone: a label is no place for texts of keepers."""
    return f"第 {change.row} 行 {FIELDS[change.field].title}：以谁为准"


def added_table(found: Comparison) -> pd.DataFrame:
    """Return the new rows."""
    return pd.DataFrame(
        {
            TAKE: [True] * len(found.added),
            "行": [line.number for line in found.added],
            "点位编号": [line.cells.get("code", "") for line in found.added],
            "点位名称": [line.cells.get("name", "") for line in found.added],
            "坐标": [f"{line.cells.get('lon', '')}, {line.cells.get('lat', '')}" for line in found.added],
        }
    )


def removed_table(found: Comparison) -> pd.DataFrame:
    """Return the stations whose rows did not come back; none is retired unless it is marked."""
    return pd.DataFrame(
        {
            RETIRE: [False] * len(found.removed),
            "点位编号": [gone.code for gone in found.removed],
            "点位名称": [gone.name for gone in found.removed],
            "提示": ["导出后他人改过，请先核实" if gone.touched else "" for gone in found.removed],
        }
    )


def choice(
    found: Comparison,
    taken: Sequence[bool],
    verdicts: Sequence[str | None],
    added: Sequence[bool],
    retired: Sequence[bool],
) -> Choice:
    """Return what was confirmed in the tables, row by row in their order."""
    plain, clashes = split(found)
    cells = {(one.id, one.field) for one, take in zip(plain, taken, strict=True) if take}
    cells |= {(one.id, one.field) for one, said in zip(clashes, verdicts, strict=True) if said == MINE}
    return Choice(
        cells=frozenset(cells),
        added=frozenset(line.number for line, take in zip(found.added, added, strict=True) if take),
        retired=frozenset(gone.id for gone, take in zip(found.removed, retired, strict=True) if take),
    )


def confirming(chosen: Choice) -> str:
    """Return the words of the button that writes."""
    parts = [
        f"{len(numbers)} {unit}"
        for numbers, unit in (
            (chosen.cells, "格改动"),
            (chosen.added, "个新点位"),
            (chosen.retired, "处停用"),
        )
        if numbers
    ]
    return f"确认写入：{'、'.join(parts)}" if parts else "没有要写入的内容"


def _told(change: Change, text: str) -> str:
    return said(change.field, text) or BLANK
