"""The compliance pack below the record of acts: the auditor takes it along, nobody else is offered it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docx import Document

if TYPE_CHECKING:
    from tests.browser.conftest import Reader


def test_the_auditor_downloads_the_pack_of_a_year(reader: Reader) -> None:
    reader.sign_in("shenji")
    page = reader.visit("/audit", drawn=False)
    page.get_by_role("heading", name="年度合规审计材料").wait_for()
    page.get_by_role("button", name="生成下载链接").last.click()
    link = page.get_by_role("link", name="下载 Word 文档")
    link.wait_for()
    with page.expect_download() as taken:
        link.click()
    document = Document(str(taken.value.path()))
    assert document.paragraphs[0].text.endswith("未成年人信息合规审计材料")
    chapters = [one.text for one in document.paragraphs if one.text.startswith("表")]
    assert len(chapters) == 12
    assert all(one.endswith("（演示数据）") for one in chapters)
    assert reader.outside == []


def test_civil_affairs_are_not_offered_it(reader: Reader) -> None:
    reader.sign_in("minzheng")
    page = reader.visit("/audit", drawn=False)
    page.get_by_text("我的记录").first.wait_for()
    assert page.get_by_role("heading", name="年度合规审计材料").count() == 0
