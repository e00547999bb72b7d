"""The card of one water: its record, its banks drawn to scale, its stations and gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from layers.legend import legend
from layers.palette import STATIONS
from layers.strip import key, strip
from pages.shell import frames, grids, ground, photographs, traces
from pages.shell.blocks import empty, facts, link, listing, title
from pages.water import record, water_words

if TYPE_CHECKING:
    from pages.door.desk import Viewer

NEAR_DEG: Final = 0.008
"""About 800 m each way: what the map of one water shows first."""


def draw(viewer: Viewer, code: str, *, located: bool = False) -> None:
    """Draw the card of the water `code`; elsewhere and nowhere read the same. `located` adds a map."""
    found = frames.water_card(viewer, code)
    if found is None:
        st.html(empty("没有找到这处水域", "编号不存在，或不在您的权限范围内。"))
        return
    card, along = found
    st.html(title(*water_words.heading(card)))
    st.html(facts(water_words.record(card, along)))
    if viewer.may("waters", "write"):
        record.draw(viewer, card)
    if len(along.banks):
        st.html("".join(strip(drawn) for drawn in water_words.strips(along)) + key())
        st.html(legend(STATIONS.values()))
    st.html(listing(water_words.BANK_HEADINGS, water_words.bank_rows(card.banks)))
    st.html("<h3>点位</h3>")
    stations = water_words.station_rows(card, along)
    st.html(listing(water_words.STATION_HEADINGS, stations) if stations else empty("没有点位"))
    st.html("<h3>缺口</h3>")
    gaps = water_words.gap_rows(card, along)
    st.html(listing(water_words.GAP_HEADINGS, gaps) if gaps else empty("没有缺口"))
    traces.draw(viewer)
    number, named = int(str(card.facts["id"])), card.stations["code"].to_dict()
    at_stations = {int(str(key)): f"点位 {code}" for key, code in named.items()}
    photographs.show(viewer, {"water": {number: str(card.facts["name"])}, "station": at_stations})
    if not located:
        st.html(link("在地图上查看、转发本卡片的地址", water_words.address(code)))
        return
    photographs.manage(viewer, "water", number)
    lon, lat = float(str(card.facts["lon"])), float(str(card.facts["lat"]))
    over, look = grids.spotted(lon, lat)
    near = (lon - NEAR_DEG, lat - NEAR_DEG, lon + NEAR_DEG, lat + NEAR_DEG)
    ground.show(viewer, ground.banks(viewer), key="one-water", look=look, over=over, around=near)
