"""A ledger that came back against what it went out with and what stands now: what was edited, and by whom.

Three texts a cell: base (as it went out), theirs (as it is stored now), yours (as it came back). Yours that
equals base or theirs is no edit; else it is a change, and a conflict where theirs differs from base too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from data.importers.cells import CellError
from data.importers.rows import Fault, RowError
from data.ledgers.fields import FIELDS, ITEM_TITLES, TEXT_MAX
from data.ledgers.pieces import settled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NUMBER: Final = "number"
"""The running number of a row, which is nobody's edit."""
Values = dict[str, str]
"""Field → its one text."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A row as it came back: the number that Excel shows, the hidden id, its fields, and its bad cells."""

    number: int
    id: int | None
    cells: Mapping[str, str]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Change:
    """One edited cell of a stored station."""

    id: int
    row: int
    code: str
    field: str
    base: str
    theirs: str
    yours: str

    @property
    def conflict(self) -> bool:
        """Whether somebody else changed the same cell since the ledger went out."""
        return self.base != self.theirs


@dataclass(frozen=True, kw_only=True)
class Removal:
    """A station whose row did not come back; `touched` if somebody changed it since the ledger went out."""

    id: int
    code: str
    name: str
    touched: bool


@dataclass(kw_only=True)
class Comparison:
    """Everything that a ledger proposes; nothing of it is written before it is confirmed."""

    sheet: str = ""
    changes: list[Change] = field(default_factory=list)
    added: list[Line] = field(default_factory=list)
    removed: list[Removal] = field(default_factory=list)
    refused: list[RowError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """Whether the ledger came back as it went out."""
        return not (self.changes or self.added or self.removed or self.refused)


def compare(
    base: Mapping[int, Values], theirs: Mapping[int, Values], lines: Sequence[Line], sheet: str = ""
) -> Comparison:
    """Return what `lines` propose; a row with a bad cell proposes nothing and is listed with its reasons."""
    found = Comparison(sheet=sheet)
    matched, found.added = _identified(base, lines, found)
    for number, line in matched.items():
        _compare_line(number, line, base[number], theirs.get(number), found)
    for number in base.keys() - matched.keys():
        now = theirs.get(number)
        if now is not None:
            code = base[number].get("code", "")
            found.removed.append(
                Removal(id=number, code=code, name=now.get("name", ""), touched=_differ(base[number], now))
            )
    found.removed.sort(key=lambda removal: removal.code)
    return found


def _identified(
    base: Mapping[int, Values], lines: Sequence[Line], found: Comparison
) -> tuple[dict[int, Line], list[Line]]:
    """Return the lines by the station they stand for, and those that stand for none yet.

    The code goes before the hidden id: a part of the table that was sorted alone leaves the ids behind.
    """
    by_code = {values["code"]: number for number, values in base.items() if values.get("code")}
    matched: dict[int, Line] = {}
    rest: list[Line] = []
    moved = 0
    for line in lines:
        number = by_code.get(line.cells.get("code", ""))
        if number is None:
            rest.append(line)
        elif number in matched:
            _refuse(found, line, "点位编号", f"与第 {matched[number].number} 行编号相同", "请只保留一行")
        else:
            matched[number] = line
            moved += line.id not in {None, number}
    added = []
    for line in rest:
        if line.id is not None and line.id in base and line.id not in matched:
            matched[line.id] = line
        elif line.faults:
            found.refused.append(RowError(found.sheet, line.number, line.faults))
        else:
            added.append(line)
    if moved:
        found.notes.append(
            f"{moved} 行的隐藏标识与点位编号对不上（可能只排序了一部分列），已按点位编号认行。"
        )
    return matched, added


def _compare_line(number: int, line: Line, base: Values, theirs: Values | None, found: Comparison) -> None:
    edited = {name: text for name, text in line.cells.items() if text != base.get(name, "")}
    if line.faults:
        found.refused.append(RowError(found.sheet, line.number, line.faults))
        return
    if theirs is None:
        if edited:
            _refuse(found, line, "点位编号", "这一点位在导出之后已被停用或移出本区域", "改动未采用")
        return
    edited = {name: text for name, text in edited.items() if text != theirs.get(name, "")}
    for name in [name for name in edited if not FIELDS[name].editable]:
        if name != NUMBER:
            found.notes.append(f"第 {line.number} 行“{FIELDS[name].title}”不在台账里修改，改动未采用。")
        del edited[name]
    if faults := tuple(_contradictions(edited, theirs)):
        found.refused.append(RowError(found.sheet, line.number, faults))
        return
    found.changes += [
        Change(
            id=number,
            row=line.number,
            code=base.get("code", ""),
            field=name,
            base=base.get(name, ""),
            theirs=theirs.get(name, ""),
            yours=text,
        )
        for name, text in edited.items()
    ]


def _contradictions(edited: Values, theirs: Values) -> list[Fault]:
    faults = [
        Fault(header=FIELDS[name].title, value="", reason="不能清空", remedy="请填回")
        for name in ("code", "lon", "lat")
        if edited.get(name) == ""
    ]
    for kind, title in ITEM_TITLES.items():
        count, state = edited.get(f"{kind}_count"), edited.get(kind)
        if count is None and state is None:
            continue
        try:
            settled((theirs.get(kind, ""), theirs.get(f"{kind}_count", "")), count, state)
        except CellError as error:
            shown = count if count is not None else ""
            faults.append(Fault(header=title, value=shown, reason=error.reason, remedy=error.remedy))
    faults += [
        Fault(header=FIELDS[name].title, value="", reason=f"超过 {TEXT_MAX} 字", remedy="请缩短")
        for name, text in edited.items()
        if len(text) >= TEXT_MAX
    ]
    return faults


def _differ(base: Values, theirs: Values) -> bool:
    return any(theirs.get(name, "") != text for name, text in base.items() if FIELDS[name].editable)


def _refuse(found: Comparison, line: Line, header: str, reason: str, remedy: str) -> None:
    fault = Fault(header=header, value=line.cells.get("code", ""), reason=reason, remedy=remedy)
    found.refused.append(RowError(found.sheet, line.number, (fault,)))
