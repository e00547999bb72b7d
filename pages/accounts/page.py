"""The screen of accounts: administrators change, civil affairs approves, auditors read."""

from __future__ import annotations

import streamlit as st

from layers.text import plain_label
from pages.accounts import forms, sections, view
from pages.shell.blocks import title
from pages.shell.viewer import require_viewer

viewer = require_viewer("child_grants")
st.html(title("账号与权限", view.SENTENCE))
forms.tell()
offered = sections.offered(viewer)
section = st.segmented_control(
    "内容",
    offered,
    default=offered[0],
    required=True,
    format_func=plain_label,
    label_visibility="collapsed",
    key="accounts-section",
)
if section in offered:
    sections.DRAWN[section](viewer)
