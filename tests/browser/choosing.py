"""Choosing on a page whose runs come and go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import TimeoutError, expect  # noqa: A004 - Playwright's own

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

SETTLED_MS = 60_000
OFFERED_MS = 5_000
ROW_PX = 35
BOX_PX = 14


def settled(page: Page) -> None:
    """Wait until no run of the page's script is going on."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=SETTLED_MS)


def choose(box: Locator, option: str) -> None:
    """Pick an option of a select box, again when a run that was still going on closed its list."""
    for _ in range(5):
        settled(box.page)
        box.click()
        if _picked(box.page, option, exact=False):
            return
    pytest.fail(f"the box never offered {option}")


def choose_several(box: Locator, options: tuple[str, ...]) -> None:
    """Pick options of a box that takes several; each is seen in the box before the next.

    The list stays open between them, and a click on the box would close it: what is typed opens it always.
    """
    page = box.page
    for option in options:
        for _ in range(5):
            settled(page)
            box.fill(option)
            if _picked(page, option, exact=True):
                break
        page.locator("[data-testid=stMultiSelect]").get_by_text(option, exact=True).wait_for()
    page.keyboard.press("Escape")


def tick(grid: Locator, row: int = 0) -> None:
    """Choose a row of a table, again where its canvas, still being drawn, took no click."""
    page, line = grid.page, grid.locator("canvas tbody tr").nth(row)
    for _ in range(5):
        settled(page)
        grid.scroll_into_view_if_needed()
        box = grid.bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + BOX_PX, box["y"] + ROW_PX * (row + 1.5))
        try:
            expect(line).to_have_attribute("aria-selected", "true", timeout=OFFERED_MS)
        except AssertionError:
            continue
        settled(page)
        return
    pytest.fail(f"the table never took row {row}")


def _picked(page: Page, option: str, *, exact: bool) -> bool:
    try:
        page.get_by_role("option", name=option, exact=exact).first.click(timeout=OFFERED_MS)
    except TimeoutError:
        page.keyboard.press("Escape")
        return False
    return True
