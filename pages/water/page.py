"""The screen of the water bureau."""

from __future__ import annotations

import streamlit as st

from layers.text import plain_label
from pages.shell.blocks import link, title
from pages.shell.viewer import require_viewer
from pages.water import one, sections, view

viewer = require_viewer("stations")
st.html(title("水域防护", "缺口按优先次序排列；点位按“四个一”齐全且在核查期内认定为有效"))
if code := st.query_params.get("water"):
    st.html(link("返回水域防护", "/water"))
    one.draw(viewer, code, located=True)
    st.stop()
wished = st.query_params.get("section", view.SECTIONS[0])
offered = [name for name in view.SECTIONS if name not in view.WRITING or viewer.may("stations", "write")]
section = st.segmented_control(
    "内容",
    offered,
    default=wished if wished in offered else offered[0],
    required=True,
    format_func=plain_label,
    label_visibility="collapsed",
    key="water-section",
)
sections.DRAWN[section](viewer)
