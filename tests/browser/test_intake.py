"""A ledger comes in through the page: checked, explained, confirmed, found again, taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from openpyxl import Workbook
from playwright.sync_api import expect

from tests.browser.choosing import choose, settled, tick

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.conftest import Reader

SLOW_MS = 60_000
HOSTILE = "<img src=x onerror=alert(1)>{{ 7*7 }}"


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["某镇救生设施台账"])
    sheet.append(["编号", "位置", "东经", "北纬", "警示牌", "救生圈", "绳索", "竹竿", "检查日期", "挂牌号"])
    sheet.append(["IN-1", HOSTILE, 110.63, 26.73, 1, 1, 1, 1, "2026.3.5", "a"])
    sheet.append(["IN-2", "塘", 116.4, 39.9, 1, 1, 1, 1, "2026.3.5", "b"])
    path = tmp_path / "台账.xlsx"
    book.save(path)
    return path


def upload(page: Page, path: Path) -> None:
    page.set_input_files("input[type=file]", str(path))
    page.get_by_role("button", name="上传并检查").click()
    page.get_by_text("文件里有坐标，但没有说明坐标系").wait_for(timeout=SLOW_MS)
    # Two rows that state neither village nor water are no evidence, and nothing is guessed.
    page.get_by_text("证据不足：不能确定坐标系").wait_for(timeout=SLOW_MS)
    page.get_by_text("没有用到的列").first.wait_for(timeout=SLOW_MS)
    page.frame_locator("iframe").first.locator(".leaflet-container").wait_for(timeout=SLOW_MS)


def check_again(page: Page) -> None:
    choose(page.get_by_label("坐标系").last, "WGS84")
    page.get_by_role("button", name="按此重新检查").click()
    page.get_by_role("button", name="确认写入").wait_for(timeout=SLOW_MS)


def test_a_ledger_is_checked_then_written_then_taken_back(reader: Reader, ledger: Path) -> None:
    reader.sign_in("shuili")
    page = reader.visit("/intake", drawn=False)
    upload(page, ledger)
    check_again(page)
    figures = page.locator(".anlan-figures").first
    assert [text.split() for text in figures.locator(":scope > div").all_inner_texts()] == [
        ["文件中的行", "2"],
        ["将新增", "1"],
        ["将更新", "0"],
        ["与已有相同", "0"],
        ["有问题，不写入", "1"],
    ]
    address = page.url
    page.get_by_role("button", name="确认写入").click()
    page.get_by_text("已写入，回执编号").wait_for(timeout=SLOW_MS)

    # Another tab, later: the receipt is where the address says.
    again = reader.context.new_page()
    again.goto(address)
    again.get_by_text("已写入，回执编号").wait_for(timeout=SLOW_MS)
    again.close()

    page = reader.visit("/intake?section=导入记录", drawn=False)
    grid = page.locator("[data-testid=stDataFrame]").first
    grid.wait_for(timeout=SLOW_MS)
    tick(grid)
    page.get_by_text("我确认撤销第").click()
    page.get_by_role("button", name="撤销这一批").click()
    expect(page.get_by_text("已撤销：")).to_be_visible(timeout=SLOW_MS)
    assert reader.dialogs == []
    assert reader.outside == []


def test_a_column_is_explained_once_and_known_afterwards(reader: Reader, ledger: Path) -> None:
    reader.sign_in("shuili")
    page = reader.visit("/intake", drawn=False)
    upload(page, ledger)
    check_again(page)
    settled(page)
    page.get_by_text("有 1 列不认识：挂牌号").click()
    choose(page.get_by_label("挂牌号").last, "不用这一列")
    page.get_by_role("button", name="记住并重新检查").click()
    expect(page.get_by_text("有 1 列不认识")).to_have_count(0, timeout=SLOW_MS)
    page.get_by_role("button", name="放弃，不写入").click()
    page.locator("[data-testid=stFileUploader]").wait_for(timeout=SLOW_MS)


def test_the_auditor_sees_the_record_and_no_form(reader: Reader) -> None:
    reader.sign_in("shenji")
    page = reader.visit("/intake", drawn=False)
    page.wait_for_selector(".anlan-title")
    assert page.locator("[data-testid=stFileUploader]").count() == 0


def test_the_page_of_imports_fits_a_phone(walker: Reader) -> None:
    walker.sign_in("shuili")
    page = walker.visit("/intake", drawn=False)
    page.locator("[data-testid=stFileUploader]").wait_for(timeout=SLOW_MS)
    wide = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"
    assert page.evaluate(wide) <= 360
