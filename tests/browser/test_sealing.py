"""A child is sealed on the page of civil affairs, is gone for a colleague, and comes back by two of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from data.engine import Login, Scope, connect
from data.passwords import hash_password
from data.storage import accounts
from tests.browser.choosing import choose
from tests.browser.conftest import reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Reader, Site

COLLEAGUE = "minzheng-er"
FOLD = "封存保护"


@pytest.fixture
def colleague(browser: Browser, site: Site) -> Iterator[Reader]:
    """A second person of civil affairs, at a desk of their own."""
    root = site.settings.area_code
    with connect(site.settings, Login.IMPORTER, Scope(root, None, "founding")) as connection:
        number = accounts.create_account(
            connection,
            login=COLLEAGUE,
            display_name="民政第二人（演示）",
            bureau="民政局",
            password_hash=hash_password(site.password),
            demo=True,
        )
        accounts.add_grant(connection, number, "civil", root)
    with reading(browser, site, width=1440) as made:
        yield made


def open_fold(person: Reader) -> Page:
    page = person.visit("/civil")
    page.get_by_text(re.compile(f"^{FOLD}")).first.click()
    page.get_by_text("封存一名儿童").wait_for()
    return page


def listed(page: Page) -> int:
    said = page.locator(".anlan-figures strong").first.inner_text()
    return int(re.sub(r"\D", "", said))


def pick_first_row(page: Page, key: str) -> None:
    grid = page.locator(f".st-key-{key} [data-testid=stDataFrameResizable]")
    grid.scroll_into_view_if_needed()
    grid.click(position={"x": 18, "y": 52})


def test_a_child_is_sealed_by_one_and_opened_by_two(reader: Reader, colleague: Reader) -> None:
    site = reader.site
    with connect(site.settings, Login.WORKER, readonly=True) as connection:
        code = str(
            connection.scalar(
                text(
                    "SELECT c.code FROM child c JOIN proximity p ON p.child_id = c.id "
                    "AND p.target_kind = 'water' ORDER BY p.distance_m, c.code LIMIT 1"
                )
            )
        )
    reader.sign_in("minzheng")
    colleague.sign_in(COLLEAGUE)
    before = listed(reader.visit("/civil"))
    page = open_fold(reader)
    page.get_by_label("儿童编号").fill(code)
    page.get_by_label("儿童编号").press("Enter")
    choose(page.get_by_label("依据", exact=True), "法院人身安全保护")
    page.get_by_label(re.compile("^说明")).fill("演示：人身安全保护令")
    page.get_by_role("button", name="封存", exact=True).click()
    page.get_by_text(re.compile("已封存，编号")).wait_for()
    assert listed(reader.visit("/civil")) == before
    assert listed(colleague.visit("/civil")) == before - 1
    page = open_fold(colleague)
    page.get_by_label("儿童编号").fill(code)
    page.get_by_label("儿童编号").press("Enter")
    page.get_by_text("本辖区没有这名儿童").wait_for()
    page = open_fold(reader)
    pick_first_row(page, "seal-rows")
    page.get_by_role("tab", name="申请解除").click()
    page.get_by_label(re.compile("^解除理由")).fill("演示：保护令已撤销")
    page.get_by_role("button", name="申请解除").click()
    page.get_by_text(re.compile("已提出解除申请")).wait_for()
    assert listed(colleague.visit("/civil")) == before - 1
    page = open_fold(colleague)
    pick_first_row(page, "seal-waiting")
    page.get_by_role("button", name="批准").click()
    page.get_by_text("已批准，即时生效。").wait_for()
    assert listed(colleague.visit("/civil")) == before
    assert reader.outside == colleague.outside == []
