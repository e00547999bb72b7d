"""The table of children by township on the overview: everybody reads it, who may export takes it along."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import openpyxl
import pytest

if TYPE_CHECKING:
    from tests.browser.conftest import Reader


def test_the_water_bureau_reads_the_table_with_its_legend_and_downloads_it(reader: Reader) -> None:
    reader.sign_in("shuili")
    page = reader.visit("/")
    page.get_by_role("heading", name="乡镇儿童统计").wait_for()
    assert page.get_by_text("“*”：不公布").count() == 1
    page.get_by_role("button", name="生成下载链接").click()
    link = page.get_by_role("link", name="下载 Excel 工作簿")
    link.wait_for()
    with page.expect_download() as taken:
        link.click()
    book = openpyxl.load_workbook(io.BytesIO(taken.value.path().read_bytes()))
    cells = [cell for row in book.worksheets[0].values for cell in row]
    assert "*" in cells
    assert any("演示数据" in str(cell) for cell in cells)
    assert reader.outside == []


@pytest.mark.parametrize("login", ["xunhe", "shenji"])
def test_who_may_only_read_statistics_is_offered_no_download(reader: Reader, login: str) -> None:
    reader.sign_in(login)
    page = reader.visit("/", drawn=False)
    page.get_by_role("heading", name="乡镇儿童统计").wait_for()
    assert page.get_by_role("button", name="生成下载链接").count() == 0
