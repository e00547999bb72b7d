"""The panel of the coordinate doctor: verdict, evidence, map before and after, and the keeper's own word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from layers import verdicts
from layers.legend import legend
from layers.palette import DOCTOR
from layers.text import plain_label
from pages.intake import desk, diagnosis_view
from pages.shell import grids, ground
from pages.shell.blocks import facts, figures, listing, said

if TYPE_CHECKING:
    from collections.abc import Mapping

    from data.storage.intake_jobs import Job
    from pages.door.desk import Viewer

BY_DOCTOR: Final = "doctor"
"""The reference system of a file whose diagnosis was confirmed."""


def draw(viewer: Viewer, job: Job, found: Mapping[str, Any]) -> None:
    """Draw the diagnosis of a job's file; a confirmation or an override has the file read again by it."""
    tone, sentence = verdicts.headline(found)
    st.html(said(sentence, tone, word="坐标诊断"))
    for caution in diagnosis_view.cautions(found):
        st.html(facts([("注意", caution)]))
    st.html(figures(diagnosis_view.figures(found)))
    if not found["applied"] and found["verdict"] not in {"insufficient", "outside"} and not found["declared"]:
        if st.button("按诊断结果逐行换算并重新检查", type="primary", key=f"doctor-apply-{job.id}"):
            _again(viewer, job, {})
    elif found["contradicts"]:
        _instead(viewer, job, found)
    if found["table"]:
        st.html(listing(diagnosis_view.HEADINGS, diagnosis_view.evidence_rows(found)))
    rows = diagnosis_view.frame(found)
    if len(rows):
        _rows(viewer, job, found, rows)


def _instead(viewer: Viewer, job: Job, found: Mapping[str, Any]) -> None:
    if found["verdict"] in {"gcj02", "bd09"}:
        if st.button(
            f"改按{plain_label(verdicts.system(found['verdict']))}重新检查",
            type="primary",
            key=f"doctor-as-{job.id}",
        ):
            desk.again(viewer, job.id, job.kind, {"crs": found["verdict"]})
            st.rerun()
    elif st.button("改按诊断结果重新检查", type="primary", key=f"doctor-as-{job.id}"):
        _again(viewer, job, {})


def _rows(viewer: Viewer, job: Job, found: Mapping[str, Any], rows: Any) -> None:  # noqa: ANN401 - a frame
    layers, around = diagnosis_view.layers(rows)
    # Where the file waits for another answer the map would only run the page again.
    asked = (found["declared"] is None and not found["applied"]) or found["contradicts"]
    if layers and st.toggle(
        "在地图上看诊断前后的位置", value=bool(asked), key=f"doctor-look-{job.id}-{asked}"
    ):
        ground.show(viewer, layers, key=f"doctor-map-{job.id}", around=around)
        marks = [DOCTOR[key] for key in ("before", "after", "odd")]
        st.html(legend(marks, [DOCTOR["move"]]))
    grids.show(diagnosis_view.row_table(rows), "没有带坐标的行", "")
    written = sum(int(count) for count in found["counts"].values())
    if written > len(rows):
        st.html(facts([("逐行", f"只显示 {len(rows):,} 行（含需要核对的行），共 {written:,} 行。")]))
    _override(viewer, job, found, rows)


def _override(viewer: Viewer, job: Job, found: Mapping[str, Any], rows: Any) -> None:  # noqa: ANN401 - a frame
    offered = list(dict.fromkeys(line["system"] for line in found["table"]))
    keys = {f"{sheet}!{number}": f"{sheet} 第 {number} 行".strip() for sheet, number in
            zip(rows["sheet"], rows["number"], strict=True)}  # fmt: skip
    with st.expander("不同意诊断？自行指定坐标系"), st.form(f"doctor-own-{job.id}", border=False):
        left, right = st.columns(2)
        chosen = left.selectbox("坐标系", offered, format_func=verdicts.system)
        picked = right.multiselect(
            "用于哪些行（不选为整份文件）",
            list(keys),
            format_func=lambda key: keys[key],
            placeholder="整份文件",
        )
        if st.form_submit_button("按此指定并重新检查"):
            kept = dict(job.options.get("rows") or {})
            if picked:
                _again(
                    viewer,
                    job,
                    {"file": job.options.get("file"), "rows": kept | dict.fromkeys(picked, chosen)},
                )
            else:
                _again(viewer, job, {"file": chosen})
    if found["overridden"] and st.button("撤回人工指定，恢复诊断结果", key=f"doctor-back-{job.id}"):
        _again(viewer, job, {})


def _again(viewer: Viewer, job: Job, wish: Mapping[str, Any]) -> None:
    desk.again(viewer, job.id, job.kind, {"crs": BY_DOCTOR, **wish})
    st.rerun()
