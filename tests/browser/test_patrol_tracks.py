"""A patroller uploads the morning's track on a phone, looks at it, and saves it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import shapely
from sqlalchemy import text

from data.engine import Login, connect

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import Reader, Site

WIDE = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"


def _track(site: Site, path: Path, seconds: float) -> Path:
    """Write a track along the longest bank of the patroller's own area, with a point each 15 m."""
    with connect(site.settings, Login.OWNER, readonly=True) as connection:
        wkb = connection.scalars(
            text(
                "SELECT ST_AsBinary(b.geom) FROM bank b JOIN water w ON w.id = b.water_id "
                "WHERE w.area_code LIKE "
                "(SELECT area_code || '%' FROM account_grant WHERE role = 'patroller') "
                "ORDER BY b.length_m DESC LIMIT 1"
            )
        ).one()
    line = shapely.segmentize(shapely.from_wkb(bytes(wkb)), 0.00015)
    start = dt.datetime.now(tz=dt.UTC) - dt.timedelta(hours=5)
    points = "".join(
        f'<trkpt lat="{y:.7f}" lon="{x:.7f}"><time>'
        f"{(start + dt.timedelta(seconds=seconds * row)).isoformat()}</time></trkpt>"
        for row, (x, y) in enumerate(shapely.get_coordinates(line)[:60])
    )
    path.write_text(f"<gpx><trk><name>晨巡</name><trkseg>{points}</trkseg></trk></gpx>", "utf-8")
    return path


def test_a_track_is_looked_at_before_it_is_saved_and_then_counts(
    walker: Reader, site: Site, tmp_path: Path
) -> None:
    walker.sign_in("xunhe")
    page = walker.visit("/water?section=巡查轨迹")
    page.set_input_files("input[type=file]", str(_track(site, tmp_path / "慢.gpx", 14.0)))
    page.get_by_text("有效，可保存").wait_for()
    assert page.evaluate(WIDE) == 360
    page.get_by_role("button", name="保存 1 段有效巡查").click()
    page.get_by_text("已保存，岸线覆盖已重新核算").wait_for()
    with connect(site.settings, Login.OWNER, readonly=True) as connection:
        stored = connection.execute(
            text("SELECT p.note, a.login FROM patrol p JOIN account a ON a.id = p.walked_by")
        ).all()
    assert [tuple(row) for row in stored] == [("晨巡", "xunhe")]
    assert walker.outside == []


def test_a_drive_is_shown_with_its_reason_and_cannot_be_saved(
    reader: Reader, site: Site, tmp_path: Path
) -> None:
    reader.sign_in("shuili")
    page = reader.visit("/water?section=巡查轨迹")
    page.set_input_files("input[type=file]", str(_track(site, tmp_path / "车.gpx", 1.0)))
    page.get_by_text("速度像乘车").wait_for()
    page.get_by_text("没有可保存的有效巡查").wait_for()
    assert page.get_by_role("button", name="段有效巡查").count() == 0
