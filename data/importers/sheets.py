"""Sheets into rows: find the header under title rows, pass over blanks, notes and totals."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from data.importers import synonyms
from data.importers.cells import CellError, is_blank, pair, plain
from data.importers.rows import PRIVATE, IntakeError, Layout, Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

HEADER_ROWS_MAX: Final = 30
"""How far down a header is looked for."""
HEADER_SPAN_MAX: Final = 3
MATCHES_MIN: Final = 2
CELL_MAX: Final = 4000
POSITION: Final = "position"
"""A column that holds longitude and latitude in one cell."""
IGNORED: Final = ""
"""What a header means that a keeper told us to leave out."""
NOTES: Final = (
    "注",
    "备注",
    "说明",
    "填表",
    "填报",
    "合计",
    "总计",
    "小计",
    "制表",
    "审核",
    "单位负责人",
    "联系人",
)
EXPLAINING: Final = frozenset({"填写说明", "填表说明", "说明"})
"""Sheets that hold no records, whatever words stand in them."""
ENCODINGS: Final = ("utf-8-sig", "gb18030")


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A table of cells; `first_row` is the number that Excel shows beside the first of them.

    Of a part of a longer sheet, `skipped` rows between the header and what follows it are not there.
    """

    name: str
    first_row: int
    cells: Sequence[Sequence[Any]]
    visible: bool = True
    encoding: str = ""
    skipped: int = 0


@dataclass(frozen=True, kw_only=True)
class Header:
    """Where the header ends and which column means what, with the keeper's words."""

    last_row: int
    columns: dict[int, str]
    words: dict[str, str]
    unknown: tuple[str, ...]


def from_csv(path: Path) -> Sheet:
    """Return the one sheet of a csv file in UTF-8 (with or without BOM), UTF-16 with BOM, or GB18030."""
    lines, encoding = csv_lines(path)
    return Sheet(name="", first_row=1, cells=list(lines), encoding=encoding)


def csv_lines(path: Path) -> tuple[Iterator[list[str]], str]:
    """Return the lines of a csv file, read one after another, and its encoding."""
    raw = path.read_bytes()
    encoding = _encoding(raw)
    if encoding is None:
        raise IntakeError(f"{path.name} 的文字编码无法识别：请另存为 UTF-8 的 csv 或 .xlsx。")
    text = io.TextIOWrapper(io.BytesIO(raw), encoding, errors="replace", newline="")
    first = text.readline().splitlines()
    text.seek(0)
    delimiter = max(",\t;", key=first[0].count) if first else ","
    return _csv_lines(path, csv.reader(text, delimiter=delimiter)), encoding.removesuffix("-sig").upper()


