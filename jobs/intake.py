"""Files that pages leave: read, tried and stored off the page by a worker of their own, then told about."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.exc import DBAPIError

from data import rights
from data.engine import DatabaseUnreachableError, Login, Scope, connect
from data.importers import intake, kinds, placing, preview
from data.importers.guards import Limits
from data.importers.orders import Order
from data.importers.rows import PRIVATE, IntakeError
from data.ledgers import handing_in
from data.settings import ROOT
from data.storage import audit, batch_undo, batches, intake_jobs
from data.storage.accounts import grants

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from sqlalchemy import Connection

    from data.importers.receipts import Receipt
    from data.importers.rows import Parsed
    from data.settings import Settings
    from data.storage.intake_jobs import Job

IDLE_S: Final = 60.0
"""A worker that found nothing to do for this long ends; the next upload wakes another."""
PAUSE_S: Final = 0.4
BEAT_S: Final = 5.0
MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a private folder is made in it: an upload never reaches a disk
NAME_MAX: Final = 100

_started: list[subprocess.Popen[bytes]] = []


def wake(settings: Settings) -> None:
    """Start a worker in a process of its own, unless one that this process started still runs."""
    _started[:] = [one for one in _started if one.poll() is None]
    if _started:
        return
    settings.logs.mkdir(parents=True, exist_ok=True)
    with (settings.logs / "intake.log").open("ab") as log:
        _started.append(
            subprocess.Popen(
                [sys.executable, "-m", "jobs.intake_worker"],
                cwd=ROOT,
                env=os.environ | {"ANLAN_STATE": str(settings.state), "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        )


class Worker:
    """Takes jobs one by one; what it read of the last file is still there when its giver confirms."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._read: tuple[tuple[Any, ...], Parsed] | None = None

    def run(self, idle_s: float = IDLE_S) -> None:
        """Work until there was nothing to do for `idle_s`; nought ends as soon as nothing waits."""
        quiet_since = time.monotonic()
        while True:
            try:
                worked = self.step()
            except (DBAPIError, DatabaseUnreachableError):
                logging.getLogger("anlan.intake").warning("the database did not answer")
                worked = False
            if worked:
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since >= idle_s:
                return
            else:
                time.sleep(PAUSE_S)

    def step(self) -> bool:
        """Take one job; False where none waits."""
        with connect(self.settings, Login.IMPORTER) as connection:
            intake_jobs.tidy(connection)
            job = intake_jobs.claim(connection)
        if job is None:
            return False
        try:
            with (
                intake.uncollected(),
                Pulse(self.settings, job) as pulse,
                _staged(self.settings, job) as path,
            ):
                (self._try if job.state == "reading" else self._store)(job, path, pulse)
        except IntakeError as fault:
            self._fail(job, str(fault))
        except MemoryError:
            self._fail(job, "文件太大，内存不足，未写入任何内容：请拆分后分次导入。")
        except (DBAPIError, DatabaseUnreachableError):
            raise
        except Exception:
            logging.getLogger("anlan.intake").exception("job %s failed", job.id)
            self._fail(job, "处理时出现意外情况，已记入日志，未写入任何内容：请把文件交给管理员核对。")
        return True

    def _try(self, job: Job, path: Path, pulse: Pulse) -> None:
        pulse.at(0.1, "打开文件")
        found = kinds.opened(path, Limits.of(self.settings))
        proposals = kinds.recognised(found)
        kind = job.kind or _best(job, proposals)
        if not kind:
            raise IntakeError(f"看不出 {path.name} 是哪一种台账：请在上方选择种类，或对照模板检查表头。")
        order = self._order(job, kind, path)
        intake.require_right(order)
        pulse.at(0.3, "逐格核对")
        placed = placing.place(self.settings, order, found, job.options)
        diagnosis = {"diagnosis": placed.document(), "doubles": placed.doubles, "inside": placed.inside}
        if placed.unknown:
            self._ready(job, kind, preview.document(found, placed.sheaf, None, proposals) | diagnosis)
            return
        parsed = kinds.parsed_of(kind, placed.sheaf)
        pulse.at(0.6, "与已有记录比对")
        receipt = intake.trial(self.settings, order, parsed)
        self._read = (_key(job), parsed)
        self._ready(job, kind, preview.document(found, placed.sheaf, receipt, proposals) | diagnosis)

    def _store(self, job: Job, path: Path, pulse: Pulse) -> None:
        pulse.at(0.1, "准备写入")
        order = self._order(job, job.kind, path)
        self._require_still_allowed(job)
        held, self._read = self._read, None
        if held is not None and held[0] == _key(job):
            parsed = held[1]
        else:
            found = kinds.opened(path, Limits.of(self.settings))
            placed = placing.place(self.settings, order, found, job.options)
            if placed.unknown:
                raise IntakeError("还没有说明坐标系，未写入任何内容：请重新检查后再确认。")
            parsed = kinds.parsed_of(job.kind, placed.sheaf)

        def settle(connection: Connection, receipt: Receipt) -> None:
            # In the transaction of the rows: a power cut leaves both or neither.
            intake_jobs.done(connection, job.id, receipt.document(), receipt.batch)

        pulse.at(0.4, "写入")
        intake.keep(self.settings, order, [parsed], settle)

    def _order(self, job: Job, kind: str, path: Path) -> Order:
        with connect(self.settings, Login.IMPORTER) as connection:
            learned = intake_jobs.learned(connection, job.sender, kind)
        return Order(
            kind=kind,
            path=path,
            crs=job.options.get("crs") or None,
            all_or_nothing=bool(job.options.get("all_or_nothing")),
            account_id=job.account_id,
            role=job.role,
            area_code=job.area_code,
            learned=learned,
        )

    def _require_still_allowed(self, job: Job) -> None:
        with connect(self.settings, Login.IMPORTER) as connection:
            held = grants(connection, job.account_id)
        if not any(grant.role == job.role and job.area_code.startswith(grant.area_code) for grant in held):
            raise IntakeError("上传之后授权已变更，未写入任何内容：请由现在有权的账号重新导入。")

    def _ready(self, job: Job, kind: str, document: dict[str, Any]) -> None:
        with connect(self.settings, Login.IMPORTER) as connection:
            intake_jobs.ready(connection, job.id, kind, document)

    def _fail(self, job: Job, message: str) -> None:
        with connect(self.settings, Login.IMPORTER) as connection:
            intake_jobs.fail(connection, job.id, message)


