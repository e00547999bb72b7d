"""The section of availability: what is expected to work, where things get lost, what to verify first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from layers.legend import legend
from layers.palette import OUTLOOK, WATERS
from pages.shell import downloads, frames, grids, ground, territory
from pages.shell.blocks import empty, facts, figures, listing, remark
from pages.shell.clock import today
from pages.shell.deployment import deployment
from pages.water import outlook_words

if TYPE_CHECKING:
    from data.storage.outlook import Outlook
    from pages.door.desk import Viewer

LISTS: Final = {"verify": "先复核", "repeated": "多次丢失、损坏"}


def draw(viewer: Viewer) -> None:
    """Draw the section."""
    run = frames.outlook(viewer)
    _offer(viewer, run)
    if run is None:
        st.html(empty("还没有估计", "系统每天按历次核查记录估计一次；可由水利岗位点“重新估计”。"))
        return
    stations, names = frames.outlook_stations(viewer, run.id), territory.area_names(viewer)
    if stations.empty:
        st.html(empty("没有点位", "登记或导入点位后，这里按核查记录估计今天可用的套数。"))
        return
    st.html(figures(outlook_words.amounts(stations)))
    st.html(remark(outlook_words.CAUTION))
    with st.expander("怎么估计、哪些没有算进去"):
        st.html(facts(outlook_words.method(run)))
    left, right = st.columns(2)
    township = grids.township_filter(left, stations, names, key="outlook")
    kind = right.segmented_control(
        "清单",
        list(LISTS),
        default="verify",
        required=True,
        format_func=LISTS.__getitem__,
        key="outlook-list",
    )
    shown = outlook_words.listed(grids.kept(stations, township), str(kind))
    spot = st.container()
    chosen = grids.show(
        outlook_words.table(shown, names, run.as_of),
        "没有点位",
        "所选范围内没有这类点位。",
        key="outlook-rows",
    )
    over, look = grids.highlighted(shown, chosen)
    with spot:
        ground.show(viewer, [outlook_words.layer(shown)], key="outlook", look=look, over=over, height=420)
        st.html(legend(OUTLOOK.values(), [WATERS["line"]]))
    st.html("<h3>器材年丢损率（由历次核查推算）</h3>")
    st.html(listing(outlook_words.RATE_HEADINGS, outlook_words.rate_rows(run.rates)))
    downloads.offer(viewer, "reverify", of="stations")


def _offer(viewer: Viewer, run: Outlook | None) -> None:
    """Offer to estimate anew where the estimate is of another day or of older data."""
    if run is not None and run.as_of == today() and run.data_version >= frames.data_version(viewer):
        return
    if run is not None:
        st.html(empty("数据已更新，估计还是之前的", f"以下为 {run.as_of:%Y-%m-%d} 的估计。"))
    if viewer.may("stations", "write") and st.button("重新估计", type="primary", key="outlook-refresh"):
        # Its libraries load for seconds; a page that estimates nothing does not wait for them.
        from jobs.outlook import refresh_outlook

        with st.spinner("正在按核查记录估计……"):
            refresh_outlook(deployment())
        st.rerun()
