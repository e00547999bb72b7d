"""Exports of children: asked for by one, decided by another, taken once, made of what may be seen then."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final, TypeVar

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data import rights
from data.engine import Login, Scope, connect
from data.keyring import KeyringError, keyring
from data.schema import child_exports as schema
from data.schema.children import child
from data.storage import accounts, audit, audit_chain, children, seals
from data.storage import child_exports as stored
from data.storage.child_exports import Request
from data.storage.faults import RefusedError
from data.storage.identities import Access, write_identities
from data.storage.seals import Seal
from data.upserting import ids_by_code
from jobs import audit_trail, child_exports
from layers import words
from tests.hostile import MORE, NAMES

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from data.settings import Settings

COUNTY, TOWNSHIP, VILLAGE, OTHER = "430502", "430502001", "430502001200", "430503002"
PEOPLE: Final = {
    "yi": ("civil", "430502"),
    "er": ("civil", "430502"),
    "shi": ("civil", "4305"),
    "lin": ("civil", "430503"),
    "shenji": ("auditor", "4305"),
    "zhuren": ("child_director", VILLAGE),
    "shuili": ("water", "4305"),
    "yingji": ("emergency", "4305"),
    "jiaoyu": ("education", "4305"),
    "guanli": ("administrator", "4305"),
    "xunhe": ("patroller", "430502"),
}
PLAIN: Final = Request(
    area_code=COUNTY,
    fields=("category", "birth_month"),
    format="xlsx",
    purpose="暑期走访之前核对名册",
    list_reason="按年龄分组走访",
)
WHOLE: Final = Request(
    area_code=COUNTY,
    fields=("phone", "home", "name", "school"),
    format="xlsx",
    purpose="汛期逐户告知转移路线",
    list_reason="按学校通知",
    home_reason="标出转移路线",
    identity_reason="逐户打电话核对",
)
STORED: Final = "$argon2id$stored"
Answer = TypeVar("Answer")


class Bureau:
    """People of several posts over three children in one county and one in another."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.numbers: dict[str, int] = {}

    def hire(self, login: str, role: str, area: str) -> None:
        with connect(self.settings, Login.IMPORTER, Scope("4305", None, "founding")) as connection:
            self.numbers[login] = accounts.create_account(
                connection, login=login, display_name=f"{login}名", bureau="局", password_hash=STORED
            )
            accounts.add_grant(connection, self.numbers[login], role, area)

    def scope(self, login: str, area: str | None = None) -> Scope:
        role, held = PEOPLE[login]
        return Scope(area or held, self.numbers[login], role)

    def does(self, login: str, work: Callable[[Connection], Answer], area: str | None = None) -> Answer:
        scope = self.scope(login, area)
        with connect(self.settings, rights.login_of(scope.role), scope) as connection:
            return work(connection)

    def ask(self, login: str = "yi", wanted: Request = PLAIN) -> int:
        return self.does(login, lambda c: stored.ask(c, wanted))

    def decide(
        self, number: int, login: str = "er", *, approve: bool = True, words: str = "情况属实"
    ) -> None:
        self.does(login, lambda c: stored.decide(c, number, approve=approve, words=words))

    def start(self, number: int, login: str = "yi") -> None:
        self.does(login, lambda c: stored.start(c, number))

    def ready(self, wanted: Request = PLAIN) -> int:
        """Ask, approve and start an export; return its number."""
        number = self.ask(wanted=wanted)
        self.decide(number)
        self.start(number)
        return number

    def take(self, number: int, login: str = "yi") -> child_exports.Taken:
        return child_exports.take(self.settings, self.scope(login), number)

    def rows(self, number: int) -> list[dict[str, Any]]:
        return table(self.take(number).content)

    def state(self, number: int) -> str:
        return str(self.does("shi", stored.seen).loc[number, "state"])

    def owner(self, statement: str, **values: object) -> None:
        with connect(self.settings, Login.OWNER) as connection:
            connection.execute(text(statement), values)

    def later(self, days: float) -> None:
        """Let time pass for every request."""
        with connect(self.settings, Login.OWNER) as connection:
            connection.execute(text("ALTER TABLE child_export DISABLE TRIGGER guard_child_export"))
            moved = ", ".join(
                f"{name} = {name} - make_interval(secs => :s)"
                for name in ("asked_at", "lapses_at", "decided_at", "started_at")
            )
            connection.execute(text(f"UPDATE child_export SET {moved}"), {"s": days * 86400})  # noqa: S608
            connection.execute(text("ALTER TABLE child_export ENABLE TRIGGER guard_child_export"))

    def acts(self) -> list[tuple[str, str, int]]:
        with connect(self.settings, Login.BACKUP, readonly=True) as connection:
            found = connection.execute(
                text(
                    "SELECT action, coalesce(a.login, ''), row_count FROM audit u "
                    "LEFT JOIN account a ON a.id = u.account_id WHERE object_kind = 'child_export' "
                    "ORDER BY u.id"
                )
            )
            return [(str(act), str(login), int(rows)) for act, login, rows in found]


