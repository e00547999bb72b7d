"""Every column that is kept of a child is in the inventory, and the guide prints the inventory as it is."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from data import processing, rights
from data.engine import Login
from data.schema.accounts import ROLES
from data.schema.children import PROTECTED
from data.schema.tables import metadata
from jobs import processing_page

PAGE = Path(__file__).resolve().parents[2] / "docs/guide/processing.md"


def test_every_column_of_a_child_has_an_entry_and_every_entry_a_column() -> None:
    assert processing.mismatches(processing.document()) == []
    held = [(entry.table, entry.column) for entry in processing.inventory()]
    assert held == [(table, column.name) for table in processing.KEPT for column in metadata.tables[table].c]


def test_the_inventory_covers_every_table_under_forced_row_security() -> None:
    assert {name for name, table in rights.tables().items() if table.rows == "child"} == set(PROTECTED)


@pytest.mark.parametrize(
    ("path", "change", "told"),
    [
        (("fields", "child", "category"), None, "child.category: no entry"),
        (("common", "area_code"), None, "shared_home.area_code: no entry"),
        (("fields", "home", "street"), {}, "home.street: no such column"),
        (("common", "street"), {}, "common.street: no such column"),
        (("fields", "home", "geom", "purpose"), "", "home.geom: missing, empty or unknown []"),
        (("fields", "home", "geom", "grounds"), ["law"], "home.geom: unknown ground law"),
        (("fields", "home", "geom", "retention"), "ever", "home.geom: unknown retention ever"),
        (("fields", "child", "code", "set"), "people", "child.code: unknown data set people"),
    ],
)
def test_what_is_missing_or_unknown_is_told(path: tuple[str, ...], change: object, told: str) -> None:
    changed = copy.deepcopy(dict(processing.document()))
    *way, last = path
    place = changed
    for name in way:
        place = place[name]
    if change is None:
        del place[last]
    else:
        place[last] = change
    assert told in processing.mismatches(changed)


def test_the_page_of_the_guide_is_made_from_the_inventory() -> None:
    page = PAGE.read_text("utf-8")
    assert page == processing_page.markdown(), "run: python -m jobs.processing_page docs/guide"


def test_no_login_reads_a_field_that_the_inventory_hides_from_its_role() -> None:
    for entry in processing.inventory():
        table = rights.tables()[entry.table]
        reached = {role for role in ROLES if processing.reaches(role, entry.table, entry.column, table.set)}
        assert reached == set(processing.readers(entry)), f"{entry.table}.{entry.column}"


def test_who_sees_a_field_is_what_the_table_of_rights_says() -> None:
    seen = {(entry.table, entry.column): processing.readers(entry) for entry in processing.inventory()}
    assert set(seen["home", "geom"]) == {"child_director", "civil", "urgent"}
    assert set(seen["child", "category"]) == {"child_director", "civil"}
    assert set(seen["child", "birth_month"]) == {"child_director", "civil", "education", "urgent"}
    assert seen["shared_home", "geom"] == ()
    pupils = {column for (table, column), roles in seen.items() if table == "child" and "education" in roles}
    assert pupils == set(rights.tables()["child"].columns[Login.SCHOOL, "select"])
