"""Urgent sights of homes and their review: by civil affairs of the place, in sight of the auditor."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from layers.text import plain_label
from pages.audit import urgent_words
from pages.settings.view import instant
from pages.shell import grids, saving, urgent
from pages.shell.blocks import empty, facts, said

if TYPE_CHECKING:
    from pages.door.desk import Viewer


def draw(viewer: Viewer) -> None:
    """Draw the sights of the viewer's area; to civil affairs the form of a review."""
    reviews = viewer.may("urgent", "review")
    if not (reviews or viewer.may("urgent", "read")):
        return
    saving.outcome()
    sights = urgent.seen(viewer)
    waiting = int(sights["reviewed_at"].isna().sum())
    with st.expander(plain_label(urgent_words.fold(sights)), expanded=waiting > 0):
        chosen = grids.show(
            urgent_words.table(sights, instant),
            "没有紧急查看",
            "应急管理或外地民政人员在险情中启用紧急查看后，列在这里。",
            key="urgent-sights",
        )
        if chosen is None:
            return
        row = sights.iloc[chosen]
        st.html(facts(urgent_words.facts_of(row, instant)))
        if reviews and pd.isna(row["reviewed_at"]):
            _form(viewer, int(sights.index[chosen]), row)


def _form(viewer: Viewer, number: int, row: pd.Series[Any]) -> None:
    if int(row["account_id"]) == viewer.account_id:
        st.html(empty("这是您本人的紧急查看", "请由另一位民政人员复核。"))
        return
    with st.form(f"urgent-review-{number}"):
        conclusion = st.radio("结论", urgent_words.CONCLUSIONS, index=None, horizontal=True)
        words = st.text_area("复核意见（4 至 300 字）", max_chars=300, height=80)
        if st.form_submit_button("提交复核", type="primary"):
            if conclusion is None:
                st.html(said("请选择结论。", "bad"))
                return
            justified = conclusion == urgent_words.CONCLUSIONS[0]
            saving.attempt(
                partial(urgent.review, viewer, number, justified=justified, words=" ".join(words.split()))
            )
