"""A private PostGIS server: made once, started when needed, reached by a socket only its owner opens."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from data.server import configuration, keeper, logins, programs
from data.server.faults import DiskFullError, ServerError, StartError
from data.settings import DATABASE, SOCKET_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO

    from data.server.keeper import Keeper
    from data.settings import Settings

ROOM_FOR_A_NEW_CLUSTER_MB = 512
START_SECONDS = 120
"""Longer than any start but one that replays a large log after a power cut."""
ORPHAN_SECONDS = 20
"""How long backends may outlive a killed postmaster before the start is given up."""
STOP_SECONDS = 30
LOG_MAX_BYTES = 10_000_000
PREPARED = "anlan.prepared"
"""In the data directory once logins, database and extensions are there; says by which version of them."""


def ensure_running(settings: Settings) -> None:
    """Make, start and prepare the embedded server as far as it is not; with an own server do nothing."""
    if not settings.embedded or _answers(settings):
        return
    with _alone(settings):
        if _answers(settings):
            return
        server = keeper.choose()
        if not (settings.cluster / "PG_VERSION").exists():
            _create(settings, server)
        if postmaster(settings) is None:
            _start(settings, server)
        else:
            _wait_for_answer(settings)
        _prepare(settings, server)


def stop(settings: Settings) -> bool:
    """Stop the embedded server cleanly; False if it was not running."""
    if not settings.embedded or not settings.cluster.exists():
        return False
    with _alone(settings):
        pid = postmaster(settings)
        if pid is None:
            return False
        for request in (signal.SIGINT, signal.SIGQUIT):  # fast, then immediate (pg_ctl stop -m)
            os.kill(pid, request)
            # It takes its pid file away a moment before it ends.
            if _wait_until(lambda: not Path(f"/proc/{pid}/cwd").exists(), STOP_SECONDS):
                return True
        raise ServerError(f"数据库服务（进程 {pid}）没有停下来：请稍后再试。")


def postmaster(settings: Settings) -> int | None:
    """Process id of the running server; None for a pid file that its process left behind."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        pid = int((settings.cluster / "postmaster.pid").read_text("ascii").splitlines()[0])
        if Path(f"/proc/{pid}/cwd").readlink() == settings.cluster.resolve():
            return pid
    return None


def superuser_connection(settings: Settings, database: str) -> psycopg.Connection:
    """Connect as superuser of the embedded server, in autocommit: to prepare it, and for tests."""
    return psycopg.connect(
        host=str(settings.socket_dir), user=configuration.SUPERUSER, dbname=database, autocommit=True
    )


def _answers(settings: Settings) -> bool:
    with contextlib.suppress(psycopg.OperationalError, PermissionError):
        if not _is_prepared(settings):
            return False
        psycopg.connect(
            host=str(settings.socket_dir), user=logins.OWNER, dbname=DATABASE, connect_timeout=5
        ).close()
        return True
    return False


@contextlib.contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    try:
        settings.state.mkdir(parents=True, exist_ok=True)
        lock = (settings.state / "postgres.lock").open("ab")
    except OSError as fault:
        raise ServerError(
            f"不能写入 {fault.filename}：请用原来的用户运行，或用 ANLAN_STATE 指定另一个目录。"
        ) from fault
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _create(settings: Settings, server: Keeper) -> None:
    free_mb = shutil.disk_usage(settings.state).free // 1_000_000
    if free_mb < ROOM_FOR_A_NEW_CLUSTER_MB:
        raise DiskFullError(
            f"{settings.state} 所在磁盘只剩 {free_mb} MB（至少需要 {ROOM_FOR_A_NEW_CLUSTER_MB} MB）："
            "请清理磁盘，或用 ANLAN_STATE 指定另一个目录。"
        )
    # Made beside its place and moved there whole: an initdb that was cut off leaves no half cluster.
    draft = settings.cluster.with_name("postgres.draft")
    for leftover in (draft, settings.cluster):
        if leftover.exists():
            shutil.rmtree(leftover)
    draft.mkdir()
    server.own(draft, mode=0o700)
    initdb = programs.find(settings.postgres_bin) / "initdb"
    with _log(settings) as log:
        code = server.run(
            *(initdb, "-D", draft, "-U", configuration.SUPERUSER, "-A", "peer", "--encoding=UTF8"),
            *("--locale=C.UTF-8", "--data-checksums", *(() if settings.durable else ("--no-sync",))),
            output=log,
        )
    if code:
        raise StartError(f"无法建立数据库目录 {settings.cluster}。{_last_words(settings)}")
    draft.rename(settings.cluster)


