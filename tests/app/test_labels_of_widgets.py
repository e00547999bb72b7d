"""Streamlit reads names of widgets as Markdown: texts of others get there through `plain_label` alone."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
NAMES: Final = frozenset(
    {
        "audio_input",
        "button",
        "camera_input",
        "chat_input",
        "checkbox",
        "color_picker",
        "date_input",
        "datetime_input",
        "dialog",
        "download_button",
        "expander",
        "file_uploader",
        "form_submit_button",
        "link_button",
        "multiselect",
        "number_input",
        "page_link",
        "pills",
        "popover",
        "radio",
        "segmented_control",
        "select_slider",
        "selectbox",
        "slider",
        "spinner",
        "status",
        "tabs",
        "text_area",
        "text_input",
        "time_input",
        "toggle",
    }
)
"""Calls whose first argument is read as Markdown."""
WORDED: Final = frozenset({"pills", "radio", "segmented_control"})
"""Calls whose options are read as Markdown too, each after its `format_func`."""
KEYWORDS: Final = frozenset({"body", "captions", "help", "icon", "label"})
"""Arguments that are read as Markdown wherever they stand."""
BANNED: Final = frozenset(
    {
        "badge",
        "caption",
        "error",
        "exception",
        "header",
        "info",
        "latex",
        "markdown",
        "metric",
        "subheader",
        "success",
        "title",
        "toast",
        "warning",
        "write",
        "write_stream",
    }
)
"""Calls that show a whole text as Markdown: pages have blocks for that (`pages/shell/blocks.py`)."""
NUMBER: Final = re.compile(r",?(\.\d+)?[dfg]?")
"""A format that a text refuses."""


def faults(source: str) -> list[str]:
    """Return each call of `source` that would show a text of others as Markdown, by its line."""
    tree = ast.parse(source)
    known = _Known(tree)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in BANNED and _is_streamlit(node.value):
            found.append(f"{node.lineno}: st.{node.attr}")
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        name = node.func.attr
        if name in BANNED and not _is_log(node.func.value):
            found.append(f"{node.lineno}: {name}")
        found += [
            f"{node.lineno}: {name}({ast.unparse(part)})"
            for part in _read_as_markdown(node, node.func)
            if not known.is_plain(part)
        ]
    return found


def _read_as_markdown(call: ast.Call, called: ast.Attribute) -> Iterator[ast.expr]:
    name = called.attr
    given = {word.arg: word.value for word in call.keywords if word.arg}
    if name in NAMES and call.args:
        yield call.args[0]
    if name == "progress":
        yield from (value for word, value in given.items() if word == "text")
        yield from call.args[1:2] if _is_streamlit(called.value) else ()
    if name in WORDED and (len(call.args) > 1 or "options" in given):
        yield given.get("format_func") or given.get("options") or call.args[1]
    # Columns of tables are drawn on a canvas, but what explains them is Markdown.
    yield from (value for word, value in given.items() if word in KEYWORDS)
    if any(word.arg is None for word in call.keywords) and name in NAMES:
        yield from (word.value for word in call.keywords if word.arg is None)


def _is_streamlit(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "st"


def _is_log(node: ast.expr) -> bool:
    return ast.unparse(node).startswith("logging.getLogger(")


class _Known:
    """What a module says of its own names."""

    def __init__(self, tree: ast.Module) -> None:
        self.given: dict[str, list[ast.expr]] = {}
        self.noted: set[ast.expr] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self._note(target, node.value)
            elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
                self._note(node.target, node.value)
        self.elsewhere = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)} | {
            node.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node not in self.noted
        }

    def _note(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.given.setdefault(target.id, []).append(value)
            self.noted.add(target)

    def is_plain(self, node: ast.expr) -> bool:
        """Say whether a text is ours alone: written here, a table of words by its name, or a plain label."""
        if isinstance(node, ast.Name):
            held = self.given.get(node.id, [])
            told = bool(held) and node.id not in self.elsewhere and all(map(self.is_plain, held))
            return told or node.id == "plain_label" or node.id.isupper()
        if isinstance(node, ast.JoinedStr):
            return all(map(self._is_plain_part, node.values))
        if isinstance(node, ast.Call):
            return self._is_plain_call(node)
        parts = _parts(node)
        return (
            isinstance(node, ast.Constant)
            or _is_word(node)
            or (bool(parts) and all(map(self.is_plain, parts)))
        )

    def _is_plain_part(self, part: ast.expr) -> bool:
        if not isinstance(part, ast.FormattedValue):
            return True
        form = ast.unparse(part.format_spec)[2:-1] if part.format_spec is not None else ""
        return bool(form and NUMBER.fullmatch(form)) or self.is_plain(part.value)

    def _is_plain_call(self, call: ast.Call) -> bool:
        called = ast.unparse(call.func)
        if called == "plain_label":
            return True
        if called in {"list", "words.of"} and len(call.args) == 1:
            return _is_table(call.args[0])
        if isinstance(call.func, ast.Attribute) and call.func.attr == "join":
            inner = call.args[0]
            return isinstance(inner, ast.GeneratorExp) and self.is_plain(inner.elt)
        return False


def _parts(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.BoolOp(values=parts):
            return parts
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(op=ast.Add(), left=one, right=other):
            return [one, other]
        case ast.Lambda(body=body):
            return [body]
        case _:
            return []


def _is_word(node: ast.expr) -> bool:
    match node:
        case ast.Subscript(value=table) | ast.Attribute(attr="__getitem__", value=table):
            return _is_table(table)
        case ast.Attribute(attr=name):
            return name.isupper()
        case _:
            return False


def _is_table(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return bool(name) and name.isupper()


def test_no_page_names_a_widget_by_a_text_of_others() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{fault}"
        for path in sorted((ROOT / "pages").rglob("*.py"))
        if "streamlit" in (source := path.read_text("utf-8"))
        for fault in faults(source)
    ]
    assert found == []


@pytest.mark.parametrize(
    "wrong",
    [
        "st.error('字')",
        "tell = {'bad': st.error}",
        "(st.success if good else st.info)(text)",
        "column.warning(text)",
        "st.button(name)",
        "st.button(f'撤回（{name}）')",
        "st.button(f'撤回（{name:>5}）')",
        "st.button('撤回' + name)",
        "st.button('撤回' if good else name)",
        "st.expander('、'.join(names))",
        "st.expander('、'.join(name for name in names))",
        "st.tabs(['甲', name])",
        "st.text_input('名称', help=name)",
        "st.column_config.TextColumn('名称', help=name)",
        "st.radio('谁', options)",
        "st.radio('谁', options, format_func=str)",
        "st.radio('谁', OPTIONS, captions=told)",
        "st.progress(0.5, text=step)",
        "st.progress(0.5, step)",
        "with st.spinner(step): pass",
        "left.selectbox(label=name, options=OPTIONS)",
        "st.button(**given)",
        "label = plain_label(name)\nlabel = name\nst.button(label)",
        "def draw(label): st.button(label)",
        "for label in found: st.button(label)",
        "label = plain_label('a')\nfor label in found: st.button(label)",
    ],
)
def test_a_text_of_others_in_a_place_that_reads_markdown_is_found(wrong: str) -> None:
    assert faults(wrong) != []


@pytest.mark.parametrize(
    "right",
    [
        "st.button('保存')",
        "st.button(plain_label(name))",
        "st.button(f'保存 {count:d} 段，{share:.1f}%，{total:,} 行')",
        "named = '、'.join(plain_label(name) for name in names)\nst.expander(f'不认识：{named}')",
        "label = f'共 {count:d} 起'\nst.checkbox(label)",
        "st.text_input(words.LABELS[name])",
        "st.radio('谁', offered, format_func=plain_label)",
        "st.radio('谁', offered, format_func=words.of(words.ROLES))",
        "st.radio('谁', list(words.ROLES), format_func=words.ROLES.__getitem__)",
        "st.selectbox('水域', offered, format_func=words.of(names))",
        "logging.getLogger('anlan').exception('failed')",
    ],
)
def test_texts_of_our_own_and_plain_labels_pass(right: str) -> None:
    assert faults(right) == []
