"""The web process: started apart from the terminal, found again, stopped."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from data.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from data.settings import Settings

APP = ROOT / "app.py"
HEALTH_SECONDS = 90
STOP_SECONDS = 10
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - asked back on the same machine


class WebError(Exception):
    """The web process cannot be started or stopped; the message says why and what to do."""


@dataclass(frozen=True)
class Process:
    """A web process that this program started."""

    pid: int
    host: str
    port: int

    @property
    def address(self) -> str:
        """Where a browser on this machine finds it."""
        return f"http://{EVERYWHERE.get(self.host, self.host)}:{self.port}"

    @property
    def alive(self) -> bool:
        """Whether the process still runs and is ours: its number may have gone to a stranger."""
        with contextlib.suppress(OSError):
            return os.fsencode(APP) in Path(f"/proc/{self.pid}/cmdline").read_bytes().split(b"\0")
        return False

    @property
    def healthy(self) -> bool:
        """Whether it answers."""
        # Straight to our own address: a proxy of the environment is not asked.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with contextlib.suppress(OSError), opener.open(f"{self.address}/health", timeout=2) as answer:
            return bool(answer.status == HTTPStatus.OK)
        return False


def running(settings: Settings) -> Process | None:
    """Return the web process of these settings, if it runs."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        found = Process(**json.loads(_record(settings).read_text("utf-8")))
        return found if found.alive else None
    return None


def require_free_port(settings: Settings) -> None:
    """Raise `WebError` if something else listens on the port."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except PermissionError:
            raise WebError(f"没有权限使用端口 {settings.port}：请改用 1024 以上的端口（--port）。") from None
        except OSError:
            raise WebError(
                f"{settings.host}:{settings.port} 已被占用或不可用：请换一个端口，例如 anlan up --port "
                f"{settings.port + 1}"
            ) from None


def start(settings: Settings) -> Process:
    """Start the web process in a session of its own and return once it is healthy."""
    settings.logs.mkdir(parents=True, exist_ok=True)
    with _log(settings).open("ab") as log:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and script
            _command(settings),
            cwd=ROOT,
            env=_environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    process = _remember(settings, child.pid)
    deadline = time.monotonic() + HEALTH_SECONDS
    while not process.healthy:
        if child.poll() is not None or time.monotonic() > deadline:
            child.kill()
            _record(settings).unlink(missing_ok=True)
            last = _log(settings).read_text("utf-8", "replace").strip().splitlines()[-3:]
            raise WebError(f"网页没有启动，日志在 {_log(settings)}。日志末尾：{' / '.join(last)}")
        time.sleep(0.1)
    return process


def become(settings: Settings) -> None:
    """Turn the present process into the web process: for containers and service managers."""
    _remember(settings, os.getpid())
    os.chdir(ROOT)
    command = _command(settings)
    os.execve(command[0], command, _environment(settings))  # noqa: S606 - our own interpreter and script


def stop(settings: Settings) -> bool:
    """Stop the web process; False if none runs."""
    process = running(settings)
    if process is None:
        return False
    for request in (signal.SIGTERM, signal.SIGKILL):
        os.kill(process.pid, request)
        deadline = time.monotonic() + STOP_SECONDS
        while process.alive and time.monotonic() < deadline:
            time.sleep(0.05)
        if not process.alive:
            break
    _record(settings).unlink(missing_ok=True)
    return True


def _command(settings: Settings) -> list[str]:
    address = ("--server.address", settings.host, "--server.port", str(settings.port))
    return [sys.executable, "-m", "streamlit", "run", str(APP), *address]


def _environment(settings: Settings) -> Mapping[str, str]:
    given = Path(os.environ.get("ANLAN_SETTINGS", "anlan.toml"))
    own = {"ANLAN_STATE": str(settings.state), "PYTHONUNBUFFERED": "1"}
    if given.exists():
        own["ANLAN_SETTINGS"] = str(given.resolve())
    return os.environ | own


def _remember(settings: Settings, pid: int) -> Process:
    process = Process(pid, settings.host, settings.port)
    _record(settings).write_text(json.dumps(asdict(process)), "utf-8")
    return process


def _record(settings: Settings) -> Path:
    return settings.state / "web.json"


def _log(settings: Settings) -> Path:
    return settings.logs / "web.log"
