"""Urgent sight on the pages: opened on the page of emergency staff, told on every page, reviewed, ended."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import text

from data.engine import Login, connect
from tests.browser.choosing import choose
from tests.browser.conftest import reading

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.conftest import Reader

FOLD = "紧急查看儿童住址（仅限险情处置）"


def place_with_homes(reader: Reader) -> tuple[str, str]:
    """Return county and township of most homes, by name."""
    with connect(reader.site.settings, Login.WORKER, readonly=True) as connection:
        county, township = connection.execute(
            text(
                "SELECT c.name, t.name FROM home h JOIN area t ON t.code = left(h.area_code, 9) "
                "JOIN area c ON c.code = left(h.area_code, 6) GROUP BY 1, 2 ORDER BY count(*) DESC LIMIT 1"
            )
        ).one()
    return str(county), str(township)


def test_emergency_staff_open_it_every_page_says_so_and_civil_affairs_review_it(
    reader: Reader, browser: Browser
) -> None:
    county, township = place_with_homes(reader)
    reader.sign_in("yingji")
    page = reader.visit("/emergency")
    assert page.locator(".anlan-alarm").count() == 0
    page.get_by_text(FOLD).click()
    choose(page.get_by_label("县（市、区）", exact=True).first, county)
    choose(page.get_by_label("乡镇（街道）", exact=True).first, township)
    choose(page.get_by_label("险情", exact=True).first, "洪涝")
    page.get_by_label(re.compile("^险情和用途")).fill("演示：山洪漫过沿河路，须逐户转移")
    page.get_by_role("button", name="启用紧急查看").click()
    page.get_by_text("请选择乡镇（街道），并勾选确认。").wait_for()
    page.get_by_text(re.compile("^险情属实")).click()
    page.get_by_role("button", name="启用紧急查看").click()
    page.locator(".anlan-alarm").wait_for()
    reader.drawn()
    assert township in page.locator(".anlan-alarm").inner_text()
    assert re.sub(r"\D", "", page.locator(".anlan-figures strong").first.inner_text()) != "0"
    for path in ("/", "/water"):
        assert township in reader.visit(path, drawn=False).locator(".anlan-alarm").inner_text()
    refused = reader.visit("/civil", drawn=False)
    refused.get_by_text("无权查看", exact=True).wait_for()
    with reading(browser, reader.site, width=1440) as colleague:
        colleague.sign_in("minzheng")
        told = colleague.visit("/", drawn=False)
        told.get_by_text("次紧急查看住址待民政复核").wait_for()
        told = colleague.visit("/audit", drawn=False)
        grid = told.locator(".st-key-urgent-sights [data-testid=stDataFrameResizable]")
        grid.click(position={"x": 18, "y": 52})
        told.get_by_text("理由充分", exact=True).click()
        told.get_by_label(re.compile("^复核意见")).fill("演示：情况属实，处置及时")
        told.get_by_role("button", name="提交复核").click()
        told.get_by_text("已复核：理由充分。").wait_for()
        assert colleague.outside == []
    page = reader.visit("/emergency")
    page.get_by_role("button", name="结束紧急查看").click()
    page.get_by_text(FOLD).wait_for()
    assert page.locator(".anlan-alarm").count() == 0
    assert reader.outside == []
