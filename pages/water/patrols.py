"""The section of patrols: a track is uploaded, looked at and saved; what was walked lately."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import streamlit as st

from data.importers.rows import IntakeError
from data.storage.audit import Action
from jobs import patrols
from jobs.seen import parameters_of
from layers import words
from layers.legend import legend
from layers.palette import PATROLS, PROTECTION, WATERS
from pages.shell import frames, grids, ground, saving, territory
from pages.shell.blocks import empty, heading, listing, said
from pages.shell.clock import today
from pages.shell.deployment import deployment
from pages.water import patrol_words

if TYPE_CHECKING:
    from jobs.patrols import Judged
    from pages.door.desk import Viewer

DAYS: Final = 60
SEEN: Final = "patrol-seen"
ROUND: Final = "patrol-round"
SAVE: Final = saving.Act(
    dataset="stations",
    verb="write",
    name=Action.SAVE_PATROL,
    kind="patrol",
    said="已保存，岸线覆盖已重新核算。",
)


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """An uploaded file and what becomes of it; `key` names file and reference system."""

    key: str
    name: str
    content: bytes
    crs: str
    parts: list[Judged]


def draw(viewer: Viewer) -> None:
    """Draw the section."""
    with st.container():
        saving.outcome()
    if viewer.may("stations", "write"):
        _upload(viewer)
    _lately(viewer)


def _upload(viewer: Viewer) -> None:
    left, right = st.columns([3, 2])
    limit = deployment().upload_max_mb
    turn = st.session_state.get(ROUND, 0)
    given = left.file_uploader(
        f"上传巡查轨迹（GPX，不超过 {limit:d} MB）", type=["gpx"], key=f"patrol-file-{turn}"
    )
    crs = right.selectbox(
        "轨迹的坐标系", list(patrols.SYSTEMS), format_func=words.of(patrol_words.SYSTEMS), key="patrol-crs"
    )
    if given is None:
        return
    seen = _seen(viewer, f"{given.file_id}-{crs}", Path(given.name).name, given.getvalue(), crs)
    if seen is not None:
        _preview(viewer, seen)


def _seen(viewer: Viewer, key: str, name: str, content: bytes, crs: str) -> _Seen | None:
    """Return what becomes of the file, judged once."""
    kept: _Seen | None = st.session_state.get(SEEN)
    if kept is not None and kept.key == key:
        return kept
    with st.spinner("正在核对轨迹与岸线……"), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "track.gpx"
        path.write_bytes(content)
        try:
            segments = patrols.read(deployment(), path)
        except IntakeError as fault:
            st.html(said(str(fault).replace(path.name, name), "bad"))
            return None
        with frames.opened(viewer) as connection:
            parts = patrols.judged(connection, deployment(), segments, crs, viewer.area_code)
    kept = _Seen(key=key, name=name, content=content, crs=crs, parts=parts)
    st.session_state[SEEN] = kept
    return kept


def _preview(viewer: Viewer, seen: _Seen) -> None:
    with frames.opened(viewer) as connection:
        rule = parameters_of(connection).patrol
    zone = ZoneInfo(deployment().time_zone)
    st.html(listing(patrol_words.PARTS, patrol_words.rows(seen.parts, zone, rule.valid_days)))
    if any(part.line is not None for part in seen.parts):
        layers = [*ground.banks(viewer), patrol_words.layer(seen.parts)]
        around = patrol_words.around(seen.parts)
        ground.show(viewer, layers, key=f"patrol-preview-{seen.key}", around=around, height=420)
        st.html(legend([], [PATROLS["counts"], PATROLS["refused"], *PROTECTION.values(), WATERS["line"]]))
    count = sum(part.counts for part in seen.parts)
    if not count:
        st.html(
            empty(
                "没有可保存的有效巡查",
                f"有效巡查须满 {rule.min_minutes:g} 分钟、沿岸满 {rule.min_walked_m:g} 米；原因见上表。",
            )
        )
        return
    if st.button(f"保存 {count:d} 段有效巡查", type="primary"):
        _save(viewer, seen)
        st.session_state.pop(SEEN, None)
        st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
        st.rerun()


def _save(viewer: Viewer, seen: _Seen) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / seen.name
        path.write_bytes(seen.content)

        def write(connection: Any) -> int | None:  # noqa: ANN401 - a storage connection
            return patrols.store(connection, path, seen.crs, seen.parts, viewer.scope)

        saving.done(viewer, SAVE, write)


def _lately(viewer: Viewer) -> None:
    with frames.opened(viewer) as connection:
        found = patrols.lately(connection, viewer.area_code, DAYS, today())
    zone = ZoneInfo(deployment().time_zone)
    st.html(heading(f"近 {DAYS} 天的巡查"))
    spot = st.container()
    table = patrol_words.walked_table(found, territory.area_names(viewer), zone)
    chosen = grids.show(
        table, "近期没有巡查轨迹", "上传手机记录的 GPX 轨迹后，这里列出每次巡查是否计入。", key="patrol-rows"
    )
    if not found.empty:
        over, look = grids.highlighted(found, chosen)
        with spot:
            layers = [*ground.banks(viewer), patrol_words.walked_layer(found, zone)]
            ground.show(viewer, layers, key="patrols", look=look, over=over)
            styles = [PATROLS["counts"], PATROLS["aged"], *PROTECTION.values(), WATERS["line"]]
            st.html(legend([], styles))