def table(content: bytes) -> list[dict[str, Any]]:
    """Return the rows of the first sheet under their headings."""
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    lines = [list(row) for row in sheet.iter_rows(values_only=True)]
    top = next(number for number, row in enumerate(lines) if row[0] == "儿童编号")
    return [dict(zip(map(str, lines[top]), row, strict=True)) for row in lines[top + 1 :]]


@pytest.fixture
def bureau(stored_county: Settings) -> Bureau:
    made = Bureau(stored_county)
    with connect(stored_county, Login.OWNER) as connection:
        connection.execute(
            text(
                "INSERT INTO area (code, name, level, parent_code) VALUES "
                "('430503', '丁县', 'county', '4305'), ('430503002', '戊镇', 'township', '430503')"
            )
        )
    with connect(stored_county, Login.IMPORTER, Scope("4305", None, "importer")) as connection:
        codes, lying = ["E1", "E2", "E3", "F1"], [VILLAGE, VILLAGE, TOWNSHIP, OTHER]
        children.upsert_children(
            connection,
            pd.DataFrame(
                {
                    "code": codes,
                    "area_code": lying,
                    "category": "orphan",
                    "birth_month": pd.Timestamp("2020-05-01"),
                }
            ),
        )
        ids = ids_by_code(connection, child)[codes].tolist()
        points = shapely.points([111.001, 111.002, 111.004], 27.0)
        children.upsert_homes(
            connection,
            gpd.GeoDataFrame(
                {"child_id": [*ids[:2], ids[3]], "area_code": [*lying[:2], OTHER]},
                geometry=points,
                crs="EPSG:4490",
            ),
        )
        access = Access(keys=keyring(stored_county), actor=Scope("4305", None, "civil"), purpose="登记")
        for number, name in zip(ids, ["甲一", "乙二", "丙三", "丁四"], strict=True):
            write_identities(
                connection, access, number, {"name": name, "phone": "13800000000", "guardian_name": "监护"}
            )
        connection.execute(
            text(
                "UPDATE child SET institution_id = (SELECT id FROM institution WHERE code = 'I1') "
                "WHERE code = 'E1'"
            )
        )
    for login, (role, area) in PEOPLE.items():
        made.hire(login, role, area)
    return made


