"""The section of ways to school: map, and the list with the gaps that pupils pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from layers.legend import legend
from layers.palette import PLACES, PROTECTION, WATERS, WAYS
from pages.shell import frames, grids, ground, territory
from pages.shell.blocks import figures, remark
from pages.water import route_words

if TYPE_CHECKING:
    from pages.door.desk import Viewer


def draw(viewer: Viewer) -> None:
    """Draw the section."""
    found, names = frames.routes(viewer), territory.area_names(viewer)
    if len(found):
        st.html(figures(route_words.summed(found)))
    shown = grids.kept(found, grids.township_filter(st.container(), found, names, key="routes"))
    spot = st.container()
    chosen = grids.show(route_words.table(shown, names), "还没有上学路线", route_words.HOW, key="route-rows")
    over, look = grids.highlighted(shown, chosen)
    with spot:
        layers = [ground.schools(viewer), *ground.banks(viewer), ground.routes(viewer, from_zoom=0)]
        ground.show(viewer, layers, key="routes", look=look, over=over)
        lines = [*WAYS.values(), *PROTECTION.values(), WATERS["line"]]
        st.html(legend([PLACES["school"], WATERS["point"]], lines))
    if len(found):
        st.html(remark(route_words.NOTE))
