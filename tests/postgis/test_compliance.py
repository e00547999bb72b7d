"""The compliance pack: its figures are those of real acts, and it names no child, whoever wrote what."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import zipfile
from html import unescape
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from click.testing import CliRunner
from docx import Document
from sqlalchemy import text

from data import processing
from data.engine import Login, Scope, connect
from data.schema.accounts import GIVEN
from data.storage import accounts, audit, child_exports, grant_desk, retention, seals, sessions, urgent
from data.storage.child_exports import Request
from data.storage.grant_desk import Proposal
from data.storage.retention import Term
from data.storage.seals import Seal
from data.storage.urgent import Opening
from jobs.accounts import account_of
from jobs.assess import refresh
from jobs.audit_trail import heads_file
from jobs.cli.transfer import export
from jobs.export import ExportError, export_bytes
from jobs.worker import tell_lockouts
from layers.periods import Period

if TYPE_CHECKING:
    from pathlib import Path

    from data.settings import Settings

TOWNSHIP, VILLAGE = "430502001", "430502001200"
TODAY = dt.date.today()  # noqa: DTZ011 - a day on which tests run
YEAR = Period(first=TODAY - dt.timedelta(days=200), last=TODAY)
DAYS = f"{YEAR.first:%Y-%m-%d} 至 {YEAR.last:%Y-%m-%d}"
PEOPLE = {
    "yingji": ("emergency", "4305"),
    "minzheng": ("civil", "430502"),
    "shimin": ("civil", "4305"),
    "guanli": ("administrator", "4305"),
    "shenji": ("auditor", "4305"),
    "xianshen": ("auditor", "430502"),
    "zhenshen": ("auditor", TOWNSHIP),
    "shuili": ("water", "4305"),
    "zhuren": ("patroller", "4305"),
}
BUREAU = "@SUM(1)\x0b<w:p>&局"
COUNTY = '=HYPERLINK("http://x")'
CANARIES = ("金丝雀", "KANARI")
WRITTEN = "金丝雀家中有事 KANARI-1"


def hired(settings: Settings) -> dict[str, int]:
    numbers = {}
    with connect(settings, Login.IMPORTER, Scope("4305", None, "founding")) as connection:
        for login, (role, area) in PEOPLE.items():
            numbers[login] = accounts.create_account(
                connection,
                login=login,
                display_name=login,
                bureau=BUREAU,
                password_hash="$argon2id$stored",  # noqa: S106 - no password
            )
            accounts.add_grant(connection, numbers[login], role, area)
    return numbers


def acting(numbers: dict[str, int], login: str) -> Scope:
    role, area = PEOPLE[login]
    return Scope(area, numbers[login], role)


def looked(settings: Settings, numbers: dict[str, int]) -> None:
    """Homes are read in an emergency twice: once without a good reason, once that waits for its review."""
    numbered = []
    for hours in (1, 2):
        with connect(settings, Login.DOOR) as connection:
            token = sessions.create(connection, numbers["yingji"], absolute_minutes=60)
            post = next(g.id for g in accounts.grants(connection, numbers["yingji"]) if g.role == "emergency")
        with connect(settings, Login.OWNER) as connection:
            connection.execute(text("UPDATE session SET second_factor_at = now()"))
        with connect(settings, Login.DOOR) as connection:
            wanted = Opening(post_id=post, area_code=TOWNSHIP, hours=hours, incident="flood", reason=WRITTEN)
            number = urgent.open_sight(connection, token, wanted)
        scope = Scope(TOWNSHIP, numbers["yingji"], urgent.ROLE)
        with connect(settings, Login.URGENT, scope) as connection:
            codes = list(urgent.homes(connection, TOWNSHIP)["code"])
            audit.record(
                connection,
                audit.Action.READ_HOMES,
                scope,
                object_kind="child",
                object_ids=codes,
                row_count=len(codes),
                purpose=WRITTEN,
            )
        with connect(settings, Login.DOOR) as connection:
            urgent.end_sight(connection, token)
        numbered.append(number)
    with connect(settings, Login.ACCOUNTS, acting(numbers, "minzheng")) as connection:
        urgent.review(connection, numbered[0], justified=False, words=WRITTEN)


def exported(settings: Settings, numbers: dict[str, int]) -> None:
    """Two exports of children are asked for: one is refused, one waits."""
    wanted = Request(
        area_code=TOWNSHIP,
        fields=("home",),
        format="gpkg",
        purpose=WRITTEN,
        list_reason=WRITTEN,
        home_reason=WRITTEN,
    )
    with connect(settings, Login.CHILD, acting(numbers, "minzheng")) as connection:
        first, _ = (child_exports.ask(connection, wanted) for _ in range(2))
    with connect(settings, Login.CHILD, acting(numbers, "shimin")) as connection:
        child_exports.decide(connection, first, approve=False, words=WRITTEN)


def approved(settings: Settings, numbers: dict[str, int]) -> None:
    """Three grants that show children are asked for: one given, one refused, one waits; another one ends."""
    for area in (VILLAGE, TOWNSHIP, "430502"):
        wanted = Proposal(
            account_id=numbers["zhuren"],
            role="child_director" if area == VILLAGE else "civil",
            area_code=area,
            valid_from=TODAY,
            valid_until=None,
            reason=WRITTEN,
        )
        with connect(settings, Login.ACCOUNTS, acting(numbers, "guanli")) as connection:
            assert not grant_desk.give(connection, wanted)
    with connect(settings, Login.ACCOUNTS, acting(numbers, "minzheng")) as connection:
        asked = grant_desk.requests(connection).sort_index().index.tolist()
        grant_desk.decide(connection, asked[0], approve=True)
        grant_desk.decide(connection, asked[1], approve=False)
    with connect(settings, Login.OWNER) as connection:
        ended = connection.scalar(text("SELECT id FROM account_grant WHERE role = 'patroller'"))
    with connect(settings, Login.ACCOUNTS, acting(numbers, "guanli")) as connection:
        grant_desk.end(connection, int(ended))


@pytest.fixture
def year(stored_county: Settings) -> Settings:
    with connect(stored_county, Login.OWNER) as connection:
        connection.execute(text("UPDATE area SET name = :name WHERE code = '430502'"), {"name": COUNTY})
    with connect(stored_county, Login.IMPORTER, Scope("4305", None, "operator")) as connection:
        connection.execute(
            text(
                "INSERT INTO child (code, area_code, category, birth_month, left_on) VALUES "
                "('KANARI-1', :area, 'orphan', '2018-05-01', NULL), "
                "('KANARI-2', :area, 'other', '2018-05-01', NULL), "
                "('KANARI-3', :area, 'other', '2018-05-01', '2020-01-01'), "
                "('KANARI-4', :area, 'other', '2001-05-01', NULL)"
            ),
            {"area": VILLAGE},
        )
        connection.execute(
            text(
                "INSERT INTO home (child_id, area_code, geom) SELECT id, area_code, "
                "ST_SetSRID(ST_MakePoint(111.0023457, 27), 4490) FROM child"
            )
        )
        assert retention.purge(connection, Term(day=TODAY, months=6))["child"] == 2
    numbers = hired(stored_county)
    looked(stored_county, numbers)
    approved(stored_county, numbers)
    exported(stored_county, numbers)
    with connect(stored_county, Login.CHILD, acting(numbers, "minzheng")) as connection:
        wanted = Seal(
            child_code="KANARI-2",
            ground="court",
            reason=WRITTEN,
            review_on=TODAY + dt.timedelta(days=30),
            people=(numbers["minzheng"],),
        )
        seals.seal(connection, wanted)
    refresh(stored_county)
    export_bytes(stored_county, account_of(stored_county, "minzheng"), "exposure", "xlsx", purpose=WRITTEN)
    export_bytes(stored_county, account_of(stored_county, "shuili"), "gaps", "csv")
    return stored_county


def pack(settings: Settings, login: str = "shenji", period: Period = YEAR) -> dict[str, list[list[Any]]]:
    """Return the rows of each sheet."""
    content = export_bytes(settings, account_of(settings, login), "compliance", "xlsx", period)
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {sheet.title: [list(row) for row in sheet.values] for sheet in book.worksheets}


def figures(sheets: dict[str, list[list[Any]]]) -> dict[str, Any]:
    return {row[0]: row[1] for row in sheets["未成年人信息合规审计材料"] if len(row) > 1}


def listed(rows: list[list[Any]]) -> list[dict[str, Any]]:
    """Return the rows of a section by heading: below the title and its line, above the notes."""
    return [dict(zip(rows[2], row, strict=True)) for row in rows[3:] if row[1] is not None]


def test_the_figures_are_those_of_the_acts(year: Settings) -> None:
    sheets = pack(year)
    told = figures(sheets)
    expected = {
        "处理的字段": len(processing.inventory()),
        "查看儿童居住地": 2,
        "岗位申请": 3,
        "岗位批准": 1,
        "岗位驳回": 1,
        "岗位申请期末待批": 1,
        "岗位授予": len(PEOPLE) + 1,
        "岗位提前结束": 1,
        "导出": 2,
        "其中含单个儿童信息": 1,
        "到期清除的儿童": 2,
        "封存操作": 1,
        "紧急查看": 2,
        "紧急查看理由不充分": 1,
        "紧急查看待复核": 1,
        "紧急查看理由充分": 0,
        "儿童信息导出申请": 2,
        "儿童信息导出批准": 0,
        "儿童信息导出不批准": 1,
        "儿童信息导出失效": 0,
        "儿童信息导出下载": 0,
        "访问记录核验不符": 0,
    }
    assert {name: told[name] for name in expected} == expected
    with connect(year, Login.OWNER) as connection:
        acts = connection.scalar(text("SELECT count(*) - 1 FROM audit"))
    assert told["访问记录核验"] == acts, "all but the act of this export"
    (read,) = listed(sheets["访问"])
    assert read == {
        "月份": f"{TODAY:%Y-%m}",
        "事项": "查看儿童居住地",
        "对象": "儿童",
        "岗位": "紧急查看",
        "区域（县级汇总）": COUNTY,
        "次数": 2,
        "账号数": 1,
        "涉及记录": 4,
    }
    by_kind = {row["对象"]: row for row in listed(sheets["导出"])}
    assert by_kind["临近水域儿童"]["含单个儿童信息"] == "是"
    assert by_kind["岸线缺口"]["含单个儿童信息"] == "否"
    sights = listed(sheets["紧急查看"])
    assert [(row["复核结论"], row["查看次数"], row["险情"]) for row in sights] == [
        ("理由不充分", 1, "洪涝、山洪"),
        ("待复核", 1, "洪涝、山洪"),
    ]
    assert [(row["字段"], row["格式"], row["现状"], row["行数"]) for row in listed(sheets["导出审批"])] == [
        ("儿童编号、住址点位", "GeoPackage（地图）", "未批准", None),
        ("儿童编号、住址点位", "GeoPackage（地图）", "待审批", None),
    ]
    (director,) = [row for row in listed(sheets["审批"]) if row["岗位"] == "儿童主任"]
    assert [director[name] for name in ("申请", "批准", "驳回", "授予", "期末有效")] == [1, 1, 0, 1, 1]


def test_every_sheet_names_its_days_and_what_is_not_recorded_is_left_to_fill_in(year: Settings) -> None:
    sheets = pack(year)
    for name in ("访问", "登记", "审批", "导出", "删除", "封存", "紧急查看", "账号与密钥", "人工填报"):
        assert DAYS in sheets[name][1][0], name
    assert all(row[3] for row in sheets["未成年人信息合规审计材料"][3:] if row[1] is not None)
    hand = listed(sheets["人工填报"])
    assert [row["事项"] for row in hand if "登录失败" in row["事项"]] == ["未到锁定次数的登录失败"]
    assert not any("核验" in row["事项"] for row in hand)
    assert not any(row["填报"] for row in hand)
    assert sheets["登记"][3][0] == "统计期内没有记录。"


def test_days_outside_the_period_and_acts_outside_the_area_are_not_counted(year: Settings) -> None:
    before = Period(first=TODAY - dt.timedelta(days=9), last=TODAY - dt.timedelta(days=1))
    told = figures(pack(year, period=before))
    names = ("查看儿童居住地", "岗位申请", "岗位授予", "导出", "到期清除的儿童", "紧急查看")
    assert {told[name] for name in names} == {0}
    inside = figures(pack(year, period=dataclasses.replace(YEAR, within="430502")))
    assert [inside[name] for name in ("导出", "到期清除的儿童", "紧急查看")] == [1, 0, 2]
    county = figures(pack(year, "xianshen"))
    assert [county[name] for name in ("查看儿童居住地", "岗位申请", "导出", "到期清除的儿童")] == [2, 3, 1, 0]
    with pytest.raises(ExportError, match="本辖区"):
        pack(year, "xianshen", dataclasses.replace(YEAR, within="4305"))


@pytest.mark.parametrize("fmt", ["docx", "xlsx"])
def test_it_names_no_child_and_repeats_nothing_that_somebody_wrote_of_one(year: Settings, fmt: str) -> None:
    content = export_bytes(year, account_of(year, "shenji"), "compliance", fmt, YEAR)
    with zipfile.ZipFile(io.BytesIO(content)) as whole:
        parts = unescape("".join(whole.read(name).decode("utf-8", "replace") for name in whole.namelist()))
    assert "查看儿童居住地" in parts
    for canary in (*CANARIES, "111.00234", *(login for login in PEOPLE if login != "shenji")):
        assert canary not in parts, canary


def test_names_like_formulas_and_marks_stay_text(year: Settings) -> None:
    account = account_of(year, "shenji")
    book = openpyxl.load_workbook(io.BytesIO(export_bytes(year, account, "compliance", "xlsx", YEAR)))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    hostile = [cell for cell in cells if str(cell.value).startswith(("=", "@"))]
    assert {cell.value for cell in hostile} == {COUNTY, "@SUM(1)<w:p>&局"}
    assert {(cell.data_type, cell.quotePrefix) for cell in hostile} == {("s", True)}
    document = Document(io.BytesIO(export_bytes(year, account, "compliance", "docx", YEAR)))
    texts = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert COUNTY in texts
    assert "@SUM(1)<w:p>&局" in texts
    headings = [one.text for one in document.paragraphs if one.text.startswith("表")]
    assert [one[:3].strip() for one in headings] == [
        f"表{mark}" for mark in ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
    ]
    nothing = sum(one.text == "统计期内没有记录。" for one in document.paragraphs)
    assert nothing == 2
    assert len(document.tables) == 1 + len(headings) - nothing


def test_lock_outs_are_counted_and_name_no_account(year: Settings) -> None:
    assert figures(pack(year))["账号锁定"] == 0
    with connect(year, Login.OWNER) as connection:
        connection.execute(
            text("UPDATE account SET lockouts = 3, factor_lockouts = 1 WHERE login IN ('shuili', 'zhuren')")
        )
    assert tell_lockouts(year) == 4
    sheets = pack(year)
    told = figures(sheets)
    assert (told["账号锁定"], told["动态口令锁定"]) == (6, 2)
    rows = {row["事项"]: row for row in listed(sheets["账号与密钥"])}
    stranger = rows["账号锁定（密码连续五次不符）"]
    assert [stranger[name] for name in ("岗位", "次数", "账号数", "涉及记录")] == ["未登录者", 2, 0, 6]


def test_a_chain_that_does_not_hold_is_told(year: Settings) -> None:
    with heads_file(year).open("a", encoding="ascii") as file:
        file.write(f"2026-01-01T00:00:00Z 999999 {'ab' * 32}\n")
    sheets = pack(year)
    told = figures(sheets)
    assert (told["访问记录核验不符"], told["历次核验发现不符"]) == (1, 1)
    (done,) = [row for row in sheets["记录链核验"] if "历次核验" in str(row[0])]
    assert done[1] == 1
    assert any("记录被截断" in str(row[0]) for row in sheets["记录链核验"])


@pytest.mark.parametrize("role", sorted(set(GIVEN) - {"auditor"}))
def test_nobody_but_the_auditor_gets_it(stored_county: Settings, role: str) -> None:
    with connect(stored_county, Login.IMPORTER, Scope("4305", None, "founding")) as connection:
        number = accounts.create_account(
            connection,
            login=role,
            display_name=role,
            bureau="",
            password_hash="-",  # noqa: S106 - no password
        )
        accounts.add_grant(connection, number, role, "4305")
    with pytest.raises(ExportError, match="不能导出"):
        export_bytes(stored_county, account_of(stored_county, role), "compliance", "docx", YEAR)
    with connect(stored_county, Login.OWNER) as connection:
        assert connection.scalar(text("SELECT count(*) FROM audit")) == 0


def test_it_is_asked_for_with_days_as_a_document_or_workbook_and_is_an_act_itself(year: Settings) -> None:
    account = account_of(year, "shenji")
    for fmt, said in (("csv", "多张表"), ("geojson", "表格")):
        with pytest.raises(ExportError, match=said):
            export_bytes(year, account, "compliance", fmt, YEAR)
    with pytest.raises(ExportError, match="起止日期"):
        export_bytes(year, account, "compliance", "xlsx")
    pack(year)
    told = [row for row in listed(pack(year)["导出"]) if row["对象"] == "合规审计材料"]
    assert [(row["岗位"], row["次数"]) for row in told] == [("审计", 1)]


def test_the_command_writes_it(year: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert year.database_url is not None
    environment = {
        "DATABASE_URL": year.database_url.get_secret_value(),
        "ANLAN_STATE": str(year.state),
        "ANLAN_SETTINGS": "",
    }
    days = ["--from", YEAR.first.isoformat(), "--to", YEAR.last.isoformat()]
    for login, code in (("shuili", 1), ("shenji", 0)):
        done = CliRunner().invoke(export, ["compliance", "pack.docx", "--as", login, *days], env=environment)
        assert done.exit_code == code, done.output
        assert (tmp_path / "pack.docx").exists() is (code == 0)
    document = Document(str(tmp_path / "pack.docx"))
    assert document.paragraphs[0].text == "市未成年人信息合规审计材料"


def test_a_sample_is_marked_on_every_sheet_and_chapter(year: Settings) -> None:
    with connect(year, Login.OWNER) as connection:
        connection.execute(text("INSERT INTO deployment (key, value) VALUES ('sample', 'true')"))
    sheets = pack(year)
    assert all(any("演示数据" in str(cell) for row in rows for cell in row) for rows in sheets.values())
    content = export_bytes(year, account_of(year, "shenji"), "compliance", "docx", YEAR)
    chapters = [one.text for one in Document(io.BytesIO(content)).paragraphs if one.text.startswith("表")]
    assert chapters
    assert all(one.endswith("（演示数据）") for one in chapters)
