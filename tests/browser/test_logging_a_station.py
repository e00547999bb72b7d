"""Logging a station: by a click, by typed coordinates, and when somebody else was quicker."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sqlalchemy import text

from data.engine import Login, connect
from data.storage.stations import stations
from data.storage.villages import villages
from geo.datum import wgs84_to_gcj02

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Reader, Site

SECTION = "/water?section=登记与核查"
FORM = "编号（必填）"
OFF_DEG = 0.004
"""About 400 m beside a village: no station's mark is hit."""


def _free_place(site: Site) -> tuple[float, float]:
    """Return a place near a village of the filled county, away from every station."""
    with connect(site.settings, Login.GENERAL, readonly=True) as connection:
        homes, placed = villages(connection, "430581"), stations(connection, "430581")
    lon, lat = homes.geometry.x.to_numpy() + OFF_DEG, homes.geometry.y.to_numpy()
    off = np.hypot(
        lon[:, None] - placed.geometry.x.to_numpy(), lat[:, None] - placed.geometry.y.to_numpy()
    ).min(axis=1)
    best = int(off.argmax())
    return float(lon[best]), float(lat[best])


def _stored(site: Site, code: str) -> tuple[float, float, str] | None:
    with connect(site.settings, Login.GENERAL, readonly=True) as connection:
        row = connection.execute(
            text(
                "SELECT ST_X(geom) AS lon, ST_Y(geom) AS lat, position_method AS how"
                " FROM station WHERE code = :code"
            ),
            {"code": code},
        ).one_or_none()
    return None if row is None else (row.lon, row.lat, row.how)


def _save(page: Page) -> None:
    page.get_by_role("button", name="保存", exact=True).click()


def test_a_click_on_the_map_logs_a_station_there(reader: Reader, site: Site) -> None:
    lon, lat = _free_place(site)
    reader.sign_in("shuili")
    page = reader.visit(SECTION)
    reader.frame().evaluate(f"void map_div.setView([{lat}, {lon}], 15)")
    page.wait_for_timeout(800)
    box = page.locator("iframe").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.get_by_label(FORM).fill("点选-1")
    page.get_by_label("名称", exact=True).fill("村口老码头")
    _save(page)
    page.get_by_text("已保存点位 点选-1").wait_for()
    saved = _stored(site, "点选-1")
    assert saved is not None
    assert saved[:2] == pytest.approx((lon, lat), abs=2e-4)
    assert saved[2] == "clicked"
    page.get_by_text("缺口与状态已重新核算").wait_for()


def test_typed_gcj02_coordinates_are_turned_before_they_are_stored(reader: Reader, site: Site) -> None:
    lon, lat = _free_place(site)
    shifted = wgs84_to_gcj02([lon], [lat])
    reader.sign_in("shuili")
    page = reader.visit(SECTION)
    page.get_by_label("坐标类型").click()
    page.get_by_text("GCJ-02 经纬度（高德、腾讯、微信）").last.click()
    page.get_by_label("经度（或东坐标 E）").fill(f"{shifted[0][0]:.6f}")
    page.get_by_label("纬度（或北坐标 N）").fill(f"{shifted[1][0]:.6f}")
    page.get_by_role("button", name="换算并预览").click()
    page.get_by_text(re.compile(r"移动 (5|6)\d\d 米")).wait_for()
    page.get_by_label(FORM).fill("换算-1")
    _save(page)
    page.get_by_text("已保存点位 换算-1").wait_for()
    saved = _stored(site, "换算-1")
    assert saved is not None
    assert saved[:2] == pytest.approx((lon, lat), abs=2e-6)
    assert saved[2] == "converted"


def test_swapped_coordinates_are_named_as_such(reader: Reader) -> None:
    reader.sign_in("shuili")
    page = reader.visit(SECTION)
    page.get_by_label("经度（或东坐标 E）").fill("26.73")
    page.get_by_label("纬度（或北坐标 N）").fill("110.63")
    page.get_by_role("button", name="换算并预览").click()
    page.get_by_text("经度与纬度似乎写反了").wait_for()


def test_the_second_of_two_editors_sees_both_versions_before_anything_is_overwritten(
    reader: Reader, site: Site
) -> None:
    with connect(site.settings, Login.OWNER) as connection:
        code = connection.scalar(
            text("SELECT code FROM station WHERE code LIKE '430581%' ORDER BY code LIMIT 1")
        )
    reader.sign_in("shuili")
    page = reader.visit(SECTION)
    page.get_by_label("点位", exact=True).click()
    page.get_by_label("点位", exact=True).fill(str(code))
    page.get_by_role("option").first.click()
    page.get_by_label("责任单位").wait_for()
    page.get_by_label("责任单位").fill("我填的单位")
    with connect(site.settings, Login.OWNER) as connection:
        connection.execute(
            text("UPDATE station SET responsible_unit = '对方填的单位' WHERE code = :code"), {"code": code}
        )
    _save(page)
    page.get_by_text("这一点位刚被他人修改").wait_for()
    assert _unit(site, str(code)) == "对方填的单位"
    page.get_by_role("button", name="以我填写的为准，保存").click()
    page.get_by_text(f"已保存点位 {code}").wait_for()
    assert _unit(site, str(code)) == "我填的单位"


def _unit(site: Site, code: str) -> str:
    with connect(site.settings, Login.GENERAL, readonly=True) as connection:
        query = text("SELECT responsible_unit FROM station WHERE code = :code")
        return str(connection.scalar(query, {"code": code}))
