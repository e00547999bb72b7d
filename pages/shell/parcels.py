"""Layers that only one session may fetch: kept for minutes in this process, under a name nobody can guess."""

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
    reader: tuple[str, ...]
    content: bytes
    until: float


_held: OrderedDict[str, _Parcel] = OrderedDict()
_lock = threading.Lock()


def leave(viewer: Viewer, content: bytes) -> str:
    """Keep `content` for this viewer and return its name."""
    reader = _reader(viewer)
    person = hashlib.blake2b("|".join(reader).encode(), digest_size=16).digest()
    name = hashlib.blake2b(content, key=KEY, person=person, digest_size=24).hexdigest()
    with _lock:
        _held[name] = _Parcel(reader, content, time.monotonic() + KEPT_S)
        _held.move_to_end(name)
        while len(_held) > KEPT:
            _held.popitem(last=False)
    return name


def take(viewer: Viewer, name: str) -> bytes | None:
    """Return what was kept under `name` for this viewer, and for nobody else."""
    with _lock:
        found = _held.get(name)
    if found is None or found.reader != _reader(viewer) or found.until < time.monotonic():
        return None
    return found.content


def _reader(viewer: Viewer) -> tuple[str, ...]:
    # What a session could see is not seen by the next one, nor after the role or the area changed.
    return (viewer.session, str(viewer.account_id), viewer.role, viewer.area_code)
