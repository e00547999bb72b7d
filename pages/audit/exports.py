"""Requests for exports of children in the viewer's area: who asked, who decided, what was taken; no data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.civil import exporting_words
from pages.settings.view import instant
from pages.shell import child_exports, grids
from pages.shell.blocks import facts

if TYPE_CHECKING:
    from pages.door.desk import Viewer


def draw(viewer: Viewer) -> None:
    """Draw the requests to civil affairs and the auditor."""
    if not viewer.may("child_exports", "read"):
        return
    requests = child_exports.seen(viewer)
    with st.expander("儿童信息导出的申请、审批和下载"):
        chosen = grids.show(
            exporting_words.table(requests, instant),
            "没有导出申请",
            "民政人员在“民政关爱”页申请导出儿童信息后，列在这里。",
            key="export-requests",
        )
        if chosen is not None:
            st.html(facts(exporting_words.facts_of(requests.iloc[chosen], instant)))
