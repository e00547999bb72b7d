"""Cell by cell out of a row, gathering every fault before the row is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from data.importers import cells, synonyms
from data.importers.cells import CellError
from data.importers.rows import Fault
from data.importers.shapes import ShapeError, line, point

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from data.importers.rows import Record, Row

NAME_MAX: Final = 200
CODE_MAX: Final = 80


class Reading:
    """One row being read; `finish` gives its record or raises what is wrong with it, all at once."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.faults: list[Fault] = list(row.faults)

    def has(self, column: str) -> bool:
        """Return whether the keeper filled this column."""
        return column in self.row.cells

    def refuse(self, column: str, reason: str, remedy: str = "") -> None:
        """Note a fault of the cell of `column`."""
        self.faults.append(self.row.fault(column, reason, remedy))

    def cell(self, column: str, read: Callable[[Any], Any], default: Any = None) -> Any:  # noqa: ANN401
        """Return what `read` makes of the cell, `default` where it is blank or faulty."""
        if column not in self.row.cells:
            return default
        try:
            return read(self.row.cells[column])
        except CellError as error:
            self.refuse(column, error.reason, error.remedy)
            return default

    def code(self, column: str = "code", *, required: bool = True) -> str:
        """Return a natural key."""
        found = str(self.cell(column, cells.code, ""))
        if len(found) > CODE_MAX:
            self.refuse(column, f"编号超过 {CODE_MAX} 个字")
        elif required and not found and column not in self.row.cells:
            self.refuse(column, "缺少编号", "每条记录须有不变的编号，再次导入才不会重复")
        return found

    def name(self, column: str = "name", *, required: bool = True) -> str:
        """Return a name as it was written."""
        found = str(self.cell(column, cells.name, ""))
        if len(found) > NAME_MAX:
            self.refuse(column, f"超过 {NAME_MAX} 个字")
        elif required and not found:
            self.refuse(column, "缺少名称")
        return found

    def number(self, column: str, low: float, high: float) -> float | None:
        """Return a number with low < number < high; blank is none."""
        found: float | None = self.cell(column, cells.number)
        if found is not None and not low < found < high:
            self.refuse(column, f"应大于 {low:g} 且小于 {high:g}")
            return None
        return found

    def whole(self, column: str, default: int | None) -> int | None:
        """Return a whole number that is not negative."""
        found: int | None = self.cell(column, cells.whole, default)
        return found

    def day(self, column: str, *, today: date | None = None) -> date | None:
        """Return a date; one after `today` is refused."""
        found: date | None = self.cell(column, cells.day)
        if found is not None and today is not None and found > today:
            self.refuse(column, "晚于今天")
        return found

    def choice(self, column: str, values: str, default: str | None = None) -> str | None:
        """Return which known value the cell means."""
        if column not in self.row.cells:
            if default is None:
                self.refuse(column, "未填写", f"可填 {synonyms.choices(values)}")
            return default
        found = synonyms.value(values, self.row.cells[column])
        if found is None:
            self.refuse(column, "不在可填范围内", f"可填 {synonyms.choices(values)}")
        return found

    def point(self) -> tuple[Any, str]:
        """Return the point of the record and how it came to be."""
        if self.row.shape is None:
            if not self.row.faults:
                self.faults.append(
                    Fault(header="坐标", value="", reason="没有坐标", remedy="请补填经度、纬度")
                )
            return None, self.row.position_method
        try:
            found, derived = point(self.row.shape)
        except ShapeError as error:
            self.faults.append(Fault(header="图形", value="", reason=str(error)))
            return None, self.row.position_method
        return found, "derived" if derived else self.row.position_method

    def line(self) -> Any:  # noqa: ANN401 - shapely carries no types here
        """Return the line of the record."""
        if self.row.shape is None:
            if not self.row.faults:
                self.faults.append(
                    Fault(
                        header="图形", value="", reason="没有线", remedy="请补填起点和终点坐标，或用图形文件"
                    )
                )
            return None
        try:
            return line(self.row.shape)
        except ShapeError as error:
            if self.row.shape.geom_type == "Point":
                told = Fault(header="图形", value="", reason="只有一个点，没有终点", remedy="请补填终点坐标")
            else:
                told = Fault(header="图形", value="", reason=str(error))
            self.faults.append(told)
            return None

    def places(self) -> Record:
        """Return what the row says of its area, for the intake to resolve."""
        return {
            "_area_code": self.code("area_code", required=False),
            "_county": self.name("county", required=False),
            "_township": self.name("township", required=False),
            "_village": self.name("village", required=False),
            "_row": self.row,
        }

    def provenance(self, method: str) -> Record:
        """Return where the record came from."""
        return {
            "source_sheet": self.row.sheet,
            "source_row": self.row.number,
            "raw_position": self.row.raw_position,
            "position_method": method,
        }

    def finish(self, record: Record) -> Record:
        """Return the record, or raise `RowError` with every fault of its row."""
        if self.faults:
            raise self.row.error(*self.faults)
        return record
