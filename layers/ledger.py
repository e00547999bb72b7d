"""The ledger of a bureau as a workbook: titles, merged cells, columns, and what comes back hidden in it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from layers import forms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpyxl.worksheet.worksheet import Worksheet

SHEET: Final = "台账"
HIDDEN_AT: Final = 2
"""The ids stand behind the first column: whoever sorts the table takes them along."""
COORDINATE: Final = "0.0000000"
READ_ONLY: Final = Font(color="FF7F7F7F", italic=True)
SPARE_ROWS: Final = 200


@dataclass(frozen=True, kw_only=True)
class LedgerColumn:
    """One column: its headers, the form of its cells (that of its field), how it is filled in."""

    header: str
    group: str
    form: str
    width: float
    prompt: str
    merged: bool = False
    editable: bool = True
    options: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LedgerSheet:
    """A ledger to write: `ids` and `versions` a row; `hidden` sheets are tables of text by their name."""

    title: str
    subtitle: str
    footer: str
    columns: Sequence[LedgerColumn]
    rows: Sequence[Sequence[object]]
    hidden_headers: tuple[str, str]
    ids: Sequence[tuple[int, int]]
    hidden: dict[str, Sequence[Sequence[str]]]


def to_xlsx(ledger: LedgerSheet) -> bytes:
    """Return the workbook."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 - a new workbook has one sheet
    sheet.title = SHEET
    top = _head(sheet, ledger)
    _body(sheet, ledger, top)
    _merge_down(sheet, ledger, top)
    _foot(sheet, ledger, top + len(ledger.rows) + 1)
    for name, table in ledger.hidden.items():
        kept = book.create_sheet(name)
        kept.sheet_state = "veryHidden"
        for row, line in enumerate(table, start=1):
            for column, text in enumerate(line, start=1):
                forms.put(kept, row, column, text)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _places(ledger: LedgerSheet) -> list[int]:
    """Return the column of the sheet of each column of the ledger: two hidden ones stand behind the first."""
    return [number if number < HIDDEN_AT else number + 2 for number in range(1, len(ledger.columns) + 1)]


def _head(sheet: Worksheet, ledger: LedgerSheet) -> int:
    """Write title, subtitle and header; return the last row of the header."""
    places = _places(ledger)
    width = places[-1]
    forms.banner(sheet, 1, width, ledger.title)
    forms.banner(sheet, 2, width, ledger.subtitle, small=True)
    sheet.row_dimensions[1].height = 30
    grouped = any(column.group for column in ledger.columns)
    first, last = 3, 4 if grouped else 3
    for offset, text in enumerate(ledger.hidden_headers):
        forms.header(sheet, last, HIDDEN_AT + offset, text)
        sheet.column_dimensions[get_column_letter(HIDDEN_AT + offset)].hidden = True
    start = 0
    for number, column in enumerate(ledger.columns):
        place = places[number]
        sheet.column_dimensions[get_column_letter(place)].width = column.width
        if not column.group:
            forms.header(sheet, first, place, column.header)
            if grouped:
                forms.header(sheet, last, place, "")
                sheet.merge_cells(start_row=first, start_column=place, end_row=last, end_column=place)
            continue
        forms.header(sheet, last, place, column.header)
        if number == 0 or ledger.columns[number - 1].group != column.group:
            start = place
            forms.header(sheet, first, place, column.group)
        ends = number + 1 == len(ledger.columns) or ledger.columns[number + 1].group != column.group
        if ends and place > start:
            sheet.merge_cells(start_row=first, start_column=start, end_row=first, end_column=place)
    sheet.freeze_panes = f"A{last + 1}"
    forms.printed(sheet, (1, last))
    return last


def _body(sheet: Worksheet, ledger: LedgerSheet, top: int) -> None:
    places = _places(ledger)
    for row, ((number, version), line) in enumerate(zip(ledger.ids, ledger.rows, strict=True), start=top + 1):
        forms.put(sheet, row, HIDDEN_AT, number)
        forms.put(sheet, row, HIDDEN_AT + 1, version)
        for place, column, value in zip(places, ledger.columns, line, strict=True):
            forms.put(sheet, row, place, value)
            cell = sheet.cell(row, place)
            cell.border = forms.BOX
            if column.form == "coordinate":
                cell.number_format = COORDINATE
            if column.merged:
                cell.alignment = forms.CENTRED
            if not column.editable:
                cell.font = READ_ONLY
    last = top + max(len(ledger.rows), 1)
    for place, column in zip(places, ledger.columns, strict=True):
        if column.form in {"code", "text"}:
            forms.text_column(sheet, place)
        forms.guided(
            sheet,
            place,
            (top + 1, last + SPARE_ROWS),
            prompt=(column.header, column.prompt),
            options=column.options,
            strict=bool(column.options),
        )


def _merge_down(sheet: Worksheet, ledger: LedgerSheet, top: int) -> None:
    """Merge equal neighbours downwards, each column within the merges of those before it."""
    places = _places(ledger)
    before: list[int] = []
    for index in [index for index, column in enumerate(ledger.columns) if column.merged]:
        before.append(index)
        start = 0
        for row in range(1, len(ledger.rows) + 1):
            same = row < len(ledger.rows) and all(
                ledger.rows[row][other] == ledger.rows[start][other] for other in before
            )
            if same:
                continue
            if row - start > 1 and ledger.rows[start][index] not in (None, ""):
                sheet.merge_cells(
                    start_row=top + 1 + start,
                    start_column=places[index],
                    end_row=top + row,
                    end_column=places[index],
                )
            start = row


def _foot(sheet: Worksheet, ledger: LedgerSheet, row: int) -> None:
    if ledger.footer:
        forms.banner(sheet, row, _places(ledger)[-1], ledger.footer, small=True)
