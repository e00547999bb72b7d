"""The part of the overview that tells of children by township, as it was told this quarter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from data.storage.shared_homes import quarter_of
from jobs.child_tables import LATE
from layers import child_tables, words
from pages.shell import downloads, frames, grids
from pages.shell.blocks import heading, remark
from pages.shell.clock import today

if TYPE_CHECKING:
    from pages.door.desk import Viewer


def draw(viewer: Viewer) -> None:
    """Draw the newest table with what its marks mean; nothing before the first."""
    found = frames.child_table(viewer)
    if found is None:
        return
    told, cells = found
    st.html(heading(f"乡镇儿童统计（{words.quarter(told.period)}）"))
    if told.period < quarter_of(today()):
        st.html(remark(f"{LATE}：下表是上一次公布的。"))
    grids.show(child_tables.table(child_tables.rows(cells)), "没有记录", "")
    for note in child_tables.legend(told.parameters):
        st.html(remark(note))
    downloads.offer(viewer, child_tables.NAME, of="statistics", formats=downloads.TABLES)
