"""Import jobs: a file left by a page, read and stored by a worker, found again by whoever left it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text

from data.reading import read

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import pandas as pd
    from sqlalchemy import Connection

STALE_S: Final = 45
"""A job whose worker has said nothing for this long is taken over."""
ATTEMPTS_MAX: Final = 3
GIVEN_UP: Final = "处理多次中断，未写入任何内容：请拆分文件后再试。"
KEPT_DAYS: Final = 2
"""A file that nobody confirms is forgotten after this long."""
COLUMNS: Final = (
    "id, account_id, role, area_code, sender, kind, file_name, size_bytes, options, state, share, step, "
    "attempts, preview, message, receipt, batch_id, created_at, beat_at, "
    "now() - beat_at > make_interval(secs => 45) AS stale"
)


@dataclass(frozen=True, kw_only=True)
class Job:
    """One file on its way in; what its states are stands in `data.schema.intake`."""

    id: int
    account_id: int
    role: str
    area_code: str
    sender: str
    kind: str
    file_name: str
    size_bytes: int
    options: Mapping[str, Any]
    state: str
    share: float
    step: str
    attempts: int
    preview: Mapping[str, Any] | None
    message: str
    receipt: Mapping[str, Any] | None
    batch_id: int | None
    created_at: dt.datetime
    beat_at: dt.datetime
    stale: bool

    @property
    def under_way(self) -> bool:
        """Whether a worker has it or should take it."""
        return self.state in {"waiting", "reading", "confirmed", "storing"}


@dataclass(frozen=True, kw_only=True)
class Upload:
    """What a page leaves: who, where they may write, the file, and what they said about it."""

    account_id: int
    role: str
    area_code: str
    sender: str
    file_name: str
    content: bytes
    kind: str = ""
    crs: str | None = None


def leave(connection: Connection, upload: Upload) -> int:
    """Keep a file and return the number of its job."""
    number = connection.execute(
        text(
            "INSERT INTO import_job "
            "(account_id, role, area_code, sender, kind, file_name, size_bytes, options) VALUES "
            "(:account_id, :role, :area_code, :sender, :kind, :file_name, :size, CAST(:options AS jsonb)) "
            "RETURNING id"
        ),
        {
            "account_id": upload.account_id,
            "role": upload.role,
            "area_code": upload.area_code,
            "sender": upload.sender,
            "kind": upload.kind,
            "file_name": upload.file_name,
            "size": len(upload.content),
            "options": json.dumps({"crs": upload.crs}),
        },
    ).scalar_one()
    connection.execute(
        text("INSERT INTO import_file (job_id, content) VALUES (:id, :content)"),
        {"id": number, "content": upload.content},
    )
    return int(number)


def job(connection: Connection, number: int) -> Job | None:
    """Return one job, None where there is none or it is somebody else's."""
    row = connection.execute(
        text(f"SELECT {COLUMNS} FROM import_job WHERE id = :id"),  # noqa: S608 - our own text
        {"id": number},
    ).mappings()
    found = row.one_or_none()
    return None if found is None else Job(**found)


def jobs(connection: Connection, account_id: int, limit: int = 30) -> pd.DataFrame:
    """Return the latest jobs of an account, newest first, indexed by id."""
    return read(
        connection,
        "SELECT id, kind, file_name, state, message, batch_id, created_at FROM import_job "
        "WHERE account_id = :account_id AND state <> 'cancelled' ORDER BY id DESC LIMIT :limit",
        {"account_id": account_id, "limit": limit},
    )


def change(connection: Connection, number: int, kind: str, options: Mapping[str, Any]) -> bool:
    """Have a file read again in another way; False where it is no longer to be had."""
    return _moved(
        connection,
        "UPDATE import_job SET kind = :kind, options = CAST(:options AS jsonb), state = 'waiting', "
        "attempts = 0, share = 0, step = '', message = '', beat_at = now() "
        "WHERE id = :id AND state IN ('ready', 'failed')",
        {"id": number, "kind": kind, "options": json.dumps(dict(options), ensure_ascii=False)},
    )


def confirm(connection: Connection, number: int, *, all_or_nothing: bool) -> bool:
    """Have what was previewed stored; False where the job is not ready any more."""
    return _moved(
        connection,
        "UPDATE import_job SET state = 'confirmed', attempts = 0, share = 0, step = '', beat_at = now(), "
        "options = options || jsonb_build_object('all_or_nothing', CAST(:whole AS boolean)) "
        "WHERE id = :id AND state = 'ready'",
        {"id": number, "whole": all_or_nothing},
    )


def cancel(connection: Connection, number: int) -> bool:
    """Give a job up; False where it is being stored or has ended."""
    return _moved(
        connection,
        "UPDATE import_job SET state = 'cancelled' "
        "WHERE id = :id AND state IN ('waiting', 'reading', 'ready', 'confirmed', 'failed')",
        {"id": number},
    )


