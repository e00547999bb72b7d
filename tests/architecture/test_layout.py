"""The documents and the tree agree, and nothing stands where its folder's sentence does not put it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("geo", "hazards", "data", "layers", "jobs", "pages")
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}


def modules(*rooms: str) -> Iterator[Path]:
    for room in rooms or ROOMS:
        yield from (ROOT / room).rglob("*.py")


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.split(".")[0])
    return found


def sentences() -> dict[str, str]:
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    return dict(re.findall(r"^\| `(\w+)` \| (.+?) \|$", page, flags=re.MULTILINE))


def test_every_room_has_its_sentence_in_the_document() -> None:
    assert set(sentences()) == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_rooms_docstring_is_its_sentence(room: str) -> None:
    tree = ast.parse((ROOT / room / "__init__.py").read_text("utf-8"))
    docstring = ast.get_docstring(tree) or ""
    assert " ".join(docstring.split()) == sentences()[room]


def test_a_package_file_holds_one_docstring_and_nothing_else() -> None:
    fuller = [
        str(path.relative_to(ROOT))
        for path in modules()
        if path.name == "__init__.py" and len(ast.parse(path.read_text("utf-8")).body) != 1
    ]
    assert fuller == []


def test_no_module_stands_directly_in_pages() -> None:
    loose = [path.name for path in (ROOT / "pages").glob("*.py") if path.name != "__init__.py"]
    assert loose == []


def test_every_screen_has_a_page_and_a_view() -> None:
    rooms = {path.parent for path in (ROOT / "pages").rglob("page.py")}
    assert rooms
    assert [room.name for room in rooms if not (room / "view.py").exists()] == []


def test_pages_are_thin() -> None:
    thick = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / "pages").rglob("page.py")
        if (lines := sum(1 for line in path.read_text("utf-8").splitlines() if line.strip())) > 60
    }
    assert thick == {}


def test_views_draw_without_streamlit() -> None:
    drawn = [str(path) for path in (ROOT / "pages").rglob("view.py") if "streamlit" in imports_of(path)]
    assert drawn == []


def test_tests_hold_no_package_that_would_hide_a_room() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_no_module_has_a_vague_name() -> None:
    assert [str(path) for path in modules() if path.stem in VAGUE] == []


def test_nothing_imports_the_door() -> None:
    assert [str(path) for path in modules() if "app" in imports_of(path)] == []


def test_folium_is_imported_in_one_module() -> None:
    importing = {str(path.relative_to(ROOT)) for path in modules() if imports_of(path) & {"folium", "branca"}}
    assert importing == {"layers/maps.py"}


def test_only_geo_crs_reprojects() -> None:
    reprojecting = {
        str(path.relative_to(ROOT))
        for path in modules()
        if ".to_crs(" in path.read_text("utf-8") and path != ROOT / "geo/crs.py"
    }
    assert reprojecting == set()


def test_the_arrows_hold() -> None:
    result = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout


def test_importing_a_module_does_nothing() -> None:
    """No module reads settings, connects or loads folium and Streamlit for those who only want geometry."""
    code = (
        "import sys, hazards.findings, data.engine, jobs.assess\n"
        "heavy = {'folium', 'streamlit', 'osmium'} & set(sys.modules)\n"
        "print(sorted(heavy))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, env={"PATH": ""}
    )
    assert result.stdout.strip() == "[]"
