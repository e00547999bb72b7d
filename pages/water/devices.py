"""The section of barriers, covers and cameras: map, list, and the form that saves one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st
from shapely import LineString, Point

from layers.legend import legend
from layers.maps import selection
from layers.palette import CAMERAS, DEVICES, PROTECTION, SELECTED, WATERS
from pages.shell import frames, grids, ground, placing, positions, saving, territory
from pages.shell.blocks import empty, facts
from pages.shell.deployment import deployment
from pages.water import device_form, device_words

if TYPE_CHECKING:
    import geopandas as gpd

    from layers.maps import Overlay
    from pages.door.desk import Viewer

CLICKED: Final = "device-clicked"
LOOK_ZOOM: Final = 16


def draw(viewer: Viewer) -> None:
    """Draw the section."""
    with st.container():
        saving.outcome()
    kind = str(
        st.segmented_control(
            "种类",
            list(device_words.KINDS),
            default="barrier",
            required=True,
            format_func=device_words.KINDS.__getitem__,
            key="device-kind",
        )
    )
    found = {table: frames.devices(viewer, table) for table in device_words.KINDS}
    writes = viewer.may("stations", "write")
    if writes and device_form.decided(viewer):
        return
    spot, tools = st.container(), st.container()
    names = territory.area_names(viewer)
    chosen = grids.show(
        device_words.table(found[kind], kind, names),
        f"没有{device_words.KINDS[kind]}",
        "可在上方图上点出位置登记，或导入表格。",
        key=f"device-rows-{kind}",
    )
    number = None if chosen is None else int(found[kind].index[chosen])
    place = device_form.drafted(viewer, kind, number)
    with spot:
        _map(viewer, found, place, clicked=writes)
    if writes:
        with tools:
            _tools(viewer, kind, number, place)


def _map(
    viewer: Viewer, found: dict[str, gpd.GeoDataFrame], place: list[positions.Position], *, clicked: bool
) -> None:
    over, look = _marked(place)
    layers = device_words.layers(found["barrier"], found["camera"], deployment().metric_crs)
    said = ground.show(
        viewer,
        [*ground.banks(viewer), *layers],
        key="devices",
        look=look,
        over=over,
        height=440,
        returned=["last_clicked"] if clicked else [],
    )
    lines = [*DEVICES.values(), CAMERAS["seen"], *PROTECTION.values(), WATERS["line"]]
    st.html(legend([CAMERAS["good"], CAMERAS["other"]], lines))
    at = said.get("last_clicked")
    if at and st.session_state.get(CLICKED) != str(at):
        st.session_state[CLICKED] = str(at)
        device_form.add(positions.from_click(at["lng"], at["lat"]))
        st.rerun()


def _marked(place: list[positions.Position]) -> tuple[Overlay | None, tuple[float, float, int] | None]:
    """Return the highlight of the drafted shape and where the map looks to see it."""
    if not place:
        return None, None
    pairs = [(at.lon, at.lat) for at in place]
    shape = Point(pairs[0]) if len(pairs) == 1 else LineString(pairs)
    return selection(shape, SELECTED), (*pairs[-1], LOOK_ZOOM)


def _tools(viewer: Viewer, kind: str, number: int | None, place: list[positions.Position]) -> None:
    left, right = st.columns([3, 2])
    with right:
        at = placing.typed(viewer, f"device-typed-{kind}", "加入这一点")
        if at is not None:
            device_form.add(at)
            st.rerun()
        if place:
            last = place[-1]
            told = f"{len(place)} 点，最后一点{last.told}" if kind == "barrier" else last.told
            st.html(facts([("当前位置", told)]))
            one, two = st.columns(2)
            if kind == "barrier" and one.button("去掉最后一点", disabled=len(place) < 2):  # noqa: PLR2004
                device_form.drop()
                st.rerun()
            if two.button("重画位置"):
                device_form.clear()
                st.rerun()
    with left:
        if not place:
            hint = "沿岸依次点出护栏的各个转折点" if kind == "barrier" else "点出摄像头的位置"
            st.html(empty("先定位置", f"在地图上{hint}，或在右侧输入坐标；在下表选一行可修改。"))
            return
        device_form.draw(viewer, kind, number, place)