def _csv_lines(path: Path, reader: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error:
        raise IntakeError(f"{path.name} 有过长的单元格或未配对的引号：请用表格软件重新另存。") from None


def _encoding(raw: bytes) -> str | None:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None if "\0" in raw.decode("utf-16", errors="replace") else "utf-16"
    for encoding in ENCODINGS:
        try:
            return None if "\0" in raw.decode(encoding) else encoding
        except UnicodeDecodeError:
            continue
    return None


def rows(sheet: Sheet, kind: str, learned: Mapping[str, str] | None = None) -> tuple[list[Row], Layout]:
    """Return the rows of a sheet under the program's column names, and how the sheet was understood.

    A sheet without a recognisable header gives no rows. `learned` adds what a sender's headers mean;
    a header that it maps to nothing is left out on purpose.
    """
    blank = Layout(name=sheet.name, visible=sheet.visible, encoding=sheet.encoding)
    if sheet.name.strip() in EXPLAINING:
        return [], blank
    if not sheet.visible or all(is_blank(cell) for row in sheet.cells for cell in row):
        return [], blank
    header = find_header(sheet, kind, learned)
    if header is None:
        return [], replace(blank, rows=len(sheet.cells))
    found = list(_rows(sheet, header, kind))
    return found, replace(
        blank,
        header_row=sheet.first_row + header.last_row,
        rows=len(found),
        columns=tuple((word, name) for name, word in header.words.items()),
        unknown=header.unknown,
    )


def told(layout: Layout) -> list[str]:
    """Return what a keeper should know of how a sheet was read."""
    if not layout.visible:
        return [f"隐藏的表“{layout.name}”未读取。"]
    if layout.header_row is None:
        return [f"表“{layout.name or 'csv'}”没有可识别的表头，未读取。"] if layout.rows else []
    if layout.unknown:
        title = f"表“{layout.name}”" if layout.name else ""
        return [f"{title}未使用的列：{'、'.join(layout.unknown[:20])}。"]
    return []


def _rows(sheet: Sheet, header: Header, kind: str) -> Iterator[Row]:
    words = header.words
    if POSITION in words:
        words = words | {name: words[POSITION] for name in ("lon", "lat") if name not in words}
    columns = tuple(header.columns.items())
    blank = Row(sheet=sheet.name, number=None, cells={}, headers=words, private=kind in PRIVATE)
    for index in range(header.last_row + 1, len(sheet.cells)):
        line = sheet.cells[index]
        filled = [position for position, cell in enumerate(line) if not is_blank(cell)]
        if not filled or is_note([plain(line[position]) for position in filled[: HEADER_SPAN_MAX + 1]]):
            continue
        there = set(filled)
        cells = {name: line[position] for position, name in columns if position in there}
        row = blank.but(number=sheet.first_row + sheet.skipped + index, cells=cells)
        if POSITION in cells:
            row = _split(row)
        long = [name for name, value in cells.items() if isinstance(value, str) and len(value) > CELL_MAX]
        if long:
            faults = tuple(row.fault(name, f"单元格超过 {CELL_MAX} 字") for name in long)
            row = row.but(cells={}, faults=faults)
        yield row


def _split(row: Row) -> Row:
    """Return the row with its place in two cells, unless it has them already."""
    if "lon" in row.cells or "lat" in row.cells:
        return row
    try:
        lon, lat = pair(row.cells[POSITION])
    except CellError as error:
        return row.but(faults=(*row.faults, row.fault(POSITION, error.reason, error.remedy)))
    return row.but(cells=dict(row.cells) | {"lon": lon, "lat": lat})


def is_note(filled: Sequence[str]) -> bool:
    """Return whether the filled cells of a line are a remark or a total, and no record."""
    return (filled[0].startswith(NOTES) and len(filled) <= HEADER_SPAN_MAX) or filled[0] in {
        "合计",
        "总计",
        "小计",
    }


def find_header(sheet: Sheet, kind: str, learned: Mapping[str, str] | None = None) -> Header | None:
    """Return the header with the most known columns; it may span three rows with merged cells.

    A merged cell stands in its first column only: its word is carried to the right, so that 救生圈 over
    数量 and 状态 reads 救生圈数量 and 救生圈状态.
    """
    known = {**synonyms.columns(kind), **(learned or {})}
    best: Header | None = None
    for top in range(min(HEADER_ROWS_MAX, len(sheet.cells))):
        for span in range(1, HEADER_SPAN_MAX + 1):
            candidate = _header(sheet.cells[top : top + span], top + span - 1, known)
            if len(candidate.columns) >= MATCHES_MIN and (
                best is None or len(candidate.columns) > len(best.columns)
            ):
                best = candidate
    return best


def _header(lines: Sequence[Sequence[Any]], last_row: int, known: Any) -> Header:  # noqa: ANN401
    words = [[plain(cell) for cell in line] for line in lines]
    width = max((len(line) for line in words), default=0)
    padded = [line + [""] * (width - len(line)) for line in words]
    parents = [_carried(line) for line in padded[:-1]]
    columns: dict[int, str] = {}
    labels: dict[str, str] = {}
    unknown: list[str] = []
    for position in range(width):
        stack = [line[position] for line in parents] + [padded[-1][position]]
        name, label = _named(stack, [line[position] for line in padded], known)
        if name and name not in labels:
            columns[position] = name
            labels[name] = label
        elif label and synonyms.meaning(known, label) != IGNORED:
            unknown.append(label)
    return Header(last_row=last_row, columns=columns, words=labels, unknown=tuple(unknown))


def _named(stack: list[str], own: list[str], known: Any) -> tuple[str, str]:  # noqa: ANN401
    child = own[-1]
    if child:
        for start in range(len(stack) - 1):
            joined = "".join(stack[start:])
            if name := synonyms.meaning(known, joined):
                return name, joined
    for word in reversed(own):
        if word and (name := synonyms.meaning(known, word)):
            return name, word
    return "", next((word for word in reversed(own) if word), "")


def _carried(line: list[str]) -> list[str]:
    carried, last = [], ""
    for word in line:
        last = word or last
        carried.append(last)
    return carried
