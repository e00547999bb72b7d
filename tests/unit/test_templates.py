"""The form of a ledger knows every column that its parser reads, and helps whoever fills it in."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
import shapely

from data.importers import guide, kinds, synonyms
from data.importers.guards import Limits
from data.importers.rows import Row, RowError
from jobs.templates import offered, template_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from openpyxl.worksheet.worksheet import Worksheet

    from data.settings import Settings

ROOT = "4305"
TABULAR = [kind for kind in kinds.TITLES if kind != "osm"]


PLACING = ("lon", "lat", "end_lon", "end_lat")
"""Read before any parser sees the row."""


def drawn(cells: Any) -> Any:
    if "end_lon" in cells:
        return shapely.LineString([(111.4677, 27.2389), (111.4687, 27.2389)])
    return shapely.Point(111.4677, 27.2389) if "lon" in cells else None


class Asked(dict[str, Any]):
    """Cells that remember which columns a parser asked for, whether they are there or not."""

    def __init__(self, cells: dict[str, Any]) -> None:
        super().__init__(cells)
        self.names: set[str] = set()

    def __contains__(self, name: object) -> bool:
        self.names.add(str(name))
        return super().__contains__(name)

    def __getitem__(self, name: str) -> Any:
        self.names.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)


def read_by_parser(kind: str) -> set[str]:
    """Return every column that the parser of a kind asks a row for, with all headers and with none."""
    found: set[str] = set()
    explained = guide.guide(kind, ROOT)
    headers = {column.name: column.header for column in explained.columns}
    for listed in (headers, {}):
        for example in explained.examples:
            cells, words = Asked(dict(example)), Asked(dict(listed))
            shape = drawn(example)
            row = Row(sheet="表", number=4, cells=cells, headers=words, shape=shape)
            with contextlib.suppress(RowError):
                kinds._PARSERS[kind](row)
            found |= cells.names | words.names
            found |= {name for name in PLACING if name in example}
    return found


def book(kind: str, settings: Settings) -> Any:
    return openpyxl.load_workbook(io.BytesIO(template_bytes(settings, kind)))


@pytest.fixture
def settings() -> Settings:
    from data.settings import Settings

    return Settings(database_url=None)


def test_every_ledger_that_can_be_taken_in_has_a_form() -> None:
    assert set(guide.listed()) == set(TABULAR)


@pytest.mark.parametrize("kind", TABULAR)
def test_every_column_that_a_parser_reads_stands_in_the_form(kind: str) -> None:
    explained = {column.name for column in guide.guide(kind, ROOT).columns}
    assert read_by_parser(kind) == explained


@pytest.mark.parametrize("kind", TABULAR)
def test_every_word_of_a_keeper_that_a_parser_reads_is_known_and_every_own_word_is_read(kind: str) -> None:
    own = set(synonyms._document()[kind])
    assert own <= {column.name for column in guide.guide(kind, ROOT).columns}


@pytest.mark.parametrize("kind", TABULAR)
def test_an_example_fills_every_column_once_and_there_are_three_of_them(kind: str) -> None:
    explained = guide.guide(kind, ROOT)
    filled = {name for row in explained.examples for name in row}
    assert filled == {column.name for column in explained.columns}
    assert 3 <= len(explained.examples) <= 5


@pytest.mark.parametrize("kind", TABULAR)
def test_an_example_says_that_it_is_one(kind: str) -> None:
    for row in guide.guide(kind, ROOT).examples:
        made = Row(sheet="", number=1, cells=row)
        assert guide.is_example(made)


def test_a_real_row_is_no_example() -> None:
    row = Row(sheet="", number=1, cells={"code": "LB-1", "name": "老码头（示例旁）"})
    assert not guide.is_example(row)


@pytest.mark.parametrize("kind", TABULAR)
def test_what_a_drop_down_offers_the_parser_understands(kind: str) -> None:
    for column in guide.guide(kind, ROOT).columns:
        for option in column.options:
            cells = dict(guide.guide(kind, ROOT).examples[0]) | {column.name: option}
            if (kind, column.name) == ("hazards", "state") and option != "销号":
                del cells["closed_on"]
            headers = {one.name: one.header for one in guide.guide(kind, ROOT).columns}
            shape = drawn(cells)
            kinds._PARSERS[kind](Row(sheet="", number=1, cells=cells, headers=headers, shape=shape))


@pytest.mark.parametrize("kind", TABULAR)
def test_a_form_is_a_workbook_with_choices_prompts_frozen_header_and_a_printed_page(
    kind: str, settings: Settings
) -> None:
    made = book(kind, settings)
    sheet: Worksheet = made.worksheets[0]
    explained = guide.guide(kind, ROOT)
    headers = [str(cell.value).rstrip("*") for cell in sheet[3]]
    assert headers == [column.header for column in explained.columns]
    assert sheet.freeze_panes == "C4"
    assert sheet.print_title_rows == "$3:$3"
    assert sheet.page_setup.orientation == "landscape"
    rules = list(sheet.data_validations.dataValidation)
    assert len(rules) == len(explained.columns)
    offered_lists = {rule.formula1 for rule in rules if rule.type == "list"}
    assert offered_lists == {
        f'"{",".join(column.options)}"' for column in explained.columns if column.options
    }
    assert all(rule.prompt for rule in rules)
    assert sheet.column_dimensions["A"].number_format == "@"


@pytest.mark.parametrize("kind", TABULAR)
def test_the_second_sheet_explains_every_column(kind: str, settings: Settings) -> None:
    sheet = book(kind, settings)["填写说明"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    explained = guide.guide(kind, ROOT)
    assert [row[0] for row in rows] == [column.header for column in explained.columns]
    assert [row[1] == "必填" for row in rows] == [column.required for column in explained.columns]
    for row, column in zip(rows, explained.columns, strict=True):
        assert row[2] == column.told
        assert row[6] == column.empty
        assert all(option in str(row[4]) for option in column.options)


@pytest.mark.parametrize("kind", TABULAR)
def test_a_form_handed_in_untouched_stores_nothing_and_says_why(
    kind: str, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "模板.xlsx"
    path.write_bytes(template_bytes(settings, kind))
    parsed = kinds.read(kind, path, Limits(), "EPSG:4490")
    assert parsed.refused == []
    assert not any(parsed.tables.values())
    assert any("模板自带的示例" in note for note in parsed.notes)


def test_a_form_of_another_area_has_codes_below_it() -> None:
    codes = [row["code"] for row in guide.guide("areas", "LI01").examples]
    assert codes == ["LI0199", "LI0199990", "LI0199990990"]
    assert [row["code"] for row in guide.guide("areas", "430581").examples][1] == "430581990"


def test_only_who_may_hand_a_ledger_in_is_offered_its_form() -> None:
    assert set(offered({"water"})) >= {"waters", "stations"}
    assert "homes" not in offered({"water"})
    assert "homes" in offered({"civil"})
    assert offered({"patroller"}) == {}


def test_days_of_examples_are_days(settings: Settings) -> None:
    sheet = book("stations", settings).worksheets[0]
    column = [str(cell.value).rstrip("*") for cell in sheet[3]].index("核查日期")
    assert isinstance(sheet[4][column].value, dt.datetime)
