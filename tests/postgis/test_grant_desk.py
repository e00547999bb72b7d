"""Who gives which right to whom: decided by the database, whatever the page sends."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, TypeVar

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data.engine import Login, Scope, connect
from data.storage import accounts, grant_desk, sessions
from data.storage.faults import RefusedError
from data.storage.grant_desk import Proposal

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from data.settings import Settings

PEOPLE = {
    "guanli": ("administrator", "4305"),
    "xianguan": ("administrator", "430502"),
    "minzheng": ("civil", "4305"),
    "shenji": ("auditor", "4305"),
    "shuili": ("water", "430502"),
    "other": ("water", "4305"),
}
STORED = "$argon2id$stored"
TODAY = dt.date.today()  # noqa: DTZ011 - a day on which tests run
VILLAGE = "430502001200"


@pytest.fixture
def staffed(stored_county: Settings) -> tuple[Settings, dict[str, int]]:
    numbers = {}
    with connect(stored_county, Login.IMPORTER, Scope("4305", None, "founding")) as connection:
        for login, (role, area) in PEOPLE.items():
            numbers[login] = accounts.create_account(
                connection, login=login, display_name=login, bureau="", password_hash=STORED
            )
            accounts.add_grant(connection, numbers[login], role, area)
        numbers["nobody"] = accounts.create_account(
            connection, login="nobody", display_name="nobody", bureau="", password_hash=STORED
        )
    return stored_county, numbers


def acting(staffed: tuple[Settings, dict[str, int]], login: str) -> Scope:
    role, area = PEOPLE[login]
    return Scope(area, staffed[1][login], role)


Answer = TypeVar("Answer")


def do(staffed: tuple[Settings, dict[str, int]], login: str, work: Callable[[Connection], Answer]) -> Answer:
    with connect(staffed[0], Login.ACCOUNTS, acting(staffed, login)) as connection:
        return work(connection)


def proposal(account_id: int, role: str, area: str, until: dt.date | None = None) -> Proposal:
    return Proposal(
        account_id=account_id, role=role, area_code=area, valid_from=TODAY, valid_until=until, reason="任命书"
    )


def give_until(number: int, until: dt.date | None) -> Callable[[Connection], bool]:
    return lambda connection: grant_desk.give(connection, proposal(number, "water", "4305", until))


def standing(staffed: tuple[Settings, dict[str, int]], login: str) -> list[tuple[str, str]]:
    with connect(staffed[0], Login.DOOR, readonly=True) as connection:
        found = accounts.grants(connection, staffed[1][login])
    return [(grant.role, grant.area_code) for grant in found]


def test_an_administrator_gives_a_post_and_ends_it_and_both_stay_on_record(
    staffed: tuple[Settings, dict[str, int]],
) -> None:
    number = staffed[1]["nobody"]
    assert do(staffed, "guanli", lambda c: grant_desk.give(c, proposal(number, "patroller", "430502001")))
    assert standing(staffed, "nobody") == [("patroller", "430502001")]
    listed = do(staffed, "guanli", grant_desk.grants)
    row = listed[listed["login"] == "nobody"]
    assert list(row["approved_by"]) == ["guanli"]
    do(staffed, "guanli", lambda c: grant_desk.end(c, int(row.index[0])))
    assert standing(staffed, "nobody") == []
    listed = do(staffed, "guanli", grant_desk.grants)
    assert list(listed[listed["login"] == "nobody"][["state", "ended_by"]].iloc[0]) == ["ended", "guanli"]
    assert do(staffed, "guanli", lambda c: grant_desk.give(c, proposal(number, "patroller", "430502001")))


@pytest.mark.parametrize(
    ("role", "area"),
    [("civil", "4305"), ("child_director", VILLAGE), ("education", "430502"), ("emergency", "430502")],
)
def test_a_post_that_shows_children_stands_only_after_civil_affairs_approved_it(
    staffed: tuple[Settings, dict[str, int]], role: str, area: str
) -> None:
    number = staffed[1]["nobody"]
    assert not do(staffed, "guanli", lambda c: grant_desk.give(c, proposal(number, role, area)))
    assert standing(staffed, "nobody") == []
    asked = int(do(staffed, "minzheng", grant_desk.requests).index[0])
    for stranger in ("guanli", "other", "shenji"):
        with pytest.raises(RefusedError):
            do(staffed, stranger, lambda c: grant_desk.decide(c, asked, approve=True))
    assert standing(staffed, "nobody") == []
    do(staffed, "minzheng", lambda c: grant_desk.decide(c, asked, approve=True))
    assert standing(staffed, "nobody") == [(role, area)]
    with pytest.raises(RefusedError, match="已由他人办理"):
        do(staffed, "minzheng", lambda c: grant_desk.decide(c, asked, approve=False))


def test_who_resets_an_account_is_no_second_person_for_what_waits_for_it(
    staffed: tuple[Settings, dict[str, int]],
) -> None:
    settings, numbers = staffed
    with connect(settings, Login.IMPORTER, Scope("4305", None, "founding")) as connection:
        accounts.add_grant(connection, numbers["guanli"], "civil", "4305")
    number = numbers["nobody"]
    do(staffed, "xianguan", lambda c: grant_desk.give(c, proposal(number, "education", "430502")))
    asked = int(do(staffed, "minzheng", grant_desk.requests).index[0])
    do(staffed, "guanli", lambda c: grant_desk.reset(c, number, "new", forget_factor=False))
    both = Scope("4305", numbers["guanli"], "civil")
    with connect(settings, Login.ACCOUNTS, both) as connection, pytest.raises(RefusedError, match="自己提出"):
        grant_desk.decide(connection, asked, approve=True)
    assert standing(staffed, "nobody") == []
    do(staffed, "minzheng", lambda c: grant_desk.decide(c, asked, approve=True))
    assert standing(staffed, "nobody") == [("education", "430502")]


def test_after_a_reset_emergency_staff_open_no_urgent_sight_until_civil_affairs_approve(
    staffed: tuple[Settings, dict[str, int]],
) -> None:
    settings, numbers = staffed
    with connect(settings, Login.IMPORTER, Scope("4305", None, "founding")) as connection:
        accounts.add_grant(connection, numbers["nobody"], "emergency", "430502")
    assert (
        do(staffed, "guanli", lambda c: grant_desk.reset(c, numbers["nobody"], "new", forget_factor=True))
        == 1
    )
    assert standing(staffed, "nobody") == []
    asked = int(do(staffed, "minzheng", grant_desk.requests).index[0])
    do(staffed, "minzheng", lambda c: grant_desk.decide(c, asked, approve=True))
    assert standing(staffed, "nobody") == [("emergency", "430502")]


def test_what_civil_affairs_decline_never_stands(staffed: tuple[Settings, dict[str, int]]) -> None:
    do(staffed, "guanli", lambda c: grant_desk.give(c, proposal(staffed[1]["nobody"], "civil", "430502")))
    asked = int(do(staffed, "minzheng", grant_desk.requests).index[0])
    do(staffed, "minzheng", lambda c: grant_desk.decide(c, asked, approve=False))
    assert standing(staffed, "nobody") == []


@pytest.mark.parametrize(
    ("case", "fault"),
    [
        (("guanli", "guanli", "water", "4305"), "自己的账号"),
        (("guanli", "nobody", "auditor", "4305"), "审计岗位"),
        (("guanli", "shenji", "water", "4305"), "审计账号"),
        (("xianguan", "nobody", "water", "4305"), "超出您的管理范围"),
        (("xianguan", "nobody", "water", "430503"), "超出您的管理范围"),
        (("xianguan", "other", "patroller", "430502"), "超出您的管理范围"),
        (("guanli", "nobody", "child_director", "430502001"), "本村"),
        (("guanli", "shuili", "water", "430502"), "已有这个岗位"),
        (("minzheng", "nobody", "civil", "430502"), "岗位不能这样做"),
        (("shuili", "nobody", "water", "430502"), "岗位不能这样做"),
        (("shenji", "nobody", "water", "430502"), "岗位不能这样做"),
    ],
)
def test_nobody_gives_what_they_lack(
    staffed: tuple[Settings, dict[str, int]], case: tuple[str, str, str, str], fault: str
) -> None:
    login, to, role, area = case
    with pytest.raises(RefusedError, match=fault):
        do(staffed, login, lambda c: grant_desk.give(c, proposal(staffed[1][to], role, area)))


def test_nobody_gives_longer_than_their_own_grant_lasts(staffed: tuple[Settings, dict[str, int]]) -> None:
    last = TODAY + dt.timedelta(days=30)
    with connect(staffed[0], Login.IMPORTER) as connection:
        accounts.add_grant(connection, staffed[1]["guanli"], "administrator", "4305", valid_until=last)
    number = staffed[1]["nobody"]
    for until in (None, last + dt.timedelta(days=1)):
        with pytest.raises(RefusedError, match="任期"):
            do(
                staffed,
                "guanli",
                give_until(number, until),
            )
    assert do(staffed, "guanli", lambda c: grant_desk.give(c, proposal(number, "water", "4305", last)))


@pytest.mark.parametrize("made", [Scope("4305", 999, "administrator"), Scope("43", 1, "administrator")])
def test_a_scope_that_no_grant_stands_behind_changes_nothing(
    staffed: tuple[Settings, dict[str, int]], made: Scope
) -> None:
    with pytest.raises(RefusedError), connect(staffed[0], Login.ACCOUNTS, made) as connection:
        grant_desk.disable(connection, staffed[1]["shuili"], wish=True)


def test_an_administrator_whose_grant_ended_or_who_is_disabled_changes_nothing(
    staffed: tuple[Settings, dict[str, int]],
) -> None:
    for statement in (
        "UPDATE account_grant SET valid_from = '2020-01-01', valid_until = '2020-12-31'",
        "UPDATE account_grant SET valid_until = NULL; UPDATE account SET disabled = login = 'guanli'",
    ):
        with connect(staffed[0], Login.OWNER) as connection:
            for part in statement.split(";"):
                connection.execute(text(part))
        with pytest.raises(RefusedError):
            do(staffed, "guanli", lambda c: grant_desk.unlock(c, staffed[1]["shuili"]))


@pytest.mark.parametrize("first", ["administrator", "auditor"])
def test_administration_and_audit_never_meet_in_one_hand_by_whatever_login(
    staffed: tuple[Settings, dict[str, int]], first: str
) -> None:
    second = {"administrator": "auditor", "auditor": "administrator"}[first]
    number = staffed[1]["nobody"]
    with connect(staffed[0], Login.IMPORTER) as connection:
        accounts.add_grant(connection, number, first, "430502")
    with (
        pytest.raises(DBAPIError, match="administration_apart_from_audit"),
        connect(staffed[0], Login.IMPORTER) as connection,
    ):
        accounts.add_grant(connection, number, second, "4305")


def test_a_reset_ends_sessions_and_sends_rights_to_see_children_back_for_approval(
    staffed: tuple[Settings, dict[str, int]],
) -> None:
    settings, numbers = staffed
    with connect(settings, Login.IMPORTER) as connection:
        accounts.add_grant(connection, numbers["shuili"], "civil", "430502")
    with connect(settings, Login.DOOR) as connection:
        token = sessions.create(connection, numbers["shuili"], absolute_minutes=60)
    waiting = do(
        staffed, "guanli", lambda c: grant_desk.reset(c, numbers["shuili"], "new", forget_factor=True)
    )
    assert waiting == 1
    assert standing(staffed, "shuili") == [("water", "430502")]
    with connect(settings, Login.DOOR, readonly=True) as connection:
        assert sessions.find(connection, token, idle_minutes=30, touch=False) is None
        found = accounts.find_account(connection, "shuili")
    assert found is not None
    assert found.must_change_password
    asked = int(do(staffed, "minzheng", grant_desk.requests).index[0])
    do(staffed, "minzheng", lambda c: grant_desk.decide(c, asked, approve=True))
    assert ("civil", "430502") in standing(staffed, "shuili")


def test_a_disabled_account_is_out_and_comes_back_without_its_sessions(
    staffed: tuple[Settings, dict[str, int]],
) -> None:
    settings, numbers = staffed
    with connect(settings, Login.DOOR) as connection:
        token = sessions.create(connection, numbers["shuili"], absolute_minutes=60)
    do(staffed, "guanli", lambda c: grant_desk.disable(c, numbers["shuili"], wish=True))
    do(staffed, "guanli", lambda c: grant_desk.disable(c, numbers["shuili"], wish=False))
    with connect(settings, Login.DOOR, readonly=True) as connection:
        assert sessions.find(connection, token, idle_minutes=30, touch=False) is None


@pytest.mark.parametrize("login", ["x", "有字", "a b", "a'b", "x" * 41])
def test_a_sign_in_name_that_cannot_be_is_refused_and_a_taken_one_too(
    staffed: tuple[Settings, dict[str, int]], login: str
) -> None:
    def make(name: str) -> int:
        return do(
            staffed,
            "guanli",
            lambda c: grant_desk.open_account(
                c, login=name, display_name="新", bureau="", password_hash=STORED
            ),
        )

    with pytest.raises(RefusedError, match="登录名应为"):
        make(login)
    with pytest.raises(RefusedError, match="已被使用"):
        make("shuili")
    assert make("new-one") > 0


WRITES = (
    "INSERT INTO account_grant (account_id, role, area_code) VALUES (1, 'civil', '4305')",
    "UPDATE account_grant SET role = 'civil'",
    "UPDATE account SET password_hash = 'x'",
    "UPDATE session SET revoked_at = NULL",
    "UPDATE grant_request SET approved = true",
    "SELECT password_hash FROM account",
    "SELECT token_hash FROM session",
    "SELECT * FROM child",
    "SELECT own_post('x', 1)",
)


@pytest.mark.parametrize("statement", WRITES)
def test_the_login_of_accounts_writes_no_table_and_reads_no_secret(
    staffed: tuple[Settings, dict[str, int]], statement: str
) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        do(staffed, "guanli", lambda c: c.execute(text(statement)))


@pytest.mark.parametrize("login", [Login.GENERAL, Login.CHILD, Login.DOOR, Login.FIELD, Login.SCHOOL])
def test_no_other_login_calls_the_functions_that_give_rights(
    staffed: tuple[Settings, dict[str, int]], login: Login
) -> None:
    for call in ("grant_end(1)", "account_disable(1, true)", "grant_decide(1, true)"):
        with (
            pytest.raises(DBAPIError, match="permission denied"),
            connect(staffed[0], login, acting(staffed, "guanli")) as connection,
        ):
            connection.execute(text(f"SELECT {call}"))
