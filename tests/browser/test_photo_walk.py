"""Photos of a walk are uploaded together on a phone and find their stations."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from data.engine import Login, connect
from tests.browser.choosing import choose
from tests.cameras import jpeg, photo_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.conftest import Reader, Site

WIDE = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"
HOSTILE = "<img src=x onerror=alert(1)> ![x](y) $z$.jpg"
SLOW_MS = 60_000


def archive(site: Site, path: Path) -> tuple[str, Path]:
    """Write an archive: a picture at a station of the patroller, one elsewhere, one without a place."""
    with connect(site.settings, Login.OWNER, readonly=True) as connection:
        code, lon, lat = connection.execute(
            text(
                "SELECT s.code, ST_X(s.geom), ST_Y(s.geom) FROM station s WHERE s.retired_on IS NULL "
                "AND starts_with(s.area_code, "
                "(SELECT area_code FROM account_grant WHERE role = 'patroller' LIMIT 1)) "
                "ORDER BY s.id LIMIT 1"
            )
        ).one()
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("IMG_1.jpg", photo_at(lon + 0.0001, lat))
        made.writestr("IMG_2.jpg", photo_at(lon + 0.5, lat))
        made.writestr(HOSTILE, jpeg())
    return str(code), path


def test_photos_of_a_walk_find_their_stations(walker: Reader, site: Site, tmp_path: Path) -> None:
    walker.sign_in("xunhe")
    page = walker.visit("/water?section=照片归位", drawn=False)
    page.get_by_text("照片按拍摄位置自动归到最近的点位或隐患").wait_for(timeout=SLOW_MS)
    code, path = archive(site, tmp_path / "照片.zip")
    page.set_input_files("input[type=file]", str(path))
    page.get_by_role("button", name="保存 1 张照片").wait_for(timeout=SLOW_MS)
    shown = page.locator("table").filter(has_text="IMG_1.jpg").inner_text()
    assert code in shown
    assert "米内没有点位" in shown
    assert HOSTILE in shown
    assert page.evaluate(WIDE) <= 360
    page.get_by_role("button", name="保存 1 张照片").click()
    page.get_by_text("已把 1 张照片存到各自的点位或隐患").wait_for(timeout=SLOW_MS)
    with connect(site.settings, Login.OWNER, readonly=True) as connection:
        kept = connection.execute(
            text(
                "SELECT s.code, a.login FROM photo p JOIN station s ON s.id = p.subject_id "
                "JOIN account a ON a.id = p.uploaded_by WHERE p.subject_kind = 'station' "
                "AND p.taken_at IS NOT NULL ORDER BY p.id DESC LIMIT 1"
            )
        ).one()
    assert tuple(kept) == (code, "xunhe")
    assert walker.outside == []
    assert walker.dialogs == []


@pytest.fixture
def hazard(site: Site) -> Iterator[tuple[float, float]]:
    """Where an open hazard lies, 20 m from a station of the patroller; gone after the test."""
    with connect(site.settings, Login.OWNER) as connection:
        lon, lat = connection.execute(
            text(
                "INSERT INTO hazard (code, title, domain, grade, area_code, geom, found_on, deadline) "
                "SELECT 'YH-1', :title, 'R', 'general', s.area_code, ST_Translate(s.geom, 0.0002, 0), "
                "'2020-01-01', '2020-01-02' FROM station s WHERE s.retired_on IS NULL "
                "AND starts_with(s.area_code, "
                "(SELECT area_code FROM account_grant WHERE role = 'patroller' LIMIT 1)) "
                "ORDER BY s.id LIMIT 1 RETURNING ST_X(geom), ST_Y(geom)"
            ),
            {"title": HOSTILE},
        ).one()
    yield float(lon), float(lat)
    with connect(site.settings, Login.OWNER) as connection:
        connection.execute(text("DELETE FROM photo WHERE subject_kind = 'hazard'"))
        connection.execute(text("DELETE FROM hazard WHERE code = 'YH-1'"))


def test_a_photo_between_a_station_and_a_hazard_goes_where_the_keeper_says_and_is_shown_there(
    reader: Reader, site: Site, hazard: tuple[float, float], tmp_path: Path
) -> None:
    lon, lat = hazard
    picture = tmp_path / "IMG_9.jpg"
    picture.write_bytes(photo_at(lon - 0.0001, lat))
    reader.sign_in("xunhe")
    page = reader.visit("/water?section=照片归位", drawn=False)
    page.set_input_files("input[type=file]", str(picture))
    page.get_by_text("没有可归位的照片").wait_for(timeout=SLOW_MS)
    assert "待选定" in page.locator("table").filter(has_text="IMG_9.jpg").inner_text()
    choose(page.get_by_label("归到哪一处"), "隐患 YH-1")
    page.get_by_role("button", name="保存 1 张照片").click()
    page.get_by_text("已把 1 张照片存到各自的点位或隐患").wait_for(timeout=SLOW_MS)
    with connect(site.settings, Login.OWNER, readonly=True) as connection:
        number, kept = connection.execute(
            text(
                "SELECT p.id, h.code FROM photo p JOIN hazard h ON h.id = p.subject_id "
                "WHERE p.subject_kind = 'hazard'"
            )
        ).one()
    assert kept == "YH-1"
    reader.context.clear_cookies()
    reader.sign_in("yingji")
    shows_it(reader.visit("/emergency", drawn=False), number)
    assert reader.dialogs == []
    assert reader.outside == []


def shows_it(page: Page, number: int) -> None:
    """Choose the hazard, and look at its picture."""
    page.get_by_role("tab", name="未销号隐患").click(timeout=SLOW_MS)
    choose(page.get_by_label("查看隐患"), "YH-1")
    shown = page.locator(f"img[src^='/photo/{number}']")
    shown.scroll_into_view_if_needed(timeout=SLOW_MS)
    page.wait_for_function("image => image.naturalWidth > 0", arg=shown.element_handle(), timeout=SLOW_MS)
    expect(page.get_by_text("照片", exact=True).first).to_be_visible()
