from __future__ import annotations

import base64

import pytest

from data import totp

SECRET = b"12345678901234567890"
"""RFC 6238, appendix B."""
VECTORS = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]


@pytest.mark.parametrize(("now", "code"), VECTORS)
def test_the_codes_are_those_of_the_standard(now: int, code: str) -> None:
    assert totp.matching_step(SECRET, code, after=0, now_s=now) == now // 30


@pytest.mark.parametrize(("late", "taken"), [(-31, True), (-60, False), (0, True), (29, True), (60, False)])
def test_a_clock_may_be_one_step_off(late: int, taken: bool) -> None:  # noqa: FBT001 - a table of cases
    found = totp.matching_step(SECRET, "081804", after=0, now_s=1111111109 + late)
    assert (found is not None) is taken


def test_no_code_is_taken_twice_nor_one_older_than_the_last() -> None:
    assert totp.matching_step(SECRET, "287082", after=0, now_s=59) == 1
    assert totp.matching_step(SECRET, "287082", after=1, now_s=59) is None


@pytest.mark.parametrize("typed", ["", "28708", "2870822", "28708a", "２８７０８２", "287 08 2x", "-87082"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    assert totp.matching_step(SECRET, typed, after=0, now_s=59) is None


def test_blanks_in_a_code_do_not_matter() -> None:
    assert totp.matching_step(SECRET, " 287 082 ", after=0, now_s=59) == 1


def test_secrets_and_recovery_codes_are_as_long_as_the_standard_asks_and_never_repeat() -> None:
    assert len(totp.new_secret()) == 20
    codes = totp.new_recovery_codes()
    assert len(set(codes)) == totp.RECOVERY_CODES
    assert all(len(base64.b32decode(code.replace("-", ""))) == 10 for code in codes)
    assert totp.hash_of_recovery(codes[0]) == totp.hash_of_recovery(codes[0].lower().replace("-", " "))
