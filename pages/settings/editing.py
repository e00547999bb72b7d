"""Changing one parameter, with a reason that stays on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from data.engine import connect
from data.storage import audit
from data.storage.faults import EditConflictError
from data.storage.parameters import save_parameter
from layers.text import plain_label
from pages.settings import view
from pages.shell import frames
from pages.shell.blocks import said
from pages.shell.deployment import deployment

if TYPE_CHECKING:
    import pandas as pd

    from pages.door.desk import Viewer

SAID = "settings-said"


def draw(viewer: Viewer, parameters: pd.DataFrame) -> None:
    """Draw the form for one parameter and what became of the last change."""
    if kept := st.session_state.pop(SAID, None):
        st.html(said(kept, "good"))
    st.html("<h3>修改参数</h3>")
    key = st.selectbox("参数", parameters.index, format_func=lambda name: str(parameters.loc[name, "label"]))
    row = parameters.loc[key]
    with st.form(f"parameter-{key}-{row['version']}"):
        unit = plain_label(view.unit(str(row["unit"])) or "无")
        text = st.text_input(f"新值（单位：{unit}）", value=view.shown(row["value"]))
        reason = st.text_input("修改理由与依据（必填，留存备查）", max_chars=300)
        if not st.form_submit_button("批准并保存", type="primary"):
            return
    if not reason.strip():
        st.html(said("请填写修改理由与依据。", "bad"))
        return
    try:
        value = view.parsed(text, row["value"])
        view.require_sound(parameters, str(key), value)
        _save(viewer, str(key), value, reason.strip(), int(row["version"]))
    except view.ValueFaultError as fault:
        st.html(said(str(fault), "bad"))
    except EditConflictError:
        st.html(said("这个参数刚被他人修改，页面已显示新值，请核对后再改。", "bad"))
    else:
        frames.forget()
        st.session_state[SAID] = f"已保存“{row['label']}”。重新计算后，缺口按新值更新。"
        st.rerun()


def _save(viewer: Viewer, key: str, value: object, reason: str, version: int) -> None:
    with connect(deployment(), viewer.login_kind, viewer.scope) as connection:
        save_parameter(
            connection, key, value, reason=reason, account_id=viewer.account_id, expected_version=version
        )
        audit.record(
            connection,
            audit.Action.SAVE_PARAMETER,
            viewer.scope,
            object_kind="parameter",
            object_ids=[key],
            row_count=1,
        )
