"""Where a map stands: on the data, however late its frame gets a size, until the reader moves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.browser.conftest import Reader

ZOOM = "window.map.getZoom()"
FRAME_HEIGHT = "height => { document.querySelector('iframe').style.height = height; }"
WIDEST = 12
"""A thin county is many kilometres across: nearer than this a map shows a spot of it."""


def _zoom_after_a_frame_without_height(reader: Reader) -> int:
    for height in ("0px", "520px"):
        reader.page.evaluate(FRAME_HEIGHT, height)
        reader.page.wait_for_timeout(700)
    return int(reader.frame().evaluate(ZOOM))


def test_a_map_whose_frame_gets_its_size_late_stands_on_the_data(reader: Reader) -> None:
    reader.sign_in("shuili")
    reader.visit("/")
    before = int(reader.frame().evaluate(ZOOM))
    assert before <= WIDEST
    assert _zoom_after_a_frame_without_height(reader) == before


def test_a_map_in_the_readers_hand_stays_where_it_is(reader: Reader) -> None:
    reader.sign_in("shuili")
    reader.visit("/")
    reader.frame().click(".leaflet-control-zoom-in")
    reader.page.wait_for_timeout(700)
    chosen = int(reader.frame().evaluate(ZOOM))
    assert _zoom_after_a_frame_without_height(reader) == chosen
