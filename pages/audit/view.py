"""What the page of acts shows: each in words, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from layers import words

if TYPE_CHECKING:
    from pages.door.desk import Viewer

OWN, BUREAU, ALL = "我的记录", "民政、儿童主任、紧急查看", "全部记录"
SECTIONS: Final = ((OWN, "own"), (BUREAU, "bureau"), (ALL, "read"))
"""Section and the verb that opens it; the database shows no more than that, whatever is asked."""
MOST: Final = 2000
"""Newest acts that a page shows."""


def sections(viewer: Viewer) -> list[str]:
    """Return the sections that this viewer may open."""
    return [name for name, verb in SECTIONS if viewer.may("audit", verb)]


def table(acts: pd.DataFrame) -> pd.DataFrame:
    """Return acts under Chinese headings; what an act concerned is told by number, never by value."""
    return pd.DataFrame(
        {
            "时间": acts["happened_at"].dt.tz_convert("Asia/Shanghai").dt.strftime("%Y-%m-%d %H:%M:%S"),
            "人员": acts["person"].where(acts["person"] != "", "—"),
            "岗位": acts["role"].replace(words.ACTORS),
            "事项": acts["action"].replace(words.ACTIONS),
            "对象": acts["object_kind"].replace(words.OBJECTS),
            "数量": acts["row_count"],
            "用途": acts["purpose"],
            "范围": acts["area_name"],
            "对象编号": acts["object_ids"],
        }
    )


def summary(acts: pd.DataFrame) -> list[tuple[str, int, str]]:
    """Return label, number and note of the acts that matter most."""
    seen = acts["action"] == "read.homes"
    return [
        ("记录", len(acts), f"最多显示最近 {MOST:,} 条"),
        ("查看儿童居住地", int(seen.sum()), f"涉及 {acts.loc[seen, 'account_id'].nunique()} 人"),
        ("导出", int((acts["action"] == "export").sum()), "文件一次一链，十分钟失效"),
    ]
