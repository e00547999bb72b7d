"""Why somebody looks at children: asked once a session, before anything of them is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from pages.door import desk
from pages.door.headers import COOKIE
from pages.shell.blocks import empty, said
from pages.shell.deployment import deployment

if TYPE_CHECKING:
    from pages.door.desk import Viewer

PURPOSES: Final = (
    "日常走访与关爱服务",
    "汛期或节假日风险排查",
    "档案核对与数据订正",
    "统计上报",
    "突发事件处置",
)
OTHER: Final = "其他（请说明）"
WORDS_MIN: Final = 4
WORDS_MAX: Final = 100


def require_purpose(viewer: Viewer) -> None:
    """Stop the run until the viewer of this session has said what it is for."""
    if viewer.purpose:
        return
    st.html(empty("请先说明本次使用目的", "儿童信息属敏感个人信息：每次登录说明一次，与查看、导出一并留痕。"))
    with st.form("purpose"):
        chosen = st.selectbox("使用目的", (*PURPOSES, OTHER), index=None, placeholder="请选择")
        own = st.text_input("说明", max_chars=WORDS_MAX, placeholder="选“其他”时必填，请勿写姓名等个人信息")
        sent = st.form_submit_button("确认并继续", type="primary")
    if sent:
        purpose = worded(chosen, own)
        if purpose is None:
            st.html(said(f"请选择使用目的；选“其他”时请用 {WORDS_MIN} 至 {WORDS_MAX} 个字说明。", "bad"))
        else:
            desk.state_purpose(deployment(), str(st.context.cookies.get(COOKIE)), purpose)
            st.rerun()
    st.stop()


def worded(chosen: str | None, said: str) -> str | None:
    """Return the purpose as it is recorded, or None where nothing useful was said."""
    said = " ".join(said.split())
    if chosen in PURPOSES:
        return f"{chosen}：{said}" if said else chosen
    return said if chosen == OTHER and WORDS_MIN <= len(said) <= WORDS_MAX else None
