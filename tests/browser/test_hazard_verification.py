"""The place of a hazard is confirmed on the page by a second person, and the word is taken back there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from data.engine import Login, connect
from layers import words
from tests.browser.choosing import choose, settled, tick

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.conftest import Reader, Site

WIDE = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"
UNCONFIRMED = (
    "SELECT id, code FROM hazard WHERE state <> 'closed' AND verified_at IS NULL ORDER BY id LIMIT 1"
)
PLACED = "UPDATE hazard SET drawn_by = (SELECT id FROM account WHERE login = 'yingji') WHERE code = :code"
OF_PATROLLER = (
    "SELECT h.code, e.grade, e.children_band FROM hazard h JOIN hazard_exposure e ON e.hazard_id = h.id "
    "WHERE starts_with(h.area_code, (SELECT g.area_code FROM account_grant g JOIN account a "
    "ON a.id = g.account_id WHERE a.login = 'xunhe')) ORDER BY h.id LIMIT 1"
)
ACTS = (
    "SELECT a.action FROM audit a WHERE a.object_kind = 'hazard' "
    "AND a.object_ids @> ARRAY[CAST(:id AS text)] ORDER BY a.id"
)


@pytest.fixture
def waiting(site: Site) -> Iterator[str]:
    """Code of an open hazard of the sample that nobody confirmed; as it was after the test."""
    with connect(site.settings, Login.OWNER) as connection:
        number, code = connection.execute(text(UNCONFIRMED)).one()
    yield str(code)
    with connect(site.settings, Login.OWNER) as connection:
        connection.execute(text("ALTER TABLE hazard DISABLE TRIGGER verify_by_second"))
        connection.execute(
            text("UPDATE hazard SET verified_at = NULL, verified_by = NULL, drawn_by = NULL WHERE id = :id"),
            {"id": number},
        )
        connection.execute(text("ALTER TABLE hazard ENABLE TRIGGER verify_by_second"))


def opened(reader: Reader, code: str) -> Page:
    page = reader.visit("/emergency", drawn=False)
    page.get_by_role("tab", name="未销号隐患").click()
    choose(page.get_by_label("查看隐患"), code)
    page.locator(".anlan-facts").filter(has_text=code).wait_for()
    settled(page)
    return page


def test_a_second_person_confirms_a_hazard_and_takes_the_word_back(
    reader: Reader, site: Site, waiting: str
) -> None:
    reader.sign_in("yingji")
    page = opened(reader, waiting)
    assert page.locator(".anlan-facts").inner_text().count("位置未核实") == 2
    page.get_by_text("上传或撤下照片（现有 0 张）").wait_for()
    page.get_by_role("button", name="核实位置").click()
    page.get_by_text("已核实这处隐患的位置").wait_for()
    page.locator(".anlan-facts").filter(has_text="次日起显示").wait_for()
    page.get_by_role("button", name="撤回核实").click()
    page.get_by_text("已撤回对这处隐患位置的核实").wait_for()
    page.locator(".anlan-facts").filter(has_text="位置未核实").wait_for()
    with connect(site.settings, Login.OWNER, readonly=True) as connection:
        number = connection.scalar(text("SELECT id FROM hazard WHERE code = :code"), {"code": waiting})
        acts = connection.scalars(text(ACTS), {"id": number}).all()
    assert acts == ["verify.hazards", "unverify.hazards"]
    clicked_row_is_shown(page, waiting)


def clicked_row_is_shown(page: Page, before: str) -> None:
    """Click the first row of the list; the box and the card then tell of it, and no more of `before`."""
    settled(page)
    grid = page.get_by_role("tabpanel").locator("[data-testid=stDataFrame]:visible").last
    tick(grid)
    page.locator(".anlan-facts").filter(has_not_text=before).wait_for()
    code = page.locator(".anlan-facts dd").first.inner_text()
    expect(page.get_by_label("查看隐患")).to_have_value(re.compile(f"^{code}"))


def test_who_set_the_place_is_told_that_somebody_else_must(reader: Reader, site: Site, waiting: str) -> None:
    with connect(site.settings, Login.OWNER) as connection:
        connection.execute(text("ALTER TABLE hazard DISABLE TRIGGER verify_by_second"))
        connection.execute(text(PLACED), {"code": waiting})
        connection.execute(text("ALTER TABLE hazard ENABLE TRIGGER verify_by_second"))
    reader.sign_in("yingji")
    page = opened(reader, waiting)
    page.get_by_text("须由他人核实").wait_for()
    assert page.get_by_role("button", name="核实位置").count() == 0


def test_who_may_not_know_the_band_reads_the_grade_alone(walker: Reader, site: Site) -> None:
    with connect(site.settings, Login.OWNER, readonly=True) as connection:
        code, grade, band = connection.execute(text(OF_PATROLLER)).one()
    walker.sign_in("xunhe")
    told = opened(walker, code).locator(".anlan-facts").inner_text()
    assert words.NEAR_CHILDREN[grade] in told
    assert words.BANDS[band] not in told
    assert walker.page.get_by_role("button", name="核实位置").count() == 0
    assert walker.page.evaluate(WIDE) <= 360
