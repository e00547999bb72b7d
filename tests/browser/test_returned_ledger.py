"""A keeper takes the ledger out, edits it, hands it in, sees each edit, and writes what is confirmed."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

import openpyxl
from sqlalchemy import text

from data.engine import Login, connect

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.conftest import Reader, Site

SECTION = "/water?section=点位"
SLOW_MS = 60_000


def _downloaded(page: Page, path: Path) -> Any:
    page.get_by_role("button", name="生成台账下载链接").click()
    link = page.get_by_role("link", name="下载台账")
    link.wait_for(timeout=SLOW_MS)
    with page.expect_download(timeout=SLOW_MS) as download:
        link.click()
    download.value.save_as(path)
    return openpyxl.load_workbook(io.BytesIO(path.read_bytes()))


def _cell(sheet: Any, row: int, header: str) -> Any:
    column = next(n for n in range(1, sheet.max_column + 1) if sheet.cell(3, n).value == header)
    return sheet.cell(row, column)


def _handed_in(page: Page, path: Path) -> None:
    page.locator("input[type=file]").set_input_files(str(path))
    page.get_by_text(path.name).first.wait_for()
    page.get_by_role("button", name="读取并对照").click()


def _name(site: Site, code: str) -> str:
    with connect(site.settings, Login.GENERAL, readonly=True) as connection:
        return str(connection.scalar(text("SELECT name FROM station WHERE code = :code"), {"code": code}))


def test_a_ledger_goes_out_is_edited_and_only_what_is_confirmed_comes_in(
    reader: Reader, site: Site, tmp_path: Path
) -> None:
    reader.sign_in("shuili")
    page = reader.visit(SECTION)
    book = _downloaded(page, tmp_path / "台账.xlsx")
    assert "（演示数据）" in str(book["台账"]["A1"].value)

    page.reload()
    page.get_by_text("交回台账").wait_for(timeout=SLOW_MS)
    _handed_in(page, tmp_path / "台账.xlsx")
    page.get_by_text("交回的台账与导出时相同").wait_for(timeout=SLOW_MS)
    page.get_by_role("button", name="放弃，换一份台账").click()

    sheet = book["台账"]
    code, other = (str(_cell(sheet, row, "点位编号").value) for row in (5, 6))
    _cell(sheet, 5, "安装位置").value = "{{7*7}}老码头<b>"
    _cell(sheet, 6, "安装位置").value = "我的渡口"
    book.save(tmp_path / "改.xlsx")
    with connect(site.settings, Login.OWNER) as connection:
        connection.execute(text("UPDATE station SET name = '他的渡口' WHERE code = :code"), {"code": other})
    _handed_in(page, tmp_path / "改.xlsx")
    page.get_by_text("还有 1 格冲突没有决定").wait_for(timeout=SLOW_MS)
    if shots := os.environ.get("ANLAN_SHOTS"):
        page.screenshot(path=f"{shots}/conflict.png", full_page=True)
    button = page.get_by_role("button", name="确认写入：1 格改动")
    assert button.is_disabled()
    assert _name(site, code) != "{{7*7}}老码头<b>"
    page.get_by_text("保留对方的", exact=True).click()
    page.get_by_text("还有 1 格冲突没有决定").wait_for(state="hidden", timeout=SLOW_MS)
    button.click(timeout=SLOW_MS)
    page.get_by_text("台账已写入").wait_for(timeout=SLOW_MS)
    assert _name(site, code) == "{{7*7}}老码头<b>"
    assert _name(site, other) == "他的渡口"
    assert reader.outside == []


def test_who_may_not_write_stations_sees_no_way_to_hand_a_ledger_in(reader: Reader) -> None:
    reader.sign_in("yingji")
    page = reader.visit(SECTION)
    page.get_by_role("button", name="生成台账下载链接").wait_for(timeout=SLOW_MS)
    assert page.get_by_text("交回台账").count() == 0