def _start(settings: Settings, server: Keeper) -> None:
    if settings.cluster.stat().st_uid != server.uid:
        raise ServerError(f"{settings.cluster} 属于另一个系统用户：请用当初建立它的用户运行。")
    major = (settings.cluster / "PG_VERSION").read_text("ascii").strip()
    pg_ctl = programs.find(settings.postgres_bin, major=major) / "pg_ctl"
    _make_socket_dir(settings, server)
    _configure(settings, server)
    # After kill -9 of the postmaster its backends hold the shared memory until they notice.
    deadline = time.monotonic() + ORPHAN_SECONDS
    while True:
        # The pid in these files may have gone to another process meanwhile, which PostgreSQL would take for
        # a server; living backends are still found, by the shared memory of the data directory.
        for stale in (settings.cluster / "postmaster.pid", settings.socket_dir / f"{SOCKET_NAME}.lock"):
            stale.unlink(missing_ok=True)
        with _log(settings) as log:
            attempt = log.tell()
            code = server.run(
                *(pg_ctl, "start", "-D", settings.cluster, "-w", "-t", str(START_SECONDS), "-s"), output=log
            )
        if code == 0:
            return
        # All that was said in this attempt, for orphans that take their leave push the reason up.
        words = _words_since(settings, attempt)
        if "is still in use" not in words or time.monotonic() > deadline:
            break
        time.sleep(0.2)
    if "No space left on device" in words:
        raise DiskFullError(f"磁盘已满，数据库无法启动：请清理 {settings.state} 所在的磁盘后重试。")
    raise StartError(f"数据库没有启动，日志在 {_log_file(settings)}。{_last_words(settings)}")


def _prepare(settings: Settings, server: Keeper) -> None:
    if _is_prepared(settings):
        return
    # A server that runs since before this version does not know the new logins' names.
    _configure(settings, server)
    with superuser_connection(settings, "postgres") as connection:
        connection.execute("SELECT pg_reload_conf()")
        logins.create_roles(connection)
        logins.create_database(connection)
    with superuser_connection(settings, DATABASE) as connection:
        logins.furnish(connection)
    mark = settings.cluster / PREPARED
    mark.write_text(logins.digest(), "ascii")
    server.own(mark, mode=0o600)


def _is_prepared(settings: Settings) -> bool:
    mark = settings.cluster / PREPARED
    return mark.exists() and mark.read_text("ascii") == logins.digest()


def _configure(settings: Settings, server: Keeper) -> None:
    configuration.write(
        settings.cluster, socket_dir=settings.socket_dir, keeper=server, durable=settings.durable
    )


def _make_socket_dir(settings: Settings, server: Keeper) -> None:
    folder = settings.socket_dir
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    state = folder.lstat()
    if folder.is_symlink() or state.st_uid not in {server.uid, os.geteuid()}:
        raise ServerError(f"{folder} 属于另一个用户：请删除它，或用 ANLAN_STATE 指定较短的目录。")
    server.own(folder, mode=0o700)


def _wait_for_answer(settings: Settings) -> None:
    def reachable() -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            superuser_connection(settings, "postgres").close()
            return True
        return False

    if not _wait_until(reachable, START_SECONDS):
        raise StartError(f"数据库正在运行但没有应答，日志在 {_log_file(settings)}。{_last_words(settings)}")


def _wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _log_file(settings: Settings) -> Path:
    return settings.logs / "postgres.log"


@contextlib.contextmanager
def _log(settings: Settings) -> Iterator[IO[bytes]]:
    path = _log_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_MAX_BYTES:
        path.replace(path.with_suffix(".log.1"))
    with path.open("ab") as log:
        yield log


def _words_since(settings: Settings, offset: int) -> str:
    with _log_file(settings).open("rb") as log:
        log.seek(offset)
        return log.read().decode("utf-8", "replace")


def _last_words(settings: Settings) -> str:
    lines = _log_file(settings).read_text("utf-8", "replace").splitlines()
    return "日志末尾：" + " / ".join(line.strip() for line in lines[-4:])
