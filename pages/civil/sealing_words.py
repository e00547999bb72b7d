"""What is said of seals: lists under Chinese headings, and the sentences beside the form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from layers import words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

RULE: Final = (
    "封存后，除指定人员外任何人都看不到这名儿童：档案、住处、身份、走访、距离一并隐去，导出和导入预览也不含；"
    "岸线的暴露与等级照常计算，保护不减。封存由一人办理，即时生效；解除封存、增加人员须第二名民政人员批准。"
    "封存不会自行解除，到复核日期请延长或申请解除。请勿在依据中写姓名、住址。"
)
NOBODY: Final = "（指定人员均已离岗：可申请增加本人接手）"
ASKED: Final = {"": "", "lift": "申请解除，待批准", "name": "申请增加人员，待批准"}
WHAT: Final = {"lift": "解除封存", "name": "增加查看人员"}


def fold(seals: pd.DataFrame, waiting: pd.DataFrame) -> str:
    """Return the heading of the fold, with what needs doing."""
    overdue = int(seals["overdue"].sum())
    parts = [
        f"{len(seals)} 项由您查看" if len(seals) else "",
        f"{overdue} 项已到复核日期" if overdue else "",
        f"{len(waiting)} 项申请待批准" if len(waiting) else "",
    ]
    said = "，".join(part for part in parts if part)
    return f"封存保护（{said}）" if said else "封存保护"


def table(seals: pd.DataFrame) -> pd.DataFrame:
    """Return the standing seals of the viewer."""
    return pd.DataFrame(
        {
            "编号": seals.index,
            "儿童编号": seals["child_code"].where(seals["child_code"] != "", NOBODY),
            "依据": seals["ground"].map(words.SEAL_GROUNDS),
            "复核日期": pd.to_datetime(seals["review_on"]),
            "状态": [state(row) for row in seals.itertuples()],
            "可查看人员": seals["names"].map(lambda names: "、".join(names or ())),
            "村（居）": seals["area_name"],
            "封存人": seals["sealed_by"],
            "说明": seals["reason"],
        }
    )


def state(row: Any) -> str:  # noqa: ANN401 - a named tuple of the frame
    """Return how a seal stands."""
    return ASKED[row.asked] or ("已到复核日期" if row.overdue else "封存中")


def waiting_table(waiting: pd.DataFrame, when: Callable[[Any], str]) -> pd.DataFrame:
    """Return what waits for a second person."""
    return pd.DataFrame(
        {
            "封存编号": waiting["seal_id"],
            "申请": waiting["what"].map(WHAT),
            "人员": waiting["person"],
            "理由": waiting["reason"],
            "申请人": waiting["asked_by"],
            "申请时间": waiting["asked_at"].map(when),
            "封存依据": waiting["ground"].map(words.SEAL_GROUNDS),
            "县（市、区）": waiting["county"],
        }
    )


def people(candidates: pd.DataFrame) -> Mapping[int, str]:
    """Return who may be named, in words, by account."""
    said = candidates["display_name"] + "（" + candidates["role"].map(words.ROLES)
    said += ("　" + candidates["bureau"]).where(candidates["bureau"] != "", "") + "）"
    return dict(zip(candidates.index.tolist(), said.tolist(), strict=True))
