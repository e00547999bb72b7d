"""Stored records that may be one: both side by side, judged by a keeper, remembered and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from data.engine import Login, Scope, connect
from tests.browser.choosing import settled, tick

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.conftest import Reader, Site

SLOW_MS = 60_000
SECTION = "/intake?section=疑似重复"
WIDE = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"
HOSTILE = "<img src=x onerror=alert(1)>老码头"
NAMES = {"TW-1": HOSTILE, "TW-2": f"{HOSTILE}下游"}


class Office(NamedTuple):
    site: Site

    def retired(self) -> list[str]:
        with connect(self.site.settings, Login.OWNER, readonly=True) as connection:
            found = connection.scalars(
                text("SELECT code FROM station WHERE code LIKE 'TW-%' AND retired_on IS NOT NULL")
            )
            return [str(code) for code in found]

    def acts(self) -> list[tuple[str, int]]:
        """Return the judgements on record, each with how many records it names."""
        with connect(self.site.settings, Login.OWNER, readonly=True) as connection:
            found = connection.execute(
                text(
                    "SELECT a.action, (SELECT count(*) FROM station s WHERE a.object_kind = 'station' "
                    "AND s.id::text = ANY(a.object_ids)) FROM audit a WHERE a.action LIKE '%.twins' "
                    "ORDER BY a.id"
                )
            )
            return [(action, named) for action, named in found]


@pytest.fixture
def office(site: Site) -> Iterator[Office]:
    """The program with two stations 20 m apart whose names are alike."""
    scope = Scope(site.settings.area_code, None, "importer")
    with connect(site.settings, Login.IMPORTER, scope) as connection:
        for step, (code, name) in enumerate(NAMES.items()):
            connection.execute(
                text(
                    "INSERT INTO station (code, name, area_code, geom, responsible_unit) SELECT :code, "
                    ":name, v.code, ST_Translate(v.geom, :step * 0.0002, 0.0), :unit FROM village v "
                    "ORDER BY v.code LIMIT 1"
                ),
                {"code": code, "name": name, "step": step, "unit": f"{code}单位"},
            )
    yield Office(site)
    with connect(site.settings, Login.IMPORTER, scope) as connection:
        connection.execute(text("DELETE FROM station WHERE code LIKE 'TW-%'"))


def pick(page: Page) -> None:
    """Choose the pair: the sample itself may hold others, further apart or nearer."""
    grid = page.locator("[data-testid=stDataFrame]").first
    grid.wait_for(timeout=SLOW_MS)
    settled(page)
    for row in range(8):
        tick(grid, row)
        page.get_by_text("是不是同一个").wait_for(timeout=SLOW_MS)
        settled(page)
        if page.get_by_text("TW-1单位").count():
            return
    pytest.fail("the pair is not listed")


def say(page: Page, choice: str) -> None:
    page.locator("[data-testid=stRadioOption]").filter(has_text=choice).click()
    page.get_by_role("button", name="保存判定").click()
    page.get_by_text("已保存判定。").wait_for(timeout=SLOW_MS)
    settled(page)


def take_back(page: Page) -> None:
    page.get_by_text("已作的判定").wait_for(timeout=SLOW_MS)
    grid = page.locator("[data-testid=stDataFrame]").last
    tick(grid)
    page.get_by_role("button", name="撤回这一判定").click()
    page.get_by_text("已撤回判定。").wait_for(timeout=SLOW_MS)
    settled(page)


def test_two_that_are_one_leave_one_in_use_and_the_verdict_can_be_taken_back(
    reader: Reader, office: Office
) -> None:
    before = office.acts()
    reader.sign_in("shuili")
    page = reader.visit(SECTION, drawn=False)
    pick(page)
    reader.drawn()
    shown = page.locator("table").filter(has_text="TW-1单位").inner_text()
    assert "≠ 责任单位" in shown
    assert HOSTILE in shown
    assert office.retired() == []
    page.get_by_role("button", name="保存判定").click()
    page.get_by_text("还没有选择").wait_for(timeout=SLOW_MS)
    assert office.retired() == []
    say(page, "是同一个：保留甲")
    assert office.retired() == ["TW-2"]
    take_back(page)
    assert office.retired() == []
    assert office.acts() == [*before, ("judge.twins", 2), ("undo.twins", 2)]
    assert reader.dialogs == []
    assert reader.outside == []


def test_two_that_are_not_one_are_not_asked_about_again(walker: Reader, office: Office) -> None:
    walker.sign_in("shuili")
    page = walker.visit(SECTION, drawn=False)
    pick(page)
    assert page.evaluate(WIDE) <= 360
    say(page, "不是同一个")
    assert office.retired() == []
    page = walker.visit(SECTION, drawn=False)
    page.get_by_text("已作的判定").wait_for(timeout=SLOW_MS)
    settled(page)
    expect(page.get_by_text("TW-1单位")).to_have_count(0)
    take_back(page)
    pick(page)


def test_who_may_write_none_of_them_is_offered_no_verdict(reader: Reader, office: Office) -> None:
    assert office.retired() == []
    reader.sign_in("minzheng")
    page = reader.visit(SECTION, drawn=False)
    page.get_by_text("这个岗位不能判定重复").wait_for(timeout=SLOW_MS)
