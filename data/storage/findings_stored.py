"""What is stored of the findings, asked for once before it is brought to what was decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from data.copying import GEOMETRY
from data.reading import driver, in_one_trip, listed
from data.schema.children import gap_weight, proximity
from data.schema.findings import (
    bank_finding,
    covered_stretch,
    gap,
    gap_history,
    hazard_exposure,
    institution_proximity,
    station_finding,
    water_exposure,
)
from data.schema.stations import station
from data.schema.waters import bank

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection, Table

    from data.storage.finding_part import Part

BANK_KEY: Final = ("water_id", "side", "part")
BANK_COLUMNS: Final = (*BANK_KEY, "length_m", "start_m")

Row = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class Extent:
    """Which rows of a table are settled: those of `column` in `ids`; several extents add up.

    `of`: the column names records of that table, and the ids are those of their waters. `more` are
    further conditions.
    """

    column: str
    ids: Collection[Any]
    of: str = ""
    more: Sequence[tuple[str, str]] = field(default_factory=tuple)


@dataclass(frozen=True, kw_only=True)
class Question:
    """Some columns (all but the shapes) of a table's rows within the extents, of all where there is no limit.

    `only`: the column in which the rows must be empty.
    """

    table: Table
    extents: Sequence[Extent] | None
    columns: tuple[str, ...] = ()
    only: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the answer."""
        return self.columns or tuple(column.name for column in self.table.c if column.name != GEOMETRY)

    def asked(self) -> tuple[str, list[Any]]:
        """Return statement and values for the driver."""
        shape = None
        if self.extents is not None:
            shape = tuple((one.column, one.of, tuple(one.more)) for one in self.extents)
        return (
            _statement(self.table.name, self.names, self.only, shape),
            [list(one.ids) if one.column == "number" else listed(one.ids) for one in self.extents or ()],
        )


@lru_cache(maxsize=128)
def _statement(table: str, names: tuple[str, ...], only: str, shape: tuple[Any, ...] | None) -> str:
    # Every word comes from the schema or from our own text, none from a record.
    listed = ", ".join(f'"{name}"' for name in names)
    limits = [f'"{only}" IS NULL'] if only else []
    if shape is not None:
        limits.append(f"({' OR '.join(_clause(*one) for one in shape)})")
    where = f" WHERE {' AND '.join(limits)}" if limits else ""
    return f'SELECT {listed} FROM "{table}"{where}'  # noqa: S608


def _clause(column: str, of: str, more: tuple[tuple[str, str], ...]) -> str:
    ids = f'ARRAY(SELECT id FROM "{of}" WHERE water_id = ANY(%s))' if of else "%s"  # noqa: S608
    return " AND ".join([f'"{column}" = ANY({ids})', *(f"\"{name}\" = '{value}'" for name, value in more)])


@dataclass(frozen=True)
class Rows:
    """Rows of a table with the names of their columns."""

    names: tuple[str, ...]
    rows: list[Row]

    def of(self, *names: str) -> list[Row]:
        """Return some columns of the rows: two or more."""
        return list(map(itemgetter(*map(self.names.index, names)), self.rows))

    def column(self, name: str) -> list[Any]:
        """Return one column."""
        return list(map(itemgetter(self.names.index(name)), self.rows))


class Stored:
    """The answers to questions: of a part in one round trip, of everything one table after the other.

    So a change waits once for the server, and a whole prefecture is not held in memory at once.
    """

    def __init__(self, connection: Connection, questions: Mapping[str, Question], *, together: bool) -> None:
        self._connection, self._questions = connection, questions
        self._answers: dict[str, Any] = {}
        if together:
            self._answers = in_one_trip(connection, {name: one.asked() for name, one in questions.items()})

    def rows(self, name: str) -> Rows:
        """Return the answer to a question."""
        question = self._questions[name]
        cursor = self._answers.get(name) or driver(self._connection).execute(*question.asked())
        return Rows(question.names, cursor.fetchall())


def questions(part: Part | None, standing: Sequence[int], *, near: bool) -> dict[str, Question]:
    """Return what has to be known of what is stored before it is brought to what was decided.

    `standing` are the stations of the new findings; `near`: also who lives near what.
    """
    tables = [bank_finding, covered_stretch, gap, gap_weight, station_finding]
    tables += [water_exposure, hazard_exposure, institution_proximity, proximity] if near else []
    extents: Mapping[str, Sequence[Extent]] = {} if part is None else _extents(part, standing)
    asked = {table.name: Question(table=table, extents=extents.get(table.name)) for table in tables}
    asked["bank"] = Question(table=bank, extents=extents.get("bank"), columns=("id", *BANK_COLUMNS, GEOMETRY))
    asked["gap_history"] = Question(table=gap_history, extents=extents.get("gap_history"), only="until")
    if part is not None:
        asked["station"] = Question(table=station, extents=extents["station"], columns=("id",))
    return asked


def _extents(part: Part, standing: Sequence[int]) -> dict[str, Sequence[Extent]]:
    """Return which rows of each table a part replaces."""
    waters = [Extent(column="water_id", ids=part.waters)]
    on_banks = [Extent(column="bank_id", ids=part.waters, of="bank")]
    near = [
        Extent(column="target_id", ids=[*part.waters, *part.gone], more=[("target_kind", "water")]),
        Extent(column="target_id", ids=part.hazards, more=[("target_kind", "hazard")]),
    ]
    schools = Extent(column="institution_id", ids=part.institutions, more=[("target_kind", "hazard")])
    children = Extent(column="child_id", ids=part.children, more=[("target_kind", "hazard")])
    return {
        "bank": waters,
        "bank_finding": on_banks,
        "covered_stretch": on_banks,
        "gap": on_banks,
        "gap_weight": [Extent(column="gap_id", ids=part.waters, of="gap")],
        "gap_history": [Extent(column="water_id", ids=[*part.waters, *part.gone])],
        "station_finding": [Extent(column="station_id", ids=[*part.stations, *standing])],
        "station": [Extent(column="id", ids=part.stations)],
        "water_exposure": waters,
        "hazard_exposure": [Extent(column="hazard_id", ids=part.hazards)],
        "institution_proximity": [*near, schools],
        "proximity": [*near, children],
    }