def test_a_request_is_approved_by_another_and_taken_once_with_what_was_asked_and_no_more(
    bureau: Bureau,
) -> None:
    number = bureau.ask(wanted=WHOLE)
    assert bureau.state(number) == "asked"
    bureau.decide(number, words="汛期需要")
    assert bureau.state(number) == "approved"
    bureau.start(number)
    assert bureau.state(number) == "started"
    assert bureau.rows(number) == [
        {
            "儿童编号": code,
            "就读学校": school,
            "经度": lon,
            "纬度": lat,
            "点位精度": precision,
            "姓名": name,
            "电话": "13800000000",
            "区划代码": area,
            "区划": place,
            "导出编号": f"第 {number} 号",
        }
        for code, school, lon, lat, precision, name, area, place in (
            ("E3", None, None, None, None, "丙三", TOWNSHIP, "乙镇"),
            ("E1", "小学", 111.001, 27, "精确", "甲一", VILLAGE, "丙村"),
            ("E2", None, 111.002, 27, "精确", "乙二", VILLAGE, "丙村"),
        )
    ]
    assert bureau.state(number) == "taken"
    for again in (bureau.take, bureau.start):
        with pytest.raises(RefusedError, match="只下载一次"):
            again(number)
    assert bureau.acts() == [
        ("child_export.ask", "yi", 0),
        ("child_export.approve", "er", 0),
        ("child_export.start", "yi", 0),
        ("export", "yi", 3),
    ]
    told = bureau.does("shi", lambda c: audit.acts(c, limit=10))
    assert f"字段：儿童编号、就读学校、住址点位、姓名、电话。用途：{WHOLE.purpose}" in list(told["purpose"])
    assert "read.identities" in set(told["action"])
    with connect(bureau.settings, Login.OWNER, readonly=True) as connection:
        head = audit_chain.head(connection)
    assert head is not None
    assert audit_trail.verify(bureau.settings).faults == ()


def test_every_sheet_says_who_asked_who_approved_and_what_for_and_no_cell_is_a_formula(
    bureau: Bureau,
) -> None:
    hostile = '=HYPERLINK("http://x")'
    number = bureau.ask(
        wanted=Request(
            area_code=COUNTY, fields=("name",), format="xlsx", purpose=hostile, list_reason=hostile,
            identity_reason="@SUM(1)",
        )
    )  # fmt: skip
    bureau.decide(number, words="+1+1+1")
    bureau.start(number)
    with connect(bureau.settings, Login.IMPORTER, Scope("4305", None, "importer")) as connection:
        connection.execute(text("INSERT INTO deployment (key, value) VALUES ('sample', '{}')"))
        connection.execute(text("UPDATE child SET code = '=1+1' WHERE code = 'E1'"))
    book = openpyxl.load_workbook(io.BytesIO(bureau.take(number).content))
    assert len(book.worksheets) == 2
    for sheet in book.worksheets:
        cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
        assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
        said = "\n".join(str(cell.value) for cell in cells)
        for part in (hostile, "yi名（yi）", "er名（er）", "+1+1+1", f"第 {number} 号", "演示数据"):
            assert part in said, (sheet.title, part)
    assert "@SUM(1)" in {cell.value for row in book["说明"].iter_rows() for cell in row}
    assert {row["儿童编号"] for row in table(_saved(book))} == {"=1+1", "E2", "E3"}


def _saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_map_file_holds_the_points_and_says_the_same(bureau: Bureau) -> None:
    number = bureau.ready(
        Request(
            area_code=VILLAGE,
            fields=("home",),
            format="gpkg",
            purpose="制作转移路线图的底图",
            list_reason="对照编号",
            home_reason="画转移路线",
        )
    )
    with closing(sqlite3.connect(":memory:")) as made:
        made.deserialize(bureau.take(number).content)
        assert made.execute('SELECT "儿童编号", "导出编号" FROM child_export').fetchall() == [
            ("E1", f"第 {number} 号"),
            ("E2", f"第 {number} 号"),
        ]
        facts = dict(made.execute('SELECT "项目", "内容" FROM "说明"').fetchall())
    assert (facts["用途"], facts["住址点位理由"]) == ("制作转移路线图的底图", "画转移路线")
    assert facts["申请人"].startswith("yi名（yi）")


