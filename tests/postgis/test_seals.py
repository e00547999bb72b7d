"""A sealed child exists for named persons alone, whatever a page or a file asks; what opens takes two."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, TypeVar

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data import rights
from data.copying import copy_frame
from data.engine import Login, Scope, connect
from data.importers.rows import Parsed
from data.importers.storing import Store
from data.reading import read_table
from data.schema.children import child, proximity
from data.schema.waters import water
from data.storage import accounts, children, grant_desk, retention, seals, shared_homes
from data.storage.faults import RefusedError
from data.storage.retention import Term
from data.storage.seals import Seal
from data.upserting import ids_by_code
from pages.door.desk import Viewer
from pages.shell import frames

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from data.settings import Settings

VILLAGE = "430502001200"
IMPORT = Scope("4305", None, "importer")
PEOPLE = {
    "shi": ("civil", "4305"),
    "xian": ("civil", "430502"),
    "ling": ("civil", "430502"),
    "zhuren": ("child_director", VILLAGE),
    "xuexiao": ("education", "430502"),
    "guanli": ("administrator", "4305"),
    "shenji": ("auditor", "4305"),
    "shuili": ("water", "430502"),
}
TODAY = dt.date.today()  # noqa: DTZ011 - a day on which tests run
REVIEW = TODAY + dt.timedelta(days=90)
STORED = "$argon2id$stored"
INSERT_SEALED = (
    "INSERT INTO child (code, area_code, category, birth_month, sealed) "
    "SELECT 'G', area_code, category, birth_month, true FROM child LIMIT 1"
)
SEALED_TABLES = ("child", "home", "child_identity", "child_visit", "proximity")
Staff = tuple["Settings", dict[str, int]]
Answer = TypeVar("Answer")


@pytest.fixture
def staffed(stored_county: Settings) -> Staff:
    """Three children with home, identity, visit and nearness; people of every kind."""
    numbers = {}
    with connect(stored_county, Login.IMPORTER, IMPORT) as connection:
        for login, (role, area) in PEOPLE.items():
            numbers[login] = accounts.create_account(
                connection, login=login, display_name=login, bureau="", password_hash=STORED
            )
            accounts.add_grant(connection, numbers[login], role, area)
        codes = ["E1", "E2", "E3"]
        children.upsert_children(
            connection,
            pd.DataFrame(
                {
                    "code": codes,
                    "area_code": VILLAGE,
                    "category": "other",
                    "birth_month": pd.Timestamp("2018-05-01"),
                }
            ),
        )
        ids = ids_by_code(connection, child)[codes].tolist()
        points = shapely.points([111.001, 111.002, 111.003], 27.0)
        frame = gpd.GeoDataFrame({"child_id": ids, "area_code": VILLAGE}, geometry=points, crs="EPSG:4490")
        children.upsert_homes(connection, frame)
        for table, columns, values in (
            ("child_identity", "field, sealed_value, key_number", "'name', 'x', 1"),
            ("child_visit", "kind, visited_on", "'contact', current_date"),
        ):
            connection.execute(
                text(
                    f"INSERT INTO {table} (child_id, area_code, {columns}) "  # noqa: S608 - our own text
                    f"SELECT id, area_code, {values} FROM child"
                )
            )
        connection.execute(
            text("UPDATE child SET institution_id = (SELECT id FROM institution WHERE code = 'I1')")
        )
        pond = int(ids_by_code(connection, water)["W2"])
    with connect(stored_county, Login.WORKER) as connection:
        near = pd.DataFrame(
            {
                "child_id": ids,
                "area_code": VILLAGE,
                "target_kind": "water",
                "target_id": pond,
                "distance_m": 9.0,
            }
        )
        copy_frame(connection, proximity, near)
    return stored_county, numbers


def do(staffed: Staff, login: str, work: Callable[[Connection], Answer]) -> Answer:
    role, area = PEOPLE[login]
    scope = Scope(area, staffed[1][login], role)
    with connect(staffed[0], rights.login_of(role), scope) as connection:
        return work(connection)


def wanted(staffed: Staff, *people: str, code: str = "E2", reason: str = "法院人身安全保护令") -> Seal:
    named = tuple(staffed[1][login] for login in people)
    return Seal(child_code=code, ground="court", reason=reason, review_on=REVIEW, people=named)


def sealed(staffed: Staff, *people: str, by: str = "xian") -> int:
    return do(staffed, by, lambda c: seals.seal(c, wanted(staffed, *people)))


def counts(staffed: Staff, login: str) -> list[int]:
    def counted(connection: Connection) -> list[int]:
        return [
            int(connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one())  # noqa: S608
            for name in SEALED_TABLES
        ]

    return do(staffed, login, counted)


def acts(staffed: Staff) -> list[str]:
    with connect(staffed[0], Login.BACKUP, readonly=True) as connection:
        return list(connection.scalars(text("SELECT action FROM audit ORDER BY id")))


def test_only_the_named_see_a_sealed_child_in_any_table(staffed: Staff) -> None:
    assert counts(staffed, "ling") == counts(staffed, "zhuren") == [3] * 5
    sealed(staffed, "shi", "zhuren")
    assert counts(staffed, "shi") == counts(staffed, "zhuren") == [3] * 5
    # Whoever sealed it is not named, and sees it no more than anybody else.
    assert counts(staffed, "xian") == counts(staffed, "ling") == [2] * 5
    pupils = do(staffed, "xuexiao", lambda c: c.execute(text("SELECT count(code) FROM child")).scalar_one())
    assert pupils == 2
    listed = do(staffed, "shi", children.children_near_hazards)
    assert dict(zip(listed["code"], listed["sealed"], strict=True)) == {"E1": False, "E2": True, "E3": False}
    assert acts(staffed) == ["seal.child"]


def test_what_leaves_the_program_holds_no_sealed_child_not_even_of_the_named(staffed: Staff) -> None:
    sealed(staffed, "shi", "xian")
    handed = do(staffed, "shi", lambda c: children.children_near_hazards(c, "4305", sealed=False))
    assert list(handed["code"]) == ["E1", "E3"]


def test_the_named_lose_sight_with_their_post(staffed: Staff) -> None:
    sealed(staffed, "shi", "zhuren")
    assert counts(staffed, "zhuren") == [3] * 5
    with connect(staffed[0], Login.CHILD, Scope("430502", staffed[1]["shi"], "water")) as connection:
        assert connection.execute(text("SELECT count(*) FROM child")).scalar_one() == 0


def test_the_assessment_and_what_others_see_count_a_sealed_child_as_before(staffed: Staff) -> None:
    def told() -> tuple[int, int, list[int]]:
        with connect(staffed[0], Login.WORKER) as connection:
            shared_homes.renew(connection, TODAY, at_least=1, at_once=1)
            homes = read_table(connection, children.homes_for_assessment())
            return len(homes), len(read_table(connection, shared_homes.shared_homes())), sorted(homes.ids)

    before = told()
    sealed(staffed, "shi")
    assert told() == before
    assert before[0] == before[1] == 3


@pytest.mark.parametrize(
    ("by", "change", "fault"),
    [
        ("zhuren", {}, "岗位不能这样做"),
        ("xian", {"code": "nobody"}, "没有这名儿童"),
        ("xian", {"people": ()}, "指定 1 至 10 名"),
        ("xian", {"people": ("zhuren",)}, "至少指定一名民政"),
        ("xian", {"people": ("shi", "shuili")}, "民政或本村儿童主任岗位"),
        ("xian", {"people": ("shi", "xuexiao")}, "民政或本村儿童主任岗位"),
        ("xian", {"people": ("shi", "guanli")}, "民政或本村儿童主任岗位"),
        ("xian", {"reason": "无"}, "4 至 300 个字"),
    ],
)
def test_who_may_not_seal_or_be_named_is_told_so(
    staffed: Staff, by: str, change: dict[str, object], fault: str
) -> None:
    people = change.pop("people", ("shi",))
    assert isinstance(people, tuple)
    given = wanted(staffed, *people, **change)  # type: ignore[arg-type]
    with pytest.raises(RefusedError, match=fault):
        do(staffed, by, lambda c: seals.seal(c, given))
    assert counts(staffed, "ling") == [3] * 5
    assert acts(staffed) == []


@pytest.mark.parametrize("login", ["xuexiao", "guanli", "shuili", "shenji"])
def test_pages_of_other_roles_cannot_even_call_it(staffed: Staff, login: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        do(staffed, login, seals.seen)


def test_a_child_of_another_county_or_sealed_already_is_none(staffed: Staff) -> None:
    with connect(staffed[0], Login.OWNER) as connection:
        connection.execute(
            text(
                "INSERT INTO area (code, name, level, parent_code) "
                "VALUES ('430503', '乙县', 'county', '4305')"
            )
        )
    with connect(staffed[0], Login.IMPORTER, IMPORT) as connection:
        connection.execute(
            text(
                "INSERT INTO child (code, area_code, category, birth_month) "
                "VALUES ('F1', '430503', 'other', '2018-01-01')"
            )
        )
        other = int(ids_by_code(connection, child)["F1"])
        held = int(ids_by_code(connection, child)["E2"])
    sealed(staffed, "shi", "ling")
    for number in (other, held, 999_999):
        call = text("SELECT seal_child(:n, 'court', '法院保护令', :day, ARRAY[CAST(:who AS bigint)])")
        values = {"n": number, "day": REVIEW, "who": staffed[1]["shi"]}
        with pytest.raises(DBAPIError, match="本辖区没有这名儿童"):
            do(staffed, "xian", lambda c, call=call, values=values: c.execute(call, values))  # type: ignore[misc]


def test_no_page_and_no_file_of_an_account_turns_the_mark(staffed: Staff) -> None:
    number = sealed(staffed, "shi")
    for login, statement in (
        ("shi", "UPDATE child SET sealed = false"),
        ("ling", "UPDATE child SET sealed = true"),
        (
            "ling",
            INSERT_SEALED,
        ),
    ):
        with pytest.raises(DBAPIError, match=r"its own act alone|row-level security"):
            do(staffed, login, lambda c, statement=statement: c.execute(text(statement)))  # type: ignore[misc]
    with (
        pytest.raises(DBAPIError, match="its own act alone"),
        connect(staffed[0], Login.IMPORTER, Scope("430502", staffed[1]["xian"], "civil")) as connection,
    ):
        connection.execute(text("UPDATE child SET sealed = true"))
    for table in ("child_seal", "child_seal_proposal"):
        with pytest.raises(DBAPIError, match="permission denied"):
            do(staffed, "shi", lambda c, table=table: c.execute(text(f"SELECT * FROM {table}")))  # type: ignore[misc] # noqa: S608
    assert number
    # Of who is named, each learns of oneself.
    own = text("SELECT count(*) FROM child_seal_person")
    assert [do(staffed, login, lambda c: c.execute(own).scalar_one()) for login in ("shi", "ling")] == [1, 0]


def test_lifting_takes_one_who_is_named_and_a_second_who_learns_nothing_of_the_child(staffed: Staff) -> None:
    number = sealed(staffed, "shi", "xian")
    with pytest.raises(RefusedError, match="不在其指定人员之列"):
        do(staffed, "ling", lambda c: seals.ask_to_lift(c, number, "法院已撤销"))
    asked = do(staffed, "xian", lambda c: seals.ask_to_lift(c, number, "法院已撤销"))
    with pytest.raises(RefusedError, match="已有待批准"):
        do(staffed, "shi", lambda c: seals.ask_to_lift(c, number, "法院已撤销"))
    with pytest.raises(RefusedError, match="自己提出"):
        do(staffed, "xian", lambda c: seals.decide(c, asked, approve=True))
    listed = do(staffed, "ling", seals.proposals)
    assert list(listed["county"]) == ["甲县"]
    assert "child_id" not in listed.columns
    assert do(staffed, "ling", seals.seen).empty
    assert counts(staffed, "ling") == [2] * 5
    do(staffed, "ling", lambda c: seals.decide(c, asked, approve=True))
    assert counts(staffed, "ling") == counts(staffed, "xian") == [3] * 5
    assert do(staffed, "xian", seals.seen).empty
    assert acts(staffed) == ["seal.child", "seal.ask", "seal.lift"]
    # And it can be sealed anew.
    sealed(staffed, "shi")
    assert counts(staffed, "xian") == [2] * 5


def test_what_is_declined_changes_nothing(staffed: Staff) -> None:
    number = sealed(staffed, "shi", "xian")
    asked = do(staffed, "xian", lambda c: seals.ask_to_lift(c, number, "法院已撤销"))
    do(staffed, "ling", lambda c: seals.decide(c, asked, approve=False))
    assert counts(staffed, "ling") == [2] * 5
    with pytest.raises(RefusedError, match="已由他人办理"):
        do(staffed, "ling", lambda c: seals.decide(c, asked, approve=True))


def test_naming_one_more_takes_a_second_person_and_taking_off_takes_one(staffed: Staff) -> None:
    number = sealed(staffed, "shi", "xian")
    with pytest.raises(RefusedError, match="只能增加"):
        do(staffed, "xian", lambda c: seals.ask_to_name(c, number, staffed[1]["shuili"], "参与办案"))
    asked = do(staffed, "xian", lambda c: seals.ask_to_name(c, number, staffed[1]["ling"], "参与办案"))
    with pytest.raises(RefusedError, match="给自己的"):
        do(staffed, "ling", lambda c: seals.decide(c, asked, approve=True))
    assert counts(staffed, "ling") == [2] * 5
    do(staffed, "shi", lambda c: seals.decide(c, asked, approve=True))
    assert counts(staffed, "ling") == [3] * 5
    do(staffed, "shi", lambda c: seals.release(c, number, staffed[1]["ling"]))
    do(staffed, "shi", lambda c: seals.release(c, number, staffed[1]["xian"]))
    assert counts(staffed, "ling") == counts(staffed, "xian") == [2] * 5
    with pytest.raises(RefusedError, match="至少保留"):
        do(staffed, "shi", lambda c: seals.release(c, number, staffed[1]["shi"]))
    assert acts(staffed) == ["seal.child", "seal.ask", "seal.name", "seal.release", "seal.release"]


def test_no_seal_ends_by_itself_and_its_review_is_told(staffed: Staff) -> None:
    number = sealed(staffed, "shi")
    with connect(staffed[0], Login.OWNER) as connection:
        connection.execute(text("UPDATE child_seal SET review_on = current_date - 1"))
    assert counts(staffed, "ling") == [2] * 5
    listed = do(staffed, "shi", seals.seen)
    assert list(listed[["child_code", "overdue"]].iloc[0]) == ["E2", True]
    for wrong in (TODAY, TODAY + dt.timedelta(days=400)):
        with pytest.raises(RefusedError, match="复核日期"):
            do(staffed, "shi", lambda c, wrong=wrong: seals.renew(c, number, wrong))  # type: ignore[misc]
    do(staffed, "shi", lambda c: seals.renew(c, number, REVIEW))
    assert not do(staffed, "shi", seals.seen)["overdue"].any()


def test_where_all_the_named_have_gone_civil_affairs_undo_it_by_two_without_seeing_the_child(
    staffed: Staff,
) -> None:
    number = sealed(staffed, "xian")
    with connect(staffed[0], Login.ACCOUNTS, Scope("4305", staffed[1]["guanli"], "administrator")) as c:
        grant_desk.disable(c, staffed[1]["xian"], wish=True)
    listed = do(staffed, "ling", seals.seen)
    assert list(listed["child_code"]) == [""]
    assert listed["child_id"].isna().all()
    asked = do(staffed, "ling", lambda c: seals.ask_to_name(c, number, staffed[1]["ling"], "接手办理"))
    do(staffed, "shi", lambda c: seals.decide(c, asked, approve=True))
    assert counts(staffed, "ling") == [3] * 5


def test_a_file_neither_shows_nor_changes_a_sealed_child(staffed: Staff) -> None:
    sealed(staffed, "shi")
    records = [
        {
            "code": code,
            "area_code": VILLAGE,
            "category": "orphan",
            "birth_month": dt.date(2018, 5, 1),
            "source_sheet": "",
            "source_row": row,
        }
        for row, code in enumerate(["E1", "E2", "E9"])
    ]
    for batch in (None, 7):
        # Even the person who is named: a preview may be looked at by others.
        with connect(staffed[0], Login.IMPORTER, Scope("430502", staffed[1]["shi"], "civil")) as connection:
            if batch:
                connection.execute(
                    text(
                        "INSERT INTO import_batch (id, kind, file_name, file_sha256) "
                        "VALUES (7, 'children', 'x', 'x')"
                    )
                )
            store = Store(connection, Scope("430502", staffed[1]["shi"], "civil"), batch)
            store.put(Parsed(kind="children", crs="", tables={"child": [dict(record) for record in records]}))
            tally = store.tallies["child"]
            assert (tally.inserted, tally.updated) == (1, 1)
            assert [str(fault.faults[0].reason) for fault in store.refused] == [
                "这个编号已属于另一区域的记录"
            ]
    with connect(staffed[0], Login.BACKUP, readonly=True) as connection:
        held = connection.execute(text("SELECT code, category FROM child ORDER BY code")).all()
    assert [tuple(row) for row in held] == [
        ("E1", "orphan"),
        ("E2", "other"),
        ("E3", "other"),
        ("E9", "orphan"),
    ]


def test_an_account_purges_no_sealed_child_and_the_machine_does(staffed: Staff) -> None:
    sealed(staffed, "shi")
    term = Term(day=dt.date(2060, 1, 1), months=24)
    with connect(staffed[0], Login.IMPORTER, Scope("430502", staffed[1]["xian"], "civil")) as connection:
        assert retention.purge(connection, term)["child"] == 2
        connection.rollback()
    with connect(staffed[0], Login.IMPORTER, Scope("4305", None, "operator")) as connection:
        assert retention.purge(connection, term)["child"] == 3
    assert do(staffed, "shi", seals.seen).empty


def test_the_owner_reaches_the_one_child_of_a_transaction_that_seals_it_and_no_other(staffed: Staff) -> None:
    sealed(staffed, "shi")
    with connect(staffed[0], Login.OWNER, IMPORT) as connection:
        assert connection.execute(text("SELECT count(*) FROM child")).scalar_one() == 0
        connection.execute(text("UPDATE child_seal SET touched_in = txid_current()"))
        assert list(connection.scalars(text("SELECT code FROM child"))) == ["E2"]
        assert connection.execute(text("SELECT count(*) FROM home")).scalar_one() == 0
        connection.rollback()


def test_the_acts_are_links_of_the_chain(staffed: Staff) -> None:
    sealed(staffed, "shi")
    with connect(staffed[0], Login.BACKUP, readonly=True) as connection:
        assert connection.execute(text("SELECT count(*) FROM audit_chain")).scalar_one() == 1
        row = connection.execute(text("SELECT object_kind, object_ids, purpose FROM audit")).one()
    assert row[0] == "seal"
    assert row[2] == ""


def test_those_who_seal_are_those_the_file_names() -> None:
    assert rights.roles_that_may("children", "seal") == ("civil",)


def test_the_record_of_a_reading_tells_colleagues_no_code_of_a_sealed_child(
    staffed: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed(staffed, "shi")
    monkeypatch.setattr(frames, "deployment", lambda: staffed[0])
    role, area = PEOPLE["shi"]
    viewer = Viewer(
        account_id=staffed[1]["shi"],
        login="shi",
        display_name="shi",
        bureau="",
        grants=(),
        role=role,
        area_code=area,
        area_name="市",
        session="seals",
        purpose="档案核对与数据订正",
    )
    assert list(frames.children_near_hazards(viewer)["code"]) == ["E1", "E2", "E3"]
    with connect(staffed[0], Login.BACKUP, readonly=True) as connection:
        told = connection.execute(
            text("SELECT action, object_ids, row_count FROM audit WHERE action LIKE 'read%' ORDER BY id")
        ).all()
        number = str(connection.scalar(text("SELECT id FROM child WHERE code = 'E2'")))
    assert [tuple(row) for row in told] == [("read.homes", ["E1", "E3"], 3), ("read.sealed", [number], 1)]
