"""The screen of settings: everyone reads parameters with their sources, the administrator edits."""

from __future__ import annotations

import streamlit as st

from layers.text import plain_label
from pages.settings import editing, view
from pages.shell import frames, saving
from pages.shell.blocks import empty, facts, link, listing, title
from pages.shell.deployment import deployment
from pages.shell.viewer import require_viewer

viewer = require_viewer("parameters")
st.html(title("参数与数据", "判断所用的每个数值都有来源；建议值未经批准，不是法规数值"))
names = [
    ("参数", True),
    ("数据与导入", viewer.may("imports", "read")),
]
offered = [name for name, may in names if may]
section = st.segmented_control(
    "内容",
    offered,
    default=offered[0],
    required=True,
    format_func=plain_label,
    label_visibility="collapsed",
    key="settings-section",
)
if section == "参数":
    parameters = frames.parameters(viewer)
    rows = view.parameter_rows(parameters)
    st.html(listing(view.HEADINGS, rows) if rows else empty("还没有参数", "首次核算时写入默认参数。"))
    if rows and viewer.may("parameters", "write"):
        editing.draw(viewer, parameters)
elif section == "数据与导入" and viewer.may("imports", "read"):
    version = frames.version(viewer)
    st.html(facts(view.data_facts(frames.assessment(viewer), version, deployment().metric_crs)))
    saving.offer_refresh(viewer)
    st.html(link("查看导入记录", "/intake?section=导入记录"))