def test_nobody_decides_their_own_nor_beyond_their_area_nor_without_the_post(bureau: Bureau) -> None:
    number = bureau.ask()
    with pytest.raises(RefusedError, match="不能审批自己的"):
        bureau.decide(number, "yi")
    with pytest.raises(RefusedError, match="不在您的范围"):
        bureau.decide(number, "lin")
    with pytest.raises(RefusedError, match="不能这样做"):
        bureau.decide(number, "zhuren")
    for login in ("shenji", "shuili", "yingji", "jiaoyu", "guanli", "xunhe"):
        with pytest.raises(DBAPIError, match="permission denied"):
            bureau.decide(number, login)
    assert bureau.state(number) == "asked"
    bureau.decide(number, "shi")
    assert bureau.state(number) == "approved"


def test_no_login_of_a_page_reaches_the_table_or_the_inner_functions(bureau: Bureau) -> None:
    bureau.ask()
    scope = bureau.scope("yi")
    for login in set(Login) - {Login.OWNER, Login.BACKUP, Login.WORKER}:
        with connect(bureau.settings, login, scope) as connection:
            for statement in (
                "SELECT * FROM child_export",
                "UPDATE child_export SET approved = true, decided_by = 2, decided_at = now()",
                "INSERT INTO child_export (account_id, area_code, fields) VALUES (1, '4305', '{code}')",
                "DELETE FROM child_export",
                "SELECT child_export_ready(1)",
                "SELECT child_export_lapse()",
            ):
                with pytest.raises(DBAPIError, match="permission denied"), connection.begin_nested():
                    connection.execute(text(statement))


def test_what_was_asked_and_decided_is_never_changed_not_by_the_owner_either(bureau: Bureau) -> None:
    number = bureau.ask()
    for change in (
        "DELETE FROM child_export",
        "UPDATE child_export SET fields = '{code,name}'",
        "UPDATE child_export SET purpose = purpose || 'x'",
        "UPDATE child_export SET area_code = '4305'",
        "UPDATE child_export SET lapses_at = lapses_at + interval '1 day'",
    ):
        with pytest.raises(DBAPIError, match="不能更改或删除"):
            bureau.owner(change)
    with pytest.raises(DBAPIError, match="second_person"):
        bureau.owner("UPDATE child_export SET decided_by = account_id, decided_at = now(), approved = true")
    bureau.decide(number)
    bureau.start(number)
    bureau.take(number)
    for change in (
        "UPDATE child_export SET approved = false",
        "UPDATE child_export SET decision = 'x'",
        "UPDATE child_export SET taken_at = NULL, row_count = NULL",
        "UPDATE child_export SET row_count = 1",
        "UPDATE child_export SET started_at = now(), lapses_at = now() + interval '1 day'",
    ):
        with pytest.raises(DBAPIError, match="不能更改或删除"):
            bureau.owner(change)


def test_a_refusal_is_final_and_told(bureau: Bureau) -> None:
    number = bureau.ask()
    bureau.decide(number, approve=False, words="范围过大")
    with pytest.raises(RefusedError, match="已由他人办理"):
        bureau.decide(number, "shi")
    for step in (bureau.start, bureau.take):
        with pytest.raises(RefusedError, match="没有获得批准"):
            step(number)
    row = bureau.does("yi", stored.seen).loc[number]
    assert (row["state"], row["decision"], row["decided_by"]) == ("declined", "范围过大", "er名")
    assert [act for act, _, _ in bureau.acts()] == ["child_export.ask", "child_export.decline"]


def test_each_step_has_its_term_and_a_lapse_goes_on_record_once(bureau: Bureau) -> None:
    asked, approved, started = (bureau.ask() for _ in range(3))
    bureau.decide(approved)
    bureau.decide(started)
    bureau.start(started)
    bureau.later(9 / 1440)
    assert bureau.state(started) == "started"
    bureau.later(2 / 1440)
    with pytest.raises(RefusedError, match="已过期限"):
        bureau.take(started)
    bureau.later(2.9)
    assert (bureau.state(asked), bureau.state(approved)) == ("asked", "approved")
    bureau.later(0.1)
    with pytest.raises(RefusedError, match="自动失效"):
        bureau.decide(asked)
    with pytest.raises(RefusedError, match="已过期限"):
        bureau.start(approved)
    assert {bureau.state(number) for number in (asked, approved, started)} == {"lapsed"}
    assert child_exports.lapse(bureau.settings) == 3
    assert child_exports.lapse(bureau.settings) == 0
    assert [act for act in bureau.acts() if act[0].endswith("lapse")] == [("child_export.lapse", "", 0)] * 3


