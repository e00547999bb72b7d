"""A PostGIS server of the tests' own, a migrated template, and a fresh database for whoever asks."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from psycopg import sql
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from data import engine
from data.engine import Login
from data.server import cluster, migrate
from data.server.faults import PostgisMissingError
from data.settings import DATABASE, Settings
from jobs import web
from jobs.audit_trail import heads_file
from tests.rights.counting import COUNTED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection

NUMBERS = itertools.count(1)


def absent(reason: str) -> NoReturn:
    """Skip on a laptop; under CI a missing part is an error."""
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def state_folder() -> Path:
    """Return a new state folder with the browser files that were fetched at set-up."""
    folder = Path(tempfile.mkdtemp(prefix="anlan-test-"))
    folder.chmod(0o755)  # the server's own user comes through
    (folder / "assets").symlink_to(Settings(database_url=None).assets)
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium for Playwright's `executable_path`; `anlan test` puts one on the path."""
    return shutil.which("chromium") or shutil.which("google-chrome") or absent("no Chromium is installed")


@pytest.fixture(scope="session")
def server() -> Iterator[Settings]:
    """Settings of an embedded server that lives as long as the test run; not yet migrated."""
    folder = state_folder()
    settings = Settings(database_url=None, state=folder, durable=False)
    try:
        cluster.ensure_running(settings)
    except PostgisMissingError as fault:
        absent(str(fault))
    yield settings
    engine.dispose()
    cluster.stop(settings)
    shutil.rmtree(folder)


@pytest.fixture
def fresh_state(server: Settings) -> Iterator[Path]:
    """A state folder in which nothing was started yet; whatever the test starts there is stopped."""
    folder = state_folder()
    yield folder
    settings = server.model_copy(update={"state": folder})
    web.stop(settings)
    cluster.stop(settings)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def template(server: Settings) -> str:
    """Name of a migrated, empty database that others are cloned from."""
    migrate.upgrade(server)
    engine.dispose()
    return DATABASE


def clone(server: Settings, template: str) -> Settings:
    """Settings of a new database that holds everything `template` does; no head of its acts was written."""
    heads_file(server).unlink(missing_ok=True)
    name = f"test_{next(NUMBERS)}"
    with cluster.superuser_connection(server, "postgres") as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [template]
        )
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
                sql.Identifier(name), sql.Identifier(template), sql.Identifier(Login.OWNER.value)
            )
        )
    return server.model_copy(
        update={"database_url": SecretStr(f"postgresql:///{name}?host={server.socket_dir}")}
    )


def drop(server: Settings, cloned: Settings) -> None:
    """Remove a cloned database."""
    engine.dispose()
    name = make_url(cloned.url(Login.OWNER)).database or ""
    with cluster.superuser_connection(server, "postgres") as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def database(server: Settings, template: str) -> Iterator[Settings]:
    """Settings of a migrated, empty database of this test's own: it may commit, from any login."""
    cloned = clone(server, template)
    yield cloned
    drop(server, cloned)


@pytest.fixture(scope="session")
def shared_database(server: Settings, template: str) -> Iterator[Settings]:
    """Settings of the migrated database in which tests roll back what they did."""
    cloned = clone(server, template)
    yield cloned
    drop(server, cloned)


@pytest.fixture
def connection(shared_database: Settings) -> Iterator[Connection]:
    """A transaction of the owner that is rolled back after the test."""
    with engine.connect(shared_database, Login.OWNER) as opened:
        yield opened
        opened.rollback()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what this process counted to the one that reports."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["counted"] = dict(COUNTED)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add what a process counted to what is reported."""
    COUNTED.update(getattr(node, "workeroutput", {}).get("counted", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell how many cells of the table of rights were asked, by layer."""
    if COUNTED:
        told = ", ".join(f"{count} at {layer}" for layer, count in sorted(COUNTED.items()))
        terminalreporter.write_line(f"cells of the table of rights asked: {told}")
