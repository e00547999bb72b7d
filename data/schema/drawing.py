"""The schema, drawn from its metadata: Mermaid diagrams and one SVG for `docs/`, so that neither goes stale.

`python -m data.schema.drawing docs` writes both again.
"""

from __future__ import annotations

import sys
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy.dialects import postgresql

from data import rights
from data.schema.tables import MODULES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from sqlalchemy import Column, Table

HEAD: Final = """# The schema

Drawn from `data/schema` by `python -m data.schema.drawing docs`; a test fails when this page is older than
the tables. Geometry is stored in EPSG:4490; lengths end in `_m`: metres in the deployment's metric system.
Shared columns are left out of the diagrams: `version`, `created_at`, `updated_at` (a trigger raises them at
each update, for optimistic locking) and the provenance `batch_id`, `source_sheet`, `source_row`,
`raw_position`, `position_method`. Who may read and write each table stands in `data/rights.toml`. The whole
on one sheet: [schema.svg](schema.svg).

How the rows of a table are protected: **open**, the grant alone decides; **written by area**, everybody
reads and a page writes only below its own area; **child**, forced row security at every verb; **passing**,
as open, and no row is ever in a dump.
A row that hangs on a child (home, identity, visit, proximity) is visible to a page only while the child
itself is: its policy asks the policy of `child`, so a sealed child is gone everywhere at once.
"""
SHARED: Final = frozenset(
    {
        "version",
        "created_at",
        "updated_at",
        "batch_id",
        "source_sheet",
        "source_row",
        "raw_position",
        "position_method",
    }
)
DIALECT: Final = postgresql.dialect()  # type: ignore[no-untyped-call]

CARD_WIDTH: Final = 275
CARDS_A_ROW: Final = 5
LINE: Final = 15
GUTTER: Final = 16
HEADING: Final = 34
COLOURS: Final = {
    "open": "#eef3f7",
    "written_by_area": "#e4f1e8",
    "written_by_role": "#e4f1e8",
    "own": "#f3eefa",
    "passing": "#eef3f7",
    "record": "#fdf6df",
    "child": "#fbe9e4",
}
"""How the rows of a table are protected, as the colour of its card."""


def markdown() -> str:
    """Return the page: for each module its sentence, its tables' protection, and an erDiagram."""
    return "\n".join([HEAD, *(line for module in MODULES for line in _chapter(module))]) + "\n"


def svg() -> str:
    """Return one drawing of all tables, grouped by module, a card a table, with the tables it points at."""
    body: list[str] = []
    top = GUTTER
    for module in MODULES:
        body.append(_text(GUTTER, top + 18, _title(module), size=16, bold=True))
        top += HEADING
        tables = _tables(module)
        for start in range(0, len(tables), CARDS_A_ROW):
            row = tables[start : start + CARDS_A_ROW]
            for position, table in enumerate(row):
                body += _card(table, GUTTER + position * (CARD_WIDTH + GUTTER), top)
            top += max(_height(table) for table in row) + GUTTER
    width = GUTTER + CARDS_A_ROW * (CARD_WIDTH + GUTTER)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {top}" font-family="sans-serif">\n'
        f'<rect width="{width}" height="{top}" fill="white"/>'
    )
    return "\n".join([head, *body, "</svg>"]) + "\n"


def _chapter(module: ModuleType) -> Iterator[str]:
    tables = _tables(module)
    yield f"## {_title(module)}\n"
    yield "| table | rows |\n|---|---|"
    for table in tables:
        yield f"| `{table.name}` | {rights.tables()[table.name].rows.replace('_', ' ')} |"
    yield "\n```mermaid\nerDiagram"
    for table in tables:
        yield f"    {table.name} {{"
        yield from (f"        {_kind(column)} {column.name}{_keys(column)}" for column in _own(table))
        yield "    }"
    for table in tables:
        yield from (
            f"    {target} ||--o{{ {table.name} : {column.name}" for column, target in _references(table)
        )
    yield "```\n"


def _tables(module: ModuleType) -> list[Table]:
    return [table for name, table in vars(module).items() if getattr(table, "name", None) == name]


def _title(module: ModuleType) -> str:
    return (module.__doc__ or "").split("\n", maxsplit=1)[0].rstrip(".")


def _own(table: Table) -> list[Column[object]]:
    return [column for column in table.c if column.name not in SHARED]


def _references(table: Table) -> list[tuple[Column[object], str]]:
    return [
        (column, key.target_fullname.split(".")[0]) for column in _own(table) for key in column.foreign_keys
    ]


def _kind(column: Column[object]) -> str:
    name = column.type.compile(DIALECT)
    if name.startswith("geometry"):
        return name.split("(")[1].split(",")[0].lower()
    short = {"TIMESTAMP WITH TIME ZONE": "timestamptz", "DOUBLE PRECISION": "double", "TEXT[]": "texts"}
    return short.get(name, name.split(" ")[0].lower())


def _keys(column: Column[object]) -> str:
    keys = ["PK"] if column.primary_key else []
    if column.foreign_keys:
        keys.append("FK")
    if column.unique:
        keys.append("UK")
    return " " + ", ".join(keys) if keys else ""


def _height(table: Table) -> int:
    return HEADING + LINE * len(_own(table)) + 6


def _card(table: Table, left: int, top: int) -> Iterator[str]:
    colour = COLOURS[rights.tables()[table.name].rows]
    yield (
        f'<rect x="{left}" y="{top}" width="{CARD_WIDTH}" height="{_height(table)}" rx="4" '
        f'fill="{colour}" stroke="#7a8a99"/>'
    )
    yield _text(left + 10, top + 20, table.name, size=13, bold=True)
    targets = {column.name: target for column, target in _references(table)}
    for number, column in enumerate(_own(table)):
        baseline = top + HEADING + 8 + number * LINE
        arrow = f" → {targets[column.name]}" if column.name in targets else ""
        yield _text(left + 10, baseline, f"{column.name}{arrow}", bold=column.primary_key)
        yield _text(left + CARD_WIDTH - 10, baseline, _kind(column)).replace(
            "<text", '<text text-anchor="end"'
        )


def _text(left: int, baseline: int, words: str, *, size: int = 11, bold: bool = False) -> str:
    weight = "bold" if bold else "normal"
    return (
        f'<text x="{left}" y="{baseline}" font-size="{size}" font-weight="{weight}" '
        f'fill="#22303c">{escape(words)}</text>'
    )


def write(folder: Path) -> None:
    """Write the page and the drawing into `folder`."""
    (folder / "schema.md").write_text(markdown(), "utf-8")
    (folder / "schema.svg").write_text(svg(), "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
