"""Exporting children by approval: what waits for the viewer's word, one's own requests, and the form."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from data.storage.child_exports import MOST, Request
from layers import words
from layers.text import plain_label
from pages.accounts.forms import place
from pages.civil import exporting_words
from pages.settings.view import instant
from pages.shell import child_exports, frames, grids, saving
from pages.shell.blocks import facts, heading, post, remark, said

if TYPE_CHECKING:
    import pandas as pd

    from pages.door.desk import Viewer


def draw(viewer: Viewer) -> None:
    """Draw what this viewer may do with exports of children; nothing for whoever may not ask for any."""
    if not viewer.may("child_exports", "propose"):
        return
    requests = child_exports.seen(viewer)
    own = requests["account_id"] == viewer.account_id
    waiting, mine = requests[~own & (requests["state"] == "asked")], requests[own]
    ready = int(mine["state"].isin(["approved", "started"]).sum())
    # What has to be taken within minutes stands open, and first.
    hurry = bool((mine["state"] == "started").any())
    with st.expander(plain_label(exporting_words.fold(len(waiting), ready)), expanded=hurry):
        st.html(remark(exporting_words.RULE))
        if ready:
            _mine(viewer, mine)
        if not waiting.empty:
            _waiting(viewer, waiting, requests)
        if not ready:
            _mine(viewer, mine)
        _new(viewer)


def _mine(viewer: Viewer, mine: pd.DataFrame) -> None:
    st.html(heading("我的申请"))
    chosen = grids.show(
        exporting_words.table(mine, instant), "您还没有申请过", "在下方填写申请。", key="export-mine"
    )
    position = _position(mine, chosen)
    if position is not None:
        _one(viewer, int(mine.index[position]), mine.iloc[position])


def _position(listed: pd.DataFrame, chosen: int | None) -> int | None:
    """Return the row to show: the chosen one, else the newest of those with which most can be done."""
    if chosen is not None and chosen < len(listed):
        return chosen
    states = listed["state"].tolist()
    return next((states.index(state) for state in ("started", "approved", "asked") if state in states), None)


def _waiting(viewer: Viewer, waiting: pd.DataFrame, requests: pd.DataFrame) -> None:
    st.html(heading("待您审批"))
    asked = exporting_words.table(waiting, instant).drop(columns=["状态", *exporting_words.LATER])
    chosen = grids.show(asked, "", "", key="export-waiting")
    position = _position(waiting, chosen) or 0
    number, row = int(waiting.index[position]), waiting.iloc[position]
    st.html(
        facts(
            [
                *exporting_words.facts_of(row, instant),
                ("现有儿童", f"{child_exports.count(viewer, str(row['area_code'])):,} 名（不含封存的）"),
                ("申请人导出", exporting_words.recent(requests, row)),
            ]
        )
    )
    with st.form(f"export-decide-{number}"):
        conclusion = st.radio("结论", exporting_words.CONCLUSIONS, index=None, horizontal=True)
        why = st.text_area("审批意见（4 至 300 字，勿写姓名、住址）", max_chars=300, height=80)
        if st.form_submit_button(plain_label(f"提交第 {number} 号的审批"), type="primary"):
            if conclusion is None:
                st.html(said("请选择批准或不批准。", "bad"))
                return
            approve = conclusion == exporting_words.CONCLUSIONS[0]
            saving.attempt(
                partial(child_exports.decide, viewer, number, approve=approve, words=" ".join(why.split()))
            )


def _one(viewer: Viewer, number: int, row: pd.Series[Any]) -> None:
    st.html(facts(exporting_words.facts_of(row, instant)))
    if row["state"] == "approved":
        st.html(remark("点下面的按钮后请马上下载：十分钟内有效，只能生成一次、下载一次。"))
        if st.button("生成下载链接", type="primary", key=f"export-start-{number}"):
            saving.attempt(partial(child_exports.start, viewer, number))
    if row["state"] == "started":
        st.html(post(f"下载第 {number} 号导出（只能下载一次）", f"{child_exports.ADDRESS}{number}"))


def _new(viewer: Viewer) -> None:
    st.html(heading("申请导出"))
    tree = frames.read("tree", viewer.role, viewer.area_code, frames.version(viewer))
    area = place(tree, viewer.area_code, "export-area")
    name, held = str(tree["name"].get(area, area)), child_exports.count(viewer, area)
    st.html(remark(f"{name}现有 {held:,} 名登记的儿童（不含封存的）。一次最多导出 {MOST:,} 名。"))
    with st.form("export-new"):
        purpose = st.text_area("用途（10 至 300 字，勿写姓名、住址）", max_chars=300, height=80)
        listed = _fields("名册（必含编号）", exporting_words.LIST)
        list_reason = st.text_input("需要名册各项的理由（4 至 300 字）", max_chars=300)
        home = st.checkbox("住址点位")
        home_reason = st.text_input("需要住址点位的理由（选了才填）", max_chars=300)
        identities = _fields("身份信息", exporting_words.IDENTITIES)
        identity_reason = st.text_input("需要身份信息的理由（选了才填）", max_chars=300)
        form = st.radio(
            "格式",
            list(words.EXPORT_FORMATS),
            format_func=words.of(words.EXPORT_FORMATS),
            horizontal=True,
        )
        sent = st.form_submit_button("提交申请", type="primary")
    if not sent:
        return
    if held > MOST:
        st.html(said(f"这个区域超过 {MOST:,} 名儿童：请按县（市、区）或乡镇分别申请。", "bad"))
        return
    wanted = Request(
        area_code=area,
        fields=(*listed, *(("home",) if home else ()), *identities),
        format=form,
        purpose=" ".join(purpose.split()),
        list_reason=" ".join(list_reason.split()),
        home_reason=" ".join(home_reason.split()),
        identity_reason=" ".join(identity_reason.split()),
    )
    saving.attempt(partial(child_exports.ask, viewer, wanted), here=True)


def _fields(label: str, offered: tuple[str, ...]) -> list[str]:
    return list(
        st.multiselect(
            plain_label(label), offered, format_func=words.of(words.EXPORT_FIELDS), placeholder="不需要"
        )
    )
