"""Workbooks and csv files that carry text as text: no cell is ever a formula."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from typing import TYPE_CHECKING, Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from layers import in_memory

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

    from layers.handouts import Handout, Section

ACTING: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
"""First characters on which spreadsheet programs act (OWASP, CSV injection), full width too."""
ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
CELL_MAX: Final = 32_767
WIDTH_MAX: Final = 40
WIDTH_MIN: Final = 8
SAMPLED: Final = 200
"""Rows that a column's width is taken from."""
HEADER_FILL: Final = PatternFill("solid", start_color="FFE8EEF4")
NOTES: Final = "说明"


def to_xlsx(handout: Handout) -> bytes:
    """Return a workbook: table and `sections`, each with a frozen header and filter, then the sheet 说明.

    Nothing of it touches a disk.
    """
    book = Workbook(write_only=True)
    _sheet(book, handout.title, handout)
    for section in handout.sections:
        _sheet(book, section.name, section)
    _notes(book, handout)
    return in_memory.saved(book)


def _sheet(book: Workbook, name: str, drawn: Handout | Section) -> None:
    sheet = in_memory.sheet(book, name)
    columns = [str(column) for column in drawn.table.columns]
    rows = drawn.table.to_numpy(dtype=object).tolist()
    for number, title in enumerate(columns, start=1):
        texts = [title, *(str(row[number - 1]) for row in rows[:SAMPLED])]
        width = max(_width(text) for text in texts) + 2
        sheet.column_dimensions[get_column_letter(number)].width = min(max(width, WIDTH_MIN), WIDTH_MAX)
    top = 1 + bool(drawn.banner) + len(drawn.lines)
    sheet.freeze_panes = f"A{top + 1}"
    sheet.auto_filter.ref = f"A{top}:{get_column_letter(max(len(columns), 1))}{len(rows) + top}"
    _form_head(sheet, drawn, len(columns))
    sheet.append([_header(sheet, title) for title in columns])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    for note in drawn.footnotes:
        sheet.append([_cell(sheet, note)])


def _form_head(sheet: WriteOnlyWorksheet, drawn: Handout | Section, columns: int) -> None:
    """Write the title over all columns and the lines below it."""
    if drawn.banner:
        banner = _cell(sheet, drawn.banner)
        banner.font = Font(bold=True, size=14)
        if drawn.lines:
            banner.alignment = Alignment(horizontal="center")
            # Set up as in a worksheet, and unknown to its types.
            sheet.merged_cells.add(f"A1:{get_column_letter(max(columns, 1))}1")  # type: ignore[attr-defined]
        sheet.append([banner])
    for line in drawn.lines:
        sheet.append([_cell(sheet, line)])


def _notes(book: Workbook, handout: Handout) -> None:
    notes = in_memory.sheet(book, NOTES)
    notes.column_dimensions["A"].width = 18
    notes.column_dimensions["B"].width = 80
    for label, value in handout.facts:
        cell = _cell(notes, value)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        notes.append([_header(notes, label), cell])


def to_csv(handout: Handout) -> bytes:
    """Return UTF-8 csv with a byte order mark; a cell that a program would act upon gets an apostrophe."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([neutral(str(column)) for column in handout.table.columns])
    writer.writerows(
        [neutral(value) for value in row] for row in handout.table.to_numpy(dtype=object).tolist()
    )
    return out.getvalue().encode("utf-8-sig")


def neutral(value: object) -> object:
    """Return a csv cell on which no spreadsheet program acts; numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, str):
        clean = ILLEGAL.sub("", value)
        return (
            f"'{clean}" if clean.lstrip(" \u3000").startswith(ACTING) or clean.startswith(ACTING) else clean
        )
    return value


def _header(sheet: WriteOnlyWorksheet, title: str) -> Cell:
    cell = _cell(sheet, title)
    cell.font = Font(bold=True)
    cell.fill = HEADER_FILL
    return cell


def _cell(sheet: WriteOnlyWorksheet, value: object) -> Cell:
    if value is None or isinstance(value, bool | int | float | dt.date):
        cell: Cell = WriteOnlyCell(sheet, value=_number(value))
        if isinstance(value, dt.date):
            cell.number_format = "yyyy-mm-dd"
        return cell
    cell = WriteOnlyCell(sheet, value=ILLEGAL.sub("", str(value))[:CELL_MAX])
    # openpyxl reads a leading "=" as a formula: the type is set after the value.
    cell.data_type = "s"
    cell.number_format = "@"
    cell.quotePrefix = True
    return cell


def _number(value: Any) -> Any:  # noqa: ANN401 - a number, a date or nothing
    return None if isinstance(value, float) and value != value else value  # noqa: PLR0124 - NaN is the one that differs


def _width(text: str) -> int:
    return sum(2 if ord(mark) > 0xFF else 1 for mark in text)  # noqa: PLR2004 - beyond Latin-1: full width
