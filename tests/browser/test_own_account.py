"""A person's way in and one's own account, in a real browser; the demo sign-ins stay easy."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

import pyotp
import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from data.engine import Login, connect
from data.storage import accounts
from jobs import founding

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Reader, Site

OWN = "five quiet otters swim"
NUMBERS = itertools.count(1)


@pytest.fixture
def newcomer(site: Site) -> tuple[str, str]:
    """Sign-in name and first password of a person of civil affairs."""
    login = f"new-{next(NUMBERS)}"
    area = site.settings.area_code
    first = founding.open_account(site.settings, login, name="新人", bureau="民政局", role="civil", area=area)
    return login, first


def enter(page: Page, site: Site, login: str, password: str) -> None:
    page.goto(f"{site.url}/signin")
    page.fill("#login", login)
    page.fill("#password", password)
    submit(page)


def submit(page: Page) -> None:
    with page.expect_navigation():
        page.click("form:not(.plain) button[type=submit]")


def settle(page: Page, site: Site, login: str, first: str) -> str:
    """Set a password, bind a phone, and return its key."""
    enter(page, site, login, first)
    assert "/signin/password" in page.url
    page.fill("#wished", OWN)
    page.fill("#again", OWN)
    submit(page)
    assert "/signin/enrol" in page.url
    key = page.inner_text(".key").replace(" ", "")
    page.fill("#code", pyotp.TOTP(key).now())
    submit(page)
    assert page.locator(".codes li").count() == 10
    page.click("a.button")
    page.wait_for_selector(".anlan-head", timeout=30_000)
    return key


def test_a_first_sign_in_sets_the_password_and_binds_a_phone_and_the_next_asks_for_a_code(
    reader: Reader, newcomer: tuple[str, str]
) -> None:
    login, first = newcomer
    page, site = reader.page, reader.site
    key = settle(page, site, login, first)
    reader.context.clear_cookies()
    enter(page, site, login, first)
    assert page.locator(".fault").count() == 1
    enter(page, site, login, OWN)
    assert "/signin/factor" in page.url
    page.goto(f"{site.url}/civil")
    assert "/signin/factor" in page.url
    page.fill("#code", "000000")
    submit(page)
    assert "动态口令不正确" in page.inner_text(".fault")
    page.fill("#code", pyotp.TOTP(key).at(time.time() + 30))
    submit(page)
    page.wait_for_selector(".anlan-head", timeout=30_000)
    assert page.url.endswith("/civil")
    assert reader.outside == []


def test_a_session_ended_elsewhere_asks_for_the_sign_in_on_the_next_run(
    reader: Reader, walker: Reader, newcomer: tuple[str, str]
) -> None:
    login, first = newcomer
    site = reader.site
    key = settle(reader.page, site, login, first)
    enter(walker.page, site, login, OWN)
    walker.page.fill("#code", pyotp.TOTP(key).at(time.time() + 30))
    submit(walker.page)
    walker.page.wait_for_selector(".anlan-head", timeout=30_000)
    reader.page.goto(f"{site.url}/me")
    with reader.page.expect_navigation():
        reader.page.click("form.inline button")
    assert "已退出该处的登录" in reader.page.inner_text(".said")
    assert reader.page.locator("form.inline").count() == 0
    walker.page.goto(f"{site.url}/settings")
    walker.page.wait_for_selector("#login")


def test_a_role_that_ends_while_a_page_is_open_shows_nothing_on_the_next_run(
    reader: Reader, newcomer: tuple[str, str]
) -> None:
    login, first = newcomer
    settle(reader.page, reader.site, login, first)
    reader.state_purpose()
    page = reader.visit("/civil")
    with connect(reader.site.settings, Login.IMPORTER) as connection:
        account = accounts.find_account(connection, login)
        assert account is not None
        connection.execute(
            text("UPDATE account_grant SET ended_at = now() WHERE account_id = :id"), {"id": account.id}
        )
    page.locator("[data-testid=stMultiSelect]:visible").first.click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_text("登录已过期").wait_for(timeout=30_000)
    # What the run before had drawn goes when the run that refuses has ended.
    expect(page.locator("iframe")).to_have_count(0, timeout=30_000)
    expect(page.locator("[data-testid=stDataFrame]")).to_have_count(0, timeout=30_000)


def test_the_demo_sign_in_of_civil_affairs_needs_no_phone_and_says_so(reader: Reader) -> None:
    reader.page.goto(f"{reader.site.url}/signin")
    assert "演示账号未启用动态口令" in reader.page.inner_text("aside")
    reader.sign_in("minzheng")
    reader.page.goto(f"{reader.site.url}/me")
    assert "不能在此修改" in reader.page.inner_text("form[action='/me/password']")
    assert reader.page.locator("form[action='/me/password'] input").count() == 0


def test_one_s_own_account_fits_a_phone(walker: Reader) -> None:
    walker.sign_in("shuili")
    walker.page.goto(f"{walker.site.url}/me")
    assert walker.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert walker.outside == []
