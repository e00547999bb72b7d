"""Tables and the filters before them, the same on every page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st
from shapely.geometry import Point

from layers import words
from layers.maps import selection
from layers.palette import SELECTED
from layers.text import plain_label
from pages.shell.blocks import empty

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import pandas as pd
    from streamlit.delta_generator import DeltaGenerator

    from layers.maps import Overlay

ROW_PX = 35
ROWS_SHOWN = 12
LOOK_ZOOM = 16
HALF_PX = 7.2
CELL_PX = 22
WIDEST_PX = 560
FULL_WIDTH = 0x2E80
"""From here on signs are as wide as high."""


def picked(table: pd.DataFrame, *, key: str) -> list[int]:
    """Draw a table of which several rows can be chosen, and return their positions."""
    state = _drawn(table, key=key, on_select="rerun", selection_mode="multi-row")
    return [int(at) for at in state["selection"]["rows"]]


def show(table: pd.DataFrame, nothing: str, hint: str, *, key: str | None = None) -> int | None:
    """Draw a table, or the empty state; with `key` return the position of the row that was chosen."""
    if table.empty:
        st.html(empty(nothing, hint))
        return None
    settings: dict[str, Any] = {}
    if key is not None:
        settings = {"key": key, "on_select": "rerun", "selection_mode": "single-row"}
    state = _drawn(table, **settings)
    chosen = state["selection"]["rows"] if key is not None else []
    return int(chosen[0]) if chosen else None


def chosen(table: pd.DataFrame, named: Sequence[str], label: str, *, key: str) -> int | None:
    """Draw a table and a box that names its rows, and return the position of the row that was chosen.

    The box serves keyboard, phone and screen reader; a row that is clicked in the table is put into it.
    """
    box = f"{key}-box"

    def take() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        st.session_state[box] = table.index[rows[0]] if rows else None

    _drawn(table, key=key, on_select=take, selection_mode="single-row")
    names = dict(zip(table.index, named, strict=True))
    found = st.selectbox(
        plain_label(label),
        list(names),
        index=None,
        placeholder="点选上表的一行，或在此输入编号查找",
        format_func=lambda row: names.get(row, ""),
        key=box,
    )
    return None if found is None else list(table.index).index(found)


def township_filter(
    where: DeltaGenerator, frame: gpd.GeoDataFrame, names: Mapping[str, str], *, key: str
) -> str | None:
    """Offer the townships that occur in `frame`; None means all of them."""
    codes = sorted({code[:9] for code in frame["area_code"] if len(code) >= 9})  # noqa: PLR2004 - digits of a township
    picked: str | None = where.selectbox(
        "乡镇（街道）",
        codes,
        index=None,
        placeholder="全部",
        format_func=lambda code: names.get(code, code),
        key=f"{key}-township",
    )
    return picked


def choices(
    where: DeltaGenerator, label: str, offered: Mapping[str, str], *, default: Sequence[str] = ()
) -> list[str]:
    """Offer codes in their words; none chosen means all of them."""
    return list(
        where.multiselect(
            plain_label(label),
            list(offered),
            default=list(default),
            format_func=words.of(offered),
            placeholder="全部",
        )
    )


def kept(frame: gpd.GeoDataFrame, township: str | None = None, **chosen: Sequence[str]) -> gpd.GeoDataFrame:
    """Return the rows of a township whose columns hold one of the chosen values; nothing chosen is all."""
    mask = frame["area_code"].str.startswith(township or "")
    for column, values in chosen.items():
        if values:
            mask &= frame[column].isin(list(values))
    return frame[mask]


def highlighted(
    frame: gpd.GeoDataFrame, position: int | None
) -> tuple[Overlay | None, tuple[float, float, int] | None]:
    """Return the highlight of a chosen row and where the map should look (lon, lat, zoom) to see it."""
    if position is None or position >= len(frame):
        return None, None
    shape = frame.geometry.iloc[position]
    middle = shape.interpolate(0.5, normalized=True) if shape.geom_type == "LineString" else shape
    return selection(shape, SELECTED), (float(middle.x), float(middle.y), LOOK_ZOOM)


def spotted(lon: float, lat: float) -> tuple[Overlay, tuple[float, float, int]]:
    """Return the highlight of a place and where the map should look to see it."""
    return selection(Point(lon, lat), SELECTED), (lon, lat, LOOK_ZOOM - 1)


def _drawn(table: pd.DataFrame, **selecting: Any) -> Any:  # noqa: ANN401 - what Streamlit takes and gives
    # Thousands are told apart by the browser, which would show every decimal of a length.
    whole = {name: 0 for name, held in table.dtypes.items() if held.kind == "f" and "%" not in str(name)}
    table = table.round(whole)
    return st.dataframe(
        table,
        hide_index=True,
        height=ROW_PX * (min(len(table), ROWS_SHOWN) + 1) + 3,
        row_height=ROW_PX,
        column_config=_columns(table),
        placeholder="—",
        **selecting,
    )


def _width(heading: str, texts: pd.Series[Any]) -> int:
    """Return the pixels that the longest text needs: a name is never cut."""
    longest = max(texts.astype(str).map(_half_widths).max(), _half_widths(heading))
    return min(int(longest * HALF_PX) + CELL_PX, WIDEST_PX)


def _half_widths(text: str) -> int:
    return sum(1 if ord(sign) < FULL_WIDTH else 2 for sign in text)


def _columns(table: pd.DataFrame) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name, kind in table.dtypes.items():
        if kind.kind == "M":
            shown[str(name)] = st.column_config.DateColumn(format="YYYY-MM-DD")
        elif kind.kind == "f":
            exact = "%.1f" if "%" in str(name) else "localized"
            shown[str(name)] = st.column_config.NumberColumn(format=exact)
        elif kind.kind in "iu":
            shown[str(name)] = st.column_config.NumberColumn(format="localized")
        elif kind.kind != "b":
            shown[str(name)] = st.column_config.TextColumn(width=_width(str(name), table[name]))
    return shown
