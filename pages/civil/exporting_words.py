"""What is said of exports of children: lists under Chinese headings, and the sentences beside the forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from layers import words

if TYPE_CHECKING:
    from collections.abc import Callable

RULE: Final = (
    "导出儿童信息须另一名民政人员批准：写明用途，选字段和区域，逐类说明为什么需要。三天内没有审批即失效；"
    "批准后三天内点“生成下载链接”，十分钟内下载，只能下载一次，没有下载成功的须重新申请。"
    "文件在下载时生成，封存的儿童一律不含；每张表写明谁申请、谁批准、用途和导出编号。每一步留痕。"
)
LIST: Final = ("birth_month", "category", "school")
IDENTITIES: Final = ("name", "id_number", "phone", "guardian_name", "guardian_phone")
LATER: Final = ("审批人", "下载时间", "行数")
"""Columns of a table that say nothing of what has yet to be decided."""
CONCLUSIONS: Final = ("批准", "不批准")


def fold(deciding: int, taking: int) -> str:
    """Return the heading of the fold, with what needs doing."""
    parts = [
        f"{deciding} 项待您审批" if deciding else "",
        f"{taking} 项待您下载" if taking else "",
    ]
    said = "，".join(part for part in parts if part)
    return f"导出儿童信息（{said}）" if said else "导出儿童信息（须审批）"


def table(requests: pd.DataFrame, when: Callable[[Any], str]) -> pd.DataFrame:
    """Return requests under Chinese headings."""
    return pd.DataFrame(
        {
            "编号": requests.index,
            "状态": requests["state"].map(words.EXPORT_STATES),
            "申请人": requests["person"],
            "区域": requests["area_name"],
            "字段": requests["fields"].map(fields),
            "格式": requests["format"].map(words.EXPORT_FORMATS),
            "用途": requests["purpose"],
            "申请时间": requests["asked_at"].map(when),
            "审批人": requests["decided_by"],
            "下载时间": requests["taken_at"].map(when),
            "行数": requests["row_count"],
        }
    )


def facts_of(row: pd.Series[Any], when: Callable[[Any], str]) -> list[tuple[str, str]]:
    """Return one request whole."""
    decided = f"{row['decided_by']}，{when(row['decided_at'])}：{row['decision']}"
    listed = [
        ("状态", _state(row, when)),
        ("申请人", f"{row['person']}　{row['bureau']}　{when(row['asked_at'])}"),
        ("区域", f"{row['area_name']}（{row['area_code']}）"),
        ("字段", fields(row["fields"])),
        ("格式", words.EXPORT_FORMATS[row["format"]]),
        ("用途", str(row["purpose"])),
        ("名册理由", str(row["list_reason"])),
        ("住址点位理由", str(row["home_reason"])),
        ("身份信息理由", str(row["identity_reason"])),
        ("审批", "" if pd.isna(row["decided_at"]) else decided),
    ]
    return [(word, said) for word, said in listed if said]


def fields(listed: list[str]) -> str:
    """Return fields in words."""
    return "、".join(words.EXPORT_FIELDS[name] for name in listed)


def recent(requests: pd.DataFrame, row: pd.Series[Any], days: int = 30) -> str:
    """Return how often who asks took children out lately, as far as the viewer is told."""
    since = pd.Timestamp.now("UTC") - pd.Timedelta(days=days)
    taken = requests[(requests["account_id"] == row["account_id"]) & (requests["taken_at"] >= since)]
    return f"{len(taken)} 次，共 {int(taken['row_count'].sum()):,} 行（近 {days} 天，本辖区）"


def _state(row: pd.Series[Any], when: Callable[[Any], str]) -> str:
    said = words.EXPORT_STATES[row["state"]]
    if row["state"] in {"asked", "approved", "started"}:
        return f"{said}，{when(row['lapses_at'])} 失效"
    if row["state"] == "taken":
        return f"{said}：{when(row['taken_at'])}，{int(row['row_count']):,} 行"
    return said
