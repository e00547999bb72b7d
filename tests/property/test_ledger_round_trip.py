"""A ledger that comes back as it went out proposes nothing; edited, it proposes exactly the edits."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.importers.readers import whole_book
from data.keyring import keyring
from data.ledgers import returned
from data.ledgers.comparing import Comparison, Values, compare
from data.ledgers.fields import FIELDS, ITEM_TITLES, canonical, shown
from data.ledgers.layouts import layouts
from data.settings import Settings
from jobs.ledgers import Page, sheet_of
from layers.ledger import to_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from data.ledgers.layouts import Layout
    from data.ledgers.returned import Returned

LAYOUTS = layouts()
STATES = ("good", "damaged", "missing", "expired", "unverified")
HOSTILE = (
    '=HYPERLINK("http://x")',
    "+1",
    "-2",
    "@SUM(A1)",
    "＝1",
    "_x0041_",
    "{{7*7}}",
    "<b>",
    "a\r\nb",
    "\ufffe塘",
)
TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(HOSTILE),
    st.sampled_from(["渡口", "合计", "注：老码头", "007", "2026-05-01"]),
)
DAYS = st.dates(dt.date(1950, 1, 1), dt.date(2026, 5, 1)).map(str)


@pytest.fixture(scope="module")
def house() -> Iterator[Settings]:
    with TemporaryDirectory() as folder:
        yield Settings(database_url=None, state=Path(folder))


@st.composite
def stations(draw: Any) -> dict[int, Values]:
    found: dict[int, Values] = {}
    for number in range(1, draw(st.integers(1, 7)) + 1):
        values = {
            "code": f"LB-{number:03}",
            "lon": f"{draw(st.floats(110, 112)):.7f}",
            "lat": f"{draw(st.floats(26, 28)):.7f}",
            "county": draw(st.sampled_from(["甲县", "乙县"])),
            "township": draw(st.sampled_from(["丙镇", "丁乡"])),
            "village": draw(st.sampled_from(["戊村", ""])),
            "water_name": draw(st.sampled_from(["邵水", ""])),
            "verified_on": draw(st.one_of(st.just(""), DAYS)),
        } | {name: canonical(name, draw(TEXTS)) for name in ("name", "note", "responsible_unit")}
        for kind in ITEM_TITLES:
            state = draw(st.sampled_from(STATES))
            values[kind] = state
            values[f"{kind}_count"] = "0" if state == "missing" else str(draw(st.integers(1, 3)))
        found[number] = {name: text for name, text in values.items() if text}
    return found


def handed_out(house: Settings, layout: Layout, held: dict[int, Values]) -> bytes:
    page = Page(
        area_code="4305",
        area_name="邵阳市",
        day="2026-05-01",
        data_version="7",
        versions=dict.fromkeys(held, 1),
        texts=held,
        sample=True,
    )
    return to_xlsx(sheet_of(layout, page, house, "shuili"))


def handed_in(house: Settings, content: bytes) -> Returned:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "台账.xlsx"
        path.write_bytes(content)
        return returned.read(whole_book(path), keyring(house))


def edited(content: bytes, change: Callable[[Any], None]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    change(book["台账"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def proposed(found: Returned, theirs: dict[int, Values]) -> Comparison:
    return compare(found.base, theirs, found.lines, found.sheet)


def place_of(layout: Layout, field: str) -> int:
    """Return the column of a field: two hidden ones stand behind the first."""
    position = [column.field for column in layout.columns].index(field) + 1
    return position if position < 2 else position + 2


def first_row(layout: Layout) -> int:
    return 5 if any(column.group for column in layout.columns) else 4


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_a_ledger_that_comes_back_as_it_went_out_proposes_nothing(house: Settings, layout: Layout) -> None:
    @settings(max_examples=10, deadline=None)
    @given(stations())
    def law(held: dict[int, Values]) -> None:
        found = proposed(handed_in(house, handed_out(house, layout, held)), held)
        assert found.nothing, found
        assert len(found.notes) == 0

    law()


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_random_edits_are_found_exactly(house: Settings, layout: Layout) -> None:
    free = [
        c.field
        for c in layout.columns
        if c.field in {"name", "note", "responsible_unit", "installed_on", "lat"}
    ]

    @settings(max_examples=10, deadline=None)
    @given(stations(), st.data())
    def law(held: dict[int, Values], data: st.DataObject) -> None:
        order = list(held)
        wanted: dict[tuple[int, str], str] = {}
        for number in data.draw(st.lists(st.sampled_from(order), unique=True)):
            for name in data.draw(st.lists(st.sampled_from(free), unique=True, max_size=3)):
                form = FIELDS[name].form
                text = data.draw({"text": TEXTS, "day": DAYS, "coordinate": st.just("27.1234567")}[form])
                wanted[number, name] = canonical(name, text)

        def change(sheet: Any) -> None:
            for (number, name), text in wanted.items():
                row = first_row(layout) + order.index(number)
                cell = sheet.cell(row, place_of(layout, name))
                cell.value = shown(name, text)
                if isinstance(cell.value, str):
                    cell.value = cell.value.replace("_x0041_", "_x005F_x0041_")
                    cell.data_type = "s"

        found = proposed(handed_in(house, edited(handed_out(house, layout, held), change)), held)
        differing = {key: text for key, text in wanted.items() if text != held[key[0]].get(key[1], "")}
        assert {(one.id, one.field): one.yours for one in found.changes} == differing
        assert not any(one.conflict for one in found.changes)
        assert found.added + found.removed + found.refused == []

    law()


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_rows_in_another_order_are_the_same_ledger(house: Settings, layout: Layout) -> None:
    @settings(max_examples=5, deadline=None)
    @given(stations(), st.randoms(use_true_random=False))
    def law(held: dict[int, Values], chance: Any) -> None:
        def shuffle(sheet: Any) -> None:
            for merged in list(sheet.merged_cells.ranges):
                if merged.min_row >= first_row(layout):
                    value = sheet.cell(merged.min_row, merged.min_col).value
                    sheet.unmerge_cells(str(merged))
                    for row in range(merged.min_row, merged.max_row + 1):
                        sheet.cell(row, merged.min_col).value = value
            top, last = first_row(layout), first_row(layout) + len(held) - 1
            rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=top, max_row=last)]
            chance.shuffle(rows)
            for number, cells in enumerate(rows, start=top):
                for column, value in enumerate(cells, start=1):
                    sheet.cell(number, column).value = value
                    if isinstance(value, str):
                        # openpyxl leaves the escape of an underscore as it stands in the file.
                        sheet.cell(number, column).data_type = "s"

        found = proposed(handed_in(house, edited(handed_out(house, layout, held), shuffle)), held)
        assert found.nothing, found

    law()


def test_an_edit_of_a_merged_cell_is_an_edit_of_every_row_that_it_spans(house: Settings) -> None:
    layout = LAYOUTS["township"]
    held = {
        number: {"code": f"LB-{number}", "lon": "111.0000000", "lat": "27.0000000", "village": "戊村"}
        for number in (1, 2, 3)
    }

    def change(sheet: Any) -> None:
        assert any(merged.min_row == 4 and merged.max_row == 6 for merged in sheet.merged_cells.ranges)
        sheet.cell(4, place_of(layout, "village")).value = "己村"

    found = proposed(handed_in(house, edited(handed_out(house, layout, held), change)), held)
    assert [(one.id, one.field, one.yours) for one in found.changes] == [
        (number, "village", "己村") for number in (1, 2, 3)
    ]


def test_a_column_taken_out_changes_nothing_and_is_told(house: Settings) -> None:
    layout = LAYOUTS["township"]
    held = {1: {"code": "LB-1", "lon": "111.0000000", "lat": "27.0000000", "note": "旧"}}

    def change(sheet: Any) -> None:
        sheet.delete_cols(place_of(layout, "note"))

    found = handed_in(house, edited(handed_out(house, layout, held), change))
    assert proposed(found, held).nothing
    assert found.notes == ["缺少列 备注：按没有改动处理。"]
