"""The screen of emergency staff."""

from __future__ import annotations

import streamlit as st

from layers import words
from layers.legend import legend
from layers.palette import HAZARDS, ROUNDS, WATERS
from pages.emergency import hazards as hazard_list
from pages.emergency import urgent, view
from pages.shell import frames, grids, ground, saving, territory
from pages.shell.blocks import empty, figures, title
from pages.shell.clock import today
from pages.shell.viewer import require_viewer

viewer = require_viewer("institutions")
st.html(title("汛期应急", "学校、幼儿园、福利与救助保护机构的三轮排查，以及未销号的隐患"))
saving.outcome()
urgent.draw(viewer)
rounds = frames.rounds(viewer)
if rounds.empty:
    st.html(empty("还没有排查轮次", "管理员导入轮次与机构台账后，这里显示各机构的排查进度。"))
    st.stop()
chosen = st.selectbox("排查轮次", rounds.index, format_func=lambda number: str(rounds.loc[number, "name"]))
institutions, hazards = frames.institutions_in_round(viewer, int(chosen)), hazard_list.opened(viewer)
names = territory.area_names(viewer)
st.html(figures(view.figures(institutions, hazards, today())))
left, middle, right = st.columns(3)
township = grids.township_filter(left, institutions, names, key="emergency")
states = grids.choices(middle, "本轮状态", view.STATES)
kinds = grids.choices(right, "机构类别", words.INSTITUTIONS)
shown = grids.kept(institutions, township, state=states, kind=kinds)
ground.show(viewer, view.layers(shown, grids.kept(hazards, township)), key="emergency")
st.html(legend([*ROUNDS.values(), *HAZARDS.values(), WATERS["point"]], [WATERS["line"]]))
listed, opened = st.tabs([f"机构（{len(shown):d}）", f"未销号隐患（{len(grids.kept(hazards, township)):d}）"])
with listed:
    grids.show(view.institution_table(shown, names), "当前筛选下没有机构", "请放宽筛选条件。")
with opened:
    hazard_list.draw(viewer, grids.kept(hazards, township), names)
