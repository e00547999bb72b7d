"""The page of the guide that says what is kept of a child and why, made from the inventory and the rights.

python -m jobs.processing_page docs/guide
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from data import processing, rights
from data.settings import Settings
from layers import words

if TYPE_CHECKING:
    from data.processing import Entry

FILE: Final = "processing.md"
TITLES: Final = {
    "child": "儿童",
    "home": "住处",
    "shared_home": "合并统计用住处",
    "child_identity": "身份信息",
    "child_visit": "走访记录",
    "proximity": "与水域、隐患的距离",
    "gap_weight": "缺口权重的构成",
    "child_seal": "封存",
    "child_seal_person": "封存的查看人员",
    "child_seal_proposal": "对封存的申请",
    "child_tally": "乡镇统计表背后的人数",
}
HEAD: Final = """# 儿童个人信息处理清单

本页由 `data/processing.toml` 和权限表 `data/rights.toml` 生成，不要手工修改。
数据库里关于儿童的每一列都在其中，少一列或多一列，自动测试都不通过。

- **谁能看**取自权限表，限岗位所在区域及下级；〔本村〕只限本村（居），
  〔在校〕只限辖区内学校的在校学生，其中身份信息只限姓名。
  紧急查看只限险情中的一个乡镇，最长 24 小时，事后复核。
- **保存期**：离开登记满 {months} 个月，或年满 18 周岁满 {months} 个月，由 `anlan purge` 永久清除。
  封存的也一样，由服务器操作员清除。因只存出生年月，年满 18 周岁从当月的次月 1 日起算。
  {months} 个月是**建议值**，不是法规数值；由民政部门核定，在 `ANLAN_CHILD_RETENTION_MONTHS` 中设置。
- **告知同意**一栏都是建议，由民政部门按本地规定确定。
- 标“〔待核〕”的依据，备案前请法制部门核对条文。
"""
COLUMNS: Final = ("字段", "列名", "用途", "依据", "必要性", "告知同意", "谁能看", "保存")


def markdown() -> str:
    """Return the page."""
    months = Settings.model_fields["child_retention_months"].default
    lines = [HEAD.format(months=months)]
    entries = processing.inventory()
    for table in processing.KEPT:
        lines += [f"## {TITLES[table]}", "", _row(COLUMNS), _row(["---"] * len(COLUMNS))]
        lines += [_row(cells(entry)) for entry in entries if entry.table == table]
        lines.append("")
    return "\n".join(lines)


def cells(entry: Entry) -> list[str]:
    """Return what is said of a column, under `COLUMNS`."""
    given = processing.document()
    grounds = [
        f"{given['grounds'][key]['title']}{'' if given['grounds'][key]['checked'] else '〔待核〕'}"
        for key in entry.grounds
    ]
    return [
        entry.title,
        f"`{entry.column}`",
        entry.purpose,
        "；".join(grounds),
        entry.necessity,
        given["consents"][entry.consent],
        _readers(entry),
        given["retentions"][entry.retention],
    ]


def _readers(entry: Entry) -> str:
    marks = {"village": "〔本村〕", "school": "〔在校〕"}
    named = [
        f"{words.ROLES[role]}{marks.get(rights.rule(role, entry.set), '')}"
        for role in processing.readers(entry)
    ]
    return "、".join(named) or "任何岗位都看不到，仅供后台评估"


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    (Path(sys.argv[1]) / FILE).write_text(markdown(), "utf-8")