def test_nothing_is_taken_before_it_is_started_and_nothing_started_twice(bureau: Bureau) -> None:
    number = bureau.ask()
    for step in (bureau.start, bureau.take):
        with pytest.raises(RefusedError, match="没有获得批准"):
            step(number)
    bureau.decide(number)
    with pytest.raises(RefusedError, match="还没有生成下载链接"):
        bureau.take(number)
    bureau.start(number)
    with pytest.raises(RefusedError, match="只能生成一次"):
        bureau.start(number)
    with pytest.raises(RefusedError, match="没有这项导出申请"):
        bureau.take(number, "er")


def test_of_two_who_take_at_once_one_gets_a_file(bureau: Bureau) -> None:
    number = bureau.ready(WHOLE)
    got: list[object] = []
    gate = threading.Barrier(6)

    def take() -> None:
        gate.wait()
        try:
            got.append(bureau.take(number))
        except RefusedError as fault:
            got.append(str(fault))

    threads = [threading.Thread(target=take) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(one, child_exports.Taken) for one in got) == 1
    assert {str(one)[-10:] for one in got if isinstance(one, str)} <= {
        "一次批准只下载一次。",
        "需再导出请重新申请。",
    }
    assert [act for act, _, _ in bureau.acts()].count("export") == 1


def test_while_one_transaction_holds_it_another_is_told_at_once(bureau: Bureau) -> None:
    number = bureau.ready()
    with connect(bureau.settings, Login.CHILD, bureau.scope("yi")) as first:
        stored.opened(first, number)
        with pytest.raises(RefusedError, match="正在下载"):
            bureau.take(number)
        first.rollback()
    assert len(bureau.rows(number)) == 3


def test_of_two_who_decide_at_once_one_decides(bureau: Bureau) -> None:
    number = bureau.ask()
    with connect(bureau.settings, Login.CHILD, bureau.scope("er")) as first:
        stored.decide(first, number, approve=False, words="先不批准")
        waiting = threading.Thread(target=lambda: refused.append(_refusal(bureau, number)))
        refused: list[str] = []
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive(), "it waits for the first"
        first.commit()
    waiting.join()
    assert "已由他人办理" in refused[0]
    assert bureau.state(number) == "declined"


def _refusal(bureau: Bureau, number: int) -> str:
    with pytest.raises(RefusedError) as caught:
        bureau.decide(number, "shi")
    return str(caught.value)


def test_a_file_that_could_not_be_made_leaves_the_approval_as_it_was(bureau: Bureau) -> None:
    number = bureau.ready(WHOLE)
    flipped = "set_byte(sealed_value, 25, 255 - get_byte(sealed_value, 25))"
    swap = f"UPDATE child_identity SET sealed_value = {flipped}"  # noqa: S608 - our own text
    with connect(bureau.settings, Login.IMPORTER, Scope("4305", None, "civil")) as connection:
        connection.execute(text(swap))
    with pytest.raises(KeyringError):
        bureau.take(number)
    assert bureau.state(number) == "started"
    assert "read.identities" not in set(bureau.does("shi", lambda c: audit.acts(c, limit=10))["action"])
    with connect(bureau.settings, Login.IMPORTER, Scope("4305", None, "civil")) as connection:
        connection.execute(text(swap))
    assert len(bureau.rows(number)) == 3