def claim(connection: Connection) -> Job | None:
    """Take the oldest job that waits, or whose worker is gone; None where there is none (importer login)."""
    given_up = text(
        "UPDATE import_job SET state = 'failed', message = :message "
        "WHERE state IN ('reading', 'storing') AND attempts >= :most "
        "AND now() - beat_at > make_interval(secs => :stale)"
    )
    connection.execute(given_up, {"most": ATTEMPTS_MAX, "stale": STALE_S, "message": GIVEN_UP})
    number = connection.scalar(
        text(
            "UPDATE import_job SET attempts = attempts + 1, beat_at = now(), "
            "state = CASE WHEN state IN ('waiting', 'reading') THEN 'reading' ELSE 'storing' END "
            "WHERE id = (SELECT id FROM import_job WHERE state IN ('waiting', 'confirmed') OR "
            "(state IN ('reading', 'storing') AND now() - beat_at > make_interval(secs => :stale)) "
            "ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id"
        ),
        {"stale": STALE_S},
    )
    return None if number is None else job(connection, int(number))


def content(connection: Connection, number: int) -> bytes | None:
    """Return the file of a job (importer login)."""
    found = connection.scalar(text("SELECT content FROM import_file WHERE job_id = :id"), {"id": number})
    return None if found is None else bytes(found)


def beat(connection: Connection, number: int, share: float, step: str) -> None:
    """Say that a job is being worked on, how far, and at what."""
    connection.execute(
        text("UPDATE import_job SET beat_at = now(), share = :share, step = :step WHERE id = :id"),
        {"id": number, "share": share, "step": step},
    )


def ready(connection: Connection, number: int, kind: str, preview: Mapping[str, Any]) -> None:
    """Keep what a file would do, unless its giver changed their mind meanwhile."""
    connection.execute(
        text(
            "UPDATE import_job SET state = 'ready', kind = :kind, share = 1, message = '', "
            "preview = CAST(:preview AS jsonb), beat_at = now() WHERE id = :id AND state = 'reading'"
        ),
        {"id": number, "kind": kind, "preview": json.dumps(dict(preview), ensure_ascii=False, default=str)},
    )


def fail(connection: Connection, number: int, message: str) -> None:
    """Keep why a file cannot be taken in."""
    connection.execute(
        text(
            "UPDATE import_job SET state = 'failed', message = :message, beat_at = now() "
            "WHERE id = :id AND state IN ('reading', 'storing')"
        ),
        {"id": number, "message": message},
    )


def done(connection: Connection, number: int, receipt: Mapping[str, Any], batch_id: int | None) -> None:
    """Keep the receipt, in the transaction that stores the rows."""
    connection.execute(
        text(
            "UPDATE import_job SET state = 'done', receipt = CAST(:receipt AS jsonb), batch_id = :batch_id, "
            "share = 1, preview = NULL, beat_at = now() WHERE id = :id"
        ),
        {
            "id": number,
            "receipt": json.dumps(dict(receipt), ensure_ascii=False, default=str),
            "batch_id": batch_id,
        },
    )


def tidy(connection: Connection) -> None:
    """Forget the files of jobs that have ended, and jobs that nobody came back for."""
    connection.execute(
        text(
            "UPDATE import_job SET state = 'cancelled', preview = NULL WHERE state IN ('ready', 'failed') "
            "AND beat_at < now() - make_interval(days => :days)"
        ),
        {"days": KEPT_DAYS},
    )
    connection.execute(
        text(
            "DELETE FROM import_file f USING import_job j WHERE j.id = f.job_id "
            "AND j.state IN ('done', 'cancelled')"
        )
    )


def learned(connection: Connection, sender: str, kind: str) -> dict[str, str]:
    """Return what the headers of a sender mean, beside the words that everybody uses."""
    rows = connection.execute(
        text("SELECT word, column_name FROM learned_header WHERE sender = :sender AND kind = :kind"),
        {"sender": sender, "kind": kind},
    )
    return {row.word: row.column_name for row in rows}


def learn(
    connection: Connection, sender: str, kind: str, words: Mapping[str, str], account_id: int | None
) -> None:
    """Remember what the headers of a sender mean; the last word counts."""
    for word, column in words.items():
        connection.execute(
            text(
                "INSERT INTO learned_header (sender, kind, word, column_name, learned_by) "
                "VALUES (:sender, :kind, :word, :column, :account) ON CONFLICT (sender, kind, word) "
                "DO UPDATE SET column_name = excluded.column_name, learned_by = excluded.learned_by, "
                "learned_at = now()"
            ),
            {"sender": sender, "kind": kind, "word": word, "column": column, "account": account_id},
        )


def _moved(connection: Connection, statement: str, values: Mapping[str, Any]) -> bool:
    return connection.execute(text(statement), dict(values)).rowcount == 1
