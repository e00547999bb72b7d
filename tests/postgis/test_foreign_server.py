"""A server of one's own: reached as each login by name, or as one user who takes their roles."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

from data import engine
from data.engine import Login
from data.server import cluster, foreign, logins, migrate, programs
from data.server.faults import ServerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.settings import Settings

NAME = "foreign"


@pytest.fixture
def bare(server: Settings) -> Iterator[Settings]:
    """A database without extensions, on a server whose address names the superuser."""
    with cluster.superuser_connection(server, "postgres") as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
    yield addressed(server, "postgres@")
    engine.dispose()
    with cluster.superuser_connection(server, "postgres") as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(NAME)))


def addressed(server: Settings, user: str) -> Settings:
    address = f"postgresql://{user}/{NAME}?host={server.socket_dir}"
    return server.model_copy(update={"database_url": SecretStr(address)})


def test_a_user_with_the_right_prepares_the_database_and_becomes_each_login(bare: Settings) -> None:
    foreign.prepare(bare)
    migrate.upgrade(bare)
    for login in Login:
        with engine.connect(bare, login) as connection:
            assert connection.exec_driver_sql("SELECT current_user::text").scalar_one() == login.value


def test_a_second_preparation_changes_nothing(bare: Settings) -> None:
    foreign.prepare(bare)
    foreign.prepare(bare)


def test_a_user_without_the_right_is_told_what_the_administrator_runs(
    server: Settings, bare: Settings
) -> None:
    assert bare.assume_role
    with pytest.raises(ServerError, match="anlan migrate --roles"):
        foreign.prepare(addressed(server, ""))


def test_the_printed_sql_names_every_login_and_extension() -> None:
    printed = logins.script()
    assert [name for name in (*logins.LOGINS, *logins.EXTENSIONS) if f'"{name}"' not in printed] == []


def test_the_printed_sql_may_be_run_again_for_a_newer_version(server: Settings) -> None:
    psql = programs.find(server.postgres_bin) / "psql"
    name = "printed"
    try:
        for _ in range(2):
            done = subprocess.run(
                [psql, "-X", "-h", server.socket_dir, "-U", "postgres", "-v", "ON_ERROR_STOP=1", "postgres"],
                input=logins.script(name),
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
        with cluster.superuser_connection(server, name) as connection:
            assert logins.tells_nothing(connection)
    finally:
        with cluster.superuser_connection(server, "postgres") as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def test_a_server_whose_statistics_are_open_to_all_is_closed_at_the_next_preparation(bare: Settings) -> None:
    foreign.prepare(bare)
    with psycopg.connect(bare.url("postgres").replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("GRANT EXECUTE ON FUNCTION _postgis_stats(regclass, text, text) TO PUBLIC")
        assert not logins.tells_nothing(connection)
        foreign.prepare(bare)
        assert logins.tells_nothing(connection)
