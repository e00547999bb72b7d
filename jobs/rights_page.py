"""The page of the guide that says who may see what, made from the one table of rights.

python -m jobs.rights_page docs/guide
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from data import rights
from data.schema.accounts import ROLES
from layers import words

FILE: Final = "rights.md"
HEAD: Final = """# 谁能看什么

本页由权限表 `data/rights.toml` 生成，与数据库的授权、行级策略和自动测试出自同一张表，不要手工修改。

- 权限 = 岗位 × 区域。一人有几个岗位时，同一时间以一个岗位办理，在“我的账号”切换。
- 格内是可以做的事；“—”表示没有任何权限，数据库直接拒绝。
- 登记和修改一律限于岗位所在区域及下级。带“＊”的内容连查看也限于该范围，不带的可查看全部。
- 〔本村〕限本村（居）；〔在校〕限辖区内学校的在校学生，不含住址和类别；〔本人〕限本人。
- 除民政和本村（居）儿童主任外，任何岗位都看不到孩子的住址。险情中，应急管理和外地民政人员可启用**紧急查看**：
  一个乡镇、最长 24 小时、自动结束、全程留痕、事后复核；列在“紧急查看”一栏，任何人不能授予。
- 封存的儿童只有指定人员看得到，紧急查看也看不到。
"""
MARKS: Final = {
    "below": "",
    "village": "〔本村〕",
    "school": "〔在校〕",
    "own": "〔本人〕",
    "bureau": "〔本单位〕",
}


def markdown() -> str:
    """Return the page."""
    titles = [words.ROLES[role] for role in ROLES]
    lines = [HEAD, _row(["内容", *titles]), _row(["---"] * (len(ROLES) + 1))]
    for name, dataset in rights.sets().items():
        if not dataset.inner:
            mark = "＊" if dataset.reading == "area" else ""
            lines.append(_row([f"{dataset.title}{mark}", *(_cell(role, name) for role in ROLES)]))
    lines += ["", "## 哪些岗位登录时须输入动态口令", ""]
    lines.append("、".join(words.ROLES[role] for role in ROLES if rights.sees_children(role)) + "。")
    return "\n".join(lines) + "\n"


def _cell(role: str, dataset: str) -> str:
    verbs = rights.roles()[role].may[dataset]
    done = "、".join(words.RIGHT_VERBS[verb] for verb in verbs)
    return f"{done}{MARKS[rights.rule(role, dataset)]}" if verbs else "—"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    (Path(sys.argv[1]) / FILE).write_text(markdown(), "utf-8")
