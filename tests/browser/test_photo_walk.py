"""Photos of a walk are uploaded together on a phone and find their stations."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from sqlalchemy import text

from data.engine import Login, connect
from tests.cameras import jpeg, photo_at

if TYPE_CHECKING:
    from pathlib import Path

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
    page.get_by_text("照片按拍摄位置自动归到最近的点位").wait_for(timeout=SLOW_MS)
    code, path = archive(site, tmp_path / "照片.zip")
    page.set_input_files("input[type=file]", str(path))
    page.get_by_role("button", name="保存 1 张照片").wait_for(timeout=SLOW_MS)
    shown = page.locator("table").filter(has_text="IMG_1.jpg").inner_text()
    assert code in shown
    assert "米内没有点位" in shown
    assert HOSTILE in shown
    assert page.evaluate(WIDE) <= 360
    page.get_by_role("button", name="保存 1 张照片").click()
    page.get_by_text("已把 1 张照片存到各自的点位").wait_for(timeout=SLOW_MS)
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
