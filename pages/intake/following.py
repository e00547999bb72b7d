"""One file on its way: progress, then what it would do, then its receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from layers.legend import legend
from layers.palette import INTAKE
from layers.text import plain_label
from pages.intake import desk, diagnosing, doubling, view
from pages.shell import frames, grids, ground, saving
from pages.shell.blocks import empty, facts, figures, listing, remark, said

if TYPE_CHECKING:
    from collections.abc import Mapping

    from data.storage.intake_jobs import Job
    from pages.door.desk import Viewer

HEADINGS: Final = ("表", "表头", "行数", "读出的列（原表头→字段）", "没有用到的列")
NAMED: Final = 5
"""Unknown headers that a heading names."""
LONGEST_NAME: Final = 24
"""Signs of a header in that heading."""


def draw(viewer: Viewer, job: Job) -> None:
    """Draw a job in the state it is in."""
    st.html(
        facts(
            [
                ("文件", f"{job.file_name}（{job.size_bytes / 1024:,.0f} KB）"),
                ("种类", view.kind_title(job.kind)),
                ("进展", view.STATES[job.state]),
            ]
        )
    )
    if job.under_way:
        _progress(viewer, job)
    elif job.state == "failed":
        st.html(said(job.message, "bad"))
        _change(viewer, job, {})
    elif job.state == "ready" and job.preview is not None:
        _preview(viewer, job, job.preview)
    elif job.state == "done" and job.receipt is not None:
        receipt(viewer, job.receipt)


def _progress(viewer: Viewer, job: Job) -> None:
    @st.fragment(run_every=1.0)
    def follow() -> None:
        now = desk.job(viewer, job.id)
        if now is None or not now.under_way:
            frames.forget()
            st.rerun()
            return
        if now.state in {"waiting", "confirmed"} or now.stale:
            desk.wake()
        st.progress(now.share, text=plain_label(f"{view.STATES[now.state]}　{now.step}"))
        st.html(remark("可以关闭页面：处理在后台继续，回来后在“我上传的文件”里查看。"))

    follow()
    if job.state in {"waiting", "reading"} and st.button("放弃这个文件", key=f"intake-drop-{job.id}"):
        desk.cancel(viewer, job.id)
        st.rerun()


def _preview(viewer: Viewer, job: Job, preview: Mapping[str, Any]) -> None:
    if preview["needs_crs"]:
        st.html(empty("文件里有坐标，但没有说明坐标系", "选错会偏几百米到几百公里：请按来源选择后重新检查。"))
        if preview.get("diagnosis"):
            diagnosing.draw(viewer, job, preview["diagnosis"])
        for note in preview["notes"]:
            st.html(remark(f"注意：{note}"))
        _change(viewer, job, preview)
        st.html(listing(HEADINGS, view.layout_rows(preview, job.kind)))
        return
    if preview["already"] is not None:
        st.html(said(f"同一文件已作为第 {preview['already']} 批导入。", "plain"))
    st.html(figures(view.figures(preview)))
    doubling.draw(viewer, job, preview)
    _confirm(viewer, job, preview)
    _change(viewer, job, preview)
    _teach(viewer, job, preview)
    titles = [f"有问题的行（{preview['refused']:,}）", "数据", "地图", "坐标诊断", "怎样读的"]
    faults, rows, places, doctor, layout = st.tabs(titles, default=_first_tab(preview, titles))
    with faults:
        table = view.fault_table(preview["faults"])
        grids.show(table, "没有发现问题", "每一行都可以写入。")
    with rows:
        if preview["private"]:
            st.html(empty("儿童资料不在预览中显示", "只列出行数和有问题的行号。"))
        else:
            grids.show(view.row_table(preview), "没有行", "")
            if preview["total"] > len(preview["table"]["rows"]):
                shown = len(preview["table"]["rows"])
                st.html(remark(f"只显示 {shown} 行（含有问题的行），共 {preview['total']:,} 行。"))
    with places:
        _map(viewer, job, preview)
    with doctor:
        if preview.get("diagnosis"):
            diagnosing.draw(viewer, job, preview["diagnosis"])
        else:
            st.html(empty("没有可诊断的坐标", "文件没有点坐标，或本平台还没有行政区、村和水域可以对照。"))
    with layout:
        st.html(listing(HEADINGS, view.layout_rows(preview, job.kind)))
        st.html(
            facts(
                [
                    ("格式", view.FORMS.get(preview["form"], preview["form"])),
                    ("坐标系", view.system_title(preview["crs"]) if preview["crs"] else "没有坐标"),
                ]
            )
        )
    for note in preview["notes"]:
        st.html(remark(f"注意：{note}"))


def _first_tab(preview: Mapping[str, Any], names: list[str]) -> str:
    found = preview.get("diagnosis")
    if found and (found["contradicts"] or found["drift"]):
        return names[3]
    return names[0] if preview["refused"] else names[1]


def _map(viewer: Viewer, job: Job, preview: Mapping[str, Any]) -> None:
    if not preview["shapes"]:
        st.html(empty("没有可画的位置", "儿童住处不画在这里；没有坐标的行须另行落点。"))
        return
    drawn = view.places(preview)
    ground.show(viewer, view.layers(drawn), key=f"intake-map-{job.id}", around=view.around(drawn))
    st.html(legend([style for key, style in INTAKE.items() if key in set(drawn["k"])], []))


def _change(viewer: Viewer, job: Job, preview: Mapping[str, Any]) -> None:
    waiting = not preview or preview["needs_crs"]
    with (
        st.expander("换一种读法：种类、坐标系", expanded=waiting),
        st.form(f"intake-change-{job.id}", border=False),
    ):
        left, right = st.columns(2)
        kinds = desk.allowed(viewer)
        kind = left.selectbox(
            "种类",
            kinds,
            index=kinds.index(job.kind) if job.kind in kinds else 0,
            format_func=view.kind_title,
        )
        offered = ["", *view.SYSTEMS]
        now = job.options.get("crs") or ""
        crs = right.selectbox(
            "坐标系",
            offered,
            index=offered.index(now) if now in offered else 0,
            format_func=view.system_title,
        )
        again = st.form_submit_button("按此重新检查", type="primary" if waiting else "secondary")
    if again:
        desk.again(viewer, job.id, kind, {"crs": crs or None})
        st.rerun()


def _teach(viewer: Viewer, job: Job, preview: Mapping[str, Any]) -> None:
    unknown = view.unknown_words(preview)
    if not unknown:
        return
    named = "、".join(plain_label(word, LONGEST_NAME) for word in unknown[:NAMED])
    fields = view.field_choices(job.kind, preview)
    offered = [view.UNSAID, view.UNUSED, *fields]
    with (
        st.expander(f"有 {len(unknown):d} 列不认识：{named}{'……' if len(unknown) > NAMED else ''}"),
        st.form(f"intake-teach-{job.id}", border=False),
    ):
        st.html(remark("告诉系统这些列是什么；本单位下次用同样的表头时自动识别。"))
        told = {
            word: st.selectbox(
                plain_label(word),
                offered,
                format_func=lambda name: fields.get(name, name),
                key=f"teach-{job.id}-{n}",
            )
            for n, word in enumerate(unknown[:20])
        }
        if st.form_submit_button("记住并重新检查"):
            words = {
                word: "" if name == view.UNUSED else name
                for word, name in told.items()
                if name != view.UNSAID
            }
            desk.teach(viewer, job.kind, words)
            desk.again(viewer, job.id, job.kind, dict(job.options))
            st.rerun()


def _confirm(viewer: Viewer, job: Job, preview: Mapping[str, Any]) -> None:
    total, refused = int(preview["total"]), int(preview["refused"])
    whole = False
    if refused and refused < total:
        chosen = st.radio(
            "有问题的行怎么办",
            ["写入没有问题的行，其余列入回执", "全部不写，等改好后再导入"],
            key=f"intake-whole-{job.id}",
            horizontal=True,
        )
        whole = chosen.startswith("全部")
    left, right, _ = st.columns([1, 1, 4])
    if refused >= total:
        left.button("没有可写入的行", disabled=True, key=f"intake-none-{job.id}")
    elif not whole and left.button("确认写入", type="primary", key=f"intake-confirm-{job.id}"):
        desk.confirm(viewer, job.id, whole=whole)
        st.rerun()
    if right.button("放弃，不写入", key=f"intake-drop-{job.id}"):
        desk.cancel(viewer, job.id)
        del st.query_params["job"]
        st.rerun()


def receipt(viewer: Viewer, held: Mapping[str, Any]) -> None:
    """Draw what became of a file."""
    st.html(said(view.receipt_words(held), "good" if held["batch"] is not None else "plain"))
    st.html(figures(view.receipt_figures(held)))
    if held["tables"]:
        st.html(listing(("记录", "新增", "更新", "相同"), view.tally_rows(held["tables"])))
    if held["refused"]:
        st.html("<h3>没有写入的行</h3>")
        grids.show(view.fault_table(view.receipt_faults(held)), "没有", "")
    for note in held["notes"][:50]:
        st.html(remark(f"注意：{note}"))
    saving.offer_refresh(viewer)
