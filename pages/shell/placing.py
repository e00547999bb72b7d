"""Typing a position: numbers, what they are, and where that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from layers import words
from layers.text import plain_label
from pages.shell import ground, positions
from pages.shell.blocks import said
from pages.shell.deployment import deployment

if TYPE_CHECKING:
    from pages.door.desk import Viewer


def typed(viewer: Viewer, key: str, label: str = "换算并预览") -> positions.Position | None:
    """Draw the fields and return the place that was just typed, None where nothing or no place was."""
    with st.form(key, border=True):
        datum = st.selectbox("坐标类型", positions.DATUMS, format_func=words.of(positions.DATUMS))
        first = st.number_input("经度（或东坐标 E）", value=None, format="%.6f", placeholder="如 111.467700")
        second = st.number_input("纬度（或北坐标 N）", value=None, format="%.6f", placeholder="如 27.238900")
        if not st.form_submit_button(plain_label(label)) or first is None or second is None:
            return None
        try:
            return positions.from_numbers(
                first, second, datum, metric_crs=deployment().metric_crs, area=ground.bounds(viewer)
            )
        except positions.PositionError as fault:
            st.html(said(str(fault), "bad"))
            return None
