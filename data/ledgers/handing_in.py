"""A ledger handed in: read and compared, then what is confirmed of it stored in one transaction."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd
from sqlalchemy import text

from data import rights
from data.engine import Login, connect
from data.importers import child, guards, kinds
from data.importers.guards import Limits
from data.importers.intake import close, told_faults
from data.importers.receipts import Receipt
from data.importers.rows import Fault, IntakeError, RowError
from data.importers.storing import Store
from data.keyring import keyring
from data.ledgers import returned
from data.ledgers.comparing import Comparison, compare
from data.ledgers.places import Places
from data.ledgers.writing import Choice, Stored, drafted
from data.schema.accounts import ROLES
from data.storage import areas, batches, station_ledger

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from pathlib import Path

    from sqlalchemy import Connection

    from data.engine import Scope
    from data.ledgers.comparing import Change
    from data.ledgers.returned import Returned
    from data.ledgers.writing import Draft
    from data.settings import Settings

KIND = "ledger"
"""The kind of batch under which a returned ledger is stored."""


class LedgerMovedError(IntakeError):
    """Somebody changed a confirmed cell after it was shown; nothing was written."""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A ledger that was read and compared; nothing is written yet."""

    file_name: str
    sha256: str
    facts: dict[str, str]
    sheet: str
    area_code: str
    comparison: Comparison


def preview(settings: Settings, path: Path, scope: Scope, today: date, name: str = "") -> Preview:
    """Return what a ledger that came back proposes.

    Raises
    ------
    IntakeError
        If the giver may not write stations, or the file is no ledger of ours for the giver's area.
    """
    _require_right(scope)
    name = name or path.name
    limits = Limits.of(settings)
    if guards.admit(path, limits) != "workbook":
        raise IntakeError(f"{name} 不是 Excel 工作簿：请交回导出的 .xlsx 文件。")
    found = returned.read(child.parse("whole_book", path, limits), keyring(settings))
    area = found.facts.get("区域", "")
    if not area.startswith(scope.area_code):
        raise IntakeError(f"这份台账属于 {area}，不在授权区域 {scope.area_code} 之内：请由有权的单位交回。")
    with told_faults(), connect(settings, Login.IMPORTER, scope) as connection:
        made = _compared(connection, found, scope, area, today)
        connection.rollback()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Preview(
        file_name=name, sha256=digest, facts=found.facts, sheet=found.sheet, area_code=area, comparison=made
    )


def apply(settings: Settings, shown: Preview, choice: Choice, scope: Scope, today: date) -> Receipt:
    """Store what is confirmed of a preview, all of it or nothing, and return the receipt.

    Raises
    ------
    LedgerMovedError
        If a confirmed cell, row or station is no longer as it was shown.
    IntakeError
        If something confirmed cannot be stored.
    """
    _require_right(scope)
    if not shown.area_code.startswith(scope.area_code):
        raise IntakeError("这份台账不在授权区域之内，未写入任何内容。")
    receipt = Receipt(kind="stations", file_name=shown.file_name, crs="", notes=[])
    if choice.nothing:
        return receipt
    with told_faults(), connect(settings, Login.IMPORTER, scope) as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('anlan.import'))"))
        ids = sorted({number for number, _ in choice.cells} | choice.retired)
        station_ledger.lock_stations(connection, ids)
        stored = _stored(connection, scope, shown.area_code)
        _require_unmoved(shown.comparison, choice, stored)
        draft = drafted(shown.comparison, choice, stored, shown.sheet, today)
        _refuse_taken_codes(connection, shown.comparison, choice, draft)
        batch = batches.open_batch(
            connection,
            kind=KIND,
            file_name=shown.file_name,
            sha256=shown.sha256,
            account_id=scope.account_id,
        )
        target = _written(connection, draft, scope, batch)
        if refused := draft.parsed.refused + target.refused:
            connection.rollback()
            raise IntakeError("；".join(map(str, refused[:5])) + "。未写入任何内容：请改正后重新交回。")
        receipt.batch, receipt.tallies = batch, target.tallies
        receipt.notes = list(dict.fromkeys(target.notes))
        close(connection, receipt, batch, scope)
    return receipt


def _require_right(scope: Scope) -> None:
    # Whoever owns the machine acts without an account; an account acts in its role, and in no other.
    if scope.account_id is None and scope.role not in ROLES:
        return
    if scope.role not in ROLES or not all(rights.may(scope.role, *pair) for pair in kinds.needed("stations")):
        raise IntakeError("这个岗位无权交回点位台账，未写入任何内容：请由水利部门办理。")