def undo(settings: Settings, batch_id: int, actor: Scope) -> dict[str, int]:
    """Take a batch back for `actor` and return how many rows of each table went or stand as before.

    Raises
    ------
    UndoError
        If the actor may not bring this kind, the batch is not of their area, or something was built on it.
    """
    with connect(settings, Login.IMPORTER, actor) as connection:
        facts = batches.facts(connection, batch_id)
        if facts is None or not may_see(actor, facts.kind, facts.area_code):
            raise batch_undo.UndoError([f"没有第 {batch_id} 批"])
        if not _may_bring(actor, facts.kind):
            raise batch_undo.UndoError(
                [f"这个岗位无权撤销“{kinds.TITLES.get(facts.kind, facts.kind)}”的导入"]
            )
        # The batch's own area: rows under row security are reached as when they came.
        done = batch_undo.undo(connection, batch_id)
        audit.record(
            connection,
            audit.Action.UNDO_IMPORT,
            actor,
            object_kind=facts.kind,
            object_ids=[batch_id],
            row_count=sum(done.values()),
        )
    return done


def may_see(actor: Scope, kind: str, area_code: str) -> bool:
    """Return whether a batch of this kind and area concerns `actor`."""
    if not area_code.startswith(actor.area_code):
        return False
    return kind not in PRIVATE or actor.account_id is None or rights.may(actor.role, "children", "read")


def _may_bring(actor: Scope, kind: str) -> bool:
    if actor.account_id is None:
        return True
    # A returned ledger is a change of stations.
    kind = "stations" if kind == handing_in.KIND else kind
    return kind in kinds.RIGHTS and all(rights.may(actor.role, *pair) for pair in kinds.needed(kind))


def _best(job: Job, proposals: list[tuple[str, float]]) -> str:
    for kind, _ in proposals:
        if all(rights.may(job.role, *pair) for pair in kinds.needed(kind)):
            return kind
    return proposals[0][0] if proposals else ""


def _key(job: Job) -> tuple[Any, ...]:
    said = json.dumps(
        {name: job.options.get(name) for name in ("crs", "file", "rows", "same")}, sort_keys=True
    )
    return job.id, job.kind or "", said


@contextlib.contextmanager
def _staged(settings: Settings, job: Job) -> Iterator[Path]:
    """Give the file of a job a name for as long as it is read; in memory where the machine offers it."""
    with connect(settings, Login.IMPORTER) as connection:
        content = intake_jobs.content(connection, job.id)
    if content is None:
        raise IntakeError("上传的文件已不在服务器上：请重新上传。")
    base = MEMORY if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="anlan-intake-", dir=base) as folder:
        path = Path(folder) / safe_name(job.file_name)
        path.write_bytes(content)
        del content
        yield path


def safe_name(name: str) -> str:
    """Return a file's name without any path in it, short enough for a disk and a message."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(mark for mark in last if mark.isprintable()).strip(". ") or "文件"
    stem, dot, suffix = kept.rpartition(".")
    return (stem[:NAME_MAX] if dot else suffix[:NAME_MAX]) + (f".{suffix[:10]}" if dot else "")


class Pulse:
    """Says every few seconds how far a job is, so that its giver sees it and nobody takes it over."""

    def __init__(self, settings: Settings, job: Job) -> None:
        self.settings, self.number = settings, job.id
        self._at = (0.05, "排队")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End, also after a fault."""
        self._over.set()
        self._thread.join()

    def at(self, share: float, step: str) -> None:
        """Say what begins now, and which share of the work lies behind."""
        self._at = (share, step)
        self._tell()

    def _go_on(self) -> None:
        while not self._over.wait(BEAT_S):
            self._tell()

    def _tell(self) -> None:
        with (
            contextlib.suppress(DBAPIError, DatabaseUnreachableError),
            connect(self.settings, Login.IMPORTER) as connection,
        ):
            intake_jobs.beat(connection, self.number, *self._at)
