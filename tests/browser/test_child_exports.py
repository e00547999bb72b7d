"""Children leave by request, a second person's approval and one download, on the pages of two people."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.browser.choosing import choose_several, settled
from tests.browser.conftest import reading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Reader, Site

FOLD = "导出儿童信息"
PURPOSE = "演示：暑期前逐户告知防溺水要点 <b>=1+1</b>"


@pytest.fixture
def colleague(browser: Browser, site: Site) -> Iterator[Reader]:
    with reading(browser, site, width=1440) as made:
        made.sign_in("shenpi")
        yield made


def open_fold(person: Reader) -> Page:
    page = person.visit("/civil")
    settled(page)
    heading = page.get_by_role("heading", name="申请导出", exact=True)
    # It stands open already while something has to be taken.
    if not heading.is_visible():
        page.get_by_text(re.compile(f"^{FOLD}")).first.click()
    heading.wait_for()
    settled(page)
    return page


def asked(page: Page, purpose: str = PURPOSE) -> None:
    page.get_by_label(re.compile("^用途")).fill(purpose)
    page.get_by_label(re.compile("^需要名册各项的理由")).fill("演示：按学校通知")
    choose_several(page.get_by_label(re.compile("^名册")), ("出生年月", "就读学校"))
    page.get_by_role("button", name="提交申请").click()


def posted(person: Reader, number: str) -> int:
    return person.context.request.post(
        f"{person.site.url}/child-export/{number}", headers={"origin": person.site.url}
    ).status


def requested(person: Reader) -> str:
    """Ask, first in too few words; return the number of the request."""
    page = open_fold(person)
    page.get_by_text("您还没有申请过").wait_for()
    asked(page, "短")
    # Told where the person is, and the form stays with what was filled in.
    expect(page.get_by_text(re.compile("请用 10 至 300 个字写明用途"))).to_be_in_viewport()
    page.get_by_label(re.compile("^用途")).fill(PURPOSE)
    page.get_by_role("button", name="提交申请").click()
    told = page.get_by_text(re.compile(r"已提出第 \d+ 号申请"))
    told.wait_for()
    found = re.search(r"第 (\d+) 号", told.inner_text())
    assert found is not None
    return found[1]


def approved(person: Reader) -> None:
    """Follow the notice to the request and approve it."""
    page = person.visit("/", drawn=False)
    page.get_by_text("项儿童信息导出申请待您审批").wait_for()
    page = open_fold(person)
    page.locator(".anlan-facts dd").get_by_text(PURPOSE, exact=True).wait_for()
    page.get_by_role("button", name=re.compile("^提交第")).click()
    page.get_by_text("请选择批准或不批准。").wait_for()
    page.get_by_text("批准", exact=True).first.click()
    page.get_by_label(re.compile("^审批意见")).fill("演示：范围适当")
    page.get_by_role("button", name=re.compile("^提交第")).click()
    page.get_by_text(re.compile("已批准，已通知申请人")).wait_for()


def told_by(content: bytes) -> None:
    """Look at the file: who, why, and the columns that were asked for."""
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    lines = [list(row) for row in sheet.iter_rows(values_only=True)]
    said = "\n".join(str(line[0]) for line in lines)
    for part in (f"用途：{PURPOSE}", "演示数据", "（minzheng）", "（shenpi）"):
        assert part in said
    top = next(at for at, line in enumerate(lines) if line[0] == "儿童编号")
    assert lines[top] == ["儿童编号", "出生年月", "就读学校", "区划代码", "区划", "导出编号", "数据性质"]
    assert len(lines) > top + 2


def test_two_people_let_one_file_out(reader: Reader, colleague: Reader, tmp_path: Path) -> None:
    reader.sign_in("minzheng")
    number = requested(reader)
    assert posted(reader, number) == 403
    assert open_fold(reader).get_by_role("heading", name="待您审批").count() == 0
    approved(colleague)
    assert posted(colleague, number) == 403
    page = reader.visit("/", drawn=False)
    page.get_by_text("项儿童信息导出已获批准").wait_for(timeout=60_000)
    page = open_fold(reader)
    page.get_by_role("button", name="生成下载链接").click()
    page.get_by_text(re.compile("下载链接已生成")).wait_for()
    page = open_fold(reader)
    button = page.get_by_role("button", name=re.compile("^下载第"))
    button.wait_for()
    address = f"{reader.site.url}/child-export/{number}"
    assert reader.context.request.get(address).status == 404
    elsewhere = {"origin": "http://elsewhere.example"}
    assert reader.context.request.post(address, headers=elsewhere).status == 403
    with page.expect_download() as taken:
        button.click()
    kept = tmp_path / "file.xlsx"
    taken.value.save_as(kept)
    assert taken.value.suggested_filename.startswith(f"儿童信息-第{number}号-")
    told_by(kept.read_bytes())
    assert posted(reader, number) == 403
    page = open_fold(reader)
    assert page.get_by_role("button", name=re.compile("^下载第")).count() == 0
    assert reader.outside == colleague.outside == []
    assert reader.dialogs == colleague.dialogs == []


def test_the_auditor_reads_the_requests_and_others_are_told_of_none(
    reader: Reader, colleague: Reader, browser: Browser
) -> None:
    page = open_fold(colleague)
    asked(page)
    page.get_by_text(re.compile(r"已提出第 \d+ 号申请")).wait_for()
    reader.sign_in("shenji")
    page = reader.visit("/audit", drawn=False)
    page.get_by_text("儿童信息导出的申请、审批和下载").click()
    grid = page.locator(".st-key-export-requests [data-testid=stDataFrameResizable]")
    grid.click(position={"x": 18, "y": 52})
    page.locator(".anlan-facts dd").get_by_text(PURPOSE, exact=True).wait_for()
    assert posted(reader, "1") == 404
    assert posted(reader, "x") == 404
    for login in ("shuili", "zhuren"):
        with reading(browser, reader.site, width=1440) as person:
            person.sign_in(login)
            page = person.visit("/audit", drawn=False)
            page.get_by_text("我的记录").first.wait_for()
            assert page.get_by_text("儿童信息导出的申请、审批和下载").count() == 0
            assert page.get_by_text("项儿童信息导出").count() == 0
            assert posted(person, "1") == 404