def _stored(connection: Connection, scope: Scope, area: str) -> Stored:
    places = Places(areas.tree(connection))
    return Stored(
        rows=station_ledger.ledger_rows(connection, area),
        items=station_ledger.ledger_items(connection, area),
        texts=station_ledger.ledger_values(connection, area, places),
        places=places,
        area_code=scope.area_code,
    )


def _compared(connection: Connection, found: Returned, scope: Scope, area: str, today: date) -> Comparison:
    """Compare, then try to write all that is proposed: what the database's state refuses is told now."""
    stored = _stored(connection, scope, area)
    made = compare(found.base, stored.texts, found.lines, found.sheet)
    made.notes = found.notes + made.notes
    everything = Choice(
        cells=frozenset((change.id, change.field) for change in made.changes),
        added=frozenset(line.number for line in made.added),
    )
    draft = drafted(made, everything, stored, found.sheet, today)
    _refuse_taken_codes(connection, made, everything, draft)
    target = _written(connection, draft, scope, None)
    refused = {error.number: error for error in draft.parsed.refused + target.refused}
    made.changes = [change for change in made.changes if change.row not in refused]
    made.added = [line for line in made.added if line.number not in refused]
    made.refused = sorted(made.refused + list(refused.values()), key=lambda error: error.number or 0)
    made.notes = list(dict.fromkeys(made.notes + target.notes))
    return made


def _refuse_taken_codes(connection: Connection, found: Comparison, choice: Choice, draft: Draft) -> None:
    """Refuse new codes that stand for a station already or twice: no row may write over another station."""
    rows = {change.id: change.row for change in found.changes if change.field == "code"}
    wanted = [(rows[number], code) for number, code in draft.renamed.items()]
    wanted += [
        (line.number, line.cells.get("code", "")) for line in found.added if line.number in choice.added
    ]
    given = pd.Series([code for _, code in wanted], dtype=object)
    taken = station_ledger.taken_codes(connection, given.tolist()) | set(given[given.duplicated()])
    bad = {row for row, code in wanted if code in taken}
    if not bad:
        return
    draft.renamed = {number: code for number, code in draft.renamed.items() if rows[number] not in bad}
    kept = [
        record for record in draft.parsed.tables.get("station", []) if record.get("source_row") not in bad
    ]
    codes = {record["code"] for record in kept}
    draft.parsed.tables["station"] = kept
    draft.parsed.tables["station_item"] = [
        item for item in draft.parsed.tables.get("station_item", []) if item["_station_code"] in codes
    ]
    draft.parsed.refused += [
        RowError(
            "",
            row,
            (Fault(header="点位编号", value=code, reason="已有点位使用这一编号", remedy="请换一个编号"),),
        )
        for row, code in wanted
        if row in bad
    ]


def _written(connection: Connection, draft: Draft, scope: Scope, batch: int | None) -> Store:
    station_ledger.rename_stations(connection, draft.renamed)
    target = Store(connection, scope, batch)
    target.put(draft.parsed)
    return target


def _require_unmoved(found: Comparison, choice: Choice, stored: Stored) -> None:
    chosen = (change for change in found.changes if (change.id, change.field) in choice.cells)
    moved = [str(change.row) for change in chosen if _now(stored, change) != change.theirs]
    gone = sum(number not in stored.texts for number in choice.retired)
    if moved or gone:
        rows = f"第 {'、'.join(_first(moved))} 行" if moved else f"{gone} 个拟停用的点位"
        raise LedgerMovedError(f"在您对照期间，{rows}又被他人修改，未写入任何内容：请重新读取台账并对照。")


def _now(stored: Stored, change: Change) -> str | None:
    values = stored.texts.get(change.id)
    return None if values is None else values.get(change.field, "")


def _first(listed: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(listed))[:10]


def accepted(found: Comparison, *, conflicts: bool = False) -> Choice:
    """Return the choice of every change that nobody else touched and every new row; nothing is retired.

    With `conflicts` yours goes before theirs.
    """
    return Choice(
        cells=frozenset(
            (change.id, change.field) for change in found.changes if conflicts or not change.conflict
        ),
        added=frozenset(line.number for line in found.added),
    )


def retiring(choice: Choice, found: Comparison) -> Choice:
    """Return the choice with every station that did not come back taken out of use."""
    return replace(choice, retired=frozenset(removal.id for removal in found.removed))
