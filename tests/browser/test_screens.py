"""The screens in a real browser, cut off from every other machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from data.engine import Login, Scope, connect
from tests.browser.choosing import choose

if TYPE_CHECKING:
    from tests.browser.conftest import Reader, Site

TITLES = {
    "shuili": ["总览", "水域防护", "汛期应急", "导入", "参数与数据", "访问记录"],
    "yingji": ["总览", "水域防护", "汛期应急", "导入", "参数与数据", "访问记录"],
    "minzheng": ["总览", "水域防护", "汛期应急", "民政关爱", "导入", "参数与数据", "账号与权限", "访问记录"],
    "guanli": ["总览", "水域防护", "汛期应急", "导入", "参数与数据", "账号与权限", "访问记录"],
    "shenji": ["总览", "导入", "参数与数据", "账号与权限", "访问记录"],
    "xunhe": ["总览", "水域防护", "汛期应急", "参数与数据", "访问记录"],
}
MAPPED = {
    "shuili": ["/", "/water", "/water?section=点位", "/water?section=登记与核查", "/emergency"],
    "minzheng": ["/", "/civil"],
}
WIDE = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"
HOSTILE = (
    "{{ cycler.__init__.__globals__.os.popen('touch /tmp/anlan-hostile').read() }}",
    "{% 池塘",
    "${alert(1)}",
    "`alert(1)`",
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "甲\u202e塘乙",
    "𠮷𡃁塘",
    "a\\u003cb 'c' \"d\" &lt;e",
    "{# 未完",
    "javascript:alert(1)",
    "![x](https://elsewhere.example/x.png)",
    ":material/home: $x^2$",
)
TOLD = """() => new Promise(done => {
  const seen = [];
  map_div.eachLayer(group => {
    if (!group.getTooltip || !group.getTooltip() || !group.eachLayer) { return; }
    group.eachLayer(layer => {
      if (!layer.feature.properties.t.length) { return; }
      seen.push(group.getTooltip()._content(layer).firstChild.textContent);
    });
  });
  done(seen);
})"""


@pytest.mark.parametrize("login", TITLES)
def test_each_role_sees_its_pages(reader: Reader, login: str) -> None:
    reader.sign_in(login)
    reader.page.wait_for_selector("[data-testid=stTopNavLink]")
    assert reader.page.locator("[data-testid=stTopNavLink]").all_inner_texts() == TITLES[login]


@pytest.mark.parametrize("login", MAPPED)
def test_every_map_is_drawn_without_one_request_elsewhere(reader: Reader, login: str) -> None:
    reader.sign_in(login)
    for path in MAPPED[login]:
        page = reader.visit(path)
        assert page.frame_locator("iframe").first.locator(".anlan-fault").count() == 0
    assert reader.outside == []


def test_the_page_of_children_refuses_other_roles(reader: Reader) -> None:
    reader.sign_in("shuili")
    page = reader.visit("/civil", drawn=False)
    page.wait_for_selector(".anlan-empty")
    assert "无权查看" in page.locator(".anlan-empty").first.inner_text()
    assert page.locator("iframe").count() == 0


def test_seeing_homes_is_recorded_with_number_and_purpose(reader: Reader, site: Site) -> None:
    reader.sign_in("minzheng", purpose="")
    page = reader.visit("/civil", drawn=False)
    page.get_by_text("请先说明本次使用目的").wait_for()
    assert page.locator("[data-testid=stDataFrame], iframe").count() == 0
    page.get_by_role("button", name="确认并继续").click()
    page.get_by_text("请选择使用目的").wait_for()
    choose(page.get_by_label("使用目的"), "档案核对与数据订正")
    page.get_by_role("button", name="确认并继续").click()
    reader.drawn()
    with connect(site.settings, Login.OWNER, readonly=True) as connection:
        row = connection.execute(
            text("SELECT row_count, purpose, role FROM audit WHERE action = 'read.homes' ORDER BY id DESC")
        ).first()
    assert row is not None
    assert row.row_count > 0
    assert (row.role, row.purpose) == ("civil", "档案核对与数据订正")


@pytest.mark.parametrize("path", ["/", "/water", "/emergency", "/civil", "/settings", "/audit"])
def test_a_phone_shows_each_page_without_sideways_scrolling(walker: Reader, path: str) -> None:
    walker.sign_in("minzheng")
    page = walker.visit(path, drawn=path not in {"/settings", "/audit"})
    assert page.evaluate(WIDE) == 360


def test_leaving_by_the_button_ends_the_session(reader: Reader) -> None:
    reader.sign_in("yingji")
    reader.page.click(".anlan-head button")
    reader.page.wait_for_selector("#login")
    reader.page.goto(f"{reader.site.url}/water")
    assert "/signin" in reader.page.url


def test_hostile_names_are_shown_literally_and_leave_nothing_behind(reader: Reader, site: Site) -> None:
    trace = Path("/tmp/anlan-hostile")  # noqa: S108 - what the first name would create
    trace.unlink(missing_ok=True)
    _rename(site, "station", HOSTILE)
    _rename(site, "water", HOSTILE)
    _rename(site, "institution", HOSTILE)
    reader.sign_in("shuili")
    for path, sample in (
        ("/water?section=点位", "station"),
        ("/water", "water"),
        ("/emergency", "institution"),
    ):
        reader.visit(path)
        told = " ".join(reader.frame().evaluate(TOLD))
        missing = [name for name in HOSTILE if name not in told]
        assert missing == [], sample
    reader.visit("/")
    assert reader.dialogs == []
    assert reader.outside == []
    assert not trace.exists()


def _rename(site: Site, table: str, names: tuple[str, ...]) -> None:
    order = "id" if table != "water" else "(SELECT count(*) FROM gap WHERE gap.water_id = water.id) DESC, id"
    with connect(site.settings, Login.IMPORTER, Scope("4305", None, "importer")) as connection:
        first = f"SELECT id FROM {table} ORDER BY {order} LIMIT {len(names)}"  # noqa: S608 - names of our own tables
        numbers = connection.scalars(text(first)).all()
        for number, name in zip(numbers, names, strict=True):
            code = {"station": ", code = 'H' || id"}.get(table, "")
            connection.execute(
                text(f"UPDATE {table} SET name = :name{code} WHERE id = :id"),  # noqa: S608 - names of our own tables
                {"name": name, "id": number},
            )
