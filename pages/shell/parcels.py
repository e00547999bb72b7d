"""Layers that only one reader may fetch: kept for minutes in this process, under a name nobody can guess."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pages.door.desk import Viewer

KEPT: Final = 200
KEPT_S: Final = 1800.0
KEY: Final = secrets.token_bytes(32)
"""Of this process. One layer of one reader keeps its name, so that an unchanged map stays as it is."""


@dataclass(frozen=True)
class _Parcel:
    account_id: int
    content: bytes
    until: float


_held: OrderedDict[str, _Parcel] = OrderedDict()
_lock = threading.Lock()


def leave(viewer: Viewer, content: bytes) -> str:
    """Keep `content` for this viewer and return its name."""
    name = hashlib.blake2b(
        content, key=KEY, person=viewer.account_id.to_bytes(16, "big"), digest_size=24
    ).hexdigest()
    with _lock:
        _held[name] = _Parcel(viewer.account_id, content, time.monotonic() + KEPT_S)
        _held.move_to_end(name)
        while len(_held) > KEPT:
            _held.popitem(last=False)
    return name


def take(viewer: Viewer, name: str) -> bytes | None:
    """Return what was kept under `name` for this viewer, and for nobody else."""
    with _lock:
        found = _held.get(name)
    if found is None or found.account_id != viewer.account_id or found.until < time.monotonic():
        return None
    return found.content
