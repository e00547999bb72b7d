"""Accounts linked to people of a provider: by an administrator in reach, and no right comes with it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data.engine import Login, connect
from data.storage import accounts, grant_desk, links, sessions
from data.storage.faults import RefusedError
from data.storage.links import Person
from pages.door import desk
from tests.postgis.test_grant_desk import acting, do, staffed, standing

if TYPE_CHECKING:
    from data.settings import Settings

__all__ = ["staffed"]
PERSON = Person(issuer="https://id.example", claim="sub", subject="P-1")
Staff = tuple["Settings", dict[str, int]]


def link(staffed: Staff, login: str, person: Person = PERSON, *, by: str = "guanli") -> int:
    return do(staffed, by, lambda c: links.link(c, staffed[1][login], person))


def account_of(staffed: Staff, person: Person = PERSON) -> int | None:
    with connect(staffed[0], Login.DOOR) as connection:
        return links.account_of(connection, person)


def test_a_linked_person_is_found_to_the_letter_and_nobody_else(staffed: Staff) -> None:
    link(staffed, "shuili")
    assert account_of(staffed) == staffed[1]["shuili"]
    for other in (
        Person(issuer="https://id.example", claim="sub", subject="p-1"),
        Person(issuer="https://id.example", claim="sub", subject="P-1 "),
        Person(issuer="https://id.example", claim="uid", subject="P-1"),
        Person(issuer="https://id.example/", claim="sub", subject="P-1"),
        Person(issuer="https://id.example", claim="sub", subject="%"),
    ):
        assert account_of(staffed, other) is None


@pytest.mark.parametrize("by", ["minzheng", "shenji", "shuili"])
def test_only_an_administrator_links(staffed: Staff, by: str) -> None:
    with pytest.raises(RefusedError, match="岗位"):
        link(staffed, "nobody", by=by)
    assert account_of(staffed) is None


@pytest.mark.parametrize(
    ("by", "login", "said"),
    [
        ("guanli", "guanli", "自己"),
        ("guanli", "shenji", "审计账号"),
        ("xianguan", "other", "超出您的管理范围"),
    ],
)
def test_nobody_links_themselves_an_auditor_or_whoever_works_beyond(
    staffed: Staff, by: str, login: str, said: str
) -> None:
    with pytest.raises(RefusedError, match=said):
        link(staffed, login, by=by)
    with pytest.raises(RefusedError, match=said):
        do(staffed, by, lambda c: links.unlink(c, staffed[1][login]))
    assert account_of(staffed) is None


def test_one_person_is_one_account_and_one_account_one_person(staffed: Staff) -> None:
    link(staffed, "shuili")
    with pytest.raises(RefusedError, match="另一个账号"):
        link(staffed, "other")
    second = Person(issuer="https://id.example", claim="sub", subject="P-2")
    link(staffed, "shuili", second)
    assert (account_of(staffed), account_of(staffed, second)) == (None, staffed[1]["shuili"])


@pytest.mark.parametrize("subject", ["", "x" * 256, "a\nb", "a\u0001"])
def test_what_cannot_be_a_name_is_refused(staffed: Staff, subject: str) -> None:
    with pytest.raises(RefusedError, match="1 至 255"):
        link(staffed, "shuili", Person(issuer="https://id.example", claim="sub", subject=subject))


def test_a_link_sends_rights_to_see_children_back_for_approval_and_the_same_again_changes_nothing(
    staffed: Staff,
) -> None:
    with connect(staffed[0], Login.IMPORTER) as connection:
        accounts.add_grant(connection, staffed[1]["shuili"], "civil", "430502")
    assert link(staffed, "shuili") == 1
    assert standing(staffed, "shuili") == [("water", "430502")]
    asked = do(staffed, "minzheng", grant_desk.requests)
    assert list(asked["reason"]) == ["关联统一身份认证后须重新批准"]
    do(staffed, "minzheng", lambda c: grant_desk.decide(c, int(asked.index[0]), approve=True))
    assert link(staffed, "shuili") == 0
    assert ("civil", "430502") in standing(staffed, "shuili")


def test_an_urgent_sight_ends_with_a_new_link_and_is_not_asked_for(staffed: Staff) -> None:
    with connect(staffed[0], Login.OWNER) as connection:
        connection.execute(text("SELECT set_config('app.urgent', txid_current()::text, true)"))
        connection.execute(
            text(
                "INSERT INTO account_grant (account_id, role, area_code, expires_at) "
                "VALUES (:id, 'urgent', '430502001', now() + interval '1 hour')"
            ),
            {"id": staffed[1]["shuili"]},
        )
    assert link(staffed, "shuili") == 0
    assert standing(staffed, "shuili") == [("water", "430502")]


def opened(staffed: Staff, state: str) -> str | None:
    return desk.sign_in_person(staffed[0], PERSON, sessions.Opening(state=state))


def test_a_link_that_ends_takes_its_sessions_along_and_leaves_those_by_password(staffed: Staff) -> None:
    link(staffed, "shuili")
    by_provider = opened(staffed, "one")
    with connect(staffed[0], Login.DOOR) as connection:
        by_password = sessions.create(connection, staffed[1]["shuili"], absolute_minutes=60)
    assert desk.visitor_of(staffed[0], by_provider) is not None
    do(staffed, "guanli", lambda c: links.unlink(c, staffed[1]["shuili"]))
    assert desk.visitor_of(staffed[0], by_provider) is None
    assert desk.visitor_of(staffed[0], by_password) is not None
    assert opened(staffed, "two") is None
    with pytest.raises(RefusedError, match="没有关联"):
        do(staffed, "guanli", lambda c: links.unlink(c, staffed[1]["shuili"]))


def test_a_link_that_is_ended_while_its_person_comes_in_leaves_no_session(staffed: Staff) -> None:
    link(staffed, "shuili")
    ended = connect(staffed[0], Login.ACCOUNTS, acting(staffed, "guanli"))
    with ThreadPoolExecutor(1) as pool:
        with ended as connection:
            links.unlink(connection, staffed[1]["shuili"])
            coming = pool.submit(opened, staffed, "one")
            waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            with connect(staffed[0], Login.OWNER) as watching:
                while not coming.done() and not watching.scalar(waiting):
                    watching.rollback()
            assert not coming.done(), "it waits for the administrator"
        assert coming.result() is None


def test_a_flow_opens_one_session(staffed: Staff) -> None:
    link(staffed, "shuili")
    assert opened(staffed, "one") is not None
    with pytest.raises(sessions.FlowUsedError):
        opened(staffed, "one")
    assert opened(staffed, "two") is not None


def test_a_first_password_is_not_set_by_whoever_came_through_the_provider(staffed: Staff) -> None:
    link(staffed, "shuili")
    do(staffed, "guanli", lambda c: grant_desk.reset(c, staffed[1]["shuili"], "new", forget_factor=True))
    visitor = desk.visitor_of(staffed[0], opened(staffed, "one"))
    assert visitor is not None
    assert (visitor.pending, visitor.session.must_change_password) == ("", True)


def test_the_login_of_accounts_writes_no_link_itself(staffed: Staff) -> None:
    for statement in (
        "INSERT INTO account_link (account_id, issuer, claim, subject) VALUES (1, 'x', 'sub', 'x')",
        "DELETE FROM account_link",
        "SELECT child_grants_anew(1, 1, '')",
    ):
        with (
            pytest.raises(DBAPIError, match="permission denied"),
            connect(staffed[0], Login.ACCOUNTS, acting(staffed, "guanli")) as connection,
        ):
            connection.execute(text(statement))
