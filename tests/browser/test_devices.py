"""Barriers and cameras: drawn on the map or typed, saved, and assessed at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely
from sqlalchemy import text

from data.engine import Login, connect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Reader, Site

SECTION = "/water?section=护栏与摄像头"
LONGEST = "SELECT b.water_id, ST_AsBinary(b.geom) AS shape FROM bank b ORDER BY b.length_m DESC LIMIT 1"


def _bank(site: Site) -> tuple[int, shapely.LineString]:
    with connect(site.settings, Login.OWNER, readonly=True) as connection:
        row = connection.execute(text(LONGEST)).one()
    line = shapely.from_wkb(bytes(row.shape))
    assert isinstance(line, shapely.LineString)
    return int(row.water_id), line


def _type(page: Page, place: shapely.Point) -> None:
    page.get_by_label("经度（或东坐标 E）").fill(f"{place.x:.6f}")
    page.get_by_label("纬度（或北坐标 N）").fill(f"{place.y:.6f}")
    page.get_by_role("button", name="加入这一点").click()


def _layer_m(site: Site, water: int, layer: str) -> float:
    query = (
        "SELECT coalesce(sum(c.to_m - c.from_m), 0) FROM covered_stretch c JOIN bank b ON b.id = c.bank_id "
        "WHERE b.water_id = :water AND c.layer = :layer"
    )
    with connect(site.settings, Login.OWNER, readonly=True) as connection:
        return float(connection.scalar(text(query), {"water": water, "layer": layer}) or 0)


def test_a_barrier_drawn_corner_by_corner_protects_its_bank_at_once(reader: Reader, site: Site) -> None:
    water, bank = _bank(site)
    before = _layer_m(site, water, "physical")
    reader.sign_in("shuili")
    page = reader.visit(SECTION)
    for count, share in enumerate((0.50, 0.505, 0.51), start=1):
        _type(page, bank.interpolate(share, normalized=True))
        page.get_by_text(f"{count} 点，最后一点").wait_for()
    page.get_by_label("编号（必填）").fill("护栏-测-1")
    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_text("已保存，岸线覆盖已重新核算").wait_for()
    assert _layer_m(site, water, "physical") > before
    assert reader.outside == []


def test_a_camera_is_saved_where_it_was_clicked_and_a_code_is_given_once(reader: Reader, site: Site) -> None:
    _, bank = _bank(site)
    at = bank.interpolate(0.3, normalized=True)
    reader.sign_in("shuili")
    page = reader.visit(SECTION)
    page.get_by_text("摄像头", exact=True).first.click()
    page.get_by_text("视角", exact=False).first.wait_for(state="attached")
    reader.drawn()
    reader.frame().evaluate(f"void map_div.setView([{at.y}, {at.x}], 16)")
    page.wait_for_timeout(800)
    box = page.locator("iframe").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.get_by_label("编号（必填）").fill("摄-测-1")
    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_text("已保存，岸线覆盖已重新核算").wait_for()
    with connect(site.settings, Login.OWNER, readonly=True) as connection:
        where = connection.execute(
            text("SELECT ST_X(geom) AS lon, ST_Y(geom) AS lat FROM camera WHERE code = '摄-测-1'")
        ).one()
    assert abs(where.lon - at.x) < 3e-4
    assert abs(where.lat - at.y) < 3e-4


def test_an_emergency_officer_sees_devices_and_is_offered_no_form(reader: Reader) -> None:
    reader.sign_in("yingji")
    page = reader.visit(SECTION)
    page.get_by_text("完好的护栏、盖板").wait_for()
    assert page.get_by_role("button", name="加入这一点").count() == 0
