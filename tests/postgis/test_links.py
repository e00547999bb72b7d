"""Accounts linked to people of a provider: by an administrator in reach, and no right comes with it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data.engine import Login, connect
from data.storage import accounts, grant_desk, links, own, sessions
from data.storage.faults import RefusedError
from data.storage.links import Person
from pages.accounts import view
from pages.door import desk
from tests.postgis.test_grant_desk import acting, do, staffed, standing

if TYPE_CHECKING:
    from data.settings import Settings

__all__ = ["staffed"]
PERSON = Person(issuer="https://id.example", claim="sub", subject="P-1")
Staff = tuple["Settings", dict[str, int]]


def link(staffed: Staff, login: str, person: Person = PERSON, *, by: str = "guanli") -> int:
    """Link by an administrator, and let the owner confirm."""
    waiting = propose(staffed, login, person, by=by)
    confirm(staffed, login)
    return waiting


def propose(staffed: Staff, login: str, person: Person = PERSON, *, by: str = "guanli") -> int:
    return do(staffed, by, lambda c: links.link(c, staffed[1][login], person))


def number_of(staffed: Staff, login: str) -> int:
    with connect(staffed[0], Login.DOOR) as connection:
        held = links.held(connection, staffed[1][login])
    assert held is not None
    return held.id


def session(staffed: Staff, login: str, opening: sessions.Opening | None = None) -> str:
    with connect(staffed[0], Login.DOOR) as connection:
        return sessions.create(connection, staffed[1][login], opening, absolute_minutes=60)


def confirm(staffed: Staff, login: str, *, token: str = "") -> None:
    given = token or session(staffed, login)
    with connect(staffed[0], Login.DOOR) as connection:
        held = links.held(connection, staffed[1][login])
        assert held is not None
        if held.confirmed_at is None:
            links.confirm(connection, given, held.id)


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
        propose(staffed, "other")
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
    told = dict(view.request_facts(asked.iloc[0], str))["统一身份认证"]
    assert told.startswith(f"{PERSON.subject}（已确认；guanli关联于 20")
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
    owner(staffed, "UPDATE account SET must_change_password = true WHERE id = :id", "shuili")
    visitor = desk.visitor_of(staffed[0], opened(staffed, "one"))
    assert visitor is not None
    assert (visitor.pending, visitor.session.must_change_password) == ("", True)


def owner(staffed: Staff, statement: str, login: str) -> None:
    with connect(staffed[0], Login.OWNER) as connection:
        connection.execute(text(statement), {"id": staffed[1][login]})


def test_a_link_opens_nothing_before_its_owner_confirmed_it(staffed: Staff) -> None:
    propose(staffed, "shuili")
    assert account_of(staffed) is None
    assert opened(staffed, "one") is None
    confirm(staffed, "shuili")
    assert account_of(staffed) == staffed[1]["shuili"]
    assert opened(staffed, "two") is not None


def test_another_account_neither_confirms_nor_deletes_a_link(staffed: Staff) -> None:
    propose(staffed, "shuili")
    number = number_of(staffed, "shuili")
    for login in ("guanli", "other", "nobody"):
        token = session(staffed, login)
        for act in (links.confirm, links.refuse):
            with pytest.raises(RefusedError, match="已变更"), connect(staffed[0], Login.DOOR) as connection:
                act(connection, token, number)
    assert account_of(staffed) is None
    assert number_of(staffed, "shuili") == number


def test_a_session_by_the_provider_confirms_and_deletes_nothing(staffed: Staff) -> None:
    propose(staffed, "shuili")
    token = session(staffed, "shuili", sessions.Opening(state="one", provider_factor=True))
    for act in (links.confirm, links.refuse):
        with pytest.raises(RefusedError, match="密码登录"), connect(staffed[0], Login.DOOR) as connection:
            act(connection, token, number_of(staffed, "shuili"))
    assert account_of(staffed) is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE account SET must_change_password = true WHERE id = :id",
        "UPDATE account SET totp_secret = '\\x01' WHERE id = :id",
        "UPDATE account SET disabled = true WHERE id = :id",
    ],
)
def test_whoever_has_something_left_to_do_at_the_door_confirms_nothing(
    staffed: Staff, statement: str
) -> None:
    propose(staffed, "shuili")
    token = session(staffed, "shuili")
    owner(staffed, statement, "shuili")
    with pytest.raises(RefusedError):
        confirm(staffed, "shuili", token=token)
    assert account_of(staffed) is None


def test_what_was_shown_is_what_is_confirmed(staffed: Staff) -> None:
    propose(staffed, "shuili")
    shown, token = number_of(staffed, "shuili"), session(staffed, "shuili")
    propose(staffed, "shuili", Person(issuer="https://id.example", claim="sub", subject="administrator"))
    with pytest.raises(RefusedError, match="已变更"), connect(staffed[0], Login.DOOR) as connection:
        links.confirm(connection, token, shown)


def test_a_first_password_lets_nobody_leave_a_confirmed_link_behind(staffed: Staff) -> None:
    link(staffed, "shuili")
    do(staffed, "guanli", lambda c: grant_desk.reset(c, staffed[1]["shuili"], "new", forget_factor=False))
    assert account_of(staffed) is None
    token = session(staffed, "shuili")
    with connect(staffed[0], Login.DOOR) as connection:
        own.change_password(connection, token, "administrator's")
    confirm(staffed, "shuili", token=token)
    assert account_of(staffed) == staffed[1]["shuili"]
    do(staffed, "guanli", lambda c: grant_desk.reset(c, staffed[1]["shuili"], "new", forget_factor=False))
    assert account_of(staffed) is None


@pytest.mark.parametrize("by_link", [True, False])
def test_a_new_link_and_a_reset_end_what_somebody_was_shown_of_a_second_factor(
    staffed: Staff, *, by_link: bool
) -> None:
    token = session(staffed, "shuili")
    drafted = text("SELECT count(totp_draft) FROM account")
    with connect(staffed[0], Login.DOOR) as connection:
        own.draft_factor(connection, token, b"sealed")
        assert connection.scalar(drafted) == 1
    if by_link:
        propose(staffed, "shuili")
    else:
        do(staffed, "guanli", lambda c: grant_desk.reset(c, staffed[1]["shuili"], "x", forget_factor=False))
    with connect(staffed[0], Login.DOOR) as connection:
        assert connection.scalar(drafted) == 0


def test_an_owner_deletes_a_link_with_the_sessions_that_it_opened(staffed: Staff) -> None:
    link(staffed, "shuili")
    by_provider, token = opened(staffed, "one"), session(staffed, "shuili")
    with connect(staffed[0], Login.DOOR) as connection:
        links.refuse(connection, token, number_of(staffed, "shuili"))
    assert account_of(staffed) is None
    assert desk.visitor_of(staffed[0], by_provider) is None
    assert desk.visitor_of(staffed[0], token) is not None


@pytest.mark.parametrize("login", [Login.ACCOUNTS, Login.GENERAL, Login.CHILD, Login.IMPORTER, Login.WORKER])
def test_no_other_login_than_the_door_confirms(staffed: Staff, login: Login) -> None:
    propose(staffed, "shuili")
    token = session(staffed, "shuili")
    for statement in (
        "UPDATE account_link SET confirmed_at = now()",
        "INSERT INTO account_link (account_id, confirmed_at) VALUES (1, now())",
        f"SELECT own_link_confirm('{token}', {number_of(staffed, 'shuili')})",
        f"SELECT session_by_password('{token}')",
    ):
        with (
            pytest.raises(DBAPIError, match="permission denied"),
            connect(staffed[0], login, acting(staffed, "guanli")) as connection,
        ):
            connection.execute(text(statement))
    assert account_of(staffed) is None


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
