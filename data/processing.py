"""The inventory of what is kept of a child: purpose, ground, necessity, consent, retention of each column."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, cast

from data import rights
from data.schema.accounts import ROLES
from data.schema.children import PROTECTED
from data.schema.seals import SEALS
from data.schema.tables import metadata

FILE: Final = Path(__file__).with_name("processing.toml")
PARTS: Final = frozenset({"title", "purpose", "grounds", "necessity", "consent", "retention"})
KEPT: Final = (*PROTECTED, *SEALS)
"""Tables that tell of single children."""
Document = Mapping[str, Any]


class ProcessingError(Exception):
    """The inventory is incomplete or names something unknown."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One column of one table: what it is, what for, on which grounds, how long."""

    table: str
    column: str
    title: str
    purpose: str
    grounds: tuple[str, ...]
    necessity: str
    consent: str
    retention: str
    set: str
    """The data set by which rights to it are named."""


def inventory() -> tuple[Entry, ...]:
    """Return an entry for every column of the tables that tell of children, in their order.

    Raises
    ------
    ProcessingError
        If a column has no entry, an entry no column, or an entry lacks a part.
    """
    given = document()
    if wrong := mismatches(given):
        raise ProcessingError("；".join(wrong))
    return tuple(
        _entry(table, column.name, _given(given, table, column.name) or {})
        for table in KEPT
        for column in metadata.tables[table].c
    )


def mismatches(given: Document) -> list[str]:
    """Return what is missing from an inventory or too much in it, as `table.column: what`."""
    found = []
    columns = {(table, column.name) for table in KEPT for column in metadata.tables[table].c}
    for table, column in sorted(columns):
        entry = _given(given, table, column)
        if entry is None:
            found.append(f"{table}.{column}: no entry")
        else:
            found += [f"{table}.{column}: {fault}" for fault in _faults(given, entry)]
    named = {(table, column) for table, listed in given["fields"].items() for column in listed}
    found += [f"{table}.{column}: no such column" for table, column in sorted(named - columns)]
    used = {column for table, column in columns - named}
    found += [f"common.{column}: no such column" for column in sorted(set(given["common"]) - used)]
    return found


def readers(entry: Entry) -> tuple[str, ...]:
    """Return the roles whose pages can read a field, by its data set and column in the table of rights."""
    return tuple(role for role in ROLES if reaches(role, entry.table, entry.column, entry.set))


def reaches(role: str, table: str, column: str, dataset: str) -> bool:
    """Return whether a role may read `dataset` and its login holds the column of the table."""
    if rights.sets()[dataset].inner or not rights.may(role, dataset, "read"):
        return False
    held, login = rights.tables()[table], rights.login_of(role)
    if "select" not in held.verbs[login]:
        return False
    return column in held.columns.get((login, "select"), (column,))


@lru_cache(maxsize=1)
def document() -> Document:
    """Return the inventory as it is written."""
    return tomllib.loads(FILE.read_text("utf-8"))


def _given(given: Document, table: str, column: str) -> dict[str, Any] | None:
    entry = given["fields"].get(table, {}).get(column, given["common"].get(column))
    return cast("dict[str, Any] | None", entry)


def _faults(given: Document, entry: Mapping[str, Any]) -> list[str]:
    parts = set(entry) - {"set"}
    if parts != PARTS or not all(entry[part] for part in PARTS):
        return [f"missing, empty or unknown {sorted(parts ^ PARTS)}"]
    faults = [f"unknown ground {key}" for key in entry["grounds"] if key not in given["grounds"]]
    faults += [
        f"unknown {part} {entry[part]}"
        for part in ("consent", "retention")
        if entry[part] not in given[f"{part}s"]
    ]
    if entry.get("set", "children") not in rights.sets():
        faults.append(f"unknown data set {entry['set']}")
    return faults


def _entry(table: str, column: str, given: Mapping[str, Any]) -> Entry:
    return Entry(
        table=table,
        column=column,
        title=given["title"],
        purpose=given["purpose"],
        grounds=tuple(given["grounds"]),
        necessity=given["necessity"],
        consent=given["consent"],
        retention=given["retention"],
        set=given.get("set", rights.tables()[table].set),
    )
