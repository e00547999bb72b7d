"""Urgent sight of homes: at once, of one township, over by itself, on record, judged by a second person."""

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
from data.engine import Login, Scope, connect
from data.schema.accounts import GIVEN, ROLES
from data.schema.children import PROTECTED, child
from data.storage import accounts, children, grant_desk, own, seals, sessions, urgent
from data.storage.faults import RefusedError
from data.storage.grant_desk import Proposal
from data.storage.seals import Seal
from data.storage.urgent import Opening
from data.upserting import ids_by_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from data.settings import Settings

STORED = "$argon2id$stored"
TOWNSHIP, OTHER = "430502001", "430503002"
REASON = "山洪已漫过沿河路，须逐户转移"
PEOPLE = {
    "yingji": ("emergency", "4305"),
    "minzheng": ("civil", "430502"),
    "linxian": ("civil", "430503"),
    "guanli": ("administrator", "4305"),
    "shenji": ("auditor", "4305"),
    "shuili": ("water", "4305"),
    "jiaoyu": ("education", "4305"),
    "zhuren": ("child_director", "430502001200"),
    "xunhe": ("patroller", "430502"),
}
INSERTED = (
    "INSERT INTO account_grant (account_id, role, area_code, expires_at) "
    "VALUES (1, 'urgent', '430503002', now() + interval '1 hour')"
)
TODAY = dt.date.today()  # noqa: DTZ011 - a day on which tests run
Answer = TypeVar("Answer")


