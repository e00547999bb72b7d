"""One file, one transaction: resolve, upsert by natural key, remember the source, give a receipt."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import itertools
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data import rights
from data.engine import Login, Scope, connect
from data.importers import blocks, guards, kinds, placing
from data.importers.guards import Limits
from data.importers.orders import Order, scope_of
from data.importers.receipts import Receipt
from data.importers.rows import IntakeError, Parsed, RowError
from data.importers.storing import Store
from data.schema.accounts import ROLES
from data.storage import audit, batches
from data.upserting import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from data.settings import Settings

CHUNK: Final = 1024 * 1024
NOTES_KEPT: Final = 200
ROOM_MB: Final = 200
"""Free on the disk of our own server beside what a file needs: the log of the transaction, and the rest."""
GROWTH: Final = 20
"""By how much rows with their indexes and history may be larger than the file they came from."""
DISK_FULL: Final = "53100"


def take_in(settings: Settings, order: Order) -> Receipt:
    """Read a file and store what is good of it, in one transaction; return the receipt.

    The same file of the same kind and reference system writes nothing a second time. Imports wait for
    one another. Rows are placed as on the page: by their numbers, as the doctor reads them where `crs` is
    `doctor`, else by the water or village that they name.

    Raises
    ------
    IntakeError
        If the giver may not bring this kind, or the file as a whole cannot be taken in; nothing was written.
    CrsUnknownError
        If there are coordinates and nobody said in which system, with what the doctor found.
    CrsContradictedError
        If the rows leave no doubt that the system is another than was named, unless the giver insists.
    """
    require_right(order)
    require_room(settings, order.path)
    limits = Limits.of(settings)
    if order.kind == "osm":
        return keep(settings, order, [kinds.read(order.kind, order.path, limits, order.crs, order.extract)])
    with uncollected():
        if blocks.is_long(order, guards.admit(order.path, limits)):
            return keep(settings, order, blocks.ahead(blocks.pieces(settings, order)))
        placed = placing.place(settings, order, kinds.opened(order.path, limits))
        return keep(settings, order, [placing.settled(placed, order)])


def keep(
    settings: Settings,
    order: Order,
    pieces: Iterable[Parsed],
    settle: Callable[[Connection, Receipt], None] | None = None,
) -> Receipt:
    """Store what was read of a file, in one transaction in which `settle` notes what became of it.

    A long file comes in several pieces, of which no two hold rows of one code.

    Raises
    ------
    IntakeError
        As `take_in`.
    """
    require_right(order)
    require_room(settings, order.path)
    scope = scope_of(settings, order)
    with told_faults(), connect(settings, Login.IMPORTER, scope) as connection:
        receipt = store(connection, order, pieces, scope)
        if settle is not None:
            settle(connection, receipt)
        return receipt


def trial(settings: Settings, order: Order, parsed: Parsed) -> Receipt:
    """Return the receipt that `keep` would give now; nothing is written.

    Raises
    ------
    IntakeError
        As `take_in`.
    """
    require_right(order)
    require_room(settings, order.path)
    scope = scope_of(settings, order)
    receipt = Receipt(kind=order.kind, file_name=order.path.name, crs=parsed.crs)
    with told_faults(), connect(settings, Login.IMPORTER, scope) as connection:
        digest = sha256_of(order.path)
        receipt.already = batches.applied_alike(connection, digest, order.kind, parsed.crs, scope.area_code)
        target = Store(connection, scope, None)
        target.put(parsed)
        connection.rollback()
    _gather(receipt, target, [parsed])
    return receipt


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Collect no cycles within the block: many rows hold none, and looking takes a third of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@contextlib.contextmanager
def told_faults() -> Iterator[None]:
    """Turn what the database refuses into an `IntakeError` that shows no value."""
    try:
        yield
    except (DBAPIError, psycopg.Error) as fault:
        # The message of the driver may hold values of the row: it is not shown.
        state = getattr(getattr(fault, "orig", fault), "sqlstate", None) or ""
        if state == DISK_FULL:
            raise IntakeError("数据库所在的磁盘已满，未写入任何内容：请管理员清理磁盘后再导入。") from None
        raise IntakeError(
            f"数据库没有接受这份文件（代码 {state}），未写入任何内容：请把文件交给管理员核对。"
        ) from None


def require_right(order: Order) -> None:
    """Raise `IntakeError` unless the giver's role may bring this kind of record."""
    # Whoever owns the machine acts without an account; an account acts in its role, and in no other.
    if order.account_id is None and order.role not in ROLES:
        return
    asked = kinds.needed(order.kind, order.extract)
    if order.role not in ROLES or not all(rights.may(order.role, *pair) for pair in asked):
        raise IntakeError(f"这个岗位无权导入“{kinds.TITLES[order.kind]}”，未写入任何内容：请由主管单位办理。")


