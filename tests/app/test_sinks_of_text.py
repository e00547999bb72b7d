"""No text of people reaches a place that would act on it: asked of the source itself."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
OURS = ("app.py", "geo", "hazards", "data", "layers", "jobs", "pages")
MARKUP_MAKERS = ("pages/shell/blocks.py", "layers/legend.py", "layers/strip.py")
"""The only modules that put texts between tags, each through the encoder."""
LONGEST_PAGE = 40


def _sources() -> Iterator[tuple[str, ast.Module]]:
    for name in OURS:
        path = ROOT / name
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            yield str(file.relative_to(ROOT)), ast.parse(file.read_text("utf-8"))


def _modules(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def _calls(tree: ast.Module, *names: str) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names
    ]


def test_folium_is_imported_in_one_module() -> None:
    importers = [
        name
        for name, tree in _sources()
        if any(module.split(".")[0] in {"folium", "branca"} for module in _modules(tree))
    ]
    assert importers == ["layers/maps.py"]


def test_nothing_asks_for_unsafe_markup_or_frames() -> None:
    for name, tree in _sources():
        words = {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword)}
        names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not words & {"unsafe_allow_html", "unsafe_allow_javascript", "parse_html"}, name
        assert not names & {"IFrame", "iframe", "Element", "declare_component"}, name
        assert not any("components" in module for module in _modules(tree)), name


def test_pages_show_stored_texts_as_text_and_markup_only_from_its_makers() -> None:
    for name, tree in _sources():
        if not name.startswith("pages/") or name in MARKUP_MAKERS:
            continue
        assert _calls(tree, "markdown", "write", "write_stream", "caption") == [], name
        for call in _calls(tree, "html"):
            given = call.args[0]
            formatted = [node for node in ast.walk(given) if isinstance(node, ast.JoinedStr)]
            made = isinstance(given, ast.Call | ast.IfExp | ast.BinOp)
            inside = [node for node in formatted if not _argument_of_a_call(given, node)]
            assert made or isinstance(given, ast.Constant), f"{name}:{call.lineno}"
            assert inside == [], f"{name}:{call.lineno}"


def test_makers_of_markup_format_nothing_but_encoded_texts() -> None:
    allowed = {
        "safe_text",
        "join",
        "_share",
        "_percent",
        "_figure",
        "quote",
        "min",
        "format_chainage",
        "max",
        "len",
    }
    for name in MARKUP_MAKERS:
        tree = ast.parse((ROOT / name).read_text("utf-8"))
        for text in (node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)):
            for part in text.values:
                if isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Call):
                    function = part.value.func
                    called = (
                        function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
                    )
                    assert called in allowed, f"{name}:{text.lineno} formats {called}()"


def test_every_page_asks_who_is_looking_before_anything_else_and_stays_short() -> None:
    for page in sorted((ROOT / "pages").glob("*/page.py")):
        lines = page.read_text("utf-8").splitlines()
        tree = ast.parse("\n".join(lines))
        first = next(
            node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom | ast.Expr)
        )
        assert "require_viewer(" in ast.unparse(first), page
        assert len(lines) <= LONGEST_PAGE, f"{page}: {len(lines)}"


def test_no_script_lies_where_streamlit_would_run_it_past_the_door() -> None:
    assert [path.name for path in (ROOT / "pages").glob("*.py")] == ["__init__.py"]
    assert not (ROOT / "pages/shell/pages").exists()


def _argument_of_a_call(root: ast.AST, wanted: ast.AST) -> bool:
    calls = (node for node in ast.walk(root) if isinstance(node, ast.Call))
    return any(wanted in set(ast.walk(argument)) for call in calls for argument in call.args)
