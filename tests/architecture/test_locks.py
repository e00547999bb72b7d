"""Lock files hold versions and hashes, and leave the registry to the machine's own configuration."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = re.compile(r"https?://|git\+|--(extra-)?index-url|--find-links|\.(org|com|net|cn)/")
LOCKS = ("locks/run.txt", "locks/test.txt")
BROWSER_LOCKS = ("package-lock.json", "locks/browser/package-lock.json")


def pinned(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / lock).read_text("utf-8"), flags=re.MULTILINE))


@pytest.mark.parametrize("name", [*LOCKS, *BROWSER_LOCKS, "package.json", "locks/browser/package.json"])
def test_a_lock_file_names_no_registry(name: str) -> None:
    assert ADDRESS.search((ROOT / name).read_text("utf-8")) is None


@pytest.mark.parametrize("lock", LOCKS)
def test_every_python_package_has_a_hash(lock: str) -> None:
    blocks = re.split(r"^(?=[a-z0-9])", (ROOT / lock).read_text("utf-8"), flags=re.MULTILINE)
    assert [
        block.splitlines()[0] for block in blocks if "==" in block and "--hash=sha256:" not in block
    ] == []


@pytest.mark.parametrize("name", BROWSER_LOCKS)
def test_every_browser_package_has_an_integrity(name: str) -> None:
    packages = json.loads((ROOT / name).read_text("utf-8"))["packages"]
    assert [key for key, entry in packages.items() if key and "integrity" not in entry] == []


def test_the_test_lock_holds_what_the_run_lock_holds() -> None:
    run, test = pinned(LOCKS[0]), pinned(LOCKS[1])
    assert {name: test.get(name) for name in run} == run


@pytest.mark.parametrize(("lock", "extras"), [(LOCKS[0], ("setup",)), (LOCKS[1], ("setup", "test"))])
def test_every_dependency_of_the_project_is_locked(lock: str, extras: tuple[str, ...]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"]]
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    names = {re.split(r"[\[<>=~ ]", requirement)[0].lower() for requirement in wanted}
    assert names - set(pinned(lock)) == set()
