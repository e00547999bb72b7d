"""Parameters on a phone: each is a card that is read without scrolling sideways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.choosing import settled

if TYPE_CHECKING:
    from tests.browser.conftest import Reader

SLOW_MS = 60_000
CARDS = """() => [...document.querySelectorAll(".anlan-bars.listing tbody tr")].map((row) => {
  const at = row.getBoundingClientRect();
  return {
    left: at.left, right: at.right,
    stacked: [...row.cells].every((cell, n, all) => !n
      || cell.getBoundingClientRect().top >= all[n - 1].getBoundingClientRect().bottom - 1),
    words: [...row.cells].slice(1).map((cell) => getComputedStyle(cell, "::before").content),
  };
})"""
SCROLLS = """() => [...document.querySelectorAll(".anlan-scroll")]
  .filter((box) => box.scrollHeight > box.clientHeight + 1)
  .filter((box) => getComputedStyle(box).overflowY !== "visible").length"""


def test_every_parameter_is_a_card_with_its_words_on_a_phone(walker: Reader) -> None:
    walker.sign_in("shuili")
    page = walker.visit("/settings", drawn=False)
    page.locator(".anlan-bars.listing").wait_for(timeout=SLOW_MS)
    settled(page)
    cards = page.evaluate(CARDS)
    assert len(cards) > 20
    assert all(card["stacked"] for card in cards)
    assert min(card["left"] for card in cards) >= 0
    assert max(card["right"] for card in cards) <= 360
    assert {tuple(card["words"]) for card in cards} == {('"取值"', '"性质"', '"来源"', '"批准"')}
    assert page.evaluate(SCROLLS) == 0


def test_at_a_desk_parameters_are_rows_of_one_table(reader: Reader) -> None:
    reader.sign_in("shuili")
    page = reader.visit("/settings", drawn=False)
    page.locator(".anlan-bars.listing").wait_for(timeout=SLOW_MS)
    assert page.get_by_role("columnheader").all_inner_texts() == ["参数", "取值", "性质", "来源", "批准"]
    assert not any(card["stacked"] for card in page.evaluate(CARDS))
