from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from data import passwords
from data.engine import Login, Scope, connect
from data.storage import accounts, audit, sessions

if TYPE_CHECKING:
    from data.settings import Settings

STORED = "$argon2id$stored"
EXPORT = audit.Action.EXPORT


@pytest.fixture
def stored_account(stored_county: Settings) -> tuple[Settings, int]:
    with connect(stored_county, Login.IMPORTER) as connection:
        number = accounts.create_account(
            connection, login="shuili", display_name="水利", bureau="水利局", password_hash=STORED, demo=True
        )
    return stored_county, number


def test_five_wrong_passwords_lock_the_account_and_a_right_one_before_forgets_them(
    stored_account: tuple[Settings, int],
) -> None:
    settings, number = stored_account
    with connect(settings, Login.OWNER) as connection:
        attempts = [accounts.count_attempt(connection, "shuili") for _ in range(4)]
        assert attempts[-1] is not None
        assert accounts.record_success(connection, attempts[-1])
        for _ in range(4):
            accounts.count_attempt(connection, "shuili")
        found = accounts.find_account(connection, "shuili")
        assert found is not None
        assert not found.locked
        accounts.count_attempt(connection, "shuili")
        found = accounts.account_by_id(connection, number)
        assert found is not None
        assert found.locked
        accounts.start_anew(connection, number, "new")
        found = accounts.find_account(connection, "shuili")
        assert found is not None
        attempt = accounts.count_attempt(connection, "shuili")
        assert attempt is not None
        assert (found.locked, attempt.password_hash) == (False, "new")
        assert accounts.find_account(connection, "nobody") is None


def test_a_password_that_was_right_before_a_reset_opens_nothing_after_it(
    stored_account: tuple[Settings, int],
) -> None:
    settings, number = stored_account
    with connect(settings, Login.DOOR) as connection:
        attempt = accounts.count_attempt(connection, "shuili")
    assert attempt is not None

    def entered() -> bool:
        with connect(settings, Login.DOOR) as connection:
            return accounts.record_success(connection, attempt)

    with ThreadPoolExecutor(1) as behind:
        with connect(settings, Login.OWNER) as resetting:
            accounts.start_anew(resetting, number, "new")
            entering = behind.submit(entered)
            with pytest.raises(TimeoutError):
                entering.result(timeout=0.5)
        assert entering.result(timeout=30) is False


def test_a_disabled_account_is_not_entered_by_a_password_looked_at_before(
    stored_account: tuple[Settings, int],
) -> None:
    settings, number = stored_account
    with connect(settings, Login.OWNER) as connection:
        attempt = accounts.count_attempt(connection, "shuili")
        assert attempt is not None
        connection.execute(text("UPDATE account SET disabled = true WHERE id = :id"), {"id": number})
        assert not accounts.record_success(connection, attempt)


def test_a_grant_holds_within_its_days(stored_account: tuple[Settings, int]) -> None:
    settings, number = stored_account
    with connect(settings, Login.OWNER) as connection:
        accounts.add_grant(connection, number, "water", "4305")
        accounts.add_grant(connection, number, "emergency", "430502")
        connection.execute(
            text(
                "UPDATE account_grant SET valid_from = '2020-01-01', valid_until = '2020-12-31' "
                "WHERE role <> 'water'"
            )
        )
        assert [(grant.role, grant.area_code) for grant in accounts.grants(connection, number)] == [
            ("water", "4305")
        ]


def test_a_session_lives_until_it_is_revoked(stored_account: tuple[Settings, int]) -> None:
    settings, number = stored_account
    with connect(settings, Login.DOOR) as connection:
        token = sessions.create(connection, number, absolute_minutes=60)
        found = sessions.find(connection, token, idle_minutes=30)
        assert found is not None
        assert (found.account_id, found.login) == (number, "shuili")
        assert list(sessions.living(connection, number, token)["mine"]) == [True]
        assert sessions.find(connection, token + "x", idle_minutes=30) is None
        assert sessions.revoke(connection, token)
        assert not sessions.revoke(connection, token)
        assert sessions.find(connection, token, idle_minutes=30) is None


