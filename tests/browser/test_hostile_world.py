"""Every page of every role over a world of hostile names: nothing acts or is fetched, all of it is text."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import quote

import pytest
from sqlalchemy import select

from data import rights
from data.engine import Login, connect
from data.sample.accounts import SIGN_INS
from data.schema.waters import water
from layers.text import JOINER
from pages.shell.screens import FIRST, SCREENS, VERBS
from pages.water.view import SECTIONS
from tests.browser import hostile_world
from tests.browser.conftest import DRAWN_MS, own_server, reading, served
from tests.hostile import ALL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from data.settings import Settings
    from tests.browser.conftest import Reader, Site

ROLES: Final = {login: role for login, _, _, role, _ in SIGN_INS}
TABLES_S: Final = 10
NAMELESS: Final = frozenset({"audit", "intake"})
"""Pages that begin with what one did or uploaded oneself, which may be nothing."""
FOUND: Final = """() => [...document.querySelectorAll('*')].flatMap(one => [...one.attributes]
  .filter(held => /^on/i.test(held.name)
    || /^(href|src|srcset|action|data|formaction)$/i.test(held.name)
      && /javascript:|elsewhere/i.test(held.value))
  .map(held => `${one.tagName} ${held.name}=${held.value}`))"""
"""What a name that became markup leaves behind: handlers of events, and addresses of its own."""


COUNTS: Final = """() => new MutationObserver(seen => seen.forEach(one => {
  if (one.target.dataset.testScriptState === 'running') window.runs = (window.runs ?? 0) + 1;
})).observe(document, {subtree: true, attributeFilter: ['data-test-script-state']})"""
"""Count the runs of the page's script from here on."""
RESTS: Final = """runs => {
  const app = document.querySelector('[data-testid="stApp"]');
  const drawn = [...document.querySelectorAll('[data-testid="stDataFrame"]')]
    .every(one => !one.offsetParent || one.querySelector('canvas td'));
  if (document.querySelector('[data-testid="stSkeleton"]')?.offsetParent) return false;
  return !app || (window.runs ?? 0) > runs && app.dataset.testScriptState === 'notRunning' && drawn;
}"""
"""More runs than told were begun, none is under way, and the cells of tables are there."""
TOLD: Final = """() => {
  const main = document.querySelector('[data-testid="stMainBlockContainer"]') ?? document.body;
  const head = main.querySelector('.anlan-head')?.textContent;
  return head ? main.textContent.replace(head, '') : main.textContent;
}"""
"""What stands on the page below the line of who is signed in."""


@pytest.fixture(scope="module")
def world(server: Settings) -> Iterator[tuple[Settings, int, int]]:
    with own_server(server) as settings:
        yield settings, *hostile_world.make(settings)


@pytest.fixture(scope="module")
def place(world: tuple[Settings, int, int]) -> Iterator[Site]:
    with served(world[0]) as running:
        yield running


@pytest.fixture
def guest(browser: Browser, place: Site) -> Iterator[Reader]:
    with reading(browser, place, width=1440) as made:
        yield made


def look(reader: Reader, address: str) -> str:
    """Open a page and return what stands on it."""
    reader.page.goto(f"{reader.site.url}{address}")
    reader.page.wait_for_selector(".anlan-title, .anlan-empty, main h1", timeout=DRAWN_MS)
    reader.page.evaluate(COUNTS)
    return judged(reader.page, -1)


def press(reader: Reader, role: Literal["link", "radio", "tab"], name: str) -> str:
    """Press a link, a section or a tab by its name and return what stands on the page then."""
    runs = int(reader.page.evaluate("window.runs ?? 0"))
    reader.page.get_by_role(role, name=name, exact=True).first.click()
    return judged(reader.page, -1 if role == "tab" else runs)


def judged(page: Page, runs: int) -> str:
    """Return the text of a page that rests after more than so many runs; nothing on it came from a name."""
    page.wait_for_function(RESTS, arg=runs, timeout=DRAWN_MS)
    body = str(page.evaluate(TOLD)).replace(JOINER, "")
    assert "页面暂时无法显示" not in body
    assert "无权查看" not in body
    assert page.locator(".stException").count() == 0
    for frame in page.frames:
        assert frame.evaluate(FOUND) == []
    return body


def names_on(page: Page) -> set[str]:
    """Return the names on a page, waiting for its tables, whose program may come after the run has ended."""
    deadline = time.monotonic() + TABLES_S
    while not (found := shown(str(page.evaluate(TOLD)))) and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    return found


def shown(text: str) -> set[str]:
    return {name for name in ALL if name in text}


@pytest.mark.parametrize("login", ROLES)
def test_every_page_of_a_role_shows_the_names_and_nothing_of_them_acts(guest: Reader, login: str) -> None:
    guest.sign_in(login, purpose=ALL[11])
    for folder, title, dataset in SCREENS:
        if rights.may(ROLES[login], dataset, VERBS.get(folder, "read")):
            if folder == FIRST:
                look(guest, "/")
            else:
                press(guest, "link", title)
            assert folder in NAMELESS or names_on(guest.page), folder
    look(guest, "/me")
    assert names_on(guest.page)
    assert (guest.outside, guest.dialogs) == ([], [])


def test_every_section_of_waters_shows_them_as_text(guest: Reader) -> None:
    guest.sign_in("shuili")
    text = look(guest, "/water")
    for section in SECTIONS[1:]:
        text += press(guest, "radio", section)
    assert set(ALL) - shown(text) == set()
    with connect(guest.site.settings, Login.OWNER) as connection:
        code = connection.execute(select(water.c.code).where(water.c.name == ALL[11])).scalars().first()
    assert ALL[11] in look(guest, f"/water?water={quote(str(code), safe='')}")
    assert (guest.outside, guest.dialogs) == ([], [])


def test_a_file_of_hostile_headers_cells_and_name_is_read_and_refused_as_text(
    guest: Reader, world: tuple[Settings, int, int]
) -> None:
    _, good, bad = world
    guest.sign_in("shuili")
    assert ALL[4] in look(guest, f"/intake?job={bad}")
    text = look(guest, f"/intake?job={good}")
    for tab in ("数据", "地图", "坐标诊断", "怎样读的"):
        text += press(guest, "tab", tab)
    # Of twenty headers a label in the fold, and the row of each name that can stand in one.
    assert shown(text) >= set(ALL[:20])
    for section in ("待落点", "导入记录"):
        press(guest, "radio", section)
    assert (guest.outside, guest.dialogs) == ([], [])


def test_every_section_of_accounts_shows_them_as_text(guest: Reader) -> None:
    guest.sign_in("guanli")
    look(guest, "/accounts")
    for section in ("待批准", "授权记录", "登录情况", "谁能看什么"):
        press(guest, "radio", section)
        assert names_on(guest.page), section
    assert (guest.outside, guest.dialogs) == ([], [])
