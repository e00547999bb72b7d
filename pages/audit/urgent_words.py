"""What is said of urgent sights to those who review them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from layers import words

if TYPE_CHECKING:
    from collections.abc import Callable

CONCLUSIONS: Final = words.REVIEWS[:2]


def fold(sights: pd.DataFrame) -> str:
    """Return the heading of the fold, with what waits."""
    waiting = int(sights["reviewed_at"].isna().sum())
    overdue = int(sights["overdue"].sum())
    if not waiting:
        return "紧急查看"
    return f"紧急查看（{waiting} 次待复核{f'，{overdue} 次逾期' if overdue else ''}）"


def table(sights: pd.DataFrame, when: Callable[[Any], str]) -> pd.DataFrame:
    """Return sights under Chinese headings, those to review first."""
    return pd.DataFrame(
        {
            "复核": [words.review_state(row) for row in sights.itertuples()],
            "人员": sights["person"],
            "单位": sights["bureau"],
            "乡镇（街道）": sights["area_name"],
            "险情": sights["incident"].map(words.INCIDENTS),
            "启用": sights["opened_at"].map(when),
            "结束": sights["ended_at"].map(when).where(~sights["standing"], "查看中"),
            "查看次数": sights["readings"],
            "理由": sights["reason"],
        }
    )


def facts_of(row: pd.Series[Any], when: Callable[[Any], str]) -> list[tuple[str, str]]:
    """Return one sight whole."""
    done = f"{row['reviewed_by']}，{when(row['reviewed_at'])}：{row['review']}"
    return [
        ("人员", f"{row['person']}　{row['bureau']}"),
        ("乡镇与险情", f"{row['area_name']}　{words.INCIDENTS[row['incident']]}"),
        ("理由", str(row["reason"])),
        ("启用至", f"{when(row['opened_at'])} 至 {when(row['expires_at'])}"),
        ("实际结束", "查看中" if row["standing"] else when(row["ended_at"])),
        ("查看次数", f"{int(row['readings'])} 次（逐次见下方记录，岗位为“紧急查看”）"),
        ("复核期限", when(row["review_by"])),
        ("复核", f"{words.review_state(row)}{'' if pd.isna(row['reviewed_at']) else f'（{done}）'}"),
    ]
