"""The screen of the record of acts."""

from __future__ import annotations

import streamlit as st

from layers import words
from layers.text import plain_label
from pages.audit import exports, trail, urgent, view
from pages.shell import downloads, grids
from pages.shell.blocks import figures, title
from pages.shell.viewer import require_viewer

viewer = require_viewer("audit", "own")
st.html(title("访问记录", "查看儿童居住地、导出、导入、授权等事项，逐条留痕、前后相扣，任何人不能改删"))
urgent.draw(viewer)
exports.draw(viewer)
offered = view.sections(viewer)
section = st.segmented_control(
    "内容",
    offered,
    default=offered[-1],
    required=True,
    format_func=plain_label,
    label_visibility="collapsed",
    key="audit-section",
)
one, two, three, four = st.columns(4)
first, last = trail.days(one, two)
kinds = grids.choices(three, "事项", words.ACTIONS)
roles = grids.choices(four, "岗位", words.ACTORS)
acts = trail.acts(viewer, section, first, last)
st.html(figures(trail.figures(acts)))
shown = grids.kept(acts, action=kinds, role=roles)
grids.show(view.table(shown), "没有记录", "所选日期与事项内没有访问记录，请放宽筛选条件。")
if section == view.ALL:
    trail.draw_chain(viewer)
    period = downloads.Period(first=first, last=last)
    downloads.offer(viewer, "audit", formats=downloads.TABLES, period=period)
    trail.offer_pack(viewer)
