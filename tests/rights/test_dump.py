"""A dump by the login of backups, which bypasses no policy, restores into an empty database whole."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from psycopg import sql
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from data import engine
from data.engine import Login, Scope, connect
from data.schema.tables import metadata
from data.server import cluster, configuration, programs
from data.server.logins import create_database
from data.storage import audit
from jobs import audit_trail
from tests.conftest import clone, drop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.settings import Settings

PAGE: Final = Path(__file__).resolve().parents[2] / "docs/backup.md"
RESTORED: Final = "restored"
LEFT_BEHIND: Final = "import_file"
"""Uploaded files, which may hold names in the clear."""
ASKED: Final = {
    "policies": "SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies",
    "forced": "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class "
    "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
    "grants": "SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants "
    "WHERE table_schema = 'public' AND grantee LIKE 'anlan%'",
    "columns": "SELECT grantee, table_name, column_name, privilege_type "
    "FROM information_schema.role_column_grants WHERE table_schema = 'public' AND grantee LIKE 'anlan%'",
    "functions": "SELECT oid::regprocedure::text, prosecdef, proconfig, proacl::text FROM pg_proc "
    "WHERE pronamespace = 'public'::regnamespace AND proowner = 'anlan_owner'::regrole",
    "triggers": "SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal",
    "sequences": "SELECT sequencename, last_value FROM pg_sequences",
    "owners": "SELECT tablename, tableowner FROM pg_tables WHERE schemaname = 'public'",
}


def options(program: str) -> list[str]:
    """Return the options that the page tells an operator to give, without those that name the place."""
    found = re.search(rf"^{program} (.+)$", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    assert found is not None
    place = ("--host", "--file", "--username", "--dbname")
    return [word for word in found[1].split() if word.startswith("--") and not word.startswith(place)]


def run(settings: Settings, program: str, *arguments: str) -> tuple[int, str]:
    path = str(programs.find(settings.postgres_bin) / program)
    done = subprocess.run(
        [path, f"--host={settings.socket_dir}", *arguments],
        capture_output=True,
        check=False,
        env=os.environ | {"LC_ALL": "C"},
    )
    return done.returncode, done.stderr.decode()


def name_of(settings: Settings) -> str:
    return make_url(settings.url(Login.OWNER)).database or ""


@pytest.fixture(scope="module")
def held(server: Settings, prefecture: Settings) -> Iterator[Settings]:
    """Settings of a database with children, an act in the chain, and a file that waits to be imported."""
    engine.dispose()
    cloned = clone(server, name_of(prefecture))
    actor = Scope("4305", None, "importer")
    with connect(cloned, Login.IMPORTER, actor) as connection:
        audit.record(connection, audit.Action.IMPORT, actor, object_kind="stations", row_count=1)
    with connect(cloned, Login.OWNER) as connection:
        connection.execute(
            text(
                "WITH a AS (INSERT INTO account (login, display_name, password_hash) "
                "VALUES ('dumped', 'x', 'x') RETURNING id), "
                "j AS (INSERT INTO import_job (account_id, role, area_code, file_name, size_bytes) "
                "SELECT id, 'water', '4305', 'x', 1 FROM a RETURNING id) "
                "INSERT INTO import_file (job_id, content) SELECT id, 'in the clear' FROM j"
            )
        )
    engine.dispose()
    yield cloned
    drop(server, cloned)


@pytest.fixture(scope="module")
def restored(
    server: Settings, held: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Settings of an empty database into which a dump was restored, both as the page says."""
    file = str(tmp_path_factory.mktemp("dump") / "anlan.dump")
    told = run(
        server, "pg_dump", *options("pg_dump"), "--username=anlan_backup", f"--file={file}", name_of(held)
    )
    assert told == (0, "")
    with cluster.superuser_connection(server, "postgres") as administrator:
        create_database(administrator, RESTORED)
    user = f"--username={configuration.SUPERUSER}"
    assert run(server, "pg_restore", *options("pg_restore"), user, f"--dbname={RESTORED}", file) == (0, "")
    made = server.model_copy(
        update={"database_url": SecretStr(f"postgresql:///{RESTORED}?host={server.socket_dir}")}
    )
    yield made
    drop(server, made)


def test_a_dump_that_goes_by_no_policy_is_refused_rather_than_partial(
    server: Settings, held: Settings, tmp_path: Path
) -> None:
    code, said = run(server, "pg_dump", "--username=anlan_backup", f"--file={tmp_path / 'x'}", name_of(held))
    assert code == 1
    assert "row-level security" in said


def told(server: Settings, settings: Settings) -> dict[str, Any]:
    """Return what a database holds, as the superuser from whom no policy hides a row."""
    with cluster.superuser_connection(server, name_of(settings)) as connection:
        found: dict[str, Any] = {
            what: sorted(map(str, connection.execute(question))) for what, question in ASKED.items()
        }
        for table in metadata.tables:
            rows = connection.execute(
                sql.SQL("SELECT md5(t::text) FROM {} t ORDER BY 1").format(sql.Identifier(table))
            )
            found[table] = [row for (row,) in rows]
    return found


def test_a_dump_by_the_login_of_backups_restores_every_row_policy_and_grant(
    server: Settings, held: Settings, restored: Settings
) -> None:
    there, here = told(server, held), told(server, restored)
    assert len(there["child"]) == 8, "the sealed ones among them"
    assert len(there["policies"]) > 100
    assert there.pop(LEFT_BEHIND)
    assert here.pop(LEFT_BEHIND) == []
    for what, found in there.items():
        assert here[what] == found, what
    assert audit_trail.verify(restored).faults == ()


def test_a_login_without_a_grant_still_reads_no_child_after_a_restore(restored: Settings) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        connect(restored, Login.GENERAL, Scope("4305", None, "water")) as connection,
    ):
        connection.execute(text("SELECT * FROM child"))
    with connect(restored, Login.CHILD, Scope("430502", None, "civil")) as connection:
        assert connection.scalar(text("SELECT count(*) FROM child")) == 3
