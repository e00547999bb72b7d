"""The form of a station and its items, and what is said after it was saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from data.storage.station_edits import ItemCheck, StationForm
from layers import words
from layers.text import plain_label
from pages.shell import frames, photographs, saving
from pages.shell.blocks import said
from pages.shell.clock import today
from pages.shell.positions import Position
from pages.water import nearby

if TYPE_CHECKING:
    from data.storage.stations import StationCard
    from pages.door.desk import Viewer

CHOSEN: Final = "logging-station"
WISHED: Final = "logging-wished"
SAVED: Final = saving.SAVED
HELD: Final = saving.HELD
LEFT_OUT: Final = "—"


def held(viewer: Viewer, chosen: int | None) -> StationCard | None:
    """Return the chosen station as it was when the form was first shown.

    Read anew at every run it would carry the version of somebody else's save, and overwrite it unseen.
    """
    kept: tuple[int, StationCard | None] | None = st.session_state.get(HELD)
    if chosen is None:
        return None
    if kept is None or kept[0] != chosen:
        kept = (chosen, frames.station_card(viewer, chosen))
        st.session_state[HELD] = kept
    return kept[1]


def stored_place(card: StationCard) -> Position:
    """Return where the station is stored."""
    at = card.facts
    lon, lat = float(str(at["lon"])), float(str(at["lat"]))
    return Position(lon=lon, lat=lat, given="", method=str(at["position_method"]))


def draw(viewer: Viewer, chosen: int | None, place: Position) -> None:
    """Draw the form; a submission is saved or becomes a conflict to decide."""
    card = held(viewer, chosen)
    at: dict[str, Any] = dict(card.facts) if card else {}
    found = nearby.around(viewer, place, at)
    with st.form(f"station-{chosen}-{at.get('version')}"):
        one, two, three = st.columns(3)
        code = one.text_input("编号（必填）", value=at.get("code", ""), max_chars=64)
        name = two.text_input("名称", value=at.get("name", ""), max_chars=120)
        unit = three.text_input("责任单位", value=at.get("responsible_unit", ""), max_chars=120)
        four, five, six = st.columns(3)
        area = four.selectbox(
            "所在乡镇、村", found.areas, format_func=words.of(found.areas), placeholder="请选择"
        )
        water = five.selectbox(
            "所属水域", found.waters, format_func=words.of(found.waters), placeholder="请选择"
        )
        installed = six.date_input("设置日期", value=at.get("installed_on"), format="YYYY-MM-DD")
        note = st.text_input("备注", value=at.get("note", ""), max_chars=400)
        checks = _items(card)
        given = st.file_uploader(
            photographs.LABEL,
            type=list(photographs.TYPES),
            accept_multiple_files=True,
            key=f"photos-{chosen}-{at.get('version')}",
        )
        day = st.date_input("核查日期", value=today(), max_value=today(), format="YYYY-MM-DD")
        if not st.form_submit_button("保存", type="primary"):
            return
    pictures, faults = photographs.read([(one.name, one.getvalue()) for one in given])
    faults = _faults(code, area) + faults
    if faults:
        st.html(said("；".join(faults) + "。", "bad"))
        return
    made = StationForm(
        id=chosen, code=code.strip(), name=name.strip(), area_code=str(area), water_id=water, lon=place.lon,
        lat=place.lat, installed_on=installed, responsible_unit=unit.strip(), note=note.strip(),
        position_method=place.method,
    )  # fmt: skip
    saving.station(
        viewer,
        saving.Draft(
            form=made, checks=tuple(checks), day=day, version=at.get("version"), pictures=tuple(pictures)
        ),
    )
    st.rerun()


def outcome(viewer: Viewer) -> None:
    """Say what happened to the last save, and offer to compute anew."""
    wished = st.session_state.pop(WISHED, None)
    if wished is not None:
        st.session_state[CHOSEN] = wished
        st.session_state.pop("water-place", None)
    kept = st.session_state.pop(SAVED, None)
    if kept is None:
        return
    tone, text = kept
    st.html(said(text, tone))
    if tone == "good":
        st.session_state.pop("water-place", None)
        saving.offer_refresh(viewer)


def _items(card: StationCard | None) -> list[ItemCheck]:
    held = card.items if card else None
    columns = st.columns(len(words.ITEMS))
    checks = []
    for column, (kind, label) in zip(columns, words.ITEMS.items(), strict=True):
        row = held.loc[kind] if held is not None and kind in held.index else None
        options = [LEFT_OUT, *words.ITEM_STATES]
        state = column.selectbox(
            plain_label(label if kind in words.REQUIRED else f"{label}（选配）"),
            options,
            index=options.index(str(row["state"])) if row is not None else 0,
            format_func=lambda code: words.ITEM_STATES.get(code, "未登记"),
            key=f"item-{kind}-{card.facts['id'] if card else 'new'}",
        )
        if state != LEFT_OUT:
            version = int(str(row["version"])) if row is not None else None
            checks.append(ItemCheck(kind=kind, state=state, expected_version=version))
    return checks


def _faults(code: str, area: str | None) -> list[str]:
    faults = []
    if not code.strip():
        faults.append("请填写编号")
    if area is None:
        faults.append("该位置不在您的辖区内，请核对坐标")
    return faults
