"""The section of shopping: what each township lacks, never without its complete sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from layers.handouts import titled, with_sum
from pages.shell import downloads, frames, grids
from pages.shell.blocks import figures
from pages.water import view

if TYPE_CHECKING:
    from pages.door.desk import Viewer


def draw(viewer: Viewer) -> None:
    """Draw the section."""
    found = frames.shopping(viewer)
    st.html(figures(view.shopping_figures(found)))
    table = titled("shopping", with_sum(found.reset_index(drop=True), label="合计")).infer_objects()
    table.insert(0, "乡镇（街道）", table.pop("乡镇（街道）"))
    grids.show(table, "没有点位", "登记或导入点位后，这里按乡镇列出须补的器材。")
    downloads.offer(viewer, "shopping", of="stations", formats=downloads.TABLES)
