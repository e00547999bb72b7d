"""Below the stations: their ledger out in the bureau's layout, and back with every edit shown first."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st

from data.importers.rows import IntakeError
from data.ledgers import handing_in
from data.ledgers.layouts import LayoutError
from layers import words
from layers.text import plain_label
from pages.door import handout
from pages.shell import frames, saving, territory
from pages.shell.blocks import empty, facts, figures, link, listing, said
from pages.shell.clock import today
from pages.shell.deployment import deployment
from pages.water import returning_words as told

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from data.ledgers.comparing import Change
    from data.ledgers.handing_in import Preview
    from data.ledgers.writing import Choice
    from pages.door.desk import Viewer

SHOWN: Final = "ledger-preview"
SAID: Final = "ledger-said"
COUNTY: Final = 6
TOWNSHIP: Final = 9
"""Digits of the areas for which a ledger is kept."""
ONE_BY_ONE: Final = 40
"""Clashes that are decided each for itself."""


def draw(viewer: Viewer) -> None:
    """Draw what this viewer may do: take the ledger out, and hand it in."""
    if viewer.may("stations", "export"):
        st.html("<h3>导出台账</h3>")
        _out(viewer)
    if viewer.may("stations", "write") and viewer.may("imports", "write"):
        st.html("<h3>交回台账</h3>")
        _back(viewer)


def _out(viewer: Viewer) -> None:
    from jobs.ledgers import known

    try:
        layouts = {key: layout.name for key, layout in known(deployment()).items()}
    except LayoutError as fault:
        st.html(said(str(fault), "bad"))
        return
    names = territory.area_names(viewer)
    codes = [code for code in sorted(names) if len(code) <= TOWNSHIP and code.startswith(viewer.area_code)]
    one, two, three = st.columns([2, 2, 2], vertical_alignment="bottom")
    layout = one.selectbox("版式", list(layouts), format_func=words.of(layouts), key="ledger-layout")
    area = two.selectbox("范围", codes, format_func=words.of(names), key="ledger-area")
    if three.button("生成台账下载链接", key="ledger-link"):
        token = handout.prepare(
            viewer, "station_ledger", "xlsx", layout=str(layout), area=str(area or viewer.area_code)
        )
        st.html(link("下载台账（十分钟内有效，限用一次）", f"/export/{token}"))


def _back(viewer: Viewer) -> None:
    if kept := st.session_state.pop(SAID, None):
        st.html(said(kept, "good"))
    shown: Preview | None = st.session_state.get(SHOWN)
    if shown is not None:
        _decide(viewer, shown)
        return
    st.html(facts([("怎么交", "只在导出的台账里改，改完原样存为 .xlsx 后交回；先逐格对照，确认后才写入。")]))
    with st.form("ledger-upload", border=False):
        given = st.file_uploader("改好的台账（.xlsx）", type=["xlsx"], key="ledger-file")
        if not st.form_submit_button("读取并对照", type="primary") or given is None:
            return
    with st.spinner("正在读取并逐格对照……"), tempfile.TemporaryDirectory(prefix="anlan-") as folder:
        path = Path(folder) / "台账.xlsx"
        path.write_bytes(given.getvalue())
        try:
            shown = handing_in.preview(deployment(), path, viewer.scope, today(), name=given.name)
        except IntakeError as fault:
            st.html(empty("没有读取，未写入任何内容", str(fault)))
            return
    st.session_state[SHOWN] = shown
    st.rerun()


def _decide(viewer: Viewer, shown: Preview) -> None:
    found = shown.comparison
    st.html(facts([("台账", told.origin(shown))]))
    if found.nothing:
        st.html(empty("没有改动", "交回的台账与导出时相同，未写入任何内容。"))
    else:
        st.html(figures(told.figures(found)))
    if found.refused:
        rows = [(error.place, "；".join(map(str, error.faults))) for error in found.refused]
        st.html(listing(("有误的行", "原因（这些行未采用，改正后可再交一次）"), rows))
    if found.notes:
        st.html(listing(("注意",), [(note,) for note in found.notes]))
    chosen, undecided = _chosen(shown)
    left, right = st.columns([3, 1])
    if undecided:
        st.html(empty(f"还有 {undecided} 格冲突没有决定", "请在下方逐格选择以谁为准。"))
    ready = not (chosen.nothing or undecided)
    if left.button(
        plain_label(told.confirming(chosen)), type="primary", disabled=not ready, key="ledger-apply"
    ):
        _write(viewer, shown, chosen)
    if right.button("放弃，换一份台账", key="ledger-drop"):
        st.session_state.pop(SHOWN)
        st.rerun()


def _chosen(shown: Preview) -> tuple[Choice, int]:
    """Draw the tables of decisions; return what is chosen and how many clashes are not decided."""
    found = shown.comparison
    plain, clashes = told.split(found)
    taken = _asked("改动", told.change_table(plain), told.TAKE)
    verdicts = _settled(clashes)
    added = _asked("新增点位", told.added_table(found), told.TAKE)
    retired = _asked("台账里没有了", told.removed_table(found), told.RETIRE)
    return told.choice(found, taken, verdicts, added, retired), verdicts.count(None)


def _settled(clashes: Sequence[Change]) -> list[str | None]:
    """Ask for each clash whose text stands; beyond `ONE_BY_ONE` of them, once for all the others."""
    if not clashes:
        return []
    st.html(listing(told.CLASH_HEADINGS, told.clash_rows(clashes)))
    singly = clashes[:ONE_BY_ONE]
    verdicts = [
        st.radio(
            plain_label(told.asked(change)), told.VERDICTS, index=None, horizontal=True, key=f"clash-{number}"
        )
        for number, change in enumerate(singly)
    ]
    if rest := len(clashes) - len(singly):
        label = plain_label(f"其余 {rest} 格都以谁为准")
        verdicts += [st.radio(label, told.VERDICTS, index=None, horizontal=True, key="clash-rest")] * rest
    return verdicts


def _asked(heading: str, table: pd.DataFrame, column: str) -> list[bool]:
    if table.empty:
        return []
    st.html(facts([(heading, f"{len(table):,} 项")]))
    kind = st.column_config.CheckboxColumn(column, width="small")
    edited = st.data_editor(
        table,
        hide_index=True,
        disabled=[name for name in table.columns if name != column],
        column_config={column: kind},
        key=f"ledger-{heading}",
    )
    return list(edited[column])


def _write(viewer: Viewer, shown: Preview, chosen: Choice) -> None:
    try:
        with st.spinner("正在写入并重新核算……"):
            receipt = handing_in.apply(deployment(), shown, chosen, viewer.scope, today())
            saving.catch_up()
    except IntakeError as fault:
        st.html(empty("没有写入", str(fault)))
        return
    frames.forget()
    st.session_state.pop(SHOWN)
    done = told.confirming(chosen).split("：")[-1]
    st.session_state[SAID] = f"台账已写入（第 {receipt.batch} 批）：{done}。缺口与状态已重新核算。"
    st.rerun()
