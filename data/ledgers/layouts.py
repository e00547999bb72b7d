"""The layouts of bureaus, as data: title, columns in their order under their own headers, what is merged."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from data.ledgers.fields import FIELDS

SHIPPED: Final = Path(__file__).with_name("bureaus")
FIRST: Final = "water"
WIDTH: Final = 12


class LayoutError(Exception):
    """A layout cannot be used; the message names the file and what to change."""


@dataclass(frozen=True, kw_only=True)
class LayoutColumn:
    """One column: the field in it, the bureau's header, the header above where several share one."""

    field: str
    header: str
    group: str = ""
    width: float = WIDTH


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a bureau lays its ledger out; `merged` fields are merged downwards, each within those before."""

    key: str
    name: str
    title: str
    subtitle: str
    footer: str
    columns: tuple[LayoutColumn, ...]
    merged: tuple[str, ...]


def layouts(own: Path | None = None) -> dict[str, Layout]:
    """Return the layouts that come with the program and those in the folder `own`, which go before them.

    Raises
    ------
    LayoutError
        If one is not complete or names an unknown field.
    """
    files = sorted(SHIPPED.glob("*.toml"), key=lambda file: (file.stem != FIRST, file.stem))
    if own is not None and own.is_dir():
        files += sorted(own.glob("*.toml"))
    return {file.stem: _layout(file) for file in files}


def _layout(file: Path) -> Layout:
    try:
        entry: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
        columns = tuple(LayoutColumn(**column) for column in entry["columns"])
        merged = tuple(str(name) for name in entry.get("merged", ()))
        made = Layout(
            key=file.stem,
            name=str(entry["name"]),
            title=str(entry["title"]),
            subtitle=str(entry.get("subtitle", "")),
            footer=str(entry.get("footer", "")),
            columns=columns,
            merged=merged,
        )
        _said(made)
    except (
        tomllib.TOMLDecodeError,
        UnicodeDecodeError,
        KeyError,
        TypeError,
        ValueError,
        IndexError,
    ) as fault:
        raise LayoutError(
            f"台账版式 {file.name} 无法使用：{fault}。请对照 data/ledgers/bureaus 改正。"
        ) from fault
    fields = [column.field for column in columns]
    headings = [(column.group, column.header) for column in columns]
    if unknown := sorted({*fields, *merged} - set(FIELDS)):
        raise LayoutError(
            f"台账版式 {file.name} 有不认识的字段 {'、'.join(unknown)}：可用 {'、'.join(FIELDS)}。"
        )
    if len(set(fields)) < len(fields) or len(set(headings)) < len(headings) or "code" not in fields:
        raise LayoutError(f"台账版式 {file.name}：每个字段、每个表头只能出现一次，且须有 code（点位编号）。")
    if set(merged) - set(fields):
        raise LayoutError(f"台账版式 {file.name}：merged 里的字段须也是一列。")
    return made


def _said(made: Layout) -> None:
    made.title.format(area="")
    made.subtitle.format(area="", day="")
    made.footer.format(stations=0, valid=0)
