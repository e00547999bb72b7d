"""The main script: who is there, what they may open, and one calm page for whatever goes wrong."""

from __future__ import annotations

import logging
from pathlib import Path

import streamlit as st

from layers.words import ROLES
from pages.shell import blocks, child_exports, territory, urgent
from pages.shell.screens import FIRST, SCREENS, VERBS
from pages.shell.viewer import require_viewer

PAGES = Path(__file__).parent.parent

st.set_page_config(
    page_title="安澜",
    page_icon=str(PAGES / "shell" / "favicon.svg"),
    layout="wide",
    initial_sidebar_state="collapsed",
)
st.logo(PAGES / "shell" / "logo.svg", size="large")
st.html(PAGES / "shell" / "look.css")
try:
    viewer = require_viewer()
    chosen = st.navigation(
        [
            st.Page(
                PAGES / folder / "page.py",
                title=title,
                url_path=folder,
                default=folder == FIRST,
                visibility="visible" if viewer.may(dataset, VERBS.get(folder, "read")) else "hidden",
            )
            for folder, title, dataset in SCREENS
        ],
        position="top",
    )
    work = ROLES[viewer.role] if len(viewer.grants) > 1 or not viewer.bureau else viewer.bureau
    person = f"{work}　{viewer.display_name}"
    st.html(blocks.masthead(viewer.area_name, person, demo=territory.is_sample(viewer)))
    urgent.banner(viewer)
    urgent.notice(viewer)
    child_exports.notice(viewer)
    chosen.run()
except Exception:
    # Streamlit's own control flow is no Exception: what arrives here is a fault, told once and logged.
    logging.getLogger("anlan.pages").exception("a page failed")
    st.html(
        blocks.empty("页面暂时无法显示", "数据服务没有应答或出现意外情况，已记入日志；已保存的内容不受影响。")
    )
    st.button("重试")
