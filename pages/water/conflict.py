"""Two people edited one station: theirs and yours side by side, and a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from layers import words
from pages.shell import saving
from pages.shell.blocks import empty

if TYPE_CHECKING:
    from pages.door.desk import Viewer

FIELDS = {
    "code": "编号",
    "name": "名称",
    "responsible_unit": "责任单位",
    "lon": "经度",
    "lat": "纬度",
    "installed_on": "设置日期",
    "note": "备注",
}


def draw(viewer: Viewer) -> bool:
    """Draw the conflict if there is one, and say whether there was."""
    held: saving.Conflict | None = st.session_state.get(saving.CONFLICT)
    if held is None:
        return False
    st.html(empty("这一点位刚被他人修改", "请对照下表后决定；在您决定之前，没有任何内容被覆盖。"))
    st.dataframe(compared(held), hide_index=True)
    left, right = st.columns(2)
    if left.button("以我填写的为准，保存", type="primary"):
        st.session_state.pop(saving.CONFLICT)
        saving.station(viewer, held.renewed())
        st.rerun()
    if right.button("保留对方的修改，放弃我的"):
        st.session_state.pop(saving.CONFLICT)
        st.session_state.pop(saving.HELD, None)
        st.rerun()
    return True


def compared(held: saving.Conflict) -> pd.DataFrame:
    """Return each field or item with what stands now and what this viewer filled in."""
    mine: Any = held.draft.form
    if "code" in held.theirs:
        rows = [(label, held.theirs.get(name), getattr(mine, name)) for name, label in FIELDS.items()]
    else:
        states = {check.kind: check.state for check in held.draft.checks}
        rows = [
            (words.ITEMS[kind], words.ITEM_STATES[found["state"]], words.ITEM_STATES[states[kind]])
            for kind, found in held.theirs.items()
        ]
    return pd.DataFrame(
        [(label, _shown(theirs), _shown(yours)) for label, theirs, yours in rows],
        columns=["项目", "对方已保存", "您填写的"],
    )


def _shown(value: object) -> str:
    return "" if value is None else str(value)
