"""The section where a station is logged or checked: a place, a form, and what to do about a conflict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from layers.legend import legend
from layers.maps import nearest_row
from layers.palette import STATIONS
from pages.shell import frames, grids, ground, placing, positions
from pages.shell.blocks import empty, facts
from pages.water import conflict, form, view

if TYPE_CHECKING:
    import geopandas as gpd

    from pages.door.desk import Viewer

PLACE: Final = "water-place"
NEW: Final = "新登记"
"""Session state holds what the form shows, never who may save it."""


def draw(viewer: Viewer) -> None:
    """Draw the section: after a save its outcome, before it the place and the form."""
    form.outcome(viewer)
    if conflict.draw(viewer):
        return
    stations = view.with_status(frames.stations(viewer))
    chosen = st.selectbox(
        "点位",
        [None, *stations.index],
        format_func=lambda number: NEW if number is None else _name(stations.loc[number]),
        key=form.CHOSEN,
    )
    left, right = st.columns([3, 2])
    with right:
        place = _place(viewer, chosen)
    with left:
        _map(viewer, stations, place)
    if place is None:
        st.html(empty("先定位置", "在地图上点一下，或在右侧输入坐标；点击已有点位可直接核查。"))
        return
    form.draw(viewer, chosen, place)


def _map(viewer: Viewer, stations: gpd.GeoDataFrame, place: positions.Position | None) -> None:
    over, look = grids.spotted(place.lon, place.lat) if place else (None, None)
    said = ground.show(
        viewer, [view.station_layer(stations)], key="logging", look=look, over=over, height=420,
        returned=["last_clicked", "last_object_clicked"],
    )  # fmt: skip
    st.html(legend(STATIONS.values()))
    mark, spot = said.get("last_object_clicked"), said.get("last_clicked")
    row = nearest_row(stations, mark["lng"], mark["lat"]) if mark else None
    seen = (str(mark), str(spot))
    if st.session_state.get("logging-seen") == seen:
        return
    st.session_state["logging-seen"] = seen
    if row is not None:
        st.session_state[form.WISHED] = int(stations.index[row])
        st.rerun()
    elif spot:
        st.session_state[PLACE] = positions.from_click(spot["lng"], spot["lat"])
        st.rerun()


def _place(viewer: Viewer, chosen: int | None) -> positions.Position | None:
    kept: positions.Position | None = st.session_state.get(PLACE)
    if chosen is not None and kept is None:
        card = form.held(viewer, chosen)
        kept = form.stored_place(card) if card else None
    found = placing.typed(viewer, "typed-place")
    if found is not None:
        kept = found
        st.session_state[PLACE] = kept
    if kept is not None:
        st.html(facts([("当前位置", kept.told)]))
    return kept


def _name(row: Any) -> str:  # noqa: ANN401 - a row of the frame
    return f"{row['code']}　{row['name']}".strip()