class Staff:
    """People with a session each, over three children in one township and one in another."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.numbers: dict[str, int] = {}
        self.tokens: dict[str, str] = {}
        self.posts: dict[str, int] = {}

    def hire(self, login: str, role: str, area: str, *, factor: bool = True) -> None:
        with connect(self.settings, Login.IMPORTER, Scope("4305", None, "founding")) as connection:
            number = accounts.create_account(
                connection, login=login, display_name=login, bureau="", password_hash=STORED
            )
            accounts.add_grant(connection, number, role, area)
            self.posts[login] = accounts.grants(connection, number)[0].id
        with connect(self.settings, Login.DOOR) as connection:
            self.tokens[login] = sessions.create(connection, number, absolute_minutes=60)
        if factor:
            with connect(self.settings, Login.OWNER) as connection:
                connection.execute(
                    text("UPDATE session SET second_factor_at = now() WHERE account_id = :id"), {"id": number}
                )
        self.numbers[login] = number

    def open(self, login: str, **change: object) -> int:
        facts: dict[str, object] = {
            "post_id": self.posts[login],
            "area_code": TOWNSHIP,
            "hours": 2,
            "incident": "flood",
            "reason": REASON,
        }
        wanted = Opening(**(facts | change))  # type: ignore[arg-type]
        with connect(self.settings, Login.DOOR) as connection:
            return urgent.open_sight(connection, self.tokens[login], wanted)

    def end(self, login: str) -> None:
        with connect(self.settings, Login.DOOR) as connection:
            urgent.end_sight(connection, self.tokens[login])

    def scope(self, login: str) -> Scope:
        role, area = PEOPLE[login]
        return Scope(area, self.numbers[login], role)

    def desk(self, login: str, work: Callable[[Connection], Answer]) -> Answer:
        with connect(self.settings, Login.ACCOUNTS, self.scope(login)) as connection:
            return work(connection)

    def codes(self, login: str, area: str = TOWNSHIP) -> list[str]:
        """Return the children whose homes the sight of `login` shows."""
        scope = Scope(area, self.numbers[login], urgent.ROLE)
        with connect(self.settings, rights.login_of(urgent.ROLE), scope, readonly=True) as connection:
            return list(urgent.homes(connection, area)["code"])

    def later(self, hours: float) -> None:
        """Let time pass for every sight."""
        with connect(self.settings, Login.OWNER) as connection:
            connection.execute(text("SELECT set_config('app.urgent', txid_current()::text, true)"))
            for table, columns in (
                ("account_grant", ("expires_at",)),
                ("urgent_sight", ("opened_at", "expires_at", "review_by", "reviewed_at")),
            ):
                moved = ", ".join(f"{name} = {name} - make_interval(mins => :m)" for name in columns)
                where = " WHERE role = 'urgent'" if table == "account_grant" else ""
                connection.execute(text(f"UPDATE {table} SET {moved}{where}"), {"m": int(hours * 60)})  # noqa: S608

    def acts(self) -> list[tuple[str, str, str]]:
        with connect(self.settings, Login.BACKUP, readonly=True) as connection:
            return [
                tuple(row)
                for row in connection.execute(
                    text("SELECT action, role, area_code FROM audit WHERE action LIKE 'urgent%' ORDER BY id")
                )
            ]


@pytest.fixture
def staff(stored_county: Settings) -> Staff:
    made = Staff(stored_county)
    with connect(stored_county, Login.OWNER) as connection:
        connection.execute(
            text(
                "INSERT INTO area (code, name, level, parent_code) VALUES "
                "('430503', '丁县', 'county', '4305'), ('430503002', '戊镇', 'township', '430503')"
            )
        )
    with connect(stored_county, Login.IMPORTER, Scope("4305", None, "importer")) as connection:
        codes = ["E1", "E2", "E3", "F1"]
        lying = ["430502001200", "430502001200", "430502001", OTHER]
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
        points = shapely.points([111.001, 111.002, 111.003, 111.004], 27.0)
        children.upsert_homes(
            connection,
            gpd.GeoDataFrame({"child_id": ids, "area_code": lying}, geometry=points, crs="EPSG:4490"),
        )
    for login, (role, area) in PEOPLE.items():
        made.hire(login, role, area)
    return made


def test_emergency_staff_see_the_homes_of_one_township_at_once_and_nothing_else(staff: Staff) -> None:
    assert staff.codes("yingji") == []
    staff.open("yingji")
    assert staff.codes("yingji") == ["E3", "E1", "E2"]
    assert staff.codes("yingji", OTHER) == []
    assert staff.codes("yingji", "4305") == []
    assert staff.codes("shuili") == [], "it is one person's, not everybody's of the role"
    scope = Scope(TOWNSHIP, staff.numbers["yingji"], urgent.ROLE)
    with connect(staff.settings, rights.login_of(urgent.ROLE), scope) as connection:
        for statement in (
            "SELECT category FROM child",
            "SELECT raw_position FROM home",
            "UPDATE home SET precision = precision",
            *(f"SELECT * FROM {name}" for name in set(PROTECTED) - {"home", "child"}),  # noqa: S608
        ):
            with pytest.raises(DBAPIError, match="permission denied"), connection.begin_nested():
                connection.execute(text(statement))
    with connect(staff.settings, Login.DOOR, readonly=True) as connection:
        found = sessions.find(connection, staff.tokens["yingji"], idle_minutes=30, touch=False)
        held = accounts.grants(connection, staff.numbers["yingji"])
    assert found is not None
    assert [(grant.role, grant.area_code) for grant in held if grant.id == found.post_id] == [
        ("urgent", TOWNSHIP)
    ]
    assert staff.acts() == [("urgent.open", "urgent", TOWNSHIP)]


def test_it_ends_by_itself_and_by_hand_and_leads_back_to_the_post(staff: Staff) -> None:
    staff.open("yingji", hours=2)
    staff.later(1.9)
    assert len(staff.codes("yingji")) == 3
    staff.later(0.2)
    assert staff.codes("yingji") == []
    with connect(staff.settings, Login.DOOR, readonly=True) as connection:
        assert [grant.role for grant in accounts.grants(connection, staff.numbers["yingji"])] == ["emergency"]
    staff.open("yingji")
    staff.end("yingji")
    assert staff.codes("yingji") == []
    with connect(staff.settings, Login.DOOR, readonly=True) as connection:
        found = sessions.find(connection, staff.tokens["yingji"], idle_minutes=30, touch=False)
    assert found is not None
    assert found.post_id == staff.posts["yingji"]
    assert [act for act, _, _ in staff.acts()] == ["urgent.open", "urgent.open", "urgent.end"]


def test_it_is_neither_extended_nor_opened_a_third_time_in_a_day(staff: Staff) -> None:
    staff.open("yingji")
    for place in (TOWNSHIP, OTHER):
        with pytest.raises(RefusedError, match="不能延长"):
            staff.open("yingji", area_code=place)
    for statement in (
        "UPDATE account_grant SET expires_at = expires_at + interval '1 day' WHERE role = 'urgent'",
        "UPDATE account_grant SET area_code = '4305' WHERE role = 'urgent'",
        "UPDATE account_grant SET role = 'urgent', expires_at = now() + interval '1 hour'",
        INSERTED,
    ):
        with (
            pytest.raises(DBAPIError, match="不能延长"),
            connect(staff.settings, Login.IMPORTER) as connection,
        ):
            connection.execute(text(statement))
    staff.end("yingji")
    with (
        pytest.raises(DBAPIError, match="不能延长"),
        connect(staff.settings, Login.IMPORTER) as connection,
    ):
        connection.execute(text("UPDATE account_grant SET ended_at = NULL WHERE role = 'urgent'"))
    staff.open("yingji", area_code=OTHER)
    staff.end("yingji")
    with pytest.raises(RefusedError, match="24 小时内已启用两次"):
        staff.open("yingji")
    staff.later(24)
    staff.open("yingji")


@pytest.mark.parametrize("login", sorted(set(PEOPLE) - {"yingji", "minzheng", "linxian"}))
def test_no_other_role_opens_it(staff: Staff, login: str) -> None:
    with pytest.raises(RefusedError, match="仅限应急管理、民政岗位"):
        staff.open(login)
    with pytest.raises(RefusedError, match="仅限应急管理、民政岗位"):
        staff.open(login, post_id=staff.posts["yingji"])
    assert staff.codes(login) == []
    assert staff.acts() == []


def test_who_administers_accounts_opens_none_whatever_else_they_are(staff: Staff) -> None:
    with connect(staff.settings, Login.IMPORTER) as connection:
        accounts.add_grant(connection, staff.numbers["yingji"], "administrator", "4305")
    with pytest.raises(RefusedError, match="不兼任系统管理员"):
        staff.open("yingji")


def test_without_a_second_factor_in_this_session_it_stays_closed(staff: Staff) -> None:
    staff.hire("new", "emergency", "4305", factor=False)
    with pytest.raises(RefusedError, match="动态口令"):
        staff.open("new")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"area_code": "430502"}, "限一个乡镇"),
        ({"area_code": "430502001200"}, "限一个乡镇"),
        ({"area_code": "999999999"}, "限一个乡镇"),
        ({"hours": 0}, "1 至 24"),
        ({"hours": 25}, "1 至 24"),
        ({"incident": ""}, "险情种类"),
        ({"reason": "看看"}, "10 至 300"),
        ({"reason": " " * 20}, "10 至 300"),
    ],
)
def test_what_is_not_said_properly_is_refused(staff: Staff, change: dict[str, object], fault: str) -> None:
    with pytest.raises(RefusedError, match=fault):
        staff.open("yingji", **change)
    assert staff.acts() == []


def test_civil_affairs_open_it_outside_their_area_and_need_none_within(staff: Staff) -> None:
    with pytest.raises(RefusedError, match="岗位范围内"):
        staff.open("minzheng")
    staff.open("linxian")
    assert staff.codes("linxian") == ["E3", "E1", "E2"]


def test_no_sealed_child_is_seen_not_even_by_who_is_named(staff: Staff) -> None:
    with connect(staff.settings, Login.CHILD, staff.scope("minzheng")) as connection:
        seals.seal(
            connection,
            Seal(
                child_code="E2",
                ground="police",
                reason="公安机关要求保密",
                review_on=TODAY + dt.timedelta(days=30),
                people=(staff.numbers["minzheng"],),
            ),
        )
    staff.open("yingji")
    assert staff.codes("yingji") == ["E3", "E1"]


def test_a_second_person_of_the_place_reviews_it(staff: Staff) -> None:
    number = staff.open("yingji")
    for login in ("yingji", "linxian", "shenji", "guanli"):
        with pytest.raises((RefusedError, DBAPIError)):
            staff.desk(login, lambda c: urgent.review(c, number, justified=True, words="情况属实"))
    with pytest.raises(RefusedError, match="4 至 300"):
        staff.desk("minzheng", lambda c: urgent.review(c, number, justified=True, words="好"))
    for login in ("minzheng", "shenji"):
        row = staff.desk(login, urgent.seen).loc[number]
        assert (row["person"], row["incident"], bool(row["standing"])) == ("yingji", "flood", True)
        assert row["reason"] == REASON
    assert staff.desk("linxian", urgent.seen).empty
    staff.later(73)
    assert bool(staff.desk("shenji", urgent.seen).loc[number, "overdue"])
    staff.desk("minzheng", lambda c: urgent.review(c, number, justified=True, words="情况属实"))
    row = staff.desk("yingji", urgent.seen).loc[number]
    assert (bool(row["justified"]), row["reviewed_by"], row["review"]) == (True, "minzheng", "情况属实")
    assert not bool(row["overdue"])
    with pytest.raises(RefusedError, match="已由他人复核"):
        staff.desk("minzheng", lambda c: urgent.review(c, number, justified=False, words="再看看吧"))
    assert [act for act, _, _ in staff.acts()] == ["urgent.open", "urgent.justified"]


def test_what_was_not_justified_ends_at_once_and_closes_the_way_for_a_month(staff: Staff) -> None:
    number = staff.open("yingji")
    staff.desk("minzheng", lambda c: urgent.review(c, number, justified=False, words="并无险情"))
    assert staff.codes("yingji") == []
    staff.later(48)
    with pytest.raises(RefusedError, match="30 天内"):
        staff.open("yingji")
    staff.later(29 * 24)
    staff.open("yingji")


def test_nobody_reviews_their_own(staff: Staff) -> None:
    staff.hire("er", "civil", "430503")
    with connect(staff.settings, Login.IMPORTER) as connection:
        accounts.add_grant(connection, staff.numbers["linxian"], "civil", "4305")
    number = staff.open("linxian")
    scope = Scope("4305", staff.numbers["linxian"], "civil")
    with (
        pytest.raises(RefusedError, match="不能复核自己的"),
        connect(staff.settings, Login.ACCOUNTS, scope) as connection,
    ):
        urgent.review(connection, number, justified=True, words="情况属实")


def test_civil_affairs_and_administrators_end_it_and_a_reset_asks_for_the_post_alone_anew(
    staff: Staff,
) -> None:
    def urgent_grant() -> int:
        listed = staff.desk("guanli", grant_desk.grants)
        return int(listed.index[(listed["role"] == "urgent") & (listed["state"] == "standing")][0])

    staff.open("yingji")
    staff.desk("minzheng", lambda c: grant_desk.end(c, urgent_grant()))
    assert staff.codes("yingji") == []
    assert staff.desk("minzheng", urgent.seen)["ended_at"].notna().all()
    staff.later(24)
    staff.open("yingji")
    waiting = staff.desk(
        "guanli", lambda c: grant_desk.reset(c, staff.numbers["yingji"], STORED, forget_factor=False)
    )
    assert waiting == 1  # the post itself, which could open another
    assert staff.codes("yingji") == []
    assert staff.desk("guanli", grant_desk.requests)["role"].tolist() == ["emergency"]


def test_an_administrator_gives_none_and_nobody_chooses_it_as_a_post_when_it_is_over(staff: Staff) -> None:
    wanted = Proposal(
        account_id=staff.numbers["yingji"],
        role="urgent",
        area_code=TOWNSHIP,
        valid_from=TODAY,
        valid_until=None,
        reason="任命书",
    )
    with pytest.raises(RefusedError, match="不能由他人授予"):
        staff.desk("guanli", lambda c: grant_desk.give(c, wanted))
    staff.open("yingji")
    with connect(staff.settings, Login.DOOR, readonly=True) as connection:
        (number,) = [
            one.id for one in accounts.grants(connection, staff.numbers["yingji"]) if one.role == urgent.ROLE
        ]
    staff.later(3)
    with (
        pytest.raises(RefusedError, match="任期已满"),
        connect(staff.settings, Login.DOOR) as connection,
    ):
        own.choose_post(connection, staff.tokens["yingji"], number)


def test_a_sight_of_another_s_session_is_out_of_reach(staff: Staff) -> None:
    with pytest.raises(RefusedError, match="仅限应急管理"):
        staff.open("minzheng", post_id=staff.posts["yingji"])
    for login in (Login.GENERAL, Login.CHILD, Login.ACCOUNTS, Login.URGENT):
        with (
            pytest.raises(DBAPIError, match="permission denied"),
            connect(staff.settings, login) as connection,
        ):
            connection.execute(text("SELECT own_urgent_end('x')"))


def test_every_reading_is_counted_for_who_reviews(staff: Staff) -> None:
    staff.open("yingji")
    scope = Scope(TOWNSHIP, staff.numbers["yingji"], urgent.ROLE)
    with connect(staff.settings, rights.login_of(urgent.ROLE), scope) as connection:
        connection.execute(
            text(
                "INSERT INTO audit (action, account_id, role, area_code, purpose, object_kind, row_count) "
                "VALUES ('read.homes', :id, 'urgent', :area, 'x', 'child', 3)"
            ),
            {"id": staff.numbers["yingji"], "area": TOWNSHIP},
        )
    assert list(staff.desk("minzheng", urgent.seen)["readings"]) == [1]
    with connect(staff.settings, Login.CHILD, staff.scope("minzheng"), readonly=True) as connection:
        overseen = connection.scalars(text("SELECT action FROM audit ORDER BY id")).all()
    assert overseen == ["urgent.open", "read.homes"]


def test_the_database_knows_the_roles_that_the_file_names(staff: Staff) -> None:
    with connect(staff.settings, Login.OWNER, readonly=True) as connection:
        known = connection.execute(text("SELECT urgent_roles()")).scalar_one()
    assert sorted(known) == sorted(rights.roles_that_may("urgent", "open"))
    assert set(ROLES) - set(GIVEN) == {urgent.ROLE}
