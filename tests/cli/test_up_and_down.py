"""`anlan up` ends with a page that answers, `anlan stop` with nothing left."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

from data.settings import Settings
from jobs import web

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = "import sys; from jobs.cli.main import main; sys.argv = ['anlan', *sys.argv[1:]]; main()"
SECONDS = 180


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(state: Path) -> dict[str, str]:
    own = {"ANLAN_STATE": str(state), "ANLAN_DEMO": "false", "ANLAN_DURABLE": "false"}
    return {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | own


def run(state: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        env=environment(state),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def health(port: int) -> tuple[int, str]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
        return answer.status, answer.read().decode().strip()


def test_up_answers_up_again_changes_nothing_and_stop_leaves_nothing(fresh_state: Path, port: int) -> None:
    settings = Settings(database_url=None, state=fresh_state, port=port)
    assert f"http://127.0.0.1:{port}" in run(fresh_state, "up", "--port", str(port))
    assert health(port) == (200, "ok")
    first = web.running(settings)
    assert f"http://127.0.0.1:{port}" in run(fresh_state, "up")
    assert web.running(settings) == first
    assert "已停止" in run(fresh_state, "stop")
    assert web.running(settings) is None
    with pytest.raises(urllib.error.URLError):
        health(port)


def test_in_the_foreground_the_process_itself_serves_and_ends_when_asked(
    fresh_state: Path, port: int
) -> None:
    command = [sys.executable, "-c", PROGRAM, "up", "--foreground", "--port", str(port)]
    with subprocess.Popen(command, env=environment(fresh_state)) as process:
        try:
            deadline = time.monotonic() + SECONDS
            while not web.Process(process.pid, "127.0.0.1", port).healthy:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
            process.send_signal(signal.SIGTERM)
            process.wait(30)
        finally:
            process.kill()


def test_a_recorded_process_number_that_went_to_a_stranger_is_not_stopped(fresh_state: Path) -> None:
    settings = Settings(database_url=None, state=fresh_state)
    with subprocess.Popen(["sleep", "60"]) as stranger:
        (fresh_state / "web.json").write_text(f'{{"pid": {stranger.pid}, "host": "127.0.0.1", "port": 1}}')
        assert not web.stop(settings)
        assert stranger.poll() is None
        stranger.kill()


def test_the_first_command_of_a_new_deployment_may_be_any(fresh_state: Path) -> None:
    try:
        assert json.loads(run(fresh_state, "status", "--json"))["counts"]["station"] == 0
    finally:
        run(fresh_state, "stop")
