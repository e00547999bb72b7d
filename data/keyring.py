"""Keys outside the database, and values sealed with them so that a value cannot be moved to another row.

AES-256-GCM (NIST SP 800-38D) or SM4-GCM (GB/T 32907, RFC 8998), by the setting `identity_cipher`, with a
random nonce of 96 bits; table, record and column are associated data. Either opens whatever the setting says.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import os
import secrets
import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from data.settings import Settings

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
AES, SM4 = 1, 2
FORMATS: Final = {"aes-256-gcm": AES, "sm4-gcm": SM4}
"""What a sealed value begins with, by the cipher."""
SM4_BYTES: Final = 16
HEAD: Final = struct.Struct(">BI")
"""Format and number of the key, before nonce and ciphertext."""


class KeyringError(Exception):
    """The keys cannot be read, or do not open what they are asked to open; the message holds no value."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a sealed value stands: opened from anywhere else, it is refused."""

    table: str
    record: object
    column: str

    @property
    def associated(self) -> bytes:
        """The associated data."""
        return f"{self.table}|{self.record}|{self.column}".encode()


@dataclass(frozen=True)
class Keyring:
    """Keys by their number; the highest seals, by the cipher of `form`; all of them open."""

    keys: Mapping[int, bytes]
    form: int = AES

    @property
    def newest(self) -> int:
        """Number of the key that seals."""
        return max(self.keys)

    def seal(self, value: bytes, place: Place) -> bytes:
        """Return `value` sealed for `place` with the newest key."""
        nonce, head = secrets.token_bytes(NONCE_BYTES), HEAD.pack(self.form, self.newest)
        encrypt = _sm4_encrypt if self.form == SM4 else _aes_encrypt
        return head + nonce + encrypt(self.keys[self.newest], nonce, value, head + place.associated)

    def open(self, sealed: bytes, place: Place) -> bytes:
        """Return the value that was sealed for `place`.

        Raises
        ------
        KeyringError
            If its key is not here, or it was sealed for another place, or changed.
        """
        if len(sealed) < HEAD.size + NONCE_BYTES:
            raise KeyringError("密文不完整：请从备份恢复该记录。")
        head, rest = sealed[: HEAD.size], sealed[HEAD.size :]
        form, number = HEAD.unpack(head)
        if form not in {AES, SM4} or number not in self.keys:
            raise KeyringError(f"缺少第 {number} 号密钥：请把原来的密钥文件放回（见 ANLAN_KEY_FILE）。")
        try:
            decrypt = _sm4_decrypt if form == SM4 else _aes_decrypt
            nonce, secret = rest[:NONCE_BYTES], rest[NONCE_BYTES:]
            return decrypt(self.keys[number], nonce, secret, head + place.associated)
        except InvalidTag:
            raise KeyringError("密文与所在记录不符或已被改动：请从备份恢复该记录。") from None

    def digest(self, value: bytes, use: str, number: int) -> bytes:
        """Return HMAC-SHA-256 of `value` under a key that key `number` yields for this `use` alone.

        The key that seals is never the key of a hash: HKDF (RFC 5869) tells them apart.
        """
        own = HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=use.encode())
        return hmac.new(own.derive(self.keys[number]), value, hashlib.sha256).digest()


def _aes_encrypt(key: bytes, nonce: bytes, value: bytes, associated: bytes) -> bytes:
    return AESGCM(key).encrypt(nonce, value, associated)


def _aes_decrypt(key: bytes, nonce: bytes, secret: bytes, associated: bytes) -> bytes:
    return AESGCM(key).decrypt(nonce, secret, associated)


def _sm4_encrypt(key: bytes, nonce: bytes, value: bytes, associated: bytes) -> bytes:
    working = Cipher(algorithms.SM4(_sm4_key(key)), modes.GCM(nonce)).encryptor()
    working.authenticate_additional_data(associated)
    return working.update(value) + working.finalize() + working.tag


def _sm4_decrypt(key: bytes, nonce: bytes, secret: bytes, associated: bytes) -> bytes:
    if len(secret) < TAG_BYTES:
        raise InvalidTag
    value, tag = secret[:-TAG_BYTES], secret[-TAG_BYTES:]
    working = Cipher(algorithms.SM4(_sm4_key(key)), modes.GCM(nonce, tag)).decryptor()
    working.authenticate_additional_data(associated)
    return working.update(value) + working.finalize()


def _sm4_key(key: bytes) -> bytes:
    """Return the 128 bits that SM4 takes, of a key whose 256 bits are never used for two ciphers."""
    return HKDF(algorithm=hashes.SHA256(), length=SM4_BYTES, salt=None, info=b"sm4-gcm").derive(key)


def keyring(settings: Settings) -> Keyring:
    """Return the keys of the deployment; the first call in a new state folder makes the file.

    Raises
    ------
    KeyringError
        If `ANLAN_KEY_FILE` names no file (a key is never invented beside one that was lost), others may read
        the file, or a line of it is no key.
    """
    path = settings.key_path
    if not path.exists():
        if settings.key_file is not None:
            raise KeyringError(f"找不到密钥文件 {path}：请放回原文件，或改正 ANLAN_KEY_FILE。")
        _create(path)
    stamp = path.stat()
    if stamp.st_mode & 0o077:
        raise KeyringError(f"密钥文件 {path} 可被他人读取：请执行 chmod 600。")
    return _read(path, stamp.st_mtime_ns, FORMATS[settings.identity_cipher])


def new_line(number: int) -> str:
    """Return a line of a key file: number and 32 random bytes."""
    return f"{number} {base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode('ascii')}\n"


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(new_line(1))
        file.flush()
        os.fsync(file.fileno())
    # Of two processes that start at once, the one that links first is right; the other reads its key.
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


@lru_cache(maxsize=4)
def _read(path: Path, _changed_ns: int, form: int) -> Keyring:
    keys: dict[int, bytes] = {}
    for line in path.read_text("ascii").splitlines():
        number, _, encoded = line.strip().partition(" ")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError:
            key = b""
        if not number.isdigit() or len(key) != KEY_BYTES or int(number) in keys:
            raise KeyringError(f"密钥文件 {path} 有一行无法识别：应为“编号 密钥”，每行一个。")
        keys[int(number)] = key
    if not keys:
        raise KeyringError(f"密钥文件 {path} 是空的：请放回原文件。")
    return Keyring(keys, form)
