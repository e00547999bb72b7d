"""Number and state of one item in a ledger, and the record of it: one says nothing without the other."""

from __future__ import annotations

import re
from typing import Final

from data.importers.cells import CellError

_PIECES: Final = re.compile(r"(?:^|(?<=；))(\d{1,4}) 件(?:；|$)")
MISSING: Final = "missing"


def counted(state: str, note: str) -> str:
    """Return how many pieces a record stands for: none if missing, else what its note says, else one."""
    if not state:
        return ""
    if state == MISSING:
        return "0"
    found = _PIECES.search(note)
    return str(int(found[1])) if found else "1"


def noted(note: str, pieces: int) -> str:
    """Return the note of a record of so many pieces; what else it says stays."""
    rest = _PIECES.sub("", note).strip("；")
    if pieces <= 1:
        return rest
    return f"{pieces} 件；{rest}" if rest else f"{pieces} 件"


def settled(now: tuple[str, str], count: str | None, state: str | None) -> tuple[str, int]:
    """Return state and pieces after an edit of number, state or both; None is not edited.

    `now` holds state and number as they stand.

    Raises
    ------
    CellError
        If number and state contradict each other, or one was wiped out.
    """
    if "" in {count, state}:
        raise CellError("不能清空", "没有器材请把状态填“缺失”或数量填 0")
    if state is not None and count is not None and (state == MISSING) != (count == "0"):
        raise CellError(f"数量 {count} 与状态不符", "缺失的数量填 0，有器材的填实际数量")
    if state is not None:
        if state == MISSING:
            return state, 0
        return state, int(count or now[1] or 1) or 1
    if count is None:
        return now[0], int(now[1] or 0)
    if count == "0":
        return MISSING, 0
    if now[0] in {"", MISSING}:
        raise CellError(f"数量改为 {count}，状态仍是缺失", "请同时填状态，如 完好")
    return now[0], int(count)
