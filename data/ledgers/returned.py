"""A workbook that went out and came back: its seal, what it went out with, and its rows by the hidden ids."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from data.importers import synonyms
from data.importers.cells import CellError, plain
from data.importers.child import told
from data.importers.rows import Fault, IntakeError
from data.importers.sheets import is_note
from data.keyring import KeyringError, Place
from data.ledgers.comparing import Line, Values
from data.ledgers.fields import FIELDS, canonical

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from data.keyring import Keyring

META: Final = "安澜校验"
BASE: Final = "安澜底稿"
ID: Final = "安澜标识"
VERSION: Final = "安澜版本"
SEAL: Final = "封签"
COLUMNS: Final = "列"
MERGED: Final = "merged"
FORM: Final = "1"
SHOWN_MAX: Final = 40
AGAIN: Final = "请重新导出台账，在新导出的文件里修改"
STANDING: Final = ("code", "name", "lon", "lat")
"""A row without an id is a record where one of these is filled."""


@dataclass(kw_only=True)
class Returned:
    """What came back: where it belongs, what it went out with, its rows, and what its keeper should know."""

    facts: dict[str, str]
    sheet: str
    base: dict[int, Values]
    lines: list[Line]
    notes: list[str] = field(default_factory=list)


def seal(keys: Keyring, facts: Mapping[str, str], base: Sequence[Sequence[str]]) -> str:
    """Return the seal of what goes out hidden: its digest, sealed with the keys of the deployment."""
    return base64.b64encode(keys.seal(_digest(facts, base), _place(facts))).decode("ascii")


def read(book: Sequence[Mapping[str, Any]], keys: Keyring) -> Returned:
    """Return what the sheets of a workbook hold.

    Raises
    ------
    IntakeError
        If it did not go out from here, its hidden sheets were changed, or its header is gone.
    """
    sheets = {str(sheet["name"]): sheet for sheet in book}
    if META not in sheets or BASE not in sheets:
        raise IntakeError(f"这不是本系统导出的台账（缺少校验页）：{AGAIN}；新的台账请用“导入”。")
    facts = {plain(line[0]): _text(line[1]) for line in sheets[META]["cells"] if len(line) > 1}
    base_rows = [[_text(cell) for cell in line] for line in sheets[BASE]["cells"]]
    _check(keys, facts, base_rows)
    columns = [tuple(entry) for entry in json.loads(facts[COLUMNS])]
    visible = [sheet for sheet in book if sheet["visible"] and _header_row(sheet) is not None]
    if len(visible) != 1:
        raise IntakeError(
            f"找不到台账的表头（有 {len(visible)} 张表带隐藏标识列）：{AGAIN}，不要另建或复制表。"
        )
    found = Returned(facts=facts, sheet=str(visible[0]["name"]), base=_base(base_rows), lines=[])
    found.lines = list(_lines(visible[0], columns, found))
    return found


def _check(keys: Keyring, facts: Mapping[str, str], base: Sequence[Sequence[str]]) -> None:
    try:
        sealed = base64.b64decode(facts.get(SEAL, ""), validate=True)
        sound = keys.open(sealed, _place(facts)) == _digest(facts, base)
    except (ValueError, KeyringError):
        sound = False
    if not sound:
        raise IntakeError(f"台账的隐藏校验页被改动，或不是本系统导出的：{AGAIN}。")


def _place(facts: Mapping[str, str]) -> Place:
    return Place(table="station", record=facts.get("区域", ""), column="ledger")


def _digest(facts: Mapping[str, str], base: Sequence[Sequence[str]]) -> bytes:
    told = {name: text for name, text in sorted(facts.items()) if name != SEAL}
    rows = [_trimmed(row) for row in base]
    return hashlib.sha256(json.dumps([FORM, told, rows], ensure_ascii=True).encode()).digest()


def _trimmed(row: Sequence[str]) -> list[str]:
    # A reader hands out rows as wide as the widest: blanks at the end say nothing.
    last = max((position for position, text in enumerate(row) if text), default=-1)
    return list(row[: last + 1])


def _base(rows: Sequence[Sequence[str]]) -> dict[int, Values]:
    names = _trimmed(rows[0]) if rows else []
    return {
        int(row[0]): {name: text for name, text in zip(names[2:], row[2:], strict=False) if text}
        for row in rows[1:]
        if row and row[0]
    }


def _header_row(sheet: Mapping[str, Any]) -> int | None:
    for index, line in enumerate(sheet["cells"]):
        if any(plain(cell) == ID for cell in line):
            return index
    return None


def _lines(sheet: Mapping[str, Any], columns: Sequence[tuple[str, ...]], found: Returned) -> Iterator[Line]:
    top = _header_row(sheet)
    assert top is not None  # noqa: S101 - the sheet was chosen by it
    fields, words, id_column = _positions(sheet, top, columns)
    if missing := [FIELDS[name].title for name, *_ in columns if name not in fields]:
        found.notes.append(f"缺少列 {'、'.join(missing)}：按没有改动处理。")
    merged = _merged(sheet)
    carried: dict[str, Any] = {name: None for name, _, _, *rest in columns if MERGED in rest}
    for index in range(top + 1, len(sheet["cells"])):
        line = sheet["cells"][index]
        filled = [text for text in map(plain, line) if text]
        if not filled or is_note(filled):
            continue
        number = sheet["first_row"] + index
        cells = {name: _at(sheet, line, index, column, merged) for name, column in fields.items()}
        own = _id(line[id_column] if id_column < len(line) else None)
        if own is None and not any(plain(cells.get(name)) for name in STANDING):
            continue
        base = found.base.get(own, {}) if own is not None else {}
        values, faults = _read(cells, words, base, carried)
        yield Line(number=number, id=own, cells=values, faults=tuple(faults))


def _read(
    cells: Mapping[str, Any],
    words: Mapping[str, str],
    base: Values,
    carried: dict[str, Any],
) -> tuple[Values, list[Fault]]:
    values: Values = {}
    faults: list[Fault] = []
    for name, cell in cells.items():
        given = cell
        if name in carried:
            if not plain(cell):
                # Below a merged cell that lost its merge: as it went out; in a new row as in the row above.
                given = base.get(name) if base else carried[name]
            carried[name] = given
        try:
            values[name] = canonical(name, given)
        except CellError as error:
            text = plain(given)
            shown = text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}…"
            faults.append(Fault(header=words[name], value=shown, reason=error.reason, remedy=error.remedy))
    return values, faults


def _positions(
    sheet: Mapping[str, Any], top: int, columns: Sequence[tuple[str, ...]]
) -> tuple[dict[str, int], dict[str, str], int]:
    """Return where each field stands, its header as the keeper sees it, and where the ids stand."""
    known = {(synonyms.folded(group), synonyms.folded(text)): name for name, group, text, *_ in columns}
    lines = sheet["cells"]
    above = lines[top - 1] if top else []
    fields: dict[str, int] = {}
    words: dict[str, str] = {}
    id_column, group = 0, ""
    for position in range(max(len(lines[top]), len(above))):
        parent = plain(above[position]) if position < len(above) else ""
        child = plain(lines[top][position]) if position < len(lines[top]) else ""
        if child == ID:
            id_column = position
            continue
        group = parent or group
        asked = [(group, child), ("", child)] if child else [("", parent)]
        for pair in asked:
            name = known.get((synonyms.folded(pair[0]), synonyms.folded(pair[1])))
            if name is not None and name not in fields:
                fields[name], words[name] = position, "".join(pair)
                break
    return fields, words, id_column


def _merged(sheet: Mapping[str, Any]) -> dict[tuple[int, int], tuple[int, int]]:
    """Return the cell whose value each merged cell has, by row and column of the sheet."""
    return {
        (row, column): (top, left)
        for (top, left), (bottom, right) in sheet["merged"]
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    }


def _at(
    sheet: Mapping[str, Any],
    line: Sequence[Any],
    index: int,
    column: int,
    merged: Mapping[tuple[int, int], tuple[int, int]],
) -> Any:  # noqa: ANN401 - cells hold anything
    top, left = sheet["first_row"] - 1, sheet["first_column"]
    row, position = merged.get((index + top, column + left), (index + top, column + left))
    source = sheet["cells"][row - top] if (row - top, position - left) != (index, column) else line
    cell = source[position - left] if position - left < len(source) else None
    return told(cell)


def _id(cell: object) -> int | None:
    text = plain(cell)
    return int(text) if text.isdigit() else None


def _text(cell: Any) -> str:  # noqa: ANN401
    cell = told(cell)
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)
