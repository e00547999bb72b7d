"""The section of gaps: figures, map and the list by priority."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from layers import words
from layers.legend import legend
from layers.palette import PLACES, PROTECTION, WATERS, WAYS
from pages.shell import downloads, frames, grids, ground, territory, traces
from pages.shell.blocks import empty, figures
from pages.water import one, view

if TYPE_CHECKING:
    from pages.door.desk import Viewer


def draw(viewer: Viewer) -> None:
    """Draw the section."""
    gaps, names = frames.gaps(viewer), territory.area_names(viewer)
    if frames.assessment(viewer) is None:
        st.html(empty("还没有核算结果", "导入水域、点位和村庄后，由管理员运行“重新计算”，这里显示缺口。"))
        return
    st.html(figures(view.gap_figures(gaps, frames.headline(viewer))))
    left, middle, right = st.columns(3)
    township = grids.township_filter(left, gaps, names, key="gaps")
    classes = grids.choices(middle, "水域类别", view.CLASSES)
    reasons = grids.choices(right, "原因", words.REASONS)
    shown = grids.kept(gaps, township, water_class=classes, reason=reasons)
    spot = st.container()
    chosen = grids.show(
        view.gap_table(shown, names), "没有缺口", "当前筛选范围内暴露岸线均已覆盖。", key="gap-rows"
    )
    over, look = grids.highlighted(shown, chosen)
    with spot:
        layers = [ground.villages(viewer), ground.routes(viewer), *ground.banks(viewer)]
        ground.show(viewer, layers, key="gaps", look=look, over=over)
        lines = [*PROTECTION.values(), *WAYS.values(), WATERS["line"]]
        st.html(legend([PLACES["village"], WATERS["point"]], lines))
    if chosen is not None and chosen < len(shown):
        one.draw(viewer, str(shown["water_code"].iloc[chosen]))
    traces.draw(viewer)
    downloads.offer(viewer, "gaps")
