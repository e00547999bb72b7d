"""Whatever is missing or taken, the command line says so in one sentence and ends with 1."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PROGRAM = "import sys; from jobs.cli.main import main; sys.argv = ['anlan', *sys.argv[1:]]; main()"


def run(tmp_path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited: Mapping[str, str] = {
        name: value for name, value in os.environ.items() if not name.startswith(("ANLAN_", "DATABASE_URL"))
    }
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=tmp_path,
        env={**inherited, "ANLAN_STATE": str(tmp_path / "state"), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1, done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("anlan：")
    return line


def test_a_taken_port_is_named_with_another_to_try(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"--port {port + 1}" in sentence(run(tmp_path, "up", "--port", str(port)))


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    assert "port" in sentence(run(tmp_path, "stop", ANLAN_PORT="eighty"))


def test_an_unknown_key_of_the_settings_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "anlan.toml").write_text('area_cod = "4304"\n')
    assert "area_cod" in sentence(run(tmp_path, "stop"))


def test_a_settings_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "anlan.toml").write_text("area_code: 4304\n")
    assert "anlan.toml" in sentence(run(tmp_path, "stop"))


def test_a_settings_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "nowhere.toml" in sentence(run(tmp_path, "stop", ANLAN_SETTINGS="nowhere.toml"))


def test_a_password_in_the_address_is_never_shown(tmp_path: Path) -> None:
    done = run(tmp_path, "migrate", DATABASE_URL="postgresql://somebody:hush-hush@127.0.0.1:9/anlan")
    assert "hush-hush" not in done.stdout + done.stderr
    assert "127.0.0.1" in sentence(done)


def test_missing_postgis_says_what_to_install(tmp_path: Path) -> None:
    done = run(tmp_path, "migrate", ANLAN_POSTGRES_BIN=str(tmp_path))
    assert "apt-get install" in sentence(done)


def test_a_state_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    # Not even root makes a folder there.
    for command in ("migrate", "up", "status"):
        assert "ANLAN_STATE" in sentence(run(tmp_path, command, ANLAN_STATE="/proc/anlan"))


def test_stop_without_anything_running_says_so(tmp_path: Path) -> None:
    done = run(tmp_path, "stop")
    assert (done.returncode, done.stdout.strip()) == (0, "平台没有在运行。")
