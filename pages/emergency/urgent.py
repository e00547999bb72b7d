"""Urgent sight on the page of emergency staff: the form by which it is opened, and what it then shows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import streamlit as st

from data.storage import urgent as stored
from data.storage.urgent import Opening
from layers import words
from layers.legend import legend
from layers.palette import HAZARDS, URGENT, WATERS
from pages.emergency import urgent_words, view
from pages.settings.view import instant
from pages.shell import frames, grids, ground, saving, territory, urgent
from pages.shell.blocks import empty, figures, heading, remark, said
from pages.shell.clock import today

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages.door.desk import Viewer

HOURS: Final = (2, 4, 8, 12, 24)


def draw(viewer: Viewer) -> None:
    """Draw the homes to whoever works under an urgent sight, and no more; the form to who may open one."""
    if viewer.role == stored.ROLE:
        _homes(viewer)
        st.stop()
    if viewer.may("urgent", "open"):
        _offer(viewer)


def _homes(viewer: Viewer) -> None:
    sight = urgent.current(viewer)
    if sight is None:
        st.html(empty("紧急查看已结束", "如险情仍在，请回到原岗位重新说明并启用。"))
        return
    homes = urgent_words.grouped(urgent.homes(viewer, sight), today())
    st.html(figures(urgent_words.figures(homes)))
    hazards = frames.open_hazards(viewer)
    spot = st.container()
    table = urgent_words.table(homes)
    chosen = grids.show(table, "这个乡镇没有登记住址的儿童", "也可能尚未导入。", key="urgent-rows")
    ordered = homes.sort_values(["area_code", "age", "code"], kind="stable")
    over, look = grids.highlighted(ordered, chosen)
    with spot:
        layers = [view.hazard_layer(hazards), urgent_words.layer(homes)]
        ground.show(viewer, layers, key="urgent", look=look, over=over)
        st.html(legend([*URGENT.values(), *HAZARDS.values(), WATERS["point"]], [WATERS["line"]]))


def _offer(viewer: Viewer) -> None:
    with st.expander("紧急查看儿童住址（仅限险情处置）"):
        st.html(remark(urgent_words.RULE))
        mine = urgent.seen(viewer)
        mine = mine[mine["account_id"] == viewer.account_id]
        _form(viewer)
        if not mine.empty:
            st.html(heading("我启用过的"))
            grids.show(urgent_words.own_table(mine, instant), "", "")


def _form(viewer: Viewer) -> None:
    names = territory.area_names(viewer)
    offered = urgent_words.townships(names, viewer.area_code if viewer.role == "civil" else None)
    if not offered:
        st.html(empty("没有可选的乡镇（街道）", "都在您的岗位范围内：在“民政关爱”页即可查看。"))
        return
    one, two = st.columns(2)
    county = one.selectbox(
        "县（市、区）",
        list(offered),
        index=None,
        placeholder="请选择",
        format_func=words.of(names),
        key="urgent-county",
    )
    listed: Mapping[str, str] = offered.get(str(county), {})
    township = two.selectbox(
        "乡镇（街道）",
        list(listed),
        index=None,
        placeholder="请选择",
        format_func=words.of(names),
        key=f"urgent-township-{county}",
    )
    with st.form("urgent-open"):
        left, right = st.columns(2)
        incident = left.selectbox(
            "险情",
            list(words.INCIDENTS),
            index=None,
            placeholder="请选择",
            format_func=words.of(words.INCIDENTS),
        )
        hours = right.selectbox("时长", HOURS, format_func=lambda count: f"{count} 小时")
        reason = st.text_area("险情和用途（10 至 300 字，勿写姓名）", max_chars=300, height=80)
        sure = st.checkbox(urgent_words.CONFIRM)
        sent = st.form_submit_button("启用紧急查看", type="primary")
    if not sent:
        return
    here = (viewer.role, viewer.area_code)
    post = next(grant.id for grant in viewer.grants if (grant.role, grant.area_code) == here)
    if not sure or township is None:
        st.html(said("请选择乡镇（街道），并勾选确认。", "bad"))
        return
    wanted = Opening(
        post_id=post,
        area_code=str(township),
        hours=int(hours),
        incident=str(incident or ""),
        reason=" ".join(reason.split()),
    )
    saving.attempt(partial(urgent.open_sight, viewer, wanted))
