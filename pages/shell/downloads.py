"""Download links that work once, for ten minutes, for the one who asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from layers import words
from layers.periods import Period
from pages.door import handout
from pages.shell.blocks import link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pages.door.desk import Viewer

__all__ = ["FORMATS", "FORMS", "TABLES", "Period", "offer", "templates"]

FORMATS: Final = {"xlsx": "Excel 工作簿", "csv": "CSV 表格", "geojson": "GeoJSON", "gpkg": "GeoPackage"}
DOCUMENT: Final = {"docx": "Word 文档"}
TABLES: Final = ("xlsx", "csv")
FORMS: Final = ("docx", "xlsx")


def offer(
    viewer: Viewer,
    kind: str,
    *,
    of: str | None = None,
    formats: Sequence[str] = tuple(FORMATS),
    period: Period | None = None,
) -> None:
    """Offer a file of `kind` to those who may export it, or the data set `of` that it is made from."""
    if not viewer.may(of or kind, "export"):
        return
    titles = FORMATS | DOCUMENT
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    chosen = left.selectbox("导出格式", formats, format_func=words.of(titles), key=f"format-{kind}")
    if right.button("生成下载链接", key=f"export-{kind}"):
        token = handout.prepare(viewer, kind, chosen, period)
        st.html(link(f"下载 {titles[chosen]}（十分钟内有效，限用一次）", f"/export/{token}"))


def templates(viewer: Viewer) -> None:
    """Offer the form of each ledger that this viewer may hand in."""
    from jobs.templates import offered

    ledgers = offered({viewer.role})
    if not ledgers:
        return
    st.html("<h3>填写模板</h3>")
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    chosen = left.selectbox("台账", list(ledgers), format_func=words.of(ledgers), key="template-kind")
    if right.button("生成模板下载链接", key="template-link"):
        token = handout.prepare(viewer, "template", "xlsx", ledger=str(chosen))
        said = f"下载“{ledgers[str(chosen)]}”填写模板（十分钟内有效，限用一次）"
        st.html(link(said, f"/export/{token}"))
