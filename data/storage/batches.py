"""Import batches: which file was applied, and which of its rows were refused."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from sqlalchemy import text

from data.reading import read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from sqlalchemy import Connection

    from data.upserting import Tally


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One cell of a row that did not go in; the row as the keeper's program numbers it."""

    sheet: str = ""
    row_number: int | None = None
    header: str = ""
    value: str = ""
    reason: str


def already_applied(connection: Connection, sha256: str, kind: str) -> int | None:
    """Return the batch that applied the very same file as the same kind."""
    found = connection.scalar(
        text(
            "SELECT id FROM import_batch WHERE file_sha256 = :sha256 AND kind = :kind AND state = 'applied' "
            "ORDER BY id DESC LIMIT 1"
        ),
        {"sha256": sha256, "kind": kind},
    )
    return cast("int | None", found)


def open_batch(  # noqa: PLR0913 - the facts of one batch
    connection: Connection,
    *,
    kind: str,
    file_name: str,
    sha256: str,
    crs: str = "",
    account_id: int | None = None,
) -> int:
    """Insert a batch and return its id; a second import of the kind waits here for the end of the first."""
    connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"anlan.import.{kind}"}
    )
    return int(
        connection.execute(
            text(
                "INSERT INTO import_batch (kind, file_name, file_sha256, crs, account_id) "
                "VALUES (:kind, :file_name, :sha256, :crs, :account_id) RETURNING id"
            ),
            {"kind": kind, "file_name": file_name, "sha256": sha256, "crs": crs, "account_id": account_id},
        ).scalar_one()
    )


def close_batch(
    connection: Connection,
    batch_id: int,
    tally: Tally,
    *,
    refused: int = 0,
    details: Mapping[str, object] | None = None,
) -> None:
    """Write what became of a batch's rows."""
    connection.execute(
        text(
            "UPDATE import_batch SET written = :written, unchanged = :unchanged, refused = :refused, "
            "details = CAST(:details AS jsonb) WHERE id = :id"
        ),
        {
            "id": batch_id,
            "written": tally.written,
            "unchanged": tally.unchanged,
            "refused": refused,
            "details": json.dumps(dict(details or {}), ensure_ascii=False),
        },
    )


def refuse(connection: Connection, batch_id: int, refusals: Sequence[Refusal]) -> None:
    """Keep the rows that were refused, with their reasons."""
    if not refusals:
        return
    connection.execute(
        text(
            "INSERT INTO import_refusal (batch_id, sheet, row_number, header, value, reason) "
            "VALUES (:batch_id, :sheet, :row_number, :header, :value, :reason)"
        ),
        [
            {
                "batch_id": batch_id,
                "sheet": refusal.sheet,
                "row_number": refusal.row_number,
                "header": refusal.header,
                "value": refusal.value,
                "reason": refusal.reason,
            }
            for refusal in refusals
        ],
    )


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Of one batch: its kind, and the area in which its giver wrote."""

    kind: str
    area_code: str
    state: str


def facts(connection: Connection, batch_id: int) -> Facts | None:
    """Return what decides who may see or undo a batch, None where there is none."""
    row = connection.execute(
        text(
            "SELECT kind, coalesce(details->>'area_code', '') AS area_code, state FROM import_batch "
            "WHERE id = :id"
        ),
        {"id": batch_id},
    ).one_or_none()
    return None if row is None else Facts(kind=row.kind, area_code=row.area_code, state=row.state)


def batches(connection: Connection, within: str | None = None, limit: int = 100) -> pd.DataFrame:
    """Return the latest batches that were written below `within`, newest first, indexed by id."""
    return read(
        connection,
        "SELECT b.id, b.kind, b.file_name, b.crs, b.state, b.applied_at, a.display_name AS applied_by, "
        "b.written, b.unchanged, b.refused FROM import_batch b LEFT JOIN account a ON a.id = b.account_id "
        "WHERE starts_with(coalesce(b.details->>'area_code', :within), :within) "
        "ORDER BY b.id DESC LIMIT :limit",
        {"within": within or "", "limit": limit},
    )


def refusals(connection: Connection, batch_id: int) -> pd.DataFrame:
    """Return the refused rows of a batch, in the order of its file."""
    return read(
        connection,
        "SELECT sheet, row_number, header, value, reason FROM import_refusal "
        "WHERE batch_id = :id ORDER BY id",
        {"id": batch_id},
    )


def applied_alike(connection: Connection, sha256: str, kind: str, crs: str, area_code: str) -> int | None:
    """Return the batch that applied the very same file as the same kind, read in the same way.

    A file that was first read in a wrong reference system may come a second time in the right one.
    """
    found = connection.scalar(
        text(
            "SELECT id FROM import_batch WHERE file_sha256 = :sha256 AND kind = :kind AND crs = :crs "
            "AND details->>'area_code' = :area_code AND state = 'applied' ORDER BY id DESC LIMIT 1"
        ),
        {"sha256": sha256, "kind": kind, "crs": crs, "area_code": area_code},
    )
    return cast("int | None", found)
