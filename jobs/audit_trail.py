"""The record of acts held to its chain, and its head written where the database cannot reach."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from data.engine import Login, Scope, connect
from data.storage import audit, audit_chain
from data.storage.audit import Action
from jobs.accounts import OPERATOR

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from data.settings import Settings
    from data.storage.audit_chain import Head

MOST: Final = 100
"""Faults that are told."""


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What a verification found: how many acts hold, and what does not."""

    acts: int
    heads: int
    faults: tuple[str, ...]


def heads_file(settings: Settings) -> Path:
    """Return the file of heads, beside the database and not in it; keep copies elsewhere."""
    return settings.state / "audit-heads.log"


def write_head(settings: Settings) -> Head | None:
    """Append the head of the chain to the file of heads and return it; None before the first act."""
    with connect(settings, Login.GENERAL, readonly=True) as connection:
        found = audit_chain.head(connection)
    if found is None:
        return None
    path = heads_file(settings)
    line = f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ} {found.position} {found.hash.hex()}\n"
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "a", encoding="ascii") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    return found


def write_daily_head(settings: Settings) -> None:
    """Append the head where none was written in the last day."""
    path = heads_file(settings)
    day_s = 86_400
    if not path.exists() or dt.datetime.now(dt.UTC).timestamp() - path.stat().st_mtime > day_s:
        write_head(settings)


def verify(settings: Settings, actor: Scope | None = None) -> Verified:
    """Hold every act to the chain, and the chain to every head that was written outside the database.

    What does not hold is an act of whoever looked (None: who owns the machine): how many faults, and once an
    hour for the same number, so that looking again and again fills no record.
    """
    faults: list[str] = []
    written = _written_heads(heads_file(settings), faults)
    met: dict[int, bytes] = {}
    previous, place, count = b"", 0, 0
    with connect(settings, Login.BACKUP, readonly=True) as connection:
        for link in audit_chain.links(connection):
            place += 1
            if link.position != place:
                faults.append(f"第 {place} 至 {link.position - 1} 条之间有链节缺失。")
                place = link.position
            expected = link.expected(previous)
            if expected is None:
                faults.append(f"第 {place} 条（记录号 {link.audit_id}）已被删除。")
            elif expected != link.hash:
                faults.append(f"第 {place} 条（记录号 {link.audit_id}）被改动、调换，或其前的链节被改动。")
            previous = link.hash
            if place in written:
                met[place] = link.hash
            count += 1
        faults += [f"记录号 {number} 不在链上。" for number in audit_chain.unchained(connection)]
        faults += _head_faults(written, met, place)
        who = actor or Scope(settings.area_code, None, OPERATOR)
        fresh = bool(faults) and not audit_chain.told_lately(connection, who.account_id, len(faults))
    if fresh:
        with connect(settings, Login.GENERAL, who) as recording:
            audit.record(recording, Action.FAIL_VERIFICATION, who, object_kind="audit", row_count=len(faults))
    return Verified(acts=count, heads=len(written), faults=tuple(faults[:MOST]))


def _head_faults(written: dict[int, str], met: dict[int, bytes], last: int) -> Iterator[str]:
    for position, hashed in written.items():
        if position > last:
            yield f"记录被截断：库外链头记有第 {position} 条，现只到第 {last} 条。"
        elif position not in met or met[position].hex() != hashed:
            yield f"第 {position} 条与库外链头不符：此前的记录被整体改写。"


def _written_heads(path: Path, faults: list[str]) -> dict[int, str]:
    """Return hash by position of every line of the file of heads."""
    found: dict[int, str] = {}
    lines = path.read_text("ascii", "replace").splitlines() if path.exists() else []
    for number, line in enumerate(lines, start=1):
        match line.split():
            case [_, position, hashed] if position.isdecimal():
                if found.setdefault(int(position), hashed) != hashed:
                    faults.append(f"链头文件第 {number} 行与前面的行矛盾。")
            case _:
                faults.append(f"链头文件第 {number} 行无法识别。")
    return found
