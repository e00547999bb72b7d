"""Rows of a file that may be stored already: shown beside what is stored, and decided one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from data.importers.duplicates import key_of
from layers.text import plain_label
from pages.intake import desk, view
from pages.shell import grids
from pages.shell.blocks import remark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from data.storage.intake_jobs import Job
    from pages.door.desk import Viewer


def draw(viewer: Viewer, job: Job, preview: Mapping[str, Any]) -> None:
    """Draw the proposals of a preview; what is said of them has the file checked again."""
    if inside := preview.get("inside") or []:
        with st.expander("文件内相近、可能是同一处的记录", expanded=True):
            for line in inside:
                st.html(remark(str(line)))
    doubles = preview.get("doubles") or []
    if not doubles:
        return
    same = [line for line in doubles if view.is_same(line)]
    with st.expander(plain_label(view.doubles_title(len(doubles), len(same))), expanded=True):
        st.html(remark(view.DOUBLES_HINT))
        picked = grids.picked(view.double_table(doubles), key=f"intake-doubles-{job.id}-{len(same)}")
        left, right = st.columns(2)
        if left.button(
            f"所选 {len(picked):d} 行是同一处：更新已有记录",
            type="primary",
            disabled=not picked,
            key=f"intake-same-{job.id}",
        ):
            _again(viewer, job, [*same, *(doubles[at] for at in picked)])
        if same and right.button("都改回：分别保留", key=f"intake-apart-{job.id}"):
            _again(viewer, job, [])


def _again(viewer: Viewer, job: Job, same: list[Any]) -> None:
    said = list(dict.fromkeys(key_of(line) for line in same))
    desk.again(viewer, job.id, job.kind, dict(job.options) | {"same": said})
    st.rerun()
