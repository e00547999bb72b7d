"""Rows without coordinates: listed, placed by a click, by typed coordinates or at a water, and taken back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from data.engine import Login, Scope, connect
from data.importers import intake
from data.importers.orders import Order
from tests.browser.choosing import choose, settled, tick

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.conftest import Reader, Site

SLOW_MS = 60_000
SECTION = "/intake?section=待落点"
WIDE = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"
HOSTILE = "<img src=x onerror=alert(1)>{{ 7*7 }}"


class Stands(NamedTuple):
    method: str
    lon: float
    lat: float


class Office(NamedTuple):
    site: Site
    water: str

    def stands(self, code: str) -> Stands:
        with connect(self.site.settings, Login.OWNER, readonly=True) as connection:
            row = connection.execute(
                text("SELECT position_method, ST_X(geom), ST_Y(geom) FROM station WHERE code = :code"),
                {"code": code},
            ).one()
        return Stands(str(row[0]), float(row[1]), float(row[2]))


@pytest.fixture
def office(site: Site, tmp_path: Path) -> Iterator[Office]:
    """The program with one station at its village: its ledger had no coordinates and a misspelt water."""
    with connect(site.settings, Login.OWNER, readonly=True) as connection:
        name, village = connection.execute(
            text(
                "SELECT w.name, w.area_code FROM water w JOIN village v ON v.code = w.area_code "
                "WHERE length(w.name) > 4 ORDER BY w.id LIMIT 1"
            )
        ).one()
    path = tmp_path / "台账.csv"
    path.write_text(
        f'编号,名称,村代码,水域名称,警示牌,备注\nZZ-1,"{HOSTILE}",{village},{name[:-1]}库,1,{tmp_path.name}\n',
        encoding="utf-8",
    )
    receipt = intake.take_in(
        site.settings, Order(kind="stations", path=path, area_code=site.settings.area_code)
    )
    assert receipt.written, [str(error) for error in receipt.refused]
    yield Office(site, str(name))
    with connect(site.settings, Login.IMPORTER, Scope(site.settings.area_code, None, "importer")) as undone:
        undone.execute(text("DELETE FROM station WHERE code = 'ZZ-1'"))


def pick(page: Page) -> None:
    """Choose the first row of the list."""
    grid = page.locator("[data-testid=stDataFrame]").first
    grid.wait_for(timeout=SLOW_MS)
    tick(grid)
    page.get_by_text("在地图上点出实际位置").wait_for(timeout=SLOW_MS)
    page.frame_locator("iframe").first.locator("[data-drawn=yes]").wait_for(timeout=SLOW_MS)


def save(page: Page) -> None:
    page.get_by_role("button", name="保存这个位置").click()
    page.get_by_text("已落点：ZZ-1").wait_for(timeout=SLOW_MS)
    settled(page)


def back(page: Page) -> None:
    page.get_by_role("button", name="撤回上一次落点").click()
    page.get_by_text("已撤回：ZZ-1 回到原来的暂定位置").wait_for(timeout=SLOW_MS)
    settled(page)


def test_a_click_on_the_map_places_a_record_and_is_taken_back(reader: Reader, office: Office) -> None:
    before = office.stands("ZZ-1")
    reader.sign_in("shuili")
    page = reader.visit(SECTION, drawn=False)
    pick(page)
    expect(page.get_by_text("现精度")).to_be_visible()
    box = page.locator("iframe").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2 + 90, box["y"] + box["height"] / 2 + 40)
    page.get_by_text("离暂定位置").wait_for(timeout=SLOW_MS)
    settled(page)
    assert office.stands("ZZ-1") == before
    save(page)
    clicked = office.stands("ZZ-1")
    assert clicked.method == "clicked"
    assert (clicked.lon > before.lon, clicked.lat < before.lat) == (True, True)
    page.get_by_text("没有待落点的记录").wait_for(timeout=SLOW_MS)
    back(page)
    assert office.stands("ZZ-1") == before
    assert before.method == "village"
    assert reader.dialogs == []
    assert reader.outside == []


def test_typed_coordinates_of_another_datum_place_a_record(walker: Reader, office: Office) -> None:
    before = office.stands("ZZ-1")
    walker.sign_in("shuili")
    page = walker.visit(SECTION, drawn=False)
    pick(page)
    assert page.evaluate(WIDE) <= 360
    page.get_by_text("有坐标？直接输入").click()
    choose(page.get_by_label("坐标类型"), "GCJ-02")
    page.get_by_label("经度（或东坐标 E）").fill(f"{before.lon + 0.01:.6f}")
    page.get_by_label("纬度（或北坐标 N）").fill(f"{before.lat:.6f}")
    page.get_by_role("button", name="定位到这个坐标").click()
    page.get_by_text("换算，移动").wait_for(timeout=SLOW_MS)
    settled(page)
    save(page)
    typed = office.stands("ZZ-1")
    assert typed.method == "converted"
    # The shift of GCJ-02 is some hundred metres here: the typed number itself is not stored.
    assert 0.001 < abs(typed.lon - (before.lon + 0.01)) < 0.01
    back(page)
    assert office.stands("ZZ-1") == before


def test_numbers_outside_the_area_are_refused_with_the_likely_cause(reader: Reader, office: Office) -> None:
    before = office.stands("ZZ-1")
    reader.sign_in("shuili")
    page = reader.visit(SECTION, drawn=False)
    pick(page)
    page.get_by_text("有坐标？直接输入").click()
    page.get_by_label("经度（或东坐标 E）").fill(f"{before.lat:.6f}")
    page.get_by_label("纬度（或北坐标 N）").fill(f"{before.lon:.6f}")
    page.get_by_role("button", name="定位到这个坐标").click()
    page.get_by_text("经度与纬度似乎写反了").wait_for(timeout=SLOW_MS)
    assert office.stands("ZZ-1") == before


def test_the_water_that_a_row_may_mean_is_offered_and_keeps_its_class_of_precision(
    reader: Reader, office: Office
) -> None:
    reader.sign_in("shuili")
    page = reader.visit(SECTION, drawn=False)
    pick(page)
    page.get_by_text("只知道在哪处水域？").click()
    box = page.get_by_label("可能的水域（名称相近的在前，其次由近到远）")
    expect(box).to_be_visible(timeout=SLOW_MS)
    # The misspelt name comes first, said to be alike and never taken by itself.
    expect(box).to_have_value(re.compile(f"^{office.water}（名称相近"))
    page.get_by_role("button", name="暂定到这处水域的岸边").click()
    page.get_by_text("仍留在待落点清单里").wait_for(timeout=SLOW_MS)
    settled(page)
    save(page)
    assert office.stands("ZZ-1").method == "derived"
    # It is still on the list: its place is known to the water, not to the spot.
    page.locator("[data-testid=stDataFrame]").first.wait_for(timeout=SLOW_MS)
    back(page)
    assert office.stands("ZZ-1").method == "village"


def test_who_may_not_write_a_kind_is_not_offered_it(reader: Reader, office: Office) -> None:
    assert office.stands("ZZ-1").method == "village"
    reader.sign_in("yingji")
    page = reader.visit(SECTION, drawn=False)
    page.get_by_text("种类", exact=True).wait_for(timeout=SLOW_MS)
    settled(page)
    kinds = page.locator("[data-testid=stButtonGroup]").nth(1).inner_text().split()
    assert kinds == ["种类", "机构", "隐患"]
