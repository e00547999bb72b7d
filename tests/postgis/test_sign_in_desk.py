"""The desk of the door: attempts are counted before a password is looked at."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from data import passwords
from data.engine import Login, Scope, connect
from data.storage import accounts
from pages.door import desk

if TYPE_CHECKING:
    from data.settings import Settings

RIGHT = "the right one"


@pytest.fixture
def guarded(stored_county: Settings) -> Settings:
    with connect(stored_county, Login.IMPORTER, Scope("4305", None, "founding")) as connection:
        number = accounts.create_account(
            connection,
            login="shuili",
            display_name="水利",
            bureau="",
            password_hash=passwords.hash_password(RIGHT),
        )
        accounts.add_grant(connection, number, "water", "4305")
    return stored_county


def test_the_right_password_opens_a_session_and_a_sign_out_ends_it(guarded: Settings) -> None:
    token = desk.sign_in(guarded, "shuili", RIGHT)
    viewer = desk.viewer_of(guarded, token)
    assert viewer is not None
    assert (viewer.login, viewer.role, viewer.area_code) == ("shuili", "water", "4305")
    desk.sign_out(guarded, token)
    assert desk.viewer_of(guarded, token) is None


def test_of_a_burst_of_guesses_five_have_their_password_looked_at(
    guarded: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str | None] = []
    all_at_once = threading.Barrier(12)

    def slow(stored: str | None, password: str) -> bool:
        looked.append(stored)
        time.sleep(0.2)
        return passwords.verify_password(stored, password)

    def guess(number: int) -> str | None:
        all_at_once.wait()
        return desk.sign_in(guarded, "shuili", f"guess {number}")

    monkeypatch.setattr(desk, "verify_password", slow)
    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(guess, range(12))) == {None}
    assert len(looked) == 12
    assert len([stored for stored in looked if stored]) == accounts.FAILURES_MAX
    assert desk.sign_in(guarded, "shuili", RIGHT) is None


def test_the_right_password_at_the_fifth_attempt_still_opens(guarded: Settings) -> None:
    for _ in range(4):
        assert desk.sign_in(guarded, "shuili", "wrong") is None
    assert desk.sign_in(guarded, "shuili", RIGHT) is not None
    assert desk.sign_in(guarded, "shuili", RIGHT) is not None


@pytest.mark.parametrize("login", ["shuili\x00", "\x00", "a\nb", "\ud800", "nobody", "", "\u202eshuili"])
def test_a_login_with_control_characters_is_refused_like_an_unknown_one(
    guarded: Settings, login: str
) -> None:
    assert desk.sign_in(guarded, login, RIGHT) is None
