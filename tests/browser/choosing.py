"""Choosing on a page whose runs come and go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import TimeoutError  # noqa: A004 - Playwright's own

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

SETTLED_MS = 60_000
OFFERED_MS = 5_000


def settled(page: Page) -> None:
    """Wait until no run of the page's script is going on."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=SETTLED_MS)


def choose(box: Locator, option: str) -> None:
    """Pick an option of a select box, again when a run that was still going on closed its list."""
    for _ in range(5):
        settled(box.page)
        box.click()
        try:
            box.page.get_by_role("option", name=option).first.click(timeout=OFFERED_MS)
        except TimeoutError:
            box.page.keyboard.press("Escape")
            continue
        return
    pytest.fail(f"the box never offered {option}")
