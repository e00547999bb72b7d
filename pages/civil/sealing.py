"""Sealing a child for named persons: the list, the form, and what waits for a second person."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

import streamlit as st

from data.engine import connect
from data.storage import seals
from data.storage.seals import Seal
from layers import words
from layers.text import plain_label
from pages.civil import sealing_words
from pages.settings.view import instant
from pages.shell import frames, grids, saving
from pages.shell.blocks import empty, heading, remark
from pages.shell.clock import today
from pages.shell.deployment import deployment

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from pages.door.desk import Viewer

REVIEW: Final = dt.timedelta(days=90)
LATEST: Final = dt.timedelta(days=365)
Answer = TypeVar("Answer")


def draw(viewer: Viewer) -> None:
    """Draw what this viewer may do with seals; nothing for whoever may not seal."""
    if not viewer.may("children", "seal"):
        return
    mine, waiting = _done(viewer, seals.seen), _done(viewer, seals.proposals)
    with st.expander(plain_label(sealing_words.fold(mine, waiting))):
        st.html(remark(sealing_words.RULE))
        if not waiting.empty:
            _waiting(viewer, waiting)
        st.html(heading("我可以查看的封存"))
        chosen = grids.show(
            sealing_words.table(mine), "没有由您查看的封存", "他人的封存不在此列。", key="seal-rows"
        )
        if chosen is not None:
            _one(viewer, int(mine.index[chosen]), mine.iloc[chosen])
        _new(viewer)


def _waiting(viewer: Viewer, waiting: pd.DataFrame) -> None:
    st.html(heading("待第二人批准"))
    table = sealing_words.waiting_table(waiting, instant)
    chosen = grids.show(table, "没有申请", "", key="seal-waiting")
    if chosen is None:
        return
    number = int(waiting.index[chosen])
    if int(waiting["asker"].iloc[chosen]) == viewer.account_id:
        st.html(empty("这是您提出的申请", "请由另一位民政人员批准或驳回。"))
        return
    one, two = st.columns(2)
    if one.button("批准", type="primary", key=f"seal-yes-{number}"):
        saving.attempt(partial(_decided, viewer, number, approve=True))
    if two.button("驳回", key=f"seal-no-{number}"):
        saving.attempt(partial(_decided, viewer, number, approve=False))


def _one(viewer: Viewer, number: int, row: pd.Series[Any]) -> None:
    offered = sealing_words.people(_done(viewer, lambda c: seals.candidates(c, str(row["area_code"]))))
    held = dict(zip(row["people"] or (), row["names"] or (), strict=True))
    add, drop, renew, lift = st.tabs(["增加人员", "减少人员", "延长复核", "申请解除"])
    with add, st.form(f"seal-add-{number}"):
        left = [one for one in offered if one not in held or not row["child_code"]]
        person = st.selectbox("人员", left, index=None, placeholder="请选择", format_func=words.of(offered))
        reason = st.text_input("理由（4 至 300 字）", max_chars=300)
        if st.form_submit_button("申请增加", type="primary") and person is not None:
            saving.attempt(partial(_asked_name, viewer, number, int(person), reason))
    with drop, st.form(f"seal-drop-{number}"):
        gone = st.selectbox("人员", list(held), index=None, placeholder="请选择", format_func=words.of(held))
        if st.form_submit_button("不再可见") and gone is not None:
            saving.attempt(partial(_released, viewer, number, int(gone)))
    with renew, st.form(f"seal-renew-{number}"):
        until = _day("新的复核日期")
        if st.form_submit_button("延长"):
            saving.attempt(partial(_renewed, viewer, number, until))
    with lift, st.form(f"seal-lift-{number}"):
        why = st.text_input("解除理由（4 至 300 字）", max_chars=300)
        if st.form_submit_button("申请解除"):
            saving.attempt(partial(_asked_lift, viewer, number, why))


def _new(viewer: Viewer) -> None:
    st.html(heading("封存一名儿童"))
    code = st.text_input("儿童编号", max_chars=60, key="seal-code").strip()
    if not code:
        return
    area = _done(viewer, lambda connection: seals.area_of(connection, code))
    if area is None:
        st.html(empty("本辖区没有这名儿童", "请核对编号。"))
        return
    offered = sealing_words.people(_done(viewer, lambda connection: seals.candidates(connection, area)))
    with st.form("seal-new"):
        one, two = st.columns(2)
        ground = one.selectbox(
            "依据",
            list(words.SEAL_GROUNDS),
            index=None,
            placeholder="请选择",
            format_func=words.of(words.SEAL_GROUNDS),
        )
        with two:
            until = _day("复核日期")
        reason = st.text_input("说明（文书名称与文号，4 至 300 字，勿写姓名、住址）", max_chars=300)
        named = st.multiselect(
            "可查看人员（至少一名民政；未选本人的，封存后您也看不到）",
            list(offered),
            default=[viewer.account_id] if viewer.account_id in offered else [],
            format_func=words.of(offered),
            placeholder="请选择",
        )
        if st.form_submit_button("封存", type="primary"):
            wanted = Seal(
                child_code=code, ground=str(ground or ""), reason=reason, review_on=until, people=tuple(named)
            )
            saving.attempt(partial(_sealed, viewer, wanted))


def _day(label: str) -> dt.date:
    chosen = st.date_input(
        plain_label(label),
        today() + REVIEW,
        min_value=today() + dt.timedelta(days=1),
        max_value=today() + LATEST,
        format="YYYY-MM-DD",
    )
    return chosen if isinstance(chosen, dt.date) else today()


def _sealed(viewer: Viewer, wanted: Seal) -> str:
    number = _done(viewer, lambda connection: seals.seal(connection, wanted))
    return f"已封存，编号 {number}，即时生效。"


def _asked_name(viewer: Viewer, number: int, person: int, reason: str) -> str:
    _done(viewer, lambda connection: seals.ask_to_name(connection, number, person, reason))
    return "已提出，待另一位民政人员批准。"


def _asked_lift(viewer: Viewer, number: int, reason: str) -> str:
    _done(viewer, lambda connection: seals.ask_to_lift(connection, number, reason))
    return "已提出解除申请，待另一位民政人员批准；批准前仍封存。"


def _released(viewer: Viewer, number: int, person: int) -> str:
    _done(viewer, lambda connection: seals.release(connection, number, person))
    return "此人不再可见，即时生效。"


def _renewed(viewer: Viewer, number: int, until: dt.date) -> str:
    _done(viewer, lambda connection: seals.renew(connection, number, until))
    return f"已延长，下次复核 {until:%Y-%m-%d}。"


def _decided(viewer: Viewer, number: int, *, approve: bool) -> str:
    _done(viewer, lambda connection: seals.decide(connection, number, approve=approve))
    return "已批准，即时生效。" if approve else "已驳回。"


def _done(viewer: Viewer, work: Callable[[Any], Answer]) -> Answer:
    frames.require(viewer, "children", "seal")
    with connect(deployment(), viewer.login_kind, viewer.scope) as connection:
        return work(connection)
