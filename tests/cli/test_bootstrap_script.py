"""The script that a bare machine starts with: plain POSIX, no addresses, nothing twice."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "anlan"
ADDRESS = re.compile(r"https?://|\.(org|com|net|cn)\b")


def run(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script of `tree` on a machine with no package manager and no Python."""
    tools = tree / "tools"
    if not tools.exists():
        tools.mkdir()
        for name in (
            "sh",
            "dirname",
            "readlink",
            "cat",
            "sha256sum",
            "df",
            "awk",
            "grep",
            "ls",
            "id",
            "flock",
        ):
            (tools / name).symlink_to(shutil.which(name) or "/bin/false")
    environment = {"PATH": str(tools), "HOME": str(tree)}
    command = [str(tree / "anlan"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def bare_tree(tmp_path: Path) -> Path:
    for name in ("anlan", "pyproject.toml", "locks/run.txt", "locks/test.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_it_is_executable_and_a_plain_posix_shell_reads_it() -> None:
    assert os.access(SCRIPT, os.X_OK)
    assert SCRIPT.read_text("utf-8").startswith("#!/bin/sh\n")
    subprocess.run(["sh", "-n", str(SCRIPT)], check=True)


def test_it_names_no_registry() -> None:
    assert ADDRESS.search(SCRIPT.read_text("utf-8")) is None


def test_help_on_a_bare_machine_installs_nothing(tmp_path: Path) -> None:
    tree = bare_tree(tmp_path)
    done = run(tree, "--help")
    assert done.returncode == 0
    assert "./anlan up" in done.stderr
    assert not (tree / ".venv").exists()


def test_without_a_package_manager_one_sentence_names_what_is_missing(tmp_path: Path) -> None:
    done = run(bare_tree(tmp_path), "up")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "python3" in line
    assert "apt" in line


def test_once_installed_it_hands_over_at_once_with_every_argument(tmp_path: Path) -> None:
    tree = bare_tree(tmp_path)
    binaries = tree / ".venv/bin"
    binaries.mkdir(parents=True)
    for name in ("python", "anlan"):
        (binaries / name).write_text('#!/bin/sh\nprintf "%s|" "$@"\n')
        (binaries / name).chmod(0o755)
    stamped = b"".join((tree / name).read_bytes() for name in ("locks/run.txt", "pyproject.toml", "anlan"))
    digest = hashlib.sha256(stamped).hexdigest()
    (tree / ".venv/installed-run").write_text(f"{tree} {digest}  -\n")
    assert run(tree, "export", "gaps", "名 称.xlsx").stdout == "export|gaps|名 称.xlsx|"
