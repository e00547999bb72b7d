"""How each ledger is filled in: its columns explained, its choices, and examples that no import stores."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from data.importers import synonyms
from data.importers.cells import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from data.importers.rows import Row

FILE: Final = Path(__file__).with_name("guide.toml")
EXAMPLE: Final = "示例"
"""The code or name of an example begins so: a form that is handed in with its examples invents no place."""
NAMED: Final = ("code", "name", "round_code")
STATES: Final = ("完好", "损坏", "缺失", "过期", "未核")
OPTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "yes": ("是", "否"),
    "state": STATES,
    "presence": ("1", "0", "有", "无", *STATES),
}
STRICT: Final = frozenset({"yes", "state", "choice"})
"""Forms for which nothing but an option is understood."""
STEPS: Final = ("99", "99", "990", "990")
LENGTHS: Final = (4, 6, 9, 12)
"""Digits of a prefecture, a county, a township, a village."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: our own header for it, what may stand in it, and what comes of leaving it empty."""

    name: str
    header: str
    form: str
    format: str
    told: str
    empty: str
    required: bool = False
    options: tuple[str, ...] = ()

    @property
    def strict(self) -> bool:
        """Whether nothing but an option is understood."""
        return self.form in STRICT


@dataclass(frozen=True, kw_only=True)
class Guide:
    """A ledger with its columns in the order of a form, and example rows: column → cell."""

    kind: str
    title: str
    about: str
    columns: tuple[Column, ...]
    examples: tuple[Mapping[str, object], ...]


def listed() -> tuple[str, ...]:
    """Return the kinds of ledger that are explained."""
    return tuple(name for name in _document() if name not in {"forms", "places"})


def guide(kind: str, root: str) -> Guide:
    """Return how a ledger of `kind` is filled in; codes of areas in its examples lie below `root`.

    Raises
    ------
    KeyError
        If the ledger is not explained, or one of its columns is not.
    """
    document = _document()
    entry = document[kind]
    own = entry.get("own", {})
    codes = _codes(root)
    return Guide(
        kind=kind,
        title=entry["title"],
        about=entry["about"],
        columns=tuple(
            _column(kind, name, own.get(name) or document["places"][name]) for name in entry["columns"]
        ),
        examples=tuple(
            {name: cell.format(**codes) if isinstance(cell, str) else cell for name, cell in row.items()}
            for row in entry["examples"]
        ),
    )


def is_example(row: Row) -> bool:
    """Return whether a row is one of those that a template comes with."""
    for name in NAMED:
        value = row.cells.get(name)
        if isinstance(value, str) and not value.isascii() and plain(value).startswith(EXAMPLE):
            return True
    return False


def _column(kind: str, name: str, entry: Mapping[str, Any]) -> Column:
    form = str(entry["form"])
    options = tuple(entry.get("options", ())) or OPTIONS.get(form, ())
    if "values" in entry:
        options = synonyms.first_words(entry["values"])
    return Column(
        name=name,
        header=synonyms.header(kind, name),
        form=form,
        format=_document()["forms"][form],
        told=entry["told"],
        empty=entry["empty"],
        required=bool(entry.get("required", False)),
        options=options,
    )


def _codes(root: str) -> dict[str, str]:
    """Return codes of a county, a township and villages below `root` that no real area has."""
    codes, code = {}, root
    for length, step in zip(LENGTHS, STEPS, strict=True):
        if len(code) < length:
            code += step
        codes[length] = code
    village = codes[12]
    return {
        "county": codes[6],
        "township": codes[9],
        "village": village,
        "village2": f"{village[:-1]}1",
        "village3": f"{village[:-1]}2",
    }


@lru_cache(maxsize=1)
def _document() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
