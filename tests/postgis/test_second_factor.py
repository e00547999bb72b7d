"""What stands between a password and the pages, decided by the database."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pyotp
import pytest
from sqlalchemy import text

from data import passwords, totp
from data.engine import Login, Scope, connect
from data.storage import accounts, own, sessions
from data.storage.faults import RefusedError
from pages.door import desk, factor
from pages.door import passwords as own_passwords

if TYPE_CHECKING:
    from data.settings import Settings

FIRST = "a first password"


def make(settings: Settings, login: str, role: str, *, demo: bool = False, first: bool = False) -> int:
    with connect(settings, Login.IMPORTER, Scope("4305", None, "founding")) as connection:
        number = accounts.create_account(
            connection,
            login=login,
            display_name=login,
            bureau="",
            password_hash=passwords.hash_password(FIRST),
            demo=demo,
            must_change_password=first,
        )
        accounts.add_grant(connection, number, role, "4305")
    return number


def enter(settings: Settings, login: str) -> str:
    token = desk.sign_in(settings, login, FIRST)
    assert token is not None
    return token


def pending(settings: Settings, token: str) -> str | None:
    visitor = desk.visitor_of(settings, token)
    return None if visitor is None else visitor.pending


def code_of(secret: bytes, steps: int = 0) -> str:
    # A later code than the last one taken: one step ahead, which is still allowed a moment later.
    return pyotp.TOTP(totp.readable(secret)).at(time.time() + 30 * steps)


def enrolled(settings: Settings, login: str) -> tuple[str, bytes, list[str]]:
    token = enter(settings, login)
    drafted = factor.draft(settings, token)
    assert drafted is not None
    codes = factor.confirm(settings, token, code_of(drafted.secret))
    assert codes is not None
    return token, drafted.secret, codes


@pytest.fixture
def civil(stored_county: Settings) -> Settings:
    make(stored_county, "minzheng", "civil")
    return stored_county


@pytest.mark.parametrize(
    ("role", "expected"), [("civil", "enrol"), ("child_director", "enrol"), ("water", ""), ("emergency", "")]
)
def test_whoever_sees_children_gets_a_second_factor_before_any_page(
    stored_county: Settings, role: str, expected: str
) -> None:
    make(stored_county, "someone", role)
    token = enter(stored_county, "someone")
    assert pending(stored_county, token) == expected
    assert (desk.viewer_of(stored_county, token) is None) is bool(expected)


def test_a_demo_sign_in_is_asked_where_the_setting_says_so(stored_county: Settings) -> None:
    make(stored_county, "minzheng", "civil", demo=True)
    token = enter(stored_county, "minzheng")
    demo = stored_county.model_copy(update={"demo": True})
    assert pending(demo, token) == ""
    assert pending(demo.model_copy(update={"demo_second_factor": True}), token) == "enrol"
    assert pending(stored_county.model_copy(update={"demo": False}), token) == "enrol"


def test_an_enrolled_person_is_asked_at_each_sign_in_and_let_in_by_a_code(civil: Settings) -> None:
    token, secret, _ = enrolled(civil, "minzheng")
    assert desk.viewer_of(civil, token) is not None
    again = enter(civil, "minzheng")
    assert pending(civil, again) == "factor"
    assert not factor.show(civil, again, "000000")
    assert factor.show(civil, again, code_of(secret, 1))
    viewer = desk.viewer_of(civil, again)
    assert viewer is not None
    assert viewer.role == "civil"


def test_a_code_is_taken_once_by_whichever_session_comes_first(civil: Settings) -> None:
    _, secret, _ = enrolled(civil, "minzheng")
    mine, thief = enter(civil, "minzheng"), enter(civil, "minzheng")
    code = code_of(secret, 1)
    assert factor.show(civil, mine, code)
    assert not factor.show(civil, thief, code)
    assert pending(civil, thief) == "factor"


def test_the_database_itself_refuses_a_step_that_was_taken(civil: Settings) -> None:
    token, _, _ = enrolled(civil, "minzheng")
    with connect(civil, Login.DOOR) as connection:
        assert own.pass_factor(connection, token, 10**9)
        assert not own.pass_factor(connection, token, 10**9)
        assert not own.pass_factor(connection, token, 10**9 - 1)


def test_five_wrong_codes_lock_even_the_right_one_and_signing_in_anew_gives_no_further_tries(
    civil: Settings,
) -> None:
    _, secret, codes = enrolled(civil, "minzheng")
    for _ in range(5):
        assert not factor.show(civil, enter(civil, "minzheng"), "000000")
    token = enter(civil, "minzheng")
    assert not factor.show(civil, token, code_of(secret, 1))
    assert not factor.show(civil, token, codes[0])
    assert desk.viewer_of(civil, token) is None
    with connect(civil, Login.OWNER) as connection:
        connection.execute(text("UPDATE account SET factor_locked_until = now() - interval '1 second'"))
    assert factor.show(civil, token, code_of(secret, 1))


def test_a_recovery_code_opens_once(civil: Settings) -> None:
    _, _, codes = enrolled(civil, "minzheng")
    assert factor.show(civil, enter(civil, "minzheng"), codes[3].lower())
    assert not factor.show(civil, enter(civil, "minzheng"), codes[3])
    assert factor.show(civil, enter(civil, "minzheng"), codes[4])


def test_whoever_knows_the_password_alone_binds_no_other_phone_and_sets_no_password(civil: Settings) -> None:
    enrolled(civil, "minzheng")
    thief = enter(civil, "minzheng")
    with pytest.raises(RefusedError, match="动态口令"), connect(civil, Login.DOOR) as connection:
        own.draft_factor(connection, thief, b"x")
    with pytest.raises(RefusedError, match="动态口令"), connect(civil, Login.DOOR) as connection:
        own.change_password(connection, thief, "hash")


def test_another_phone_takes_the_place_of_the_first_with_its_codes(civil: Settings) -> None:
    token, old, codes = enrolled(civil, "minzheng")
    drafted = factor.draft(civil, token, anew=True)
    assert drafted is not None
    assert drafted.secret != old
    assert factor.confirm(civil, token, code_of(drafted.secret)) is not None
    again = enter(civil, "minzheng")
    assert not factor.show(civil, again, code_of(old, 1))
    assert not factor.show(civil, again, codes[0])
    assert factor.show(civil, again, code_of(drafted.secret, 1))


def test_neither_secret_nor_recovery_code_stands_legible_in_the_database(civil: Settings) -> None:
    _, secret, codes = enrolled(civil, "minzheng")
    with connect(civil, Login.OWNER, readonly=True) as connection:
        held = str(connection.execute(text("SELECT a.*, r.* FROM account a, recovery_code r")).all())
    assert secret.hex() not in held.lower()
    assert repr(secret)[2:-1] not in held
    assert totp.readable(secret) not in held
    assert not any(code in held for code in codes)


def test_a_first_password_opens_nothing_but_the_choice_of_one_s_own(stored_county: Settings) -> None:
    make(stored_county, "xinren", "water", first=True)
    token, other = enter(stored_county, "xinren"), enter(stored_county, "xinren")
    assert pending(stored_county, token) == "password"
    visitor = desk.visitor_of(stored_county, token)
    assert visitor is not None
    hashed = passwords.hash_password("five quiet otters swim")
    own_passwords.store(stored_county, token, visitor.session, hashed)
    assert desk.viewer_of(stored_county, token) is not None
    assert desk.visitor_of(stored_county, other) is None
    assert desk.sign_in(stored_county, "xinren", FIRST) is None
    assert desk.sign_in(stored_county, "xinren", "five quiet otters swim") is not None


@pytest.mark.parametrize(
    ("wished", "again", "fault"),
    [
        ("short", "short", "至少|12 至"),
        ("five quiet otters", "five quiet otter", "不一致"),
        ("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", "太容易"),
        ("shuili likes otters", "shuili likes otters", "太容易"),
        ("my password is long", "my password is long", "太容易"),
        ("x" * 300, "x" * 300, "12 至"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused(wished: str, again: str, fault: str) -> None:
    assert re.search(fault, own_passwords.fault_of(wished, again, "shuili"))
    assert own_passwords.fault_of("five quiet otters swim", "five quiet otters swim", "shuili") == ""


def test_a_person_works_under_one_post_at_a_time_and_under_none_that_is_another_s(
    stored_county: Settings,
) -> None:
    number = make(stored_county, "two-posts", "water")
    other = make(stored_county, "another", "emergency")
    with connect(stored_county, Login.IMPORTER) as connection:
        accounts.add_grant(connection, number, "emergency", "430502")
    token = enter(stored_county, "two-posts")
    viewer = desk.viewer_of(stored_county, token)
    assert viewer is not None
    assert (viewer.role, viewer.area_code, len(viewer.grants)) == ("water", "4305", 2)
    second = next(grant for grant in viewer.grants if grant.role == "emergency")
    with connect(stored_county, Login.DOOR) as connection:
        own.choose_post(connection, token, second.id)
        foreign = accounts.grants(connection, other)[0]
    viewer = desk.viewer_of(stored_county, token)
    assert viewer is not None
    assert (viewer.role, viewer.area_code) == ("emergency", "430502")
    assert not viewer.may("stations", "write")
    with pytest.raises(RefusedError), connect(stored_county, Login.DOOR) as connection:
        own.choose_post(connection, token, foreign.id)
    with connect(stored_county, Login.OWNER) as connection:
        connection.execute(
            text("UPDATE account_grant SET ended_at = now() WHERE id = :id"), {"id": second.id}
        )
    viewer = desk.viewer_of(stored_county, token)
    assert viewer is not None
    assert viewer.role == "water"


def test_a_person_ends_one_s_own_sessions_and_nobody_else_s(stored_county: Settings) -> None:
    make(stored_county, "first", "water")
    make(stored_county, "second", "water")
    mine, elsewhere, foreign = (enter(stored_county, login) for login in ("first", "first", "second"))
    with connect(stored_county, Login.OWNER, readonly=True) as connection:
        numbers = {
            token: connection.execute(
                text("SELECT id FROM session WHERE token_hash = :hash"), {"hash": sessions.hash_of(token)}
            ).scalar_one()
            for token in (elsewhere, foreign)
        }
    with connect(stored_county, Login.DOOR) as connection:
        own.end_session(connection, mine, numbers[elsewhere])
        own.end_session(connection, mine, numbers[foreign])
    assert desk.viewer_of(stored_county, elsewhere) is None
    assert desk.viewer_of(stored_county, foreign) is not None
    assert desk.viewer_of(stored_county, mine) is not None


def test_what_one_session_was_shown_becomes_nothing_through_another_one_s_page(civil: Settings) -> None:
    spy, owner = enter(civil, "minzheng"), enter(civil, "minzheng")
    seen, shown = factor.draft(civil, spy), factor.draft(civil, owner)
    assert seen is not None
    assert shown is not None
    assert seen.secret != shown.secret
    for token in (spy, owner):
        assert factor.confirm(civil, token, code_of(seen.secret)) is None
    assert factor.confirm(civil, spy, code_of(shown.secret)) is None
    with connect(civil, Login.DOOR) as connection:
        assert not own.confirm_factor(connection, spy, 1, [])
    assert factor.confirm(civil, owner, code_of(shown.secret)) is not None


def test_a_reload_keeps_the_draft_of_a_session_and_ten_minutes_end_it(civil: Settings) -> None:
    token = enter(civil, "minzheng")
    first = factor.draft(civil, token)
    assert first == factor.draft(civil, token)
    assert first is not None
    with connect(civil, Login.OWNER) as connection:
        connection.execute(text("UPDATE account SET totp_draft_at = now() - interval '10 minutes'"))
    assert factor.confirm(civil, token, code_of(first.secret)) is None
    with connect(civil, Login.DOOR) as connection:
        assert not own.confirm_factor(connection, token, 1, [])
    second = factor.draft(civil, token)
    assert second is not None
    assert second.secret != first.secret
    assert factor.confirm(civil, token, code_of(second.secret)) is not None
