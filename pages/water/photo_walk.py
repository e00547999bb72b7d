"""The section of photos from a walk: uploaded together, put where they were taken, looked at, saved."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st

from data.importers.rows import IntakeError
from jobs import photo_places
from layers import words
from layers.legend import legend
from layers.palette import PHOTOS
from layers.text import plain_label
from pages.shell import frames, ground, photo_acts
from pages.shell.blocks import empty, listing, remark, said
from pages.shell.deployment import deployment
from pages.water import patrol_words, photo_words

if TYPE_CHECKING:
    from jobs.photo_places import Placed, Taken
    from pages.door.desk import Viewer

SEEN: Final = "photo-walk-seen"
ROUND: Final = "photo-walk-round"
AT_ONCE: Final = 60
"""Pictures that a page keeps in memory; more go by the command line."""
SAID: Final = "photo-walk-said"


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """An upload that was decoded: `key` names its files."""

    key: str
    taken: list[Taken]
    faults: list[str]
    fits: dict[str, int]


def draw(viewer: Viewer) -> None:
    """Draw the section."""
    if kept := st.session_state.pop(SAID, ""):
        st.html(said(kept, "good"))
    turn = st.session_state.get(ROUND, 0)
    given = st.file_uploader(
        f"上传巡查时拍的照片（JPEG、PNG 或 .zip，一次不超过 {AT_ONCE:d} 张）",
        type=["jpg", "jpeg", "png", "zip"],
        accept_multiple_files=True,
        key=f"photo-walk-{turn}",
    )
    if not given:
        st.html(
            empty(
                "照片按拍摄位置自动归到最近的点位或隐患",
                f"手机相机须开启位置；{photo_places.NEAR_M:g} 米内没有点位、隐患的不收。微信请发“原图”。",
            )
        )
        return
    seen = _seen(
        viewer, "-".join(one.file_id for one in given), [(one.name, one.getvalue()) for one in given]
    )
    for fault in seen.faults:
        st.html(said(fault, "bad"))
    if seen.taken:
        _preview(viewer, seen)


def _seen(viewer: Viewer, key: str, given: list[tuple[str, bytes]]) -> _Seen:
    """Return the pictures of an upload, decoded once."""
    kept: _Seen | None = st.session_state.get(SEEN)
    if kept is not None and kept.key == key:
        return kept
    files, faults = _unpacked(given)
    bar = st.progress(0.0, text="正在读取照片……")
    taken = []
    for number, one in enumerate(photo_places.decoded(deployment(), files), start=1):
        bar.progress(number / len(files), text=f"正在读取照片 {number:d} / {len(files):d}")
        if isinstance(one, IntakeError):
            faults.append(str(one))
        else:
            taken.append(one)
    bar.empty()
    with frames.opened(viewer) as connection:
        fits = photo_places.fits(connection, taken, viewer.area_code)
    kept = _Seen(key=key, taken=taken, faults=faults, fits=fits)
    st.session_state[SEEN] = kept
    return kept


def _unpacked(given: list[tuple[str, bytes]]) -> tuple[list[tuple[str, bytes]], list[str]]:
    files, faults = [], []
    for name, raw in given:
        if not name.lower().endswith(".zip"):
            files.append((name, raw))
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "photos.zip"
            path.write_bytes(raw)
            try:
                files += photo_places.members(deployment(), path)
            except IntakeError as fault:
                faults.append(str(fault).replace(path.name, name))
    if len(files) > AT_ONCE:
        faults.append(
            f"共 {len(files)} 张，一次只处理前 {AT_ONCE} 张：其余请分次上传，或用命令 anlan import photos。"
        )
    return files[:AT_ONCE], faults


def _preview(viewer: Viewer, seen: _Seen) -> None:
    best = max(photo_places.SYSTEMS, key=lambda one: seen.fits[one])
    system = st.selectbox(
        "照片位置的坐标系",
        list(photo_places.SYSTEMS),
        index=photo_places.SYSTEMS.index(best),
        format_func=words.of(patrol_words.SYSTEMS),
        key=f"photo-walk-crs-{seen.key}",
    )
    st.html(remark(photo_words.evidence(seen.fits, len(seen.taken))))
    with frames.opened(viewer) as connection:
        found = photo_places.placed(connection, seen.taken, system, viewer.area_code)
    chosen = _chosen(seen, system, found)
    if chosen:
        with frames.opened(viewer) as connection:
            found = photo_places.placed(connection, seen.taken, system, viewer.area_code, chosen)
    st.html(listing(photo_words.HEADINGS, photo_words.rows(found)))
    layers = photo_words.layers(found)
    if layers:
        ground.show(
            viewer,
            layers,
            key=f"photo-walk-map-{seen.key}-{system}",
            around=photo_words.around(found),
            height=420,
        )
        st.html(legend(list(PHOTOS.values()), []))
    count = sum(one.counts for one in found)
    if not count:
        st.html(empty("没有可归位的照片", "原因见上表。"))
        return
    if st.button(f"保存 {count:d} 张照片", type="primary"):
        new = photo_acts.keep_walk(viewer, found)
        frames.forget()
        rest = "" if new == count else f"，其余 {count - new:d} 张此前已有"
        st.session_state[SAID] = f"已把 {new:d} 张照片存到各自的点位或隐患{rest}。"
        st.session_state.pop(SEEN, None)
        st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
        st.rerun()


def _chosen(seen: _Seen, system: str, found: list[Placed]) -> dict[int, str]:
    """Ask for each picture between a station and a hazard what it shows; unanswered ones are not kept."""
    chosen = {}
    for at, one in enumerate(found):
        if not one.undecided:
            continue
        options = photo_words.options(one)
        said = st.selectbox(
            plain_label(f"{one.name} 归到哪一处（点位和隐患都在附近）"),
            list(options),
            index=None,
            format_func=words.of(options),
            placeholder="请选择；不选的不保存",
            key=f"photo-walk-host-{seen.key}-{system}-{at}",
        )
        if said is not None:
            chosen[at] = said
    return chosen
