"""Rows that may be stored already: proposed in the preview, kept apart unless a keeper says they are one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from data.engine import Login, Scope, connect
from tests.browser.choosing import choose, settled, tick

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.conftest import Reader, Site

SLOW_MS = 60_000
WIDE = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"


class Known(NamedTuple):
    """Two stored stations, and a ledger that holds them again under numbers of its own."""

    site: Site
    codes: tuple[str, str]
    path: Path

    def units(self) -> dict[str, str]:
        """Return the unit of each of the stations concerned."""
        with connect(self.site.settings, Login.OWNER, readonly=True) as connection:
            found = connection.execute(
                text("SELECT code, responsible_unit FROM station WHERE code = ANY(:codes)"),
                {"codes": [*self.codes, "DD-1", "DD-2"]},
            )
            return {str(row[0]): str(row[1]) for row in found}


@pytest.fixture
def known(site: Site, tmp_path: Path) -> Iterator[Known]:
    with connect(site.settings, Login.OWNER, readonly=True) as connection:
        held = connection.execute(
            text(
                "SELECT code, name, ST_X(geom), ST_Y(geom), area_code, responsible_unit FROM station "
                "WHERE retired_on IS NULL AND name <> '' ORDER BY id DESC LIMIT 2"
            )
        ).all()
    lines = ["编号,名称,经度,纬度,村代码,责任单位,警示牌,备注"]
    lines += [
        f"DD-{n},{row[1]},{row[2] + 0.0001:.7f},{row[3]:.7f},{row[4]},甲单位,1,{tmp_path.name}"
        for n, row in enumerate(held, start=1)
    ]
    path = tmp_path / "台账.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    yield Known(site, (str(held[0][0]), str(held[1][0])), path)
    with connect(site.settings, Login.IMPORTER, Scope(site.settings.area_code, None, "importer")) as undone:
        undone.execute(text("DELETE FROM station WHERE code IN ('DD-1', 'DD-2')"))


def preview(page: Page, path: Path) -> None:
    page.locator("[data-testid=stFileUploader]").wait_for(timeout=SLOW_MS)
    page.set_input_files("input[type=file]", str(path))
    choose(page.get_by_label("坐标系").last, "WGS84")
    page.get_by_role("button", name="上传并检查").click()
    page.get_by_role("button", name="确认写入").wait_for(timeout=SLOW_MS)
    page.get_by_text("可能与已有记录重复：2 处").wait_for(timeout=SLOW_MS)
    settled(page)


def counts(page: Page) -> list[list[str]]:
    return [text.split() for text in page.locator(".anlan-figures > div").all_inner_texts()][1:4]


def tick_first(page: Page) -> None:
    grid = page.locator("[data-testid=stDataFrame]").first
    tick(grid)


def confirm(page: Page) -> None:
    page.get_by_role("button", name="确认写入").click()
    page.get_by_text("已写入，回执编号").wait_for(timeout=SLOW_MS)


def test_a_row_said_to_be_the_same_updates_the_record_and_the_other_is_kept_apart(
    reader: Reader, known: Known
) -> None:
    reader.sign_in("shuili")
    page = reader.visit("/intake", drawn=False)
    preview(page, known.path)
    assert counts(page) == [["将新增", "2"], ["将更新", "0"], ["与已有相同", "0"]]
    tick_first(page)
    page.get_by_role("button", name="所选 1 行是同一处：更新已有记录").click()
    page.get_by_text("其中 1 处已定为同一处").wait_for(timeout=SLOW_MS)
    settled(page)
    assert counts(page) == [["将新增", "1"], ["将更新", "1"], ["与已有相同", "0"]]
    confirm(page)
    expect(page.get_by_text("按核对结果并入已有的").first).to_be_visible(timeout=SLOW_MS)
    units = known.units()
    fresh = {code for code in units if code.startswith("DD-")}
    merged = [code for code in known.codes if units[code] == "甲单位"]
    assert (len(fresh), len(merged)) == (1, 1)


def test_without_a_decision_nothing_is_merged_and_a_decision_can_be_taken_back(
    walker: Reader, known: Known
) -> None:
    before = known.units()
    walker.sign_in("shuili")
    page = walker.visit("/intake", drawn=False)
    preview(page, known.path)
    assert page.evaluate(WIDE) <= 360
    tick_first(page)
    page.get_by_role("button", name="所选 1 行是同一处").click()
    page.get_by_text("其中 1 处已定为同一处").wait_for(timeout=SLOW_MS)
    settled(page)
    page.get_by_role("button", name="都改回：分别保留").click()
    expect(page.get_by_text("其中 1 处已定为同一处")).to_have_count(0, timeout=SLOW_MS)
    page.get_by_text("可能与已有记录重复：2 处").wait_for(timeout=SLOW_MS)
    settled(page)
    assert known.units() == before
    confirm(page)
    assert known.units() == before | {"DD-1": "甲单位", "DD-2": "甲单位"}
