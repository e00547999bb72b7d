"""A row as its keeper sees it, and everything that is wrong with it at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Unpack

    from shapely.geometry.base import BaseGeometry

PRIVATE = frozenset({"homes", "children"})
"""Kinds of record whose values no message and no preview repeats."""
VALUE_SHOWN_MAX = 40
"""Characters of a faulty cell that a message repeats."""


class IntakeError(Exception):
    """A file cannot be taken in at all; the message says what, where, found, expected and what to do."""


class NoRowsError(IntakeError):
    """There is no row that could be taken in."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One bad cell: the keeper's own header, what stands there, why it is refused, what to do."""

    header: str
    value: str
    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        """Return the fault as one clause."""
        place = f"“{self.header}”" if self.header else ""
        found = f"为“{self.value}”" if self.value else ""
        return f"{place}{found}{'：' if place or found else ''}{self.reason}" + (
            f"（{self.remedy}）" if self.remedy else ""
        )


class RowError(Exception):
    """A row that is refused, with all its faults."""

    def __init__(self, sheet: str, number: int | None, faults: tuple[Fault, ...]) -> None:
        super().__init__(sheet, number, faults)
        self.sheet = sheet
        self.number = number
        self.faults = faults

    @property
    def place(self) -> str:
        """The row as Excel shows it."""
        sheet = f"表“{self.sheet}”" if self.sheet else ""
        return sheet + (f"第 {self.number} 行" if self.number is not None else "")

    def __str__(self) -> str:
        """Return the refusal as one sentence."""
        return f"{self.place}：{'；'.join(map(str, self.faults))}"


class RowChanges(TypedDict, total=False):
    """Fields of a row that a step sets anew."""

    number: int | None
    cells: Mapping[str, Any]
    headers: Mapping[str, str]
    shape: BaseGeometry | None
    raw_position: str | None
    position_method: str
    faults: tuple[Fault, ...]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a sheet or one feature of a layer, its cells under the program's own column names.

    `headers` holds the keeper's header of each column. `shape` is in EPSG:4490 once the position is known;
    `raw_position` and `position_method` say where it came from. A private row never shows its values.
    """

    sheet: str
    number: int | None
    cells: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    shape: BaseGeometry | None = None
    raw_position: str | None = None
    position_method: str = "stated"
    faults: tuple[Fault, ...] = ()
    private: bool = False

    def but(self, **changes: Unpack[RowChanges]) -> Row:
        """Return this row with some fields set anew."""
        # `dataclasses.replace` takes ten times as long, and a file has a hundred thousand rows.
        made = object.__new__(Row)
        made.__dict__.update(self.__dict__, **changes)
        return made

    def fault(self, column: str, reason: str, remedy: str = "") -> Fault:
        """Return what is wrong with the cell of `column`, under the keeper's header."""
        value = self.cells.get(column)
        shown = "" if value is None or self.private else str(value)
        if len(shown) > VALUE_SHOWN_MAX:
            shown = shown[:VALUE_SHOWN_MAX] + "…"
        return Fault(header=self.headers.get(column, column), value=shown, reason=reason, remedy=remedy)

    def error(self, *faults: Fault) -> RowError:
        """Return the refusal of this row for `faults`."""
        return RowError(self.sheet, self.number, faults)


Record = dict[str, Any]
"""Column of the table → value, with what the intake still has to resolve under names that begin with `_`."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How one sheet or layer was understood: where its header ends, what each column means."""

    name: str
    visible: bool = True
    header_row: int | None = None
    rows: int = 0
    columns: tuple[tuple[str, str], ...] = ()
    """The keeper's word and the program's column."""
    unknown: tuple[str, ...] = ()
    encoding: str = ""


@dataclass(kw_only=True)
class Sheaf:
    """The rows of one file with how it was understood, before any row is judged."""

    rows: list[Row]
    crs: str = ""
    notes: list[str] = field(default_factory=list)
    layouts: list[Layout] = field(default_factory=list)


class CrsUnknownError(IntakeError):
    """There are coordinates and nobody said in which system.

    `sheaf` holds the rows, not yet placed, `diagnosis` what the doctor found, as a document.
    """

    def __init__(self, message: str, sheaf: Sheaf, diagnosis: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.sheaf = sheaf
        self.diagnosis = diagnosis


class CrsContradictedError(IntakeError):
    """The system that was named is a wrong one, as the rows say; `diagnosis` holds the evidence."""

    def __init__(self, message: str, diagnosis: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.diagnosis = diagnosis


@dataclass(kw_only=True)
class Parsed:
    """What a file holds: records by table in the order they must be stored, and the rows it loses."""

    kind: str
    crs: str
    tables: dict[str, list[Record]] = field(default_factory=dict)
    refused: list[RowError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
