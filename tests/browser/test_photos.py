"""Photos in the browser: added with a station, shown on its card, and to nobody who may not see it."""

from __future__ import annotations

import io
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from sqlalchemy import text

from data.engine import Login, Scope, connect

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload

    from tests.browser.conftest import Reader, Site

SECTION = "/water?section=登记与核查"


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "seagreen").save(out, "JPEG")
    return out.getvalue()


def uploaded(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


def test_a_photo_is_saved_with_a_station_and_shown_to_those_who_may_see_it(
    reader: Reader, site: Site
) -> None:
    reader.sign_in("shuili")
    page = reader.visit(SECTION)
    page.get_by_label("经度（或东坐标 E）").fill("110.63")
    page.get_by_label("纬度（或北坐标 N）").fill("26.73")
    page.get_by_role("button", name="换算并预览").click()
    page.get_by_label("编号（必填）").fill("照片-1")
    page.locator("input[type=file]").set_input_files(
        [uploaded("现场.jpg", picture()), uploaded("假的.jpg", b"<svg onload=alert(1)>")]
    )
    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_text("照片 假的.jpg 是 SVG").wait_for()
    with connect(site.settings, Login.OWNER, readonly=True) as connection:
        assert connection.scalar(text("SELECT count(*) FROM station WHERE code = '照片-1'")) == 0
    page.locator("input[type=file]").locator("xpath=ancestor::*[@data-testid='stFileUploader']").get_by_role(
        "button", name="假的.jpg"
    ).click()
    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_text("已保存点位 照片-1").wait_for()
    with connect(site.settings, Login.OWNER, Scope("4305", None, "water"), readonly=True) as connection:
        number = connection.execute(text("SELECT max(id) FROM photo")).scalar_one()
    address = f"{site.url}/photo/{number}"
    answer = page.request.get(address)
    assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")
    with Image.open(io.BytesIO(page.request.get(f"{address}?small").body())) as small:
        assert max(small.size) == 360
    assert page.request.get(f"{site.url}/photo/{10**9}").status == 404
    assert page.request.get(f"{site.url}/photo/keys").status == 404
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(address)  # noqa: S310 - our own server
    page.context.clear_cookies()
    reader.sign_in("shenji")
    assert page.request.get(address).status == 404
