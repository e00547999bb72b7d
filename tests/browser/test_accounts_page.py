"""Accounts on the screen, clicked through: opened, asked for, approved, signed out."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import pytest
from playwright.sync_api import expect

from tests.browser.choosing import choose, settled, tick
from tests.browser.conftest import DRAWN_MS, reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Reader, Site

NUMBERS: Final = itertools.count(1)


@pytest.fixture
def civil(browser: Browser, site: Site) -> Iterator[Reader]:
    with reading(browser, site, width=1440) as made:
        made.sign_in("minzheng")
        yield made


def section(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).click()
    expect(page.get_by_role("radio", name=name, exact=True)).to_be_checked(timeout=DRAWN_MS)
    settled(page)


def pick_row(page: Page, words: str) -> None:
    """Choose the first row of the table that holds `words`."""
    grid = page.locator("[data-testid=stDataFrame]").first
    rows = grid.locator("canvas tbody tr")
    rows.first.wait_for(state="attached", timeout=DRAWN_MS)
    number = next(n for n, text in enumerate(rows.all_text_contents()) if words in text)
    tick(grid, number)


def opened_account(reader: Reader) -> str:
    """Open an account on the screen and return its sign-in name."""
    login = f"clicked-{next(NUMBERS)}"
    page = reader.visit("/accounts", drawn=False)
    page.get_by_text("新建账号").click()
    page.get_by_label("用户名（字母、数字或 _ . -）").fill(login)
    page.get_by_label("姓名", exact=True).fill("新人")
    page.get_by_label("单位", exact=True).fill("民政局")
    page.get_by_role("button", name="新建", exact=True).click()
    expect(page.get_by_text(f"已新建账号 {login}")).to_be_visible(timeout=DRAWN_MS)
    assert len(page.locator("[data-testid=stCode] code").inner_text().strip()) >= 12
    return login


def test_a_post_that_shows_children_stands_once_civil_affairs_approve_it(
    reader: Reader, civil: Reader
) -> None:
    reader.sign_in("guanli")
    login, page = opened_account(reader), reader.page
    pick_row(page, login)
    choose(page.get_by_label("岗位", exact=True).last, "民政")
    page.get_by_label("授权依据（文号、任命或申请，必填）").fill("邵民发〔2026〕1号")
    page.get_by_role("button", name="授予", exact=True).click()
    expect(page.get_by_text("已提交申请，待民政批准后生效")).to_be_visible(timeout=DRAWN_MS)

    civil.visit("/accounts", drawn=False)
    pick_row(civil.page, "待批准")
    expect(civil.page.get_by_text(f"新人（{login}）")).to_be_visible(timeout=DRAWN_MS)
    civil.page.get_by_role("button", name="批准", exact=True).click()
    expect(civil.page.get_by_text("已批准，即时生效")).to_be_visible(timeout=DRAWN_MS)

    section(page, "授权记录")
    rows = page.locator("[data-testid=stDataFrame] canvas tbody tr").filter(has_text=login)
    expect(rows.first).to_contain_text("民政演示账号", timeout=DRAWN_MS)


def test_who_is_signed_in_is_listed_and_a_session_that_is_ended_opens_nothing(
    reader: Reader, civil: Reader
) -> None:
    reader.sign_in("guanli")
    page = reader.visit("/accounts", drawn=False)
    section(page, "登录情况")
    for _ in range(page.locator("[data-testid=stDataFrame] canvas tbody tr").count() or 1):
        pick_row(page, "民政演示账号")
        page.get_by_role("button", name="退出这次登录").click()
        expect(page.get_by_text("已退出这次登录。")).to_be_visible(timeout=DRAWN_MS)
        civil.page.goto(f"{civil.site.url}/")
        if "/signin" in civil.page.url:
            break
    assert "/signin" in civil.page.url
