"""A new key for everything sealed: killed at any moment nothing is lost, and the next call goes on."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from data import key_file, totp
from data.engine import Login, Scope, connect
from data.keyring import SM4, KeyringError, keyring
from data.storage.identities import Access, find_child, read_identities, write_identities
from jobs import keys
from jobs.cli.main import anlan

if TYPE_CHECKING:
    from pathlib import Path

    from data.settings import Settings

CIVIL = Scope("4305", None, "civil")
CHILDREN = 40
KILLED = (
    "import os, signal\n"
    "from data.settings import load_settings\n"
    "from jobs import keys\n"
    "def told(sealed, total):\n"
    "    if sealed >= 15:\n"
    "        os.kill(os.getpid(), signal.SIGKILL)\n"
    "keys.rotate(load_settings(), told, most=5)\n"
)


def silent(_sealed: int, _total: int) -> None:
    """Hear nothing."""


@pytest.fixture
def house(stored_county: Settings, tmp_path: Path) -> Settings:
    """Forty children with a name each and one second factor, under the first key."""
    settings = stored_county.model_copy(update={"state": tmp_path})
    with connect(settings, Login.IMPORTER, CIVIL) as connection:
        connection.execute(
            text(
                "INSERT INTO child (id, code, area_code, category, birth_month) "
                "SELECT n, 'E-' || n, '430502001200', 'orphan', '2015-01-01' FROM generate_series(1, :n) n"
            ),
            {"n": CHILDREN},
        )
        access = Access(keys=keyring(settings), actor=CIVIL, purpose="登记")
        for number in range(1, CHILDREN + 1):
            write_identities(connection, access, number, {"name": f"金丝雀{number}"})
        connection.execute(
            text(
                "INSERT INTO account (id, login, display_name, password_hash, totp_secret) "
                "VALUES (77, 'a', 'a', '-', :s)"
            ),
            {"s": keyring(settings).seal(b"factor", totp.place(77))},
        )
    return settings


def environment(house: Settings) -> dict[str, str]:
    assert house.database_url is not None
    return {
        "DATABASE_URL": house.database_url.get_secret_value(),
        "ANLAN_STATE": str(house.state),
        "ANLAN_SETTINGS": "",
    }


def everything_is_there(house: Settings) -> bool:
    ring = keyring(house)
    access = Access(keys=ring, actor=CIVIL, purpose="核对")
    with connect(house, Login.CHILD, CIVIL) as connection:
        found = read_identities(connection, access, range(1, CHILDREN + 1))
        met = [find_child(connection, access, "name", f"金丝雀{number}") for number in (1, 20, CHILDREN)]
    with connect(house, Login.IMPORTER) as connection:
        factor = connection.scalar(text("SELECT totp_secret FROM account WHERE id = 77"))
    names = {number: {"name": f"金丝雀{number}"} for number in range(1, CHILDREN + 1)}
    opened = ring.open(bytes(factor or b""), totp.place(77))
    return found == names and met == [[1], [20], [CHILDREN]] and opened == b"factor"


def used(house: Settings) -> dict[int, tuple[int, int]]:
    return {use.number: (use.identities, use.factors) for use in keys.status(house)}


def test_a_rotation_seals_everything_anew_and_the_old_key_can_go(house: Settings) -> None:
    assert used(house) == {1: (CHILDREN, 1)}
    done = keys.rotate(house, silent, most=7)
    assert (done.number, done.resumed, done.sealed, done.unopened) == (2, False, CHILDREN + 1, ())
    assert used(house) == {1: (0, 0), 2: (CHILDREN, 1)}
    assert everything_is_there(house)
    assert keys.drop(house) == [1]
    assert set(keyring(house).keys) == {2}
    assert house.key_path.stat().st_mode & 0o777 == 0o600
    assert everything_is_there(house)
    with connect(house, Login.IMPORTER, CIVIL) as connection:
        assert set(connection.scalars(text("SELECT key_number FROM child_identity"))) == {2}
    with connect(house, Login.BACKUP) as connection:
        rows = connection.execute(
            text("SELECT action, role, object_ids FROM audit WHERE object_kind = 'key'")
        )
        assert [tuple(row) for row in rows] == [
            ("rotate.keys", "operator", ["2"]),
            ("drop.keys", "operator", ["1"]),
        ]


def test_a_rotation_under_the_other_cipher_seals_everything_by_it(house: Settings) -> None:
    house = house.model_copy(update={"identity_cipher": "sm4-gcm"})
    assert everything_is_there(house)
    keys.rotate(house, silent)
    assert used(house) == {1: (0, 0), 2: (CHILDREN, 1)}
    assert everything_is_there(house)
    with connect(house, Login.IMPORTER, CIVIL) as connection:
        forms = connection.scalars(text("SELECT DISTINCT get_byte(sealed_value, 0) FROM child_identity"))
        assert forms.all() == [SM4]


def test_a_rotation_killed_midway_loses_nothing_and_the_next_call_ends_it(house: Settings) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED], env=os.environ | environment(house), capture_output=True, check=False
    )
    assert killed.returncode == -9, killed.stderr
    between = used(house)
    assert 0 < between[1][0] < CHILDREN
    assert between[1][0] + between[2][0] == CHILDREN
    assert everything_is_there(house)
    assert keys.drop(house) == []
    done = keys.rotate(house, silent)
    assert (done.number, done.resumed, done.sealed) == (2, True, between[1][0])
    assert everything_is_there(house)
    assert keys.drop(house) == [1]


def test_a_value_that_does_not_open_stops_neither_the_others_nor_loses_its_key(house: Settings) -> None:
    with connect(house, Login.IMPORTER, CIVIL) as connection:
        connection.execute(
            text(
                "UPDATE child_identity SET sealed_value = (SELECT sealed_value FROM child_identity "
                "WHERE child_id = 2) WHERE child_id = 1"
            )
        )
    done = keys.rotate(house, silent, most=3)
    assert done.unopened == ("child_identity 1 name",)
    assert used(house) == {1: (1, 0), 2: (CHILDREN - 1, 1)}
    assert keys.drop(house) == []


def test_two_commands_on_the_keys_never_run_at_once(house: Settings) -> None:
    with key_file.alone(house), pytest.raises(KeyringError, match="正在运行"):
        keys.rotate(house, silent)
    assert used(house) == {1: (CHILDREN, 1)}


def test_the_commands_say_what_they_did_and_never_a_value(house: Settings) -> None:
    said = [
        CliRunner().invoke(anlan, ["keys", *arguments], env=environment(house))
        for arguments in (["status"], ["rotate"], ["status"], ["drop", "--yes"], ["drop", "--yes"])
    ]
    assert [outcome.exit_code for outcome in said] == [0] * 5, [outcome.output for outcome in said]
    for outcome, words in zip(
        said,
        ("第 1 号（当前）", "第 2 号密钥", "第 1 号（旧）：身份信息 0 条", "已清理第 1 号", "没有可清理"),
        strict=True,
    ):
        assert words in outcome.output
        assert "金丝雀" not in outcome.output


def test_a_key_that_is_needed_and_not_there_is_told(house: Settings) -> None:
    keys.rotate(house, silent)
    line = house.key_path.read_text("ascii").splitlines(keepends=True)[0]
    house.key_path.write_text(line, "ascii")
    outcome = CliRunner().invoke(anlan, ["keys", "status"], env=environment(house))
    assert outcome.exit_code == 1
    assert "缺少第 2 号密钥" in outcome.output