def require_room(settings: Settings, path: Path) -> None:
    """Raise `IntakeError` where the disk of our own server may not hold what comes of a file.

    Of a server elsewhere nothing is known beforehand; there its own refusal is told.
    """
    if not settings.embedded or not path.is_file():
        return
    free_mb = shutil.disk_usage(settings.state).free // guards.MEGABYTE
    needed_mb = ROOM_MB + GROWTH * path.stat().st_size // guards.MEGABYTE
    if free_mb < needed_mb:
        raise IntakeError(
            f"磁盘只剩 {free_mb} MB，导入 {path.name} 需要约 {needed_mb} MB，未写入任何内容："
            "请管理员清理磁盘后再导入。"
        )


def store(connection: Connection, order: Order, pieces: Iterable[Parsed], scope: Scope) -> Receipt:
    """Store what a file holds within the transaction of `connection`; roll back where nothing may stay."""
    coming = iter(pieces)
    first = next(coming)
    receipt = Receipt(kind=order.kind, file_name=order.path.name, crs=first.crs)
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('anlan.import'))"))
    digest = sha256_of(order.path)
    receipt.already = batches.applied_alike(connection, digest, order.kind, first.crs, scope.area_code)
    if receipt.already is not None and not first.refused:
        _gather(receipt, Store(connection, scope, None), [first])
        return receipt
    batch = batches.open_batch(
        connection,
        kind=order.kind,
        file_name=order.path.name,
        sha256=digest,
        crs=first.crs,
        account_id=order.account_id,
    )
    target = Store(connection, scope, batch)
    told = []
    for piece in itertools.chain([first], coming):
        target.put(piece)
        # Its records are stored, and need not be held.
        told.append(replace(piece, tables={}))
    _gather(receipt, target, told)
    receipt.applied = not (order.all_or_nothing and receipt.refused)
    if receipt.already is not None and receipt.written:
        receipt.already = None
    if not receipt.applied or receipt.already is not None or not receipt.written + receipt.unchanged:
        connection.rollback()
        return receipt
    receipt.batch = batch
    close(connection, receipt, batch, scope)
    return receipt


def _gather(receipt: Receipt, target: Store, pieces: list[Parsed]) -> None:
    receipt.tallies = target.tallies
    found = [error for piece in pieces for error in piece.refused] + target.refused
    receipt.refused = sorted({str(error): error for error in found}.values(), key=_position)
    receipt.notes = list(dict.fromkeys([note for piece in pieces for note in piece.notes] + target.notes))


def _position(error: RowError) -> tuple[str, int]:
    return error.sheet, error.number or 0


def close(connection: Connection, receipt: Receipt, batch: int, scope: Scope) -> None:
    """Note what became of a batch, with its refusals, and record the act."""
    refusals = [
        batches.Refusal(
            sheet=error.sheet,
            row_number=error.number,
            header=fault.header,
            value=fault.value,
            reason=fault.reason,
        )
        for error in receipt.refused
        for fault in error.faults
    ]
    batches.refuse(connection, batch, refusals)
    total = Tally(
        inserted=sum(tally.inserted for tally in receipt.tallies.values()),
        updated=sum(tally.updated for tally in receipt.tallies.values()),
        unchanged=receipt.unchanged,
    )
    details = {
        "area_code": scope.area_code,
        "tables": receipt.document()["tables"],
        "notes": receipt.notes[:NOTES_KEPT],
    }
    batches.close_batch(connection, batch, total, refused=len(receipt.refused), details=details)
    audit.record(
        connection,
        audit.Action.IMPORT,
        scope,
        object_kind=receipt.kind,
        row_count=receipt.written,
        object_ids=[batch],
    )


def sha256_of(path: Path) -> str:
    """Return the digest by which a file is known again."""
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while piece := source.read(CHUNK):
            digest.update(piece)
    return digest.hexdigest()
