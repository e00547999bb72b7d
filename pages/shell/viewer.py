"""Who is looking: asked of the server on every run of every page, never of the browser's session."""

from __future__ import annotations

import streamlit as st

from pages.door import desk
from pages.door.headers import COOKIE
from pages.shell import blocks
from pages.shell.deployment import deployment


def require_viewer(dataset: str | None = None, verb: str = "read") -> desk.Viewer:
    """Return the viewer of this run; stop the run where the session ended or the right is missing."""
    token = st.context.cookies.get(COOKIE)
    # No text where no browser stands behind the run (Streamlit's own test runner).
    viewer = desk.viewer_of(deployment(), token) if isinstance(token, str) else None
    if viewer is None:
        st.html(blocks.empty("登录已过期", "为保护数据，长时间未操作或已在别处退出后需重新登录。"))
        st.html(blocks.link("重新登录", "/signin"))
        st.stop()
    if dataset is not None and not viewer.may(dataset, verb):
        st.html(blocks.empty("无权查看", "本页仅限获授权的岗位使用。如工作需要，请向本单位管理员申请。"))
        st.stop()
    return viewer
