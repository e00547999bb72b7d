"""Each hostile name as the name of each widget: Chromium shows it literally and makes nothing of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from data.settings import Settings
from tests.browser.conftest import DRAWN_MS, reading, served
from tests.hostile import ALL, label_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.browser.conftest import Reader

SCRIPT: Final = Path(__file__).with_name("names_in_widgets.py")
LABELS: Final = 15
"""Texts that Streamlit reads as Markdown in the widgets of one name: thirteen names and two options."""
SEEN: Final = """() => [...document.querySelectorAll('[class*="st-key-name-"]')].map(box => {
  const labels = [...box.querySelectorAll('[data-testid="stMarkdownContainer"]')]
    .filter(one => !one.closest('[data-testid="stFileUploaderDropzone"]'));
  return {
    read: labels.map(one => one.textContent.replaceAll('\\u2060', '')),
    made: [...new Set(labels.flatMap(one => [...one.querySelectorAll('*')]).map(one => one.tagName))],
    options: [...box.querySelectorAll('.stSelectbox input[value], .stMultiSelect [data-tag] [title]')]
      .map(one => one.getAttribute('value') || one.textContent).filter(Boolean),
  };
})"""


@pytest.fixture(scope="module")
def widgets(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    settings = Settings(database_url=None, state=tmp_path_factory.mktemp("widgets"))
    with (
        served(settings, script=SCRIPT, health="/_stcore/health") as site,
        reading(browser, site, width=1440) as made,
    ):
        yield made


def _seen(reader: Reader, address: str) -> list[dict[str, Any]]:
    page = reader.page
    page.goto(f"{reader.site.url}{address}")
    page.wait_for_selector("#drawn", state="attached", timeout=2 * DRAWN_MS)
    page.wait_for_selector("[data-testid=stSkeleton]", state="detached", timeout=DRAWN_MS)
    found: list[dict[str, Any]] = page.evaluate(SEEN)
    return found


def test_a_plain_label_is_shown_literally_and_nothing_is_made_or_fetched(widgets: Reader) -> None:
    for name, seen in zip(ALL, _seen(widgets, "/"), strict=True):
        assert seen["read"] == [label_text(name)] * LABELS, name
        assert seen["made"] == ["P"], name
        assert set(seen["options"]) == {name}, f"{name}: an option to choose from needs no label"
    assert (widgets.outside, widgets.dialogs) == ([], [])


def test_without_a_label_names_are_acted_on(widgets: Reader) -> None:
    shown = {name: seen["read"] for name, seen in zip(ALL, _seen(widgets, "/?raw"), strict=True)}
    assert shown["[x]: https://elsewhere.example"] == [""]
    assert "https://elsewhere.example/x.png" in widgets.outside
