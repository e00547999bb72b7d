"""The card of one water: reached by its address, drawn at once, and only inside one's own area."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from data.engine import Login, connect

if TYPE_CHECKING:
    from tests.browser.conftest import Reader, Site

WIDE = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"
LOADED = "[...document.querySelectorAll('.anlan-strip img')].every(i => i.complete && i.naturalWidth > 0)"


def _code(site: Site, where: str) -> str:
    with connect(site.settings, Login.OWNER, readonly=True) as connection:
        return str(
            connection.scalars(
                text(
                    "SELECT w.code FROM water w JOIN gap g ON g.water_id = w.id "  # noqa: S608 - our own text
                    f"WHERE {where} GROUP BY w.code ORDER BY count(*) DESC, w.code LIMIT 1"
                )
            ).one()
        )


def test_the_card_of_a_water_is_drawn_on_a_phone_with_its_banks(walker: Reader, site: Site) -> None:
    walker.sign_in("shuili")
    page = walker.visit(f"/water?water={_code(site, 'true')}")
    page.wait_for_selector(".anlan-strip img")
    page.wait_for_function(LOADED)
    told = page.inner_text("[data-testid=stMain]")
    assert all(word in told for word in ("河长", "所有人", "桩号", "缺口"))
    assert page.evaluate(WIDE) == 360
    assert walker.outside == []


def test_a_water_elsewhere_reads_like_one_that_is_not(walker: Reader, site: Site) -> None:
    with connect(site.settings, Login.OWNER, readonly=True) as connection:
        own = connection.scalars(text("SELECT area_code FROM account_grant WHERE role = 'patroller'")).one()
    elsewhere = _code(site, f"w.area_code NOT LIKE '{own}%'")
    walker.sign_in("xunhe")
    for code in (elsewhere, "no-such-water", "'%3B--"):
        page = walker.visit(f"/water?water={code}", drawn=False)
        page.wait_for_selector(".anlan-empty")
        assert "没有找到这处水域" in page.inner_text(".anlan-empty")
