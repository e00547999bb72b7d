"""The section of the monthly bulletin: the figures that a month is reported with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from layers import bulletin, words
from layers.periods import Period
from pages.shell import downloads, frames, grids, traces
from pages.shell.blocks import empty, facts, figures, heading, remark
from pages.shell.clock import today
from pages.water import bulletin_words

if TYPE_CHECKING:
    from pages.door.desk import Viewer

LEVELS: Final = {"county": "按县（市、区）", "township": "按乡镇（街道）"}
COUNTY_DIGITS: Final = 6


def draw(viewer: Viewer) -> None:
    """Draw the section."""
    begins = frames.ledger_begins(viewer)
    if begins is None:
        st.html(empty("还没有核算结果", "第一次核算之后，这里按月汇总覆盖、点位和缺口增减。"))
        return
    left, right = st.columns(2)
    month = left.selectbox(
        "月份",
        bulletin_words.months(begins, today()),
        format_func=bulletin_words.month_name,
        key="bulletin-month",
    )
    offered = list(LEVELS) if len(viewer.area_code) < COUNTY_DIGITS else ["township"]
    level = right.selectbox("汇总到", offered, format_func=words.of(LEVELS), key="bulletin-level")
    period = Period.month(month.year, month.month, today(), level=level)
    run, summed = frames.bulletin_run(viewer, period), bulletin.rows(frames.bulletin(viewer, period))
    if run is None or summed.empty:
        st.html(empty("没有可汇总的记录", "导入水域和点位并核算后，这里按月汇总。"))
        return
    st.html(figures(bulletin_words.amounts(summed)))
    st.html(facts([("通报", bulletin.lead(summed, viewer.area_name, period, run.as_of))]))
    table = bulletin.table(summed).infer_objects()
    for title, columns in bulletin.PARTS:
        st.html(heading(title))
        grids.show(table[[table.columns[0], *columns]], "没有记录", "")
    for note in (*bulletin_words.caveats(period, begins, run.as_of), bulletin.LISTED):
        st.html(remark(note))
    traces.draw(viewer, sorted({period.first, period.last, run.as_of}))
    downloads.offer(viewer, "bulletin", of="statistics", formats=downloads.FORMS, period=period)