def test_what_changed_between_approval_and_download_is_as_it_is_then(bureau: Bureau) -> None:
    number = bureau.ready()
    bureau.does(
        "yi",
        lambda c: seals.seal(
            c,
            Seal(
                child_code="E1",
                ground="court",
                reason="人身安全保护令",
                review_on=dt.date.today() + dt.timedelta(days=30),  # noqa: DTZ011 - a day on which tests run
                people=(bureau.numbers["yi"],),
            ),
        ),
    )
    with connect(bureau.settings, Login.IMPORTER, Scope("4305", None, "importer")) as connection:
        connection.execute(text("UPDATE child SET area_code = :other WHERE code = 'E2'"), {"other": OTHER})
        connection.execute(text("UPDATE child SET left_on = current_date WHERE code = 'F1'"))
    assert [row["儿童编号"] for row in bureau.rows(number)] == ["E3"], "nor for who is named on the seal"


@pytest.mark.parametrize("who", ["yi", "er"])
@pytest.mark.parametrize(
    "loss",
    [
        "UPDATE account_grant SET ended_at = now() WHERE account_id = :who",
        (
            "UPDATE account_grant SET valid_until = '2020-02-01', valid_from = '2020-01-01' "
            "WHERE account_id = :who"
        ),
        "UPDATE account_grant SET area_code = '430503' WHERE account_id = :who",
        "UPDATE account SET disabled = true WHERE id = :who",
    ],
    ids=["ended", "over", "moved", "disabled"],
)
def test_whoever_loses_the_post_takes_the_approval_along(bureau: Bureau, who: str, loss: str) -> None:
    number = bureau.ready()
    with connect(bureau.settings, Login.OWNER) as connection:
        connection.execute(text(loss), {"who": bureau.numbers[who]})
    with pytest.raises(RefusedError, match=r"不能这样做|不再有效"):
        bureau.take(number)
    if who == "yi" and "430503" in loss:
        with pytest.raises(RefusedError, match="不含所申请的区域"):
            child_exports.take(bureau.settings, bureau.scope("yi", "430503"), number)
    assert bureau.state(number) == "started"
    assert "export" not in {act for act, _, _ in bureau.acts()}


def test_who_lost_the_post_gets_no_approval(bureau: Bureau) -> None:
    number = bureau.ask()
    bureau.owner(
        "UPDATE account_grant SET ended_at = now() WHERE account_id = :who", who=bureau.numbers["yi"]
    )
    with pytest.raises(RefusedError, match="申请人已没有"):
        bureau.decide(number)
    bureau.decide(number, approve=False)


def test_who_is_told_of_requests(bureau: Bureau) -> None:
    number = bureau.ask()
    for login in ("yi", "er", "shi"):
        assert list(bureau.does(login, stored.seen).index) == [number]
    assert bureau.does("lin", stored.seen).empty
    with pytest.raises(RefusedError, match="不能这样做"):
        bureau.does("zhuren", stored.seen)
    for login in ("shuili", "yingji", "jiaoyu", "guanli", "xunhe", "shenji"):
        with pytest.raises(DBAPIError, match="permission denied"):
            bureau.does(login, stored.seen)
    for login, told in (("shenji", 1), ("lin", 0)):
        with connect(bureau.settings, Login.ACCOUNTS, bureau.scope(login), readonly=True) as connection:
            assert len(stored.seen(connection)) == told
    for login in ("shuili", "guanli", "zhuren"):
        with (
            pytest.raises(RefusedError, match="不能这样做"),
            connect(bureau.settings, Login.ACCOUNTS, bureau.scope(login), readonly=True) as connection,
        ):
            stored.seen(connection)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"area_code": "430503"}, "超出您的岗位范围"),
        ({"area_code": "4305"}, "超出您的岗位范围"),
        ({"area_code": "43050"}, "超出您的岗位范围"),
        ({"fields": ("password_hash",)}, "没有这样的字段"),
        ({"format": "csv"}, "请选择格式"),
        ({"format": "gpkg"}, "须含住址点位"),
        ({"purpose": "看看"}, "用 10 至 300"),
        ({"purpose": " " * 40}, "用 10 至 300"),
        ({"purpose": "暑期走访前\n核对名册一"}, "看不见的字符"),
        ({"purpose": "暑期走访前核对名册\u202e册名对核"}, "看不见的字符"),
        ({"list_reason": "按学校\u200b分组走访"}, "看不见的字符"),
        ({"list_reason": ""}, "名册各项的理由"),
        ({"fields": ("home",)}, "住址点位的理由"),
        ({"fields": ("guardian_phone",)}, "身份信息的理由"),
    ],
)
def test_what_is_not_asked_properly_is_refused(bureau: Bureau, change: dict[str, Any], fault: str) -> None:
    facts = {
        name: getattr(PLAIN, name) for name in ("area_code", "fields", "format", "purpose", "list_reason")
    }
    with pytest.raises(RefusedError, match=fault):
        bureau.ask(wanted=Request(**(facts | change)))
    assert bureau.acts() == []


