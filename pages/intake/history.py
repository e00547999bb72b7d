"""The section of batches: what came in when and from whom, what was refused, and taking a batch back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from pages.intake import desk, view
from pages.shell import grids, saving
from pages.shell.blocks import facts, remark, said

if TYPE_CHECKING:
    from pages.door.desk import Viewer

SAID: Final = "intake-undone"


def draw(viewer: Viewer) -> None:
    """Draw the batches of the area and, for the chosen one, its refusals and the way back."""
    if kept := st.session_state.pop(SAID, None):
        st.html(said(kept, "good"))
        saving.offer_refresh(viewer)
    found = desk.history(viewer)
    picked = grids.show(
        view.batch_table(found),
        "还没有导入",
        "在“导入文件”里上传，或由管理员用命令行导入。",
        key="intake-batches",
    )
    if picked is None:
        if not found.empty:
            st.html(remark("点选一批，查看没有写入的行，或撤销这一批。"))
        return
    number = int(found.index[picked])
    st.html(facts([("批次", f"第 {number} 批")]))
    refused = desk.refusals(viewer, number)
    table = view.fault_table(refused.assign(remedy="").to_numpy(dtype=object).tolist())
    grids.show(table.drop(columns="怎样改"), "这一批没有拒收的行", "")
    kind = str(found["kind"].iloc[picked])
    # A returned ledger is a change of stations.
    brought = "stations" if kind == "ledger" else kind
    if found["state"].iloc[picked] == "applied" and brought in desk.allowed(viewer):
        _undo(viewer, number)


def _undo(viewer: Viewer, number: int) -> None:
    st.html(remark("撤销后，这一批新增的记录删除，更新过的记录恢复原值；之后又被人改动过的批次不能撤销。"))
    sure = st.checkbox(f"我确认撤销第 {number:d} 批", key=f"intake-sure-{number}")
    if not st.button("撤销这一批", disabled=not sure, key=f"intake-undo-{number}"):
        return
    try:
        done = desk.undo(viewer, number)
    except desk.UndoError as fault:
        st.html(said("\n".join(("不能撤销：", *fault.reasons)), "bad"))
        return
    st.session_state[SAID] = view.undone_words(done)
    st.rerun()
