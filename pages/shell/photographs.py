"""Photos on cards: shown small, opened whole, added and withdrawn by those who may write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import streamlit as st

from data.importers.rows import IntakeError
from pages.shell import frames, photo_acts
from pages.shell.blocks import Photo, gallery, said
from pages.shell.clock import zone

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data.importers.pictures import Picture
    from pages.door.desk import Viewer

TYPES: Final = ("jpg", "jpeg", "png")
LABEL: Final = "照片（JPEG、PNG，手机可直接拍照，可多选）"
FAR_M: Final = 100.0
"""A picture taken further away than this may show another place."""
SAID: Final = "photographs-said"


def show(viewer: Viewer, subjects: Mapping[str, Mapping[int, str]]) -> None:
    """Draw the photos of some subjects (kind → id → what is written below); nothing where there are none."""
    pictures = []
    for kind, names in subjects.items():
        found = frames.photos(viewer, kind, list(names))
        seen = found[found["hidden_at"].isna()]
        pictures += [_photo(row, names[int(str(row.subject_id))]) for row in seen.itertuples()]
    if pictures:
        st.html("<h3>照片</h3>" + gallery(pictures))


def manage(viewer: Viewer, kind: str, subject: int) -> None:
    """Offer to add photos of one subject, to withdraw one and to put it back."""
    if not photo_acts.may_keep(viewer, kind):
        return
    if kept := st.session_state.pop(SAID, ""):
        st.html(said(kept, "good"))
    found = frames.photos(viewer, kind, [subject])
    shown = int(found["hidden_at"].isna().sum())
    with st.expander(f"上传或撤下照片（现有 {shown:d} 张）"):
        with st.form(f"photos-{kind}-{subject}-{len(found)}", border=False):
            given = st.file_uploader(LABEL, type=list(TYPES), accept_multiple_files=True)
            if st.form_submit_button("保存照片", type="primary") and given:
                _add(viewer, kind, subject, [(one.name, one.getvalue()) for one in given])
        if len(found):
            _withdraw(viewer, kind, found)


def read(given: Sequence[tuple[str, bytes]]) -> tuple[list[Picture], list[str]]:
    """Return the pictures that are kept of uploaded files, and what is wrong with the others."""
    # Pillow is not loaded here: each file is decoded by a process of its own.
    from data.importers.pictures import made_anew
    from pages.shell.deployment import deployment

    pictures, faults = [], []
    for name, raw in given:
        try:
            pictures.append(made_anew(deployment(), name, raw))
        except IntakeError as fault:
            faults.append(str(fault))
    return pictures, faults


def _add(viewer: Viewer, kind: str, subject: int, given: Sequence[tuple[str, bytes]]) -> None:
    with st.spinner("正在处理照片……"):
        pictures, faults = read(given)
    for fault in faults:
        st.html(said(fault, "bad"))
    if pictures:
        new = photo_acts.keep(viewer, kind, subject, pictures)
        st.session_state[SAID] = f"已保存 {new} 张照片" + (
            "。" if new == len(pictures) else "，其余此前已有。"
        )
        if not faults:
            st.rerun()


def _withdraw(viewer: Viewer, kind: str, found: pd.DataFrame) -> None:
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    number = left.selectbox(
        "照片", list(found.index), format_func=lambda one: _named(found.loc[one]), key="photo-chosen"
    )
    hidden = bool(pd.notna(found.loc[number, "hidden_at"]))
    if right.button("恢复显示" if hidden else "撤下这张", key="photo-withdraw"):
        photo_acts.withdraw(viewer, kind, int(number), back=hidden)
        st.rerun()


def _named(row: Any) -> str:  # noqa: ANN401 - a row of the frame
    state = "（已撤下）" if pd.notna(row["hidden_at"]) else ""
    return f"{_moment(row['taken_at'], row['uploaded_at'])}　{row['uploaded_by'] or ''}{state}"


def _photo(row: Any, name: str) -> Photo:  # noqa: ANN401 - a named tuple of the frame
    lines = [name, _moment(row.taken_at, row.uploaded_at)]
    if pd.notna(row.apart_m):
        far = "，请核对是否同一处" if row.apart_m > FAR_M else ""
        lines.append(f"拍摄位置相距 {row.apart_m:,.0f} 米{far}")
    return Photo(address=f"/photo/{row.Index}", lines=tuple(line for line in lines if line))


def _moment(taken: Any, uploaded: Any) -> str:  # noqa: ANN401 - instants of the frame
    if pd.notna(taken):
        return f"{taken.tz_convert(zone()):%Y-%m-%d %H:%M} 拍摄"
    return f"{uploaded.tz_convert(zone()):%Y-%m-%d %H:%M} 上传"
