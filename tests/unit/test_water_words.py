"""The words of a water's card."""

from __future__ import annotations

from pages.water.water_words import address, chainages


def test_a_stretch_over_the_start_of_a_ring_begins_anew() -> None:
    assert chainages(900.0, 1100.0, 1000.0) == "K0+900 经起点至 K0+100"
    assert chainages(0.0, 1000.0, 1000.0) == "K0+000 至 K1+000"


def test_the_address_of_a_card_carries_any_code() -> None:
    assert address("甲/1&x=2") == "/water?water=%E7%94%B2%2F1%26x%3D2"
