"""Editing the record of a water on its card: class, duties, incidents, history and undo."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import streamlit as st

from data.storage import water_edits
from data.storage.audit import Action
from data.storage.water_edits import WaterRecord
from layers import words
from pages.shell import frames, saving
from pages.shell.blocks import empty, listing, said
from pages.shell.clock import today
from pages.shell.deployment import deployment
from pages.water import record_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from data.storage.waters import WaterCard
    from pages.door.desk import Viewer

HELD: Final = "record-held"
CONFLICT: Final = "record-conflict"
EARLIEST: Final = dt.date(1950, 1, 1)
SAVE: Final = saving.Act(
    dataset="waters",
    verb="write",
    name=Action.SAVE_WATER,
    kind="water",
    said="已保存，类别与缺口已重新核算。",
)
UNDO: Final = saving.Act(
    dataset="waters",
    verb="write",
    name=Action.UNDO_WATER,
    kind="water",
    said="已撤销，类别与缺口已重新核算。",
)


@dataclass(frozen=True, kw_only=True)
class _Conflict:
    """Three versions of one record."""

    water: int
    base: Mapping[str, Any]
    theirs: Mapping[str, Any]
    mine: WaterRecord


def draw(viewer: Viewer, card: WaterCard) -> None:
    """Draw what an officer may change in the record of a water, for those who may."""
    with st.container():
        saving.outcome()
    number = int(str(card.facts["id"]))
    if _decided(viewer, number):
        return
    with st.expander("修改类别认定、责任单位，登记事故"):
        _form(viewer, number, _held(card))
        _incident(viewer, number, card)
        _history(viewer, number)


def _held(card: WaterCard) -> Mapping[str, Any]:
    """Return the record as it was when the form was first shown, or somebody's save would go unseen."""
    kept: Mapping[str, Any] | None = st.session_state.get(HELD)
    if kept is None or kept["id"] != card.facts["id"]:
        kept = dict(card.facts)
        st.session_state[HELD] = kept
    return kept


def _form(viewer: Viewer, number: int, at: Mapping[str, Any]) -> None:
    with st.form(f"record-{number}-{at['version']}"):
        one, two = st.columns([1, 2])
        options = list(record_words.OVERRIDES)
        grade = one.selectbox(
            "类别认定",
            options,
            index=options.index(at["class_override"]),
            format_func=words.of(record_words.OVERRIDES),
        )
        reason = two.text_input("认定理由", value=at["class_reason"], max_chars=record_words.LONGEST_REASON)
        cells = st.columns(4)
        names = ("owner", "user_unit", "manager", "river_chief")
        filled = {
            name: cell.text_input(
                record_words.LABELS[name], value=at[name], max_chars=record_words.LONGEST
            ).strip()
            for name, cell in zip(names, cells, strict=True)
        }
        if not st.form_submit_button("保存档案", type="primary"):
            return
    mine = WaterRecord(class_override=grade, class_reason=reason.strip() if grade else "", **filled)
    if found := record_words.faults(mine):
        st.html(said("；".join(found) + "。", "bad"))
        return
    _save(viewer, number, at, mine)
    st.rerun()


def _save(viewer: Viewer, number: int, base: Mapping[str, Any], mine: WaterRecord) -> None:
    def write(connection: Any) -> int | None:  # noqa: ANN401 - a storage connection
        changed = water_edits.save_record(
            connection, number, mine, version=base["version"], account_id=viewer.account_id
        )
        return None if changed is None else number

    conflict = saving.done(viewer, SAVE, write)
    if conflict is None:
        _forget()
        return
    theirs = conflict.theirs
    if all(theirs[name] == base[name] for name in water_edits.FIELDS):
        _save(viewer, number, theirs, mine)
        return
    st.session_state[CONFLICT] = _Conflict(water=number, base=base, theirs=theirs, mine=mine)


def _decided(viewer: Viewer, number: int) -> bool:
    """Draw a conflict about this water if there is one, and say whether there was."""
    held: _Conflict | None = st.session_state.get(CONFLICT)
    if held is None or held.water != number:
        return False
    st.html(empty("这处水域的档案刚被他人修改", "请对照下表后决定；在您决定之前，没有任何内容被覆盖。"))
    table = record_words.compared(held.base, held.theirs, held.mine)
    st.html(listing(record_words.COMPARED, [tuple(row) for row in table.itertuples(index=False)]))
    left, right = st.columns(2)
    merged = record_words.merged(held.base, held.theirs, held.mine)
    found = record_words.faults(merged)
    if left.button("以我填写的为准，其余保留对方的", type="primary", disabled=bool(found)):
        st.session_state.pop(CONFLICT)
        _save(viewer, number, held.theirs, merged)
        st.rerun()
    if right.button("保留对方的修改，放弃我的"):
        st.session_state.pop(CONFLICT)
        _forget()
        st.rerun()
    return True


def _incident(viewer: Viewer, number: int, card: WaterCard) -> None:
    undated = int(str(card.facts["incidents"])) - len(card.incidents)
    st.html("<h3>登记溺水事故</h3>")
    with st.form(f"incident-{number}", clear_on_submit=True):
        one, two = st.columns([1, 2])
        day = one.date_input(
            "发生日期", value=None, min_value=EARLIEST, max_value=today(), format="YYYY-MM-DD"
        )
        note = two.text_input("经过（不写姓名）", max_chars=record_words.LONGEST_REASON).strip()
        label = f"台账的 {undated:d} 起未注明日期的事故中已含此次，只补日期"
        counted = st.checkbox(label, value=True) if undated > 0 else False
        if not st.form_submit_button("登记事故"):
            return
    if day is None or len(note) > record_words.LONGEST_REASON:
        st.html(said("请填写发生日期；经过不超过 400 字。", "bad"))
        return

    def write(connection: Any) -> int | None:  # noqa: ANN401 - a storage connection
        water_edits.add_incident(connection, number, day, note, counted=counted, account_id=viewer.account_id)
        return number

    saving.done(viewer, SAVE, write)
    _forget()
    st.rerun()


def _history(viewer: Viewer, number: int) -> None:
    zone = ZoneInfo(deployment().time_zone)
    changes = frames.water_changes(viewer, number)
    st.html("<h3>修改记录</h3>")
    if changes.empty:
        st.html(empty("还没有修改记录", "在本平台上的每次修改都会留在这里，可以撤销。"))
        return
    st.html(listing(record_words.HISTORY, record_words.history(changes, zone)))
    open_changes = record_words.undoable(changes, zone)
    if not open_changes:
        return
    chosen = st.selectbox(
        "要撤销的修改", list(open_changes), format_func=words.of(open_changes), key=f"undo-{number}"
    )
    if st.button("撤销这次修改") and chosen is not None:
        _undo(viewer, number, chosen)


def _undo(viewer: Viewer, number: int, change: int) -> None:
    def write(connection: Any) -> int | None:  # noqa: ANN401 - a storage connection
        water_edits.undo(connection, number, change, account_id=viewer.account_id)
        return number

    if saving.done(viewer, UNDO, write) is not None:
        st.html(
            said("这次修改之后，同一项目又被改过或已撤销，不能直接撤销：请在上面的表中改为所需内容。", "bad")
        )
        return
    _forget()
    st.rerun()


def _forget() -> None:
    st.session_state.pop(HELD, None)
