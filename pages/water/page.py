"""The screen of the water bureau."""

from __future__ import annotations

import streamlit as st

from pages.shell.blocks import link, title
from pages.shell.viewer import require_viewer
from pages.water import (
    bulletin,
    devices,
    gaps,
    ledger,
    logging,
    one,
    outlook,
    patrols,
    shopping,
    stations,
    view,
)

viewer = require_viewer("stations")
st.html(title("水域防护", "缺口按优先次序排列；点位按“四个一”齐全且在核查期内认定为有效"))
if code := st.query_params.get("water"):
    st.html(link("返回水域防护", "/water"))
    one.draw(viewer, code, located=True)
    st.stop()
wished = st.query_params.get("section", view.SECTIONS[0])
sections = view.SECTIONS if viewer.may("stations", "write") else view.SECTIONS[:-1]
section = st.segmented_control(
    "内容",
    sections,
    default=wished if wished in sections else sections[0],
    required=True,
    label_visibility="collapsed",
    key="water-section",
)
drawn = {
    "缺口": gaps.draw,
    "点位": stations.draw,
    "采购清单": shopping.draw,
    "缺口台账": ledger.draw,
    "月通报": bulletin.draw,
    "可用估计": outlook.draw,
    "巡查轨迹": patrols.draw,
    "护栏与摄像头": devices.draw,
    "登记与核查": logging.draw,
}
drawn[section](viewer)
