"""The screen where files come in."""

from __future__ import annotations

import streamlit as st

from layers.text import plain_label
from pages.intake import history, twins, unplaced, uploading, view
from pages.shell.blocks import title
from pages.shell.viewer import require_viewer

viewer = require_viewer("imports")
st.html(title("导入", "台账、图形和坐标先检查、后写入；每一批都有回执，未被后续改动时可以整批撤销"))
offered = [*view.SECTIONS] if viewer.may("imports", "write") else [view.HISTORY]
wished = st.query_params.get("section", offered[0])
section = st.segmented_control(
    "内容",
    offered,
    default=wished if wished in offered else offered[0],
    required=True,
    format_func=plain_label,
    label_visibility="collapsed",
    key="intake-section",
)
drawn = {
    view.UPLOAD: uploading.draw,
    view.UNPLACED: unplaced.draw,
    view.TWINS: twins.draw,
    view.HISTORY: history.draw,
}
drawn[section](viewer)