@pytest.mark.parametrize(
    "ending",
    [
        "UPDATE session SET last_seen_at = now() - interval '31 minutes'",
        "UPDATE session SET expires_at = now()",
        "UPDATE account SET disabled = true",
    ],
)
def test_a_session_ends_by_idleness_by_age_and_with_its_account(
    stored_account: tuple[Settings, int], ending: str
) -> None:
    settings, number = stored_account
    with connect(settings, Login.OWNER) as connection:
        token = sessions.create(connection, number, absolute_minutes=60)
        connection.execute(text(ending))
        assert sessions.find(connection, token, idle_minutes=30) is None


def test_use_keeps_a_session_alive_and_a_read_only_look_leaves_it(
    stored_account: tuple[Settings, int],
) -> None:
    settings, number = stored_account
    seen = text("SELECT now() - last_seen_at FROM session")
    with connect(settings, Login.DOOR) as connection:
        token = sessions.create(connection, number, absolute_minutes=60)
        connection.execute(text("UPDATE session SET last_seen_at = now() - interval '20 minutes'"))
    with connect(settings, Login.DOOR, readonly=True) as connection:
        assert sessions.find(connection, token, idle_minutes=30, touch=False) is not None
    with connect(settings, Login.DOOR) as connection:
        assert connection.execute(seen).scalar_one() > dt.timedelta(minutes=19)
        assert sessions.find(connection, token, idle_minutes=30) is not None
        assert connection.execute(seen).scalar_one() == dt.timedelta(0)
        assert sessions.revoke_all(connection, number) == 1


def test_the_database_never_holds_a_token(stored_account: tuple[Settings, int]) -> None:
    settings, number = stored_account
    with connect(settings, Login.DOOR) as connection:
        token = sessions.create(connection, number, absolute_minutes=60)
        kept = connection.execute(text("SELECT token_hash FROM session")).scalar_one()
    assert bytes(kept) == sessions.hash_of(token)
    assert token.encode() not in bytes(kept)


def test_an_export_link_serves_its_own_account_once(stored_account: tuple[Settings, int]) -> None:
    settings, number = stored_account
    with connect(settings, Login.OWNER) as connection:
        token = sessions.create_link(connection, number, "gaps", {"within": "4305", "名": "缺口"})
        assert sessions.use_link(connection, token, number + 1) is None
        used = sessions.use_link(connection, token, number)
        assert used is not None
        assert (used.kind, used.options) == ("gaps", {"within": "4305", "名": "缺口"})
        assert sessions.use_link(connection, token, number) is None
        late = sessions.create_link(connection, number, "gaps", {})
        connection.execute(text("UPDATE export_link SET expires_at = now() WHERE used_at IS NULL"))
        assert sessions.use_link(connection, late, number) is None


def test_an_act_that_is_rolled_back_leaves_no_record_and_one_s_own_acts_are_one_s_own(
    stored_account: tuple[Settings, int],
) -> None:
    settings, number = stored_account
    mine, other = Scope("4305", number, "water"), Scope("4305", None, "water")
    with connect(settings, Login.GENERAL, mine) as connection:
        audit.record(connection, EXPORT, mine, object_kind="gap", row_count=2, purpose="周调度")
        connection.rollback()
        assert audit.acts(connection).empty
        audit.record(connection, EXPORT, mine, object_kind="gap", row_count=3)
    with connect(settings, Login.IMPORTER, other) as connection:
        audit.record(connection, EXPORT, other, object_kind="gap", row_count=4)
    for role, expected in (("water", [3]), ("auditor", [4, 3]), ("civil", [3])):
        with connect(settings, Login.GENERAL, Scope("4305", number, role)) as connection:
            assert list(audit.acts(connection)["row_count"]) == expected
            assert list(audit.acts(connection, account_id=number)["row_count"]) == [3]


def test_a_password_is_known_by_its_hash_and_an_unknown_user_never_passes() -> None:
    stored = passwords.hash_password("四个一")
    assert stored.startswith("$argon2id$")
    assert passwords.verify_password(stored, "四个一")
    assert not passwords.verify_password(stored, "四个二")
    assert not passwords.verify_password(None, "nobody's password")
    assert not passwords.verify_password("no hash", "x")
    assert not passwords.needs_rehash(stored)
