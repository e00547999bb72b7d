"""Word documents in the layout of an official form: title, lines, paragraphs, tables, footnotes."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING, Any, Final

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from layers.workbook import ILLEGAL

if TYPE_CHECKING:
    import pandas as pd
    from docx.document import Document as Book
    from docx.table import _Cell, _Row
    from docx.text.paragraph import Paragraph

    from layers.handouts import Handout, Section

TITLE_FONT: Final = "方正小标宋简体"
HEAD_FONT: Final = "黑体"
BODY_FONT: Final = "仿宋_GB2312"
"""As GB/T 9704-2012 names them; where a machine lacks one, its program shows another."""
LATIN_FONT: Final = "Times New Roman"
LONGEST: Final = 500
"""Rows of a chapter in a document; nobody prints more."""
TITLE_PT, BODY_PT, CELL_PT, NOTE_PT = 22, 16, 9, 9


def to_docx(handout: Handout) -> bytes:
    """Return an A4 page on its side: title, lines, paragraphs, tables of `parts`, footnotes, `sections`."""
    book = Document()
    _page(book)
    _paragraph(book, handout.banner or handout.title, TITLE_FONT, TITLE_PT, centred=True)
    for line in handout.lines:
        _paragraph(book, line, BODY_FONT, 11, centred=True)
    for text in handout.lead:
        _paragraph(book, text, BODY_FONT, BODY_PT, indented=True)
    columns = [str(name) for name in handout.table.columns]
    for title, chosen in handout.parts or (("", tuple(columns[1:])),):
        if title:
            _paragraph(book, title, HEAD_FONT, 12, heading=True)
        _table(book, handout.table[[columns[0], *(name for name in chosen if name in columns)]])
    for note in handout.footnotes:
        _paragraph(book, note, BODY_FONT, NOTE_PT)
    for section in handout.sections:
        _section(book, section)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _section(book: Book, section: Section) -> None:
    """Write a chapter; of a long table its beginning, and how much is left to the workbook."""
    _paragraph(book, section.banner, HEAD_FONT, 12, heading=True)
    for line in section.lines:
        _paragraph(book, line, BODY_FONT, NOTE_PT)
    if len(section.table):
        _table(book, section.table.head(LONGEST))
    if (rest := len(section.table) - LONGEST) > 0:
        _paragraph(book, f"其余 {rest:,} 行见 Excel 版的“{section.name}”表。", BODY_FONT, NOTE_PT)
    for note in section.footnotes:
        _paragraph(book, note, BODY_FONT, NOTE_PT)


def _page(book: Book) -> None:
    section = book.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21.0)
    section.left_margin = section.right_margin = Cm(2.0)
    section.top_margin = section.bottom_margin = Cm(2.0)


def _paragraph(  # noqa: PLR0913 - the look of one paragraph
    book: Book,
    text: str,
    font: str,
    size: float,
    *,
    centred: bool = False,
    indented: bool = False,
    heading: bool = False,
) -> None:
    paragraph = book.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(2)
    if heading:
        paragraph.paragraph_format.keep_with_next = True
        paragraph.paragraph_format.space_before = Pt(8)
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if indented:
        paragraph.paragraph_format.first_line_indent = Pt(2 * size)
    _run(paragraph, text, font, size)


def _run(paragraph: Paragraph, text: str, font: str, size: float) -> None:
    run = paragraph.add_run(ILLEGAL.sub("", text))
    run.font.name, run.font.size = LATIN_FONT, Pt(size)
    run.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _table(book: Book, frame: pd.DataFrame) -> None:
    columns = [str(name) for name in frame.columns]
    rows = frame.to_numpy(dtype=object).tolist()
    table = book.add_table(rows=1, cols=len(columns), style="Table Grid")
    _repeat(table.rows[0])
    for cell, title in zip(table.rows[0].cells, columns, strict=True):
        _fill(cell, title, HEAD_FONT, right=False)
    for row in rows:
        for cell, value in zip(table.add_row().cells, row, strict=True):
            _fill(cell, shown(value), BODY_FONT, right=isinstance(value, int | float))


def _fill(cell: _Cell, text: str, font: str, *, right: bool) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if right else WD_ALIGN_PARAGRAPH.CENTER
    _run(paragraph, text, font, CELL_PT)


def _repeat(row: _Row) -> None:
    """Make a heading stand on every page."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)  # noqa: SLF001 - python-docx offers no other way


def shown(value: Any) -> str:  # noqa: ANN401 - a cell of any table
    """Return a cell as it is printed: numbers with separators, days in digits, nothing as a dash."""
    if value is None or value != value:  # noqa: PLR0124 - NaN is the one that differs
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return f"{value:,}"
    return value.isoformat() if isinstance(value, dt.date) else str(value)
