"""The record of a water on its card: edited by an officer, against somebody else's save, and undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from data.engine import Login, connect
from tests.browser.choosing import choose

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Reader, Site

PICKED = text("SELECT code FROM water WHERE kind = 'pond' AND class_override IS NULL ORDER BY code LIMIT 1")


def _code(site: Site) -> str:
    with connect(site.settings, Login.OWNER, readonly=True) as connection:
        return str(connection.scalars(PICKED).one())


def _opened(reader: Reader, code: str) -> Page:
    page = reader.visit(f"/water?water={code}")
    page.get_by_text("修改类别认定、责任单位，登记事故").click()
    return page


def _stored(site: Site, code: str, column: str) -> object:
    with connect(site.settings, Login.OWNER, readonly=True) as connection:
        return connection.scalar(
            text(f"SELECT {column} FROM water WHERE code = :code"),  # noqa: S608 - our own text
            {"code": code},
        )


def test_a_class_that_an_officer_sets_is_that_of_the_banks_at_once_and_can_be_undone(
    reader: Reader, site: Site
) -> None:
    code = _code(site)
    reader.sign_in("shuili")
    page = _opened(reader, code)
    choose(page.get_by_label("类别认定"), "C 类（偏远）")
    page.get_by_role("button", name="保存档案").click()
    page.get_by_text("人工认定类别须填写理由").wait_for()
    page.get_by_label("认定理由").fill("已填平（县河长办〔2026〕1号）")
    page.get_by_role("button", name="保存档案").click()
    page.get_by_text("已保存，类别与缺口已重新核算").wait_for()
    page.get_by_text("C 类（人工认定：已填平").wait_for()
    with connect(site.settings, Login.OWNER, readonly=True) as connection:
        classes = connection.scalars(
            text(
                "SELECT DISTINCT f.water_class FROM bank_finding f JOIN bank b ON b.id = f.bank_id "
                "JOIN water w ON w.id = b.water_id WHERE w.code = :code"
            ),
            {"code": code},
        ).all()
    assert classes == ["C"]
    page.get_by_role("button", name="撤销这次修改").click()
    page.get_by_text("已撤销，类别与缺口已重新核算").wait_for()
    assert _stored(site, code, "class_override") is None


def test_the_second_of_two_officers_sees_three_versions_and_keeps_what_the_first_one_changed(
    reader: Reader, site: Site
) -> None:
    code = _code(site)
    reader.sign_in("shuili")
    page = _opened(reader, code)
    page.get_by_label("管理人").fill("我填的管理人")
    with connect(site.settings, Login.OWNER) as connection:
        connection.execute(text("UPDATE water SET owner = '对方填的' WHERE code = :code"), {"code": code})
    page.get_by_role("button", name="保存档案").click()
    page.get_by_text("这处水域的档案刚被他人修改").wait_for()
    assert _stored(site, code, "manager") != "我填的管理人"
    page.get_by_role("button", name="以我填写的为准，其余保留对方的").click()
    page.get_by_text("已保存，类别与缺口已重新核算").wait_for()
    assert _stored(site, code, "manager") == "我填的管理人"
    assert _stored(site, code, "owner") == "对方填的"


def test_a_patroller_is_offered_no_record_to_edit(walker: Reader, site: Site) -> None:
    with connect(site.settings, Login.OWNER, readonly=True) as connection:
        area = connection.scalars(text("SELECT area_code FROM account_grant WHERE role = 'patroller'")).one()
        code = connection.scalars(
            text("SELECT code FROM water WHERE area_code LIKE :area ORDER BY code LIMIT 1"),
            {"area": f"{area}%"},
        ).one()
    walker.sign_in("xunhe")
    page = walker.visit(f"/water?water={code}")
    assert page.get_by_text("修改类别认定、责任单位，登记事故").count() == 0
