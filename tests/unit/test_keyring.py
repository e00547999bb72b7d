from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from data.keyring import Keyring, KeyringError, Place, keyring, new_line
from data.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

HERE = Place(table="child_identity", record=7, column="name")
ELSEWHERE = (
    Place(table="child_identity", record=8, column="name"),
    Place(table="child_identity", record=7, column="phone"),
    Place(table="account", record=7, column="name"),
)


def deployment(folder: Path, **given: object) -> Settings:
    return Settings.model_validate({"database_url": None, "state": folder} | given)


def test_a_sealed_value_opens_where_it_was_sealed_for_and_holds_nothing_legible(tmp_path: Path) -> None:
    keys = keyring(deployment(tmp_path))
    sealed = keys.seal("某某".encode(), HERE)
    assert keys.open(sealed, HERE).decode() == "某某"
    assert "某某".encode() not in sealed
    assert keys.seal("某某".encode(), HERE) != sealed


@pytest.mark.parametrize("place", ELSEWHERE)
def test_a_value_moved_to_another_row_is_refused(tmp_path: Path, place: Place) -> None:
    keys = keyring(deployment(tmp_path))
    with pytest.raises(KeyringError, match="不符"):
        keys.open(keys.seal(b"x", HERE), place)


@pytest.mark.parametrize("position", [0, 4, 8, 20, -1])
def test_a_changed_byte_is_refused(tmp_path: Path, position: int) -> None:
    keys = keyring(deployment(tmp_path))
    sealed = bytearray(keys.seal(b"twelve bytes", HERE))
    sealed[position] ^= 1
    with pytest.raises(KeyringError):
        keys.open(bytes(sealed), HERE)


def test_an_older_key_still_opens_and_the_newest_seals() -> None:
    old = Keyring({1: b"a" * 32})
    both = Keyring({1: b"a" * 32, 2: b"b" * 32})
    assert both.open(old.seal(b"x", HERE), HERE) == b"x"
    with pytest.raises(KeyringError, match="第 2 号"):
        old.open(both.seal(b"x", HERE), HERE)


def test_sm4_seals_by_setting_and_either_opens_what_the_other_sealed(tmp_path: Path) -> None:
    aes, sm4 = (keyring(deployment(tmp_path, identity_cipher=name)) for name in ("aes-256-gcm", "sm4-gcm"))
    ours, theirs = sm4.seal("某某".encode(), HERE), aes.seal("某某".encode(), HERE)
    assert (theirs[0], ours[0]) == (1, 2)
    assert "某某".encode() not in ours
    for keys in (aes, sm4):
        assert [keys.open(sealed, HERE).decode() for sealed in (ours, theirs)] == ["某某", "某某"]
        with pytest.raises(KeyringError, match="不符"):
            keys.open(ours, ELSEWHERE[0])
    turned = bytes([1]) + ours[1:]
    with pytest.raises(KeyringError, match="不符"):
        aes.open(turned, HERE)
    for position in (0, 5, 18, -1):
        changed = bytearray(ours)
        changed[position] ^= 1
        with pytest.raises(KeyringError):
            sm4.open(bytes(changed), HERE)
    with pytest.raises(KeyringError, match="不符"):
        sm4.open(ours[:20], HERE)


def test_sm4_in_gcm_is_that_of_the_standard() -> None:
    """RFC 8998, appendix A.1."""
    key, nonce = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"), bytes.fromhex("00001234567800000000ABCD")
    working = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    working.authenticate_additional_data(bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2"))
    working.update(bytes.fromhex("".join(letter * 16 for letter in "ABCDEFEA")))
    working.finalize()
    assert working.tag.hex() == "83de3541e4c2b58177e065a9bf7b62ec"


def test_processes_that_start_at_once_share_one_key(tmp_path: Path) -> None:
    settings = deployment(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: keyring(settings).keys[1], range(16)))
    assert len(made) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]
    assert settings.key_path.stat().st_mode & 0o777 == 0o600


def test_a_named_file_that_is_missing_is_a_fault_and_no_new_key(tmp_path: Path) -> None:
    settings = deployment(tmp_path, key_file=tmp_path / "lost")
    with pytest.raises(KeyringError, match="找不到密钥文件"):
        keyring(settings)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    ["", "1 short\n", "x y\n", f"{new_line(1)}{new_line(1)}"],
    ids=["empty", "short", "words", "one number twice"],
)
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(KeyringError):
        keyring(deployment(tmp_path))


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(new_line(1))
    path.chmod(0o644)
    with pytest.raises(KeyringError, match="chmod 600"):
        keyring(deployment(tmp_path))