def test_three_stand_open_and_no_more(bureau: Bureau) -> None:
    first = [bureau.ask() for _ in range(3)]
    with pytest.raises(RefusedError, match="三项申请没有办完"):
        bureau.ask()
    bureau.decide(first[0], approve=False)
    bureau.ask()


def test_hostile_words_are_printed_as_they_are_and_hidden_marks_refused(bureau: Bureau) -> None:
    hidden = [name for name in (*NAMES, *MORE) if not name.isprintable()]
    assert {"\u202e", "\u2028", "\u2067"} <= set("".join(hidden))
    for name in (*NAMES, *MORE):
        said = f"演示用途演示用途{name}用途"
        if name in hidden:
            with pytest.raises(RefusedError, match="看不见的字符"):
                bureau.ask(wanted=dataclasses.replace(PLAIN, purpose=said))
            continue
        number = bureau.ready(dataclasses.replace(PLAIN, purpose=said, list_reason=said))
        book = openpyxl.load_workbook(io.BytesIO(bureau.take(number).content))
        facts = {row[0]: row[1] for row in book["说明"].iter_rows(values_only=True)}
        assert facts["用途"] == facts["名册理由"] == said


def test_an_area_without_children_is_a_file_without_rows(bureau: Bureau) -> None:
    wanted = dataclasses.replace(WHOLE, area_code="430503", format="gpkg")
    number = bureau.ask("lin", wanted)
    bureau.decide(number, "shi")
    with connect(bureau.settings, Login.IMPORTER, Scope("4305", None, "operator")) as connection:
        connection.execute(text("UPDATE child SET left_on = current_date WHERE code = 'F1'"))
    bureau.start(number, "lin")
    assert bureau.take(number, "lin").content.startswith(b"SQLite format 3")
    assert bureau.acts()[-1] == ("export", "lin", 0)


def test_too_many_children_are_no_export(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    number = bureau.ready()
    monkeypatch.setattr(stored, "MOST", 2)
    with pytest.raises(RefusedError, match="分别申请"):
        bureau.take(number)
    assert bureau.state(number) == "started"


def test_the_database_and_the_words_know_the_fields_that_the_table_takes(bureau: Bureau) -> None:
    assert tuple(words.EXPORT_FIELDS) == schema.FIELDS
    assert set(words.EXPORT_FORMATS) == set(schema.FORMATS) == set(child_exports.WRITERS)
    with connect(bureau.settings, Login.OWNER, readonly=True) as connection:
        said = connection.execute(
            text("SELECT child_export_words(CAST(:all AS text[]))"), {"all": list(schema.FIELDS)}
        ).scalar_one()
    assert said == "、".join(words.EXPORT_FIELDS.values())
    assert rights.roles_that_may("child_exports", "propose") == ("civil",)
    assert rights.roles_that_may("child_exports", "approve") == ("civil",)
    assert set(rights.roles_that_may("child_exports", "approve")) <= set(
        rights.roles_that_may("child_grants", "approve")
    )
