"""The section of ways to school: list, map, chosen line; for the bureaus that may read schools."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from tests.browser.conftest import Reader

SECTION = f"/water?section={quote('上学路线')}"
WIDE = "document.documentElement.scrollWidth"


def test_ways_are_listed_with_the_gaps_they_pass_and_shown_where_chosen(reader: Reader) -> None:
    reader.sign_in("shuili")
    page = reader.visit(SECTION)
    page.get_by_text("沿途有缺口的").wait_for()
    page.locator(".anlan-legend").get_by_text("上学路线").wait_for()
    zoom = int(reader.frame().evaluate("window.map.getZoom()"))
    page.locator(".st-key-route-rows [data-testid=stDataFrameResizable]").click(position={"x": 18, "y": 52})
    reader.page.wait_for_function(
        "before => document.querySelector('iframe').contentWindow.map.getZoom() > before", arg=zoom
    )
    status = reader.context.request.get(f"{reader.site.url}/layer/routes?v=1").status
    assert status == 200
    assert (reader.outside, reader.dialogs) == ([], [])


def test_the_auditor_is_given_no_ways(reader: Reader) -> None:
    reader.sign_in("shenji")
    assert reader.context.request.get(f"{reader.site.url}/layer/routes?v=1").status == 404


def test_a_phone_shows_the_section_without_sideways_scrolling(walker: Reader) -> None:
    walker.sign_in("yingji")
    page = walker.visit(SECTION)
    page.get_by_text("沿途有缺口的").wait_for()
    assert page.evaluate(WIDE) == 360
