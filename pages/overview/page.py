"""The first screen of everyone."""

from __future__ import annotations

import streamlit as st

from layers.legend import legend
from layers.palette import PLACES, PROTECTION, WATERS
from pages.overview import counted, view
from pages.shell import frames, ground, saving, territory
from pages.shell.blocks import bars, empty, figures, tasks, title
from pages.shell.clock import today
from pages.shell.viewer import require_viewer

viewer = require_viewer("statistics")
found = frames.assessment(viewer)
st.html(title(f"{viewer.area_name}总览", view.said(found, stale=frames.stale(viewer))))
if found is None:
    st.html(empty("还没有核算结果", "请先由管理员导入水域、村庄和点位台账，再运行核算。"))
    saving.offer_refresh(viewer)
    st.stop()
numbers, (done, planned) = frames.headline(viewer), view.progress(frames.rounds(viewer), today())
st.html(figures(view.headline(numbers, view.good_sets(frames.items(viewer)), (done, planned))))
left, right = st.columns([5, 3])
with right:
    st.html("<h3>本单位待办</h3>")
    listed = view.tasks(viewer.role, numbers, planned - done)
    st.html(tasks(listed) if listed else empty("没有待办事项"))
    saving.offer_refresh(viewer)
with left:
    if viewer.may("gaps", "read"):
        layers = [ground.villages(viewer), *ground.banks(viewer), ground.schools(viewer)]
        ground.show(viewer, layers, key="overview")
        st.html(legend([*PLACES.values()], [*PROTECTION.values(), WATERS["line"]]))
    else:
        st.html(empty("地图不在本岗位权限内", "审计岗位查看统计、操作记录与授权。"))
st.html("<h3>分地区情况</h3>")
banks, places, names = frames.bank_findings(viewer), frames.stations(viewer), territory.area_names(viewer)
st.html(bars(view.HEADINGS, view.table(banks, places, names, viewer.area_code)))
counted.draw(viewer)
