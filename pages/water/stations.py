"""The section of stations: map and list, and the card of the one that was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from layers.legend import legend
from layers.maps import nearest_row
from layers.palette import STATIONS, WATERS
from pages.shell import downloads, frames, grids, ground, photographs, territory
from pages.shell.blocks import facts, link
from pages.water import cards, returning, view, water_words

if TYPE_CHECKING:
    from pages.door.desk import Viewer


def draw(viewer: Viewer) -> None:
    """Draw the section."""
    stations, names = view.with_status(frames.stations(viewer)), territory.area_names(viewer)
    left, right = st.columns(2)
    township = grids.township_filter(left, stations, names, key="stations")
    statuses = grids.choices(right, "状态", view.STATUSES)
    shown = grids.kept(stations, township, status=statuses)
    spot, card = st.container(), st.container()
    chosen = grids.show(
        view.station_table(shown, names),
        "没有点位",
        "可在“登记与核查”中登记，或由管理员导入台账。",
        key="station-rows",
    )
    over, look = grids.highlighted(shown, chosen)
    with spot:
        said = ground.show(
            viewer, [view.station_layer(shown)], key="stations", look=look, over=over,
            returned=["last_object_clicked"],
        )  # fmt: skip
        st.html(legend(STATIONS.values(), [WATERS["line"]]))
    clicked = said.get("last_object_clicked")
    if chosen is None and clicked:
        chosen = nearest_row(shown, clicked["lng"], clicked["lat"])
    if chosen is not None:
        with card:
            found = frames.station_card(viewer, int(shown.index[chosen]))
            st.html(facts(cards.station(found)))
            if found is not None:
                number = int(shown.index[chosen])
                photographs.show(viewer, {"station": {number: ""}})
                photographs.manage(viewer, "station", number)
            if found is not None and found.facts["water_id"] is not None:
                code = frames.waters(viewer)["code"].get(found.facts["water_id"])
                if code is not None:
                    st.html(link("查看所在水域", water_words.address(str(code))))
    downloads.offer(viewer, "stations")
    returning.draw(viewer)
