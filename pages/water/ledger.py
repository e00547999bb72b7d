"""The section of the ledger: what stood open on a day, and what became of each gap between two days."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import streamlit as st

from layers import words
from pages.shell import downloads, frames, grids, territory, traces
from pages.shell.blocks import empty, figures
from pages.shell.clock import today
from pages.water import ledger_words

if TYPE_CHECKING:
    from pages.door.desk import Viewer

USUAL: Final = dt.timedelta(days=30)


def draw(viewer: Viewer) -> None:
    """Draw the section."""
    begins = frames.ledger_begins(viewer)
    if begins is None:
        st.html(empty("还没有台账", "第一次核算之后，这里逐日记录每段缺口的列入、变化与销号。"))
        return
    one, two, three, four = st.columns(4)
    now, form = today(), "YYYY-MM-DD"
    first = one.date_input(
        "期初（当日终了）",
        max(begins, now - USUAL),
        min_value=begins,
        max_value=now,
        format=form,
        key="ledger-first",
    )
    last = two.date_input(
        "期末（当日终了）", now, min_value=begins, max_value=now, format=form, key="ledger-last"
    )
    if not isinstance(first, dt.date) or not isinstance(last, dt.date) or first > last:
        st.html(empty("日期不对", "期初不能晚于期末；只看某一天的在册缺口，请把两个日期选成同一天。"))
        return
    names, found = territory.area_names(viewer), frames.gap_changes(viewer, first, last)
    township = grids.township_filter(three, found, names, key="ledger")
    kinds = grids.choices(four, "变化", words.CHANGES)
    within = found[found["area_code"].str.startswith(township or "")]
    st.html(figures(ledger_words.amounts(within, last)))
    shown = within[within["change"].isin(kinds)] if kinds else within
    grids.show(
        ledger_words.table(shown, names),
        "没有缺口",
        f"台账自 {begins:%Y-%m-%d} 起；所选日期与范围内没有缺口。",
    )
    traces.draw(viewer, (first, last))
    period = downloads.Period(first=first, last=last, within=township)
    downloads.offer(viewer, "ledger", of="gaps", formats=downloads.TABLES, period=period)
