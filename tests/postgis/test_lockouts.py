"""Lock-outs at the door are acts: told once, of real accounts, never as many as there are attempts."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from data.engine import Login, Scope, connect
from data.storage import audit, lockouts
from jobs.audit_trail import verify
from jobs.worker import tell_lockouts
from pages.door import desk, factor, passwords
from tests.postgis.test_second_factor import civil, code_of, enrolled, enter
from tests.postgis.test_sign_in_desk import RIGHT, guarded

if TYPE_CHECKING:
    from collections.abc import Callable

    from data.settings import Settings

__all__ = ["civil", "guarded"]


def acts(settings: Settings) -> list[tuple[Any, ...]]:
    """Return the acts that tell of lock-outs, whole, once those that are being told are written."""
    desk._teller().submit(int).result(timeout=20)
    with connect(settings, Login.BACKUP, readonly=True) as connection:
        rows = connection.execute(
            text(
                "SELECT action, account_id, role, object_ids, row_count, object_kind, purpose FROM audit "
                "WHERE action LIKE 'lock.%' ORDER BY id"
            )
        )
        return [tuple(row) for row in rows]


def lock_out(settings: Settings, login: str = "shuili", times: int = 5) -> None:
    for number in range(times):
        assert desk.sign_in(settings, login, f"guess {number}") is None


def number_of(settings: Settings, login: str) -> int:
    with connect(settings, Login.OWNER) as connection:
        return int(
            connection.execute(
                text("SELECT id FROM account WHERE login = :login"), {"login": login}
            ).scalar_one()
        )


def set_all(settings: Settings, sets: str) -> None:
    with connect(settings, Login.OWNER) as connection:
        connection.execute(text(f"UPDATE account SET {sets}"))  # noqa: S608 - our own text


def unlocked(settings: Settings) -> None:
    set_all(settings, "locked_until = now() - interval '1 second'")


def test_a_lock_out_is_one_act_of_nobody_with_the_account_and_the_auditor_reads_it(guarded: Settings) -> None:
    lock_out(guarded)
    number = number_of(guarded, "shuili")
    assert acts(guarded) == [("lock.account", None, "stranger", [str(number)], 1, "account", "")]
    with connect(guarded, Login.GENERAL, Scope("4305", 999, "auditor"), readonly=True) as connection:
        seen = audit.acts(connection)
    assert list(seen["action"]) == ["lock.account"]
    with connect(guarded, Login.GENERAL, Scope("4305", 999, "water"), readonly=True) as connection:
        assert audit.acts(connection).empty
    assert verify(guarded).faults == ()


def test_four_failures_and_a_right_password_at_the_fifth_lock_nobody_out(guarded: Settings) -> None:
    lock_out(guarded, times=4)
    assert desk.sign_in(guarded, "shuili", RIGHT) is not None
    set_all(guarded, "failures = 0")
    assert tell_lockouts(guarded) == 0
    assert acts(guarded) == []


@pytest.mark.parametrize("login", ["nobody-here", "", "SHUILI", "shuili ", "x\x00"])
def test_a_name_that_nobody_has_is_told_nowhere(guarded: Settings, login: str) -> None:
    lock_out(guarded, login, times=12)
    assert tell_lockouts(guarded) == 0
    assert acts(guarded) == []


def test_a_disabled_account_is_not_locked_and_not_told(guarded: Settings) -> None:
    set_all(guarded, "disabled = true")
    lock_out(guarded, times=12)
    assert acts(guarded) == []


def test_attempts_go_on_and_the_record_does_not_fill(guarded: Settings) -> None:
    for _ in range(4):
        lock_out(guarded, times=11)  # six of them at a locked account
        unlocked(guarded)
    assert [act[4] for act in acts(guarded)] == [1]
    assert tell_lockouts(guarded) == 0
    set_all(guarded, "lockouts_told_at = now() - interval '61 minutes'")
    assert tell_lockouts(guarded) == 1
    assert [act[4] for act in acts(guarded)] == [1, 3]
    assert tell_lockouts(guarded) == 0


def test_a_burst_is_one_lock_out(guarded: Settings) -> None:
    all_at_once = threading.Barrier(12)

    def guess(number: int) -> str | None:
        all_at_once.wait()
        return desk.sign_in(guarded, "shuili", f"guess {number}")

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(guess, range(12))) == {None}
    assert [act[4] for act in acts(guarded)] == [1]


def test_two_who_tell_at_once_tell_once(guarded: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "tell_lockout", lambda *_: None)
    lock_out(guarded)
    both = threading.Barrier(2)

    def tell(_: int) -> int:
        with connect(guarded, Login.DOOR) as connection:
            both.wait()
            return lockouts.tell(connection, "4305", number_of(guarded, "shuili"))

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(tell, range(2))) == [0, 1]
    assert len(acts(guarded)) == 1


class Kept:
    """In the place of the thread that tells: keeps what it was asked to do, and does none of it."""

    def __init__(self) -> None:
        self.asked: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []

    def submit(self, work: Callable[..., Any], *arguments: Any) -> None:
        self.asked.append((work, arguments))


def test_the_answer_does_not_wait_for_the_act_and_a_killed_process_loses_none(
    guarded: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, real = Kept(), desk._teller
    monkeypatch.setattr(desk, "_teller", lambda: kept)
    lock_out(guarded, times=7)
    assert len(kept.asked) == 1, "by the fifth alone, and not on the way to its answer"
    monkeypatch.setattr(desk, "_teller", real)
    assert acts(guarded) == []
    assert tell_lockouts(guarded) == 0, "an attempt may be under way that lifts it"
    set_all(guarded, "locked_until = locked_until - interval '2 minutes'")
    assert tell_lockouts(guarded) == 1
    assert [act[4] for act in acts(guarded)] == [1]


def test_a_database_that_fails_while_it_is_told_leaves_it_to_the_next(
    guarded: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(lockouts, "tell", lambda *_: 1 / 0)
        lock_out(guarded)
        assert acts(guarded) == []
    unlocked(guarded)
    lock_out(guarded)
    assert [act[4] for act in acts(guarded)] == [2]


def test_a_present_password_that_is_guessed_at_is_told_as_well(guarded: Settings) -> None:
    for _ in range(5):
        assert not passwords.is_right(guarded, "shuili", "guess")
    assert [act[0] for act in acts(guarded)] == ["lock.account"]


def test_wrong_codes_lock_out_a_person_who_had_shown_the_password(civil: Settings) -> None:
    _, secret, _ = enrolled(civil, "minzheng")
    token, number = enter(civil, "minzheng"), number_of(civil, "minzheng")
    for _ in range(8):
        assert not factor.show(civil, token, "000000")
    assert acts(civil) == [("lock.factor", number, "self", [str(number)], 1, "account", "")]
    set_all(civil, "factor_locked_until = now() - interval '1 second', lockouts_told_at = NULL")
    for _ in range(4):
        assert not factor.show(civil, token, "000000")
    assert factor.show(civil, token, code_of(secret, 1))
    assert len(acts(civil)) == 1
    with connect(civil, Login.OWNER) as connection:
        assert connection.scalar(text("SELECT sum(factor_lockouts) FROM account")) == 0
