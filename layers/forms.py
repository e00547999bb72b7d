"""Sheets that people fill in: text that stays text, choices, prompts, headers, a page that prints whole."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties

from layers.workbook import CELL_MAX, HEADER_FILL, ILLEGAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpyxl.worksheet.worksheet import Worksheet

ESCAPED: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
ROWS_PREPARED: Final = 2000
"""Rows below a header that know their choices and formats."""
LIST_MAX: Final = 255
"""Characters of a list of choices, and of a prompt, that Excel takes."""
TITLE_FONT: Final = Font(bold=True, size=16)
BOLD: Final = Font(bold=True)
SMALL: Final = Font(size=10, color="FF555555")
EXAMPLE_FILL: Final = PatternFill("solid", start_color="FFEFEFEF")
REQUIRED_FILL: Final = PatternFill("solid", start_color="FFFFF2CC")
CENTRED: Final = Alignment(horizontal="center", vertical="center", wrap_text=True)
WRAPPED: Final = Alignment(vertical="top", wrap_text=True)
_LINE: Final = Side(style="thin", color="FFB0B8C0")
BOX: Final = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
TEXT: Final = "@"
DAY: Final = "yyyy-mm-dd"


def put(sheet: Worksheet, row: int, column: int, value: object) -> None:
    """Write one cell: numbers and dates as such, everything else as text that no program acts upon."""
    cell = sheet.cell(row, column)
    if value is None or value == "":
        return
    if isinstance(value, bool | int | float | dt.date):
        cell.value = value
        if isinstance(value, dt.date):
            cell.number_format = DAY
        return
    # Excel reads _x0041_ as a character: the underscore itself is written so (ECMA-376 22.9.2.19).
    cell.value = ESCAPED.sub("_x005F_", ILLEGAL.sub("", str(value)))[:CELL_MAX]
    # openpyxl reads a leading "=" as a formula: the type is set after the value.
    cell.data_type = "s"
    cell.number_format = TEXT
    cell.quotePrefix = True


def header(sheet: Worksheet, row: int, column: int, text: str, *, required: bool = False) -> None:
    """Write one cell of a header."""
    put(sheet, row, column, text)
    cell = sheet.cell(row, column)
    cell.font, cell.alignment, cell.border = BOLD, CENTRED, BOX
    cell.fill = REQUIRED_FILL if required else HEADER_FILL


def banner(sheet: Worksheet, row: int, width: int, text: str, *, small: bool = False) -> None:
    """Write a title or a line of notes across the table."""
    put(sheet, row, 1, text)
    sheet.cell(row, 1).font = SMALL if small else TITLE_FONT
    sheet.cell(row, 1).alignment = WRAPPED if small else CENTRED
    if width > 1:
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=width)


def text_column(sheet: Worksheet, column: int) -> None:
    """Make a whole column text, so that a program drops no zero and rounds no code."""
    sheet.column_dimensions[get_column_letter(column)].number_format = TEXT


def guided(  # noqa: PLR0913 - what one column says of itself
    sheet: Worksheet,
    column: int,
    rows: tuple[int, int],
    *,
    prompt: tuple[str, str],
    options: Sequence[str] = (),
    strict: bool = False,
) -> None:
    """Show a prompt at the cells of a column, with a drop-down where there are options.

    Where `strict`, Excel refuses anything but an option.
    """
    letter = get_column_letter(column)
    listed = f'"{",".join(options)}"'
    offered = bool(options) and len(listed) <= LIST_MAX
    rule = DataValidation(
        type="list" if offered else None,
        formula1=listed if offered else None,
        allow_blank=True,
        showErrorMessage=strict and offered,
        errorTitle="不在可填范围内",
        error=f"请从下拉框选择：{'、'.join(options)}"[:LIST_MAX],
        promptTitle=prompt[0][:32],
        prompt=prompt[1][:LIST_MAX],
        showInputMessage=True,
    )
    rule.add(f"{letter}{rows[0]}:{letter}{rows[1]}")
    sheet.add_data_validation(rule)


def printed(sheet: Worksheet, header_rows: tuple[int, int]) -> None:
    """Lay a sheet out for paper: landscape A4, all columns on one page, the header on each, page numbers."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4, ECMA-376 18.18.50
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{header_rows[0]}:{header_rows[1]}"
    sheet.HeaderFooter.oddFooter.center.text = "第 &P 页，共 &N 页"  # type: ignore[union-attr] # made with the sheet
    sheet.print_options.horizontalCentered = True
