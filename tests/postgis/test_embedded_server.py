"""The embedded server: made once, started fast, stopped cleanly, and back after a kill."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from data.engine import Login
from data.server import cluster, keeper, logins
from data.server.faults import DiskFullError, PostgisMissingError, ServerError
from data.settings import SOCKET_NAME, SOCKET_PATH_MAX, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def own(server: Settings) -> Iterator[Settings]:
    """A server that these tests may kill; asks for `server` only to skip where there is no PostGIS."""
    folder = Path(tempfile.mkdtemp(prefix="anlan-kill-"))
    folder.chmod(0o755)
    settings = server.model_copy(update={"state": folder})
    yield settings
    cluster.stop(settings)
    shutil.rmtree(folder)


def sign_in(settings: Settings, login: str) -> psycopg.Connection:
    return psycopg.connect(host=str(settings.socket_dir), user=login, dbname="anlan")


def test_two_processes_that_start_at_once_share_one_server(own: Settings) -> None:
    program = (
        "import sys; from pathlib import Path; from data.settings import Settings;"
        "from data.server.cluster import ensure_running, postmaster;"
        "settings = Settings(database_url=None, state=Path(sys.argv[1]), durable=False);"
        "ensure_running(settings); print(postmaster(settings))"
    )
    command = [sys.executable, "-c", program, str(own.state)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    pids = [process.communicate(timeout=60)[0].strip() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert pids == [str(cluster.postmaster(own))] * 2


def test_no_login_is_a_superuser_or_passes_row_security(own: Settings) -> None:
    cluster.ensure_running(own)
    for login in logins.LOGINS:
        with sign_in(own, login) as connection:
            row = connection.execute(
                "SELECT current_user::text, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles "
                "WHERE rolname = current_user"
            ).fetchone()
        assert row == (login, False, False, False)


def test_a_login_may_not_enter_the_database_of_the_superuser_settings(own: Settings) -> None:
    cluster.ensure_running(own)
    with sign_in(own, Login.GENERAL) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("CREATE TABLE public.mine (id int)")


def test_a_running_server_of_an_earlier_version_gets_what_this_one_needs(own: Settings) -> None:
    cluster.ensure_running(own)
    names = own.cluster / "pg_ident.conf"
    earlier = [line for line in names.read_text("utf-8").splitlines() if not line.endswith(Login.DOOR)]
    names.write_text("\n".join(earlier) + "\n", "utf-8")
    with cluster.superuser_connection(own, "anlan") as connection:
        connection.execute("DROP OWNED BY anlan_door")
        connection.execute("DROP ROLE anlan_door")
        connection.execute("GRANT EXECUTE ON FUNCTION _postgis_stats(regclass, text, text) TO PUBLIC")
        connection.execute("SELECT pg_reload_conf()")
    (own.cluster / cluster.PREPARED).write_text("")
    pid = cluster.postmaster(own)
    cluster.ensure_running(own)
    assert cluster.postmaster(own) == pid
    with sign_in(own, Login.DOOR) as connection:
        assert connection.execute("SELECT current_user::text").fetchone() == (Login.DOOR.value,)
    with cluster.superuser_connection(own, "anlan") as connection:
        assert logins.tells_nothing(connection)


def test_the_socket_folder_is_closed_to_others_and_no_port_is_open(own: Settings) -> None:
    cluster.ensure_running(own)
    assert own.socket_dir.stat().st_mode & 0o777 == 0o700
    with sign_in(own, Login.GENERAL) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_a_warm_start_makes_nothing_anew(own: Settings) -> None:
    cluster.ensure_running(own)
    made = {path: path.stat().st_ino for path in own.state.rglob("PG_VERSION")}
    assert cluster.stop(own)
    cluster.ensure_running(own)
    assert made == {path: path.stat().st_ino for path in own.state.rglob("PG_VERSION")} != {}


def test_stop_leaves_no_process_and_a_second_stop_says_so(own: Settings) -> None:
    cluster.ensure_running(own)
    pid = cluster.postmaster(own)
    assert cluster.stop(own)
    assert cluster.postmaster(own) is None
    assert not Path(f"/proc/{pid}/cwd").exists()
    assert not cluster.stop(own)


def test_the_server_is_back_after_its_postmaster_was_killed_with_a_backend_at_work(own: Settings) -> None:
    cluster.ensure_running(own)
    with sign_in(own, Login.OWNER) as connection:
        connection.execute("CREATE TABLE kept (id int)")
    with contextlib.ExitStack() as stack:
        orphans = [stack.enter_context(sign_in(own, Login.OWNER)).info.backend_pid for _ in range(6)]
        for orphan in orphans:
            os.kill(orphan, signal.SIGSTOP)  # so that it does not notice at once
        os.kill(cluster.postmaster(own) or 0, signal.SIGKILL)
        # One after another, so that the last words of the log are theirs while the memory is still in use.
        wake = "; ".join(f"sleep 0.4; kill -CONT {orphan}" for orphan in orphans)
        with subprocess.Popen(["sh", "-c", wake]) as waker:
            cluster.ensure_running(own)
        assert waker.returncode == 0
    with sign_in(own, Login.OWNER) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
        connection.execute("DROP TABLE kept")


def test_a_pid_file_that_names_a_stranger_stops_nobody_and_blocks_no_start(own: Settings) -> None:
    cluster.ensure_running(own)
    cluster.stop(own)
    stranger = subprocess.Popen(["sleep", "60"])
    (own.cluster / "postmaster.pid").write_text(f"{stranger.pid}\n{own.cluster}\n")
    try:
        assert not cluster.stop(own)
        cluster.ensure_running(own)
        assert cluster.postmaster(own) not in {None, stranger.pid}
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_an_initdb_that_was_cut_off_is_begun_anew(own: Settings) -> None:
    cluster.stop(own)
    shutil.rmtree(own.cluster)
    half = own.state / "postgres.draft"
    half.mkdir()
    (half / "PG_VERSION").write_text("15\n")
    cluster.ensure_running(own)
    assert not half.exists()


def test_a_deep_folder_gets_a_short_socket_path(own: Settings) -> None:
    deep = own.model_copy(update={"state": own.state / ("深" * 40)})
    assert deep.socket_dir != deep.state / "socket"
    assert len(os.fsencode(deep.socket_dir / SOCKET_NAME)) <= SOCKET_PATH_MAX
    try:
        cluster.ensure_running(deep)
        with sign_in(deep, Login.GENERAL) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        cluster.stop(deep)
        shutil.rmtree(deep.socket_dir)


def test_without_postgis_one_sentence_says_what_to_install(own: Settings) -> None:
    bare = own.model_copy(update={"state": own.state / "bare", "postgres_bin": Path("/nowhere/bin")})
    with pytest.raises(PostgisMissingError, match="apt-get install"):
        cluster.ensure_running(bare)


def test_a_full_disk_is_named_before_a_cluster_is_begun(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "ROOM_FOR_A_NEW_CLUSTER_MB", 10**12)
    full = own.model_copy(update={"state": own.state / "full"})
    with pytest.raises(DiskFullError, match="ANLAN_STATE"):
        cluster.ensure_running(full)
    assert not full.cluster.exists()


def test_a_start_that_fails_shows_the_end_of_the_log(own: Settings) -> None:
    cluster.ensure_running(own)
    cluster.stop(own)
    broken = own.cluster / "global/pg_control"
    kept = broken.read_bytes()
    broken.write_bytes(b"")
    try:
        with pytest.raises(ServerError, match="pg_control"):
            cluster.ensure_running(own)
    finally:
        broken.write_bytes(kept)


def test_the_server_never_runs_as_root(server: Settings) -> None:
    del server  # skips where there is no PostGIS, and so no user to run it as
    assert keeper.choose().uid != 0
