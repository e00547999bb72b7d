"""The screen of civil affairs; its data reach no other role."""

from __future__ import annotations

import streamlit as st

from layers.legend import legend
from layers.palette import HOMES, WATERS
from pages.civil import exporting, sealing, view
from pages.shell import frames, grids, ground, saving, territory
from pages.shell.blocks import empty, figures, title
from pages.shell.clock import today
from pages.shell.purpose import require_purpose
from pages.shell.viewer import require_viewer

viewer = require_viewer("proximity")
st.html(title("民政关爱", "居住地附近有水域或隐患的儿童；只显示编号，每次查看均有记录"))
require_purpose(viewer)
saving.outcome()
sealing.draw(viewer)
exporting.draw(viewer)
children = view.with_profile(frames.children_near_hazards(viewer), today())
if children.empty:
    st.html(empty("没有需要显示的儿童", "本辖区尚无儿童居住地，或均不在水域附近；导入后请重新计算。"))
    st.stop()
names = territory.area_names(viewer)
st.html(figures(view.figures(children)))
one, two, three = st.columns(3)
township = grids.township_filter(one, children, names, key="civil")
bands = grids.choices(two, "距离", view.BANDS, default=["near"])
profiles = grids.choices(three, "年龄段", view.PROFILES)
shown = grids.kept(children, township, band=bands, profile=profiles)
spot = st.container()
chosen = grids.show(view.table(shown, names), "当前筛选下没有儿童", "请放宽筛选条件。", key="civil-rows")
over, look = grids.highlighted(shown, chosen)
with spot:
    ground.show(viewer, [view.layer(shown)], key="civil", look=look, over=over)
    st.html(legend(HOMES.values(), [WATERS["line"]]))
