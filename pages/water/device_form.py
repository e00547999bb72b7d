"""The form of a barrier, cover or camera: its drafted place, its fields, and a conflict to decide."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import streamlit as st
from shapely import LineString, get_coordinates

from data.storage.audit import Action
from data.storage.devices import BarrierForm, CameraForm, save_device
from layers import words
from pages.shell import frames, saving
from pages.shell.blocks import compared, empty, said
from pages.shell.clock import today
from pages.shell.positions import Position
from pages.water import device_words, nearby

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages.door.desk import Viewer

DRAFT: Final = "device-draft"
HELD: Final = "device-held"
CONFLICT: Final = "device-conflict"
HEIGHT_MAX_M: Final = 20.0
REACH_MAX_M: Final = 5000.0
SAID: Final = "已保存，岸线覆盖已重新核算。"
ACTS: Final = {
    "barrier": saving.Act(
        dataset="stations", verb="write", name=Action.SAVE_BARRIER, kind="barrier", said=SAID
    ),
    "camera": saving.Act(dataset="stations", verb="write", name=Action.SAVE_CAMERA, kind="camera", said=SAID),
}


@dataclass(frozen=True, kw_only=True)
class _Draft:
    """Which record the drafted place is of, and the place, corner by corner."""

    kind: str
    number: int | None
    place: tuple[Position, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Conflict:
    """A form that met a newer record."""

    kind: str
    theirs: Mapping[str, Any]
    mine: BarrierForm | CameraForm


def drafted(viewer: Viewer, kind: str, number: int | None) -> list[Position]:
    """Return the place that is drafted for a record; another one begins with what is stored of it."""
    draft: _Draft | None = st.session_state.get(DRAFT)
    if draft is None or (draft.kind, draft.number) != (kind, number):
        st.session_state.pop(HELD, None)
        at = _held(viewer, kind, number)
        place: tuple[Position, ...] = ()
        if at is not None:
            place = tuple(
                Position(lon=float(lon), lat=float(lat), given="", method=str(at["position_method"]))
                for lon, lat in get_coordinates(at["geometry"])
            )
        draft = _Draft(kind=kind, number=number, place=place)
        st.session_state[DRAFT] = draft
    return list(draft.place)


def add(at: Position) -> None:
    """Add a corner to a drafted line, or move a drafted point."""
    draft: _Draft = st.session_state[DRAFT]
    place = (*draft.place, at) if draft.kind == "barrier" else (at,)
    st.session_state[DRAFT] = replace(draft, place=place)


def drop() -> None:
    """Take the last corner back."""
    draft: _Draft = st.session_state[DRAFT]
    st.session_state[DRAFT] = replace(draft, place=draft.place[:-1])


def clear() -> None:
    """Draft the place anew."""
    draft: _Draft = st.session_state[DRAFT]
    st.session_state[DRAFT] = replace(draft, place=())


def draw(viewer: Viewer, kind: str, number: int | None, place: list[Position]) -> None:
    """Draw the form; a submission is saved or becomes a conflict to decide."""
    at = _held(viewer, kind, number) or {}
    with st.form(f"device-{kind}-{number}-{at.get('version')}"):
        one, two = st.columns(2)
        code = one.text_input("编号（必填）", value=at.get("code", ""), max_chars=64)
        states = list(words.DEVICE_STATES)
        state = two.selectbox(
            "状态",
            states,
            index=states.index(at.get("state", "good")),
            format_func=words.of(words.DEVICE_STATES),
        )
        fields = _barrier(viewer, at, place) if kind == "barrier" else _camera(viewer, at, place)
        if not st.form_submit_button("保存", type="primary"):
            return
    owner = fields.get("water_id") if kind == "barrier" else fields.get("area_code")
    if found := device_words.faults(code, len(place), kind, placed=owner is not None):
        st.html(said("；".join(found) + "。", "bad"))
        return
    common = {"id": number, "code": code.strip(), "state": state, "position_method": place[-1].method}
    form = BarrierForm(**common, **fields) if kind == "barrier" else CameraForm(**common, **fields)
    _save(viewer, kind, form, at.get("version"))
    st.rerun()


def decided(viewer: Viewer) -> bool:
    """Draw a conflict if there is one, and say whether there was."""
    held: _Conflict | None = st.session_state.get(CONFLICT)
    if held is None:
        return False
    st.html(empty("这条记录刚被他人修改", "请对照下表后决定；在您决定之前，没有任何内容被覆盖。"))
    st.html(compared(device_words.COMPARED, device_words.compared(held.theirs, held.mine)))
    left, right = st.columns(2)
    if left.button("以我填写的为准，保存", type="primary"):
        st.session_state.pop(CONFLICT)
        _save(viewer, held.kind, held.mine, held.theirs["version"])
        st.rerun()
    if right.button("保留对方的修改，放弃我的"):
        st.session_state.pop(CONFLICT)
        _forget()
        st.rerun()
    return True


def _barrier(viewer: Viewer, at: Mapping[str, Any], place: list[Position]) -> dict[str, Any]:
    one, two = st.columns(2)
    kinds = list(words.BARRIERS)
    kind = one.selectbox(
        "种类", kinds, index=kinds.index(at.get("kind", "barrier")), format_func=words.of(words.BARRIERS)
    )
    stored = dict(at) | {"area_name": ""} if at else {}
    found = nearby.around(viewer, place[0], stored).waters
    waters = {number: name for number, name in found.items() if number is not None}
    water = two.selectbox("所属水域", list(waters), format_func=words.of(waters), placeholder="附近没有水域")
    three, four = st.columns(2)
    height = three.number_input(
        "高度 (米)", value=at.get("height_m"), min_value=0.0, max_value=HEIGHT_MAX_M, step=0.1
    )
    day = four.date_input("设置日期", value=at.get("installed_on"), max_value=today(), format="YYYY-MM-DD")
    pairs = [(corner.lon, corner.lat) for corner in place]
    line = LineString(pairs if len(pairs) > 1 else pairs * 2)
    return {"kind": kind, "water_id": water, "height_m": height, "installed_on": day, "line": line}


def _camera(viewer: Viewer, at: Mapping[str, Any], place: list[Position]) -> dict[str, Any]:
    stored = dict(at) | {"water_id": None} if at else {}
    areas = nearby.around(viewer, place[-1], stored).areas
    area = st.selectbox("所在乡镇、村", list(areas), format_func=words.of(areas), placeholder="请选择")
    one, two, three = st.columns(3)
    bearing = one.number_input(
        "朝向 (度，正北为 0，顺时针)", value=float(at.get("bearing_deg", 0.0)), min_value=0.0, max_value=359.9
    )
    view = two.number_input(
        "视角 (度，360 为四周)", value=float(at.get("view_deg", 360.0)), min_value=1.0, max_value=360.0
    )
    reach = three.number_input(
        "可视距离 (米)", value=float(at.get("reach_m", 80.0)), min_value=1.0, max_value=REACH_MAX_M
    )
    return {
        "area_code": area,
        "bearing_deg": bearing,
        "view_deg": view,
        "reach_m": reach,
        "lon": place[-1].lon,
        "lat": place[-1].lat,
    }


def _held(viewer: Viewer, kind: str, number: int | None) -> Mapping[str, Any] | None:
    """Return the record as it was when the form was first shown, or somebody's save would go unseen."""
    if number is None:
        return None
    kept: tuple[str, int, Mapping[str, Any] | None] | None = st.session_state.get(HELD)
    if kept is None or kept[:2] != (kind, number):
        kept = (kind, number, frames.device(viewer, kind, number))
        st.session_state[HELD] = kept
    return kept[2]


def _save(viewer: Viewer, kind: str, form: BarrierForm | CameraForm, version: int | None) -> None:
    def write(connection: Any) -> int | None:  # noqa: ANN401 - a storage connection
        return save_device(connection, form, version)

    conflict = saving.done(viewer, ACTS[kind], write)
    if conflict is not None:
        st.session_state[CONFLICT] = _Conflict(kind=kind, theirs=conflict.theirs, mine=form)
        return
    if st.session_state.get(saving.TOLD, ("",))[0] != "bad":
        _forget()


def _forget() -> None:
    st.session_state.pop(HELD, None)
    st.session_state.pop(DRAFT, None)
