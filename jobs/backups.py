"""A backup with a note of what it holds, and the drill: restored into an empty server, held to that note."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.engine import make_url

from data import engine
from data.engine import Login, Scope, connect
from data.schema.tables import metadata
from data.server import cluster, configuration, programs
from data.server.logins import create_database
from data.storage import audit
from jobs import audit_trail
from jobs.accounts import OPERATOR

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from data.settings import Settings

DUMP: Final = ("--format=custom", "--enable-row-security")
RESTORE: Final = ("--exit-on-error",)
LEFT_BEHIND: Final = "import_file"
"""Uploaded files, which may hold names in the clear: their table is dumped, their rows never."""
DRILLED: Final = "drilled"
TELLING: Final = ("timezone = 'UTC'", "datestyle = 'ISO'", "extra_float_digits = 1", "bytea_output = 'hex'")
"""Settings under which a row reads the same in any session."""
RIGHTS: Final = {
    "行级策略": "SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies",
    "行级安全": "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class "
    "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relowner = 'anlan_owner'::regrole",
    "表的授权": "SELECT c.relname, a.grantee::regrole::text, a.privilege_type FROM pg_class c "
    "CROSS JOIN LATERAL aclexplode(c.relacl) a WHERE c.relnamespace = 'public'::regnamespace "
    "AND c.relowner = 'anlan_owner'::regrole AND a.grantee <> 0",
    "列的授权": "SELECT c.relname, t.attname, a.grantee::regrole::text, a.privilege_type FROM pg_class c "
    "JOIN pg_attribute t ON t.attrelid = c.oid CROSS JOIN LATERAL aclexplode(t.attacl) a "
    "WHERE c.relnamespace = 'public'::regnamespace AND c.relowner = 'anlan_owner'::regrole",
    "函数": "SELECT oid::regprocedure::text, prosecdef, proconfig::text, md5(prosrc) FROM pg_proc "
    "WHERE pronamespace = 'public'::regnamespace AND proowner = 'anlan_owner'::regrole",
    "函数的公开授权": "SELECT p.oid::regprocedure::text, a.grantee::text, a.privilege_type FROM pg_proc p "
    "CROSS JOIN LATERAL aclexplode(p.proacl) a WHERE p.pronamespace = 'public'::regnamespace "
    "AND p.proowner = 'anlan_owner'::regrole AND a.grantee = 0",
    "触发器": "SELECT tgrelid::regclass::text, tgname, tgenabled::text FROM pg_trigger "
    "WHERE NOT tgisinternal",
}
"""What keeps rows apart, by the catalogues that any login may read."""


class BackupError(Exception):
    """A backup could not be made, or did not hold in the drill; the message is one sentence."""


@dataclass(frozen=True, kw_only=True)
class Drill:
    """What a drill found: rows and tables of the note, acts in the chain, and what differs."""

    tables: int
    rows: int
    acts: int
    differences: tuple[str, ...]


def note_of(dump: Path) -> Path:
    """Return where the note of a dump stands: beside it."""
    return dump.with_name(f"{dump.name}.json")


def backup(settings: Settings, dump: Path) -> dict[str, Any]:
    """Dump the database by the login of backups, note what it holds in the same snapshot, and record the act.

    Both files are readable by their owner alone, and stand under their names once they are whole.

    Raises
    ------
    BackupError
        If a file of that name is there, or the dump fails.
    """
    if dump.exists() or note_of(dump).exists():
        raise BackupError(f"{dump} 已存在：请换一个文件名，旧备份不会被覆盖。")
    draft, scribble = dump.with_name(f"{dump.name}.part"), note_of(dump).with_name(f"{dump.name}.json.part")
    try:
        with connect(settings, Login.BACKUP, readonly=True) as connection:
            connection.execution_options(isolation_level="REPEATABLE READ")
            snapshot = str(connection.scalar(text("SELECT pg_export_snapshot()")))
            found = told(connection)
            _write(scribble, json.dumps(found, ensure_ascii=False, indent=1).encode())
            _write(draft, b"")
            _run(
                settings,
                "pg_dump",
                [*DUMP, f"--snapshot={snapshot}", f"--file={draft}"],
                _reached(settings.url(Login.BACKUP), role=Login.BACKUP),
                "备份没有完成，未留下文件",
            )
        scribble.rename(note_of(dump))
        draft.rename(dump)
    except OSError as fault:
        raise BackupError(f"不能写入 {dump.parent}：请检查目录是否存在、权限和剩余空间。") from fault
    finally:
        draft.unlink(missing_ok=True)
        scribble.unlink(missing_ok=True)
    actor = Scope(settings.area_code, None, OPERATOR)
    with connect(settings, Login.GENERAL, actor) as connection:
        rows = sum(count for count, _ in found["tables"].values())
        audit.record(connection, audit.Action.EXPORT, actor, object_kind="backup", row_count=rows)
    return found


def drill(settings: Settings, dump: Path) -> Drill:
    """Restore a dump into an empty server made for it, hold it to its note, and take the server away.

    Raises
    ------
    BackupError
        If the dump or its note is not there, or cannot be restored.
    """
    try:
        noted = json.loads(note_of(dump).read_text("utf-8"))
        tables, kept = _counts(noted["tables"]), _counts(noted["rights"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise BackupError(
            f"没有读到 {note_of(dump).name}：请用 anlan backup 所做的备份，两个文件放在一起。"
        ) from fault
    if not dump.is_file():
        raise BackupError(f"找不到备份文件 {dump}。")
    with _empty(settings) as (empty, restored):
        _run(
            empty,
            "pg_restore",
            [*RESTORE, f"--dbname={DRILLED}", str(dump.resolve())],
            {"PGHOST": str(empty.socket_dir), "PGUSER": configuration.SUPERUSER},
            f"{dump.name} 无法恢复：文件损坏、不完整、来自更新版本的数据库，或临时目录已满",
        )
        with connect(restored, Login.BACKUP, readonly=True) as connection:
            found = told(connection)
        differences = [
            f"{what}：备份时 {_counted(before)}，恢复后 {_counted(found[kind].get(what))}，内容不同"
            for kind, side in (("tables", tables), ("rights", kept))
            for what, before in side.items()
            if found[kind].get(what) != before
        ]
        chain = audit_trail.verify(restored)
    return Drill(
        tables=len(tables),
        rows=sum(count for count, _ in tables.values()),
        acts=chain.acts,
        differences=(*differences, *chain.faults),
    )


def told(connection: Connection) -> dict[str, Any]:
    """Return rows and a sum over their hashes of each table, and a hash of all rights (login of backups)."""
    for setting in TELLING:
        connection.execute(text(f"SET LOCAL {setting}"))
    tables = {}
    for table in sorted(metadata.tables.keys() - {LEFT_BEHIND}):
        asked = f'SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM "{table}" t'  # noqa: S608 - of the schema
        count, total = connection.execute(text(asked)).one()
        tables[table] = [int(count), str(total)]
    rights = {}
    for what, asked in RIGHTS.items():
        lines = sorted(str(tuple(row)) for row in connection.execute(text(asked)))
        rights[what] = [len(lines), hashlib.sha256("\n".join(lines).encode()).hexdigest()]
    return {"tables": tables, "rights": rights}


def _counts(noted: dict[str, Any]) -> dict[str, list[Any]]:
    return {what: [int(count), str(total)] for what, (count, total) in noted.items()}


def _counted(noted: list[Any] | None) -> str:
    return "没有" if noted is None else f"{noted[0]} 项"


@contextmanager
def _empty(settings: Settings) -> Iterator[tuple[Settings, Settings]]:
    """Give an empty server of its own, and the database in it into which is restored."""
    folder = Path(tempfile.mkdtemp(prefix="anlan-drill-"))
    folder.chmod(0o755)  # the server's own user comes through; its data folder is its own
    empty = settings.model_copy(update={"state": folder, "database_url": None, "durable": False})
    try:
        cluster.ensure_running(empty)
        with cluster.superuser_connection(empty, "postgres") as administrator:
            create_database(administrator, DRILLED)
        address = SecretStr(f"postgresql:///{DRILLED}?host={empty.socket_dir}")
        yield empty, empty.model_copy(update={"database_url": address})
    finally:
        engine.dispose()
        cluster.stop(empty)
        shutil.rmtree(folder, ignore_errors=True)


def _reached(url: str, *, role: str) -> dict[str, str]:
    """Return how a program of PostgreSQL reaches a database: in its environment, where no list shows it."""
    parts = make_url(url)
    host = parts.host or str(parts.query.get("host", ""))
    named = {"PGHOST": host, "PGPORT": str(parts.port or ""), "PGUSER": parts.username or role,
             "PGPASSWORD": str(parts.password or ""), "PGDATABASE": parts.database or ""}  # fmt: skip
    # As `data.engine` does where one user is to become each login.
    options = {} if parts.username == role else {"PGOPTIONS": f"-c role={role}"}
    return {name: value for name, value in (named | options).items() if value}


def _run(
    settings: Settings, program: str, arguments: Sequence[str], reached: dict[str, str], failed: str
) -> None:
    path = programs.find(settings.postgres_bin) / program
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL, with our own words
        [str(path), *arguments], capture_output=True, check=False, env=os.environ | reached | {"LC_ALL": "C"}
    )
    if done.returncode:
        # Its words may repeat a row, and that may be a child's.
        raise BackupError(f"{failed}（{program} 退出码 {done.returncode}）。")


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
