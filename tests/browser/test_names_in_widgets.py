"""Each hostile name as the name of each widget: Chromium shows it literally and makes nothing of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from data.settings import Settings
from tests.browser.conftest import DRAWN_MS, reading, served
from tests.hostile import ALL, PAIRED, SIGNED, label_as_read, label_text, strewn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.browser.conftest import Reader

SCRIPT: Final = Path(__file__).with_name("names_in_widgets.py")
ROLES: Final = ("button", "checkbox", "combobox", "radiogroup", "radio", "textbox", "region", "tab")
"""Of the widgets that carry a name, as an assistive technology is told of them."""
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
    for name, seen in zip(ALL + SIGNED + PAIRED, _seen(widgets, "/"), strict=True):
        assert seen["read"] == [label_text(name)] * LABELS, name
        assert seen["made"] == ["P"], name
        assert set(seen["options"]) == {name}, f"{name}: an option to choose from needs no label"
    assert (widgets.outside, widgets.dialogs) == ([], [])


def test_names_strewn_of_the_signs_of_markdown_are_shown_literally(widgets: Reader) -> None:
    found = _seen(widgets, "/?many")
    names = strewn(len(found))
    assert len(found) == 500
    told = {name: seen["read"] for name, seen in zip(names, found, strict=True)}
    assert told == {name: [label_text(name) or "—"] for name in names}
    assert {tuple(seen["made"]) for seen in found} == {("P",)}
    assert (widgets.outside, widgets.dialogs) == ([], [])


def test_a_screen_reader_is_given_the_name_as_it_is_shown(widgets: Reader) -> None:
    _seen(widgets, "/")
    page = widgets.page
    spoken = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    given: dict[str, set[str]] = {}
    for node in spoken:
        role = node.get("role", {}).get("value", "")
        if not node.get("ignored") and role in ROLES:
            given.setdefault(role, set()).add(node.get("name", {}).get("value", "").replace("\u2060", ""))
    for name in ALL + SIGNED:
        if pairs(name):
            continue
        missing = [role for role in ROLES if label_text(name) not in given[role]]
        assert missing == [], name
    for name in [one for one in ALL + PAIRED if pairs(one)]:
        for role in ROLES:
            read = given[role] | {label_as_read(one) for one in given[role]}
            assert label_text(name) in read, name


def pairs(name: str) -> bool:
    """Return whether a name holds two runs of a sign that pairs, or a directive: it is spoken escaped."""
    runs = [len(re.findall(rf"{re.escape(sign)}+", name)) for sign in "*~`$"]
    return max(runs) > 1 or re.search(r":[^\s\[\]{}:]+[\[{]", name) is not None


def test_without_a_label_names_are_acted_on(widgets: Reader) -> None:
    shown = {
        name: seen["read"] for name, seen in zip(ALL + SIGNED + PAIRED, _seen(widgets, "/?raw"), strict=True)
    }
    assert shown["[x]: https://elsewhere.example"] == [""]
    assert "https://elsewhere.example/x.png" in widgets.outside
