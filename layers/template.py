"""A ledger to fill in: header, marked examples, drop-downs, and a sheet that explains every column."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from layers import forms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpyxl.worksheet.worksheet import Worksheet

GUIDE: Final = "填写说明"
HINT: Final = (
    "标 * 的列必填。灰底的行是示例（演示数据），导入时不会写入，填写前可删去。"
    "点一下单元格会显示该列的说明，全部说明见“填写说明”表。请勿改动表头。"
)
GUIDE_HEADINGS: Final = (
    "表头",
    "是否必填",
    "填什么",
    "写法",
    "可选值",
    "举例",
    "不填会怎样",
)
HEADER_ROW: Final = 3
TEXT_FORMS: Final = frozenset({"code", "month", "presence"})
"""Columns that are text throughout: a program would drop a zero, or turn a month into a day."""
WIDTHS: Final = {"text": 22, "code": 18, "coordinate": 13}
WIDTH: Final = 12


@dataclass(frozen=True, kw_only=True)
class TemplateColumn:
    """One column of the form and what is said of it."""

    header: str
    form: str
    format: str
    told: str
    empty: str
    required: bool
    options: tuple[str, ...] = ()
    strict: bool = False


@dataclass(frozen=True, kw_only=True)
class Template:
    """A form: its name, what it is for, its columns, and example rows in their order."""

    name: str
    title: str
    about: str
    columns: Sequence[TemplateColumn]
    examples: Sequence[Sequence[object]]


def to_xlsx(template: Template) -> bytes:
    """Return the workbook of a form."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 - a new workbook has one sheet
    _form(sheet, template)
    _guide(book.create_sheet(GUIDE), template)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _form(sheet: Worksheet, template: Template) -> None:
    sheet.title = template.name
    width, top = len(template.columns), HEADER_ROW
    forms.banner(sheet, 1, width, template.title)
    forms.banner(sheet, 2, width, HINT, small=True)
    sheet.row_dimensions[1].height, sheet.row_dimensions[2].height = 28, 30
    sheet.row_dimensions[top].height = 34
    for number, column in enumerate(template.columns, start=1):
        letter = get_column_letter(number)
        mark = "*" if column.required else ""
        forms.header(sheet, top, number, column.header + mark, required=column.required)
        sheet.column_dimensions[letter].width = WIDTHS.get(column.form, WIDTH)
        if column.form in TEXT_FORMS:
            forms.text_column(sheet, number)
        forms.guided(
            sheet,
            number,
            (top + 1, top + forms.ROWS_PREPARED),
            prompt=(column.header, f"{column.told}。{column.format}"),
            options=column.options,
            strict=column.strict,
        )
    for row, example in enumerate(template.examples, start=top + 1):
        for number, value in enumerate(example, start=1):
            forms.put(sheet, row, number, value)
            box = sheet.cell(row, number)
            box.fill, box.border = forms.EXAMPLE_FILL, forms.BOX
    sheet.freeze_panes = f"{get_column_letter(min(2, width) + 1)}{top + 1}"
    forms.printed(sheet, (top, top))


def _guide(sheet: Worksheet, template: Template) -> None:
    forms.banner(sheet, 1, len(GUIDE_HEADINGS), f"{template.title}——填写说明")
    forms.banner(sheet, 2, len(GUIDE_HEADINGS), template.about, small=True)
    sheet.row_dimensions[2].height = 30
    for number, (heading, width) in enumerate(
        zip(GUIDE_HEADINGS, (16, 10, 44, 40, 30, 22, 30), strict=True), start=1
    ):
        forms.header(sheet, HEADER_ROW, number, heading)
        sheet.column_dimensions[get_column_letter(number)].width = width
    described = zip(template.columns, _by_column(template), strict=True)
    for row, (column, examples) in enumerate(described, start=HEADER_ROW + 1):
        shown = (
            column.header,
            "必填" if column.required else "可不填",
            column.told,
            column.format,
            _options(column),
            next((str(example) for example in examples if example not in (None, "")), ""),
            column.empty,
        )
        for number, text in enumerate(shown, start=1):
            forms.put(sheet, row, number, text)
            box = sheet.cell(row, number)
            box.alignment, box.border = forms.WRAPPED, forms.BOX
    sheet.freeze_panes = f"B{HEADER_ROW + 1}"
    forms.printed(sheet, (HEADER_ROW, HEADER_ROW))


def _by_column(template: Template) -> list[tuple[object, ...]]:
    return list(zip(*template.examples, strict=True))


def _options(column: TemplateColumn) -> str:
    listed = "、".join(column.options)
    return listed if column.strict or not listed else f"{listed} 等"
