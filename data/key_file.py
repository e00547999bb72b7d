"""Changes of the file of keys: a key is added, or dropped; the file is replaced whole or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING

from data.keyring import KeyringError, keyring, new_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from data.settings import Settings


@contextlib.contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Hold the file of keys for one command; a killed one lets go.

    Raises
    ------
    KeyringError
        If another command holds it.
    """
    path = keyring_path(settings)
    handle = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise KeyringError("另一个更换或清理密钥的命令正在运行：请等它结束。") from None
        yield
    finally:
        os.close(handle)


def add_key(settings: Settings) -> int:
    """Add a key, which seals from now on, and return its number; call it inside `alone`."""
    path = keyring_path(settings)
    number = keyring(settings).newest + 1
    kept = path.read_text("ascii")
    _replace(path, kept if kept.endswith("\n") else f"{kept}\n", new_line(number))
    return number


def drop_keys(settings: Settings, numbers: AbstractSet[int]) -> None:
    """Take keys out of the file, never the newest; call it inside `alone`, once nothing uses them."""
    path = keyring_path(settings)
    if keyring(settings).newest in numbers:
        raise KeyringError("当前使用的密钥不能清理。")
    lines = path.read_text("ascii").splitlines(keepends=True)
    _replace(path, *(line for line in lines if int(line.split()[0]) not in numbers))


def keyring_path(settings: Settings) -> Path:
    """Return the file of keys, which is there."""
    keyring(settings)
    return settings.key_path.resolve()


def _replace(path: Path, *parts: str) -> None:
    # Always the same name: what a kill leaves of it the next change overwrites.
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    before = path.stat()
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.writelines(parts)
        file.flush()
        if os.geteuid() == 0:
            os.fchown(file.fileno(), before.st_uid, before.st_gid)
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
