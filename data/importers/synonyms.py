"""Which words of keepers mean which column or value; the words themselves are data in `synonyms.toml`."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from data.importers.cells import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE: Final = Path(__file__).with_name("synonyms.toml")
_BRACKETS: Final = re.compile(r"\(.*?\)|\[.*?\]|【.*?】|〔.*?〕")
_GROUP: Final = re.compile(r"[/:.\-_]")
_SURVEY: Final = re.compile(r"(?<=\S)[/:.\-]\S|^_.+_(latitude|longitude)$", re.IGNORECASE)
_FILLING: Final = re.compile(r"[\s*＊:_\-]+")


def folded(header: object) -> str:
    """Return a header as it is compared: half-width, lower case, without blanks and what is in brackets."""
    text = unicodedata.normalize("NFKC", plain(header)).casefold()
    return _FILLING.sub("", _BRACKETS.sub("", text)) or _FILLING.sub("", text)


@lru_cache(maxsize=16)
def columns(kind: str) -> Mapping[str, str]:
    """Return folded header → column, for one kind of record."""
    document = _document()
    found = {folded(word): name for name, words in document["every"].items() for word in words}
    own = document[kind]
    return found | {folded(word): name for name, words in own.items() for word in words}


def meaning(known: Mapping[str, str], header: object) -> str | None:
    """Return the column that a header means; none is unknown, empty is left out on purpose.

    Survey programs (ODK, KoboToolbox) put the group before a question, `stations/编号`, `stations-编号`, and
    split a place into `_位置_latitude`, `位置-Longitude` and two more.
    """
    text = plain(header)
    # What these programs add for themselves begins with an underscore: `_id` is no number of a keeper's.
    found = None if text.startswith("_") else known.get(folded(text))
    if found is not None or not _SURVEY.search(text):
        return found
    last = folded(_GROUP.split(text)[-1])
    return known.get(last)


@lru_cache(maxsize=32)
def own(kind: str) -> frozenset[str]:
    """Return the folded headers that this kind of record uses and no other does."""
    document = _document()
    kinds = [name for name in document if name not in {"every", "values"}]
    words = {name: {folded(word) for listed in document[name].values() for word in listed} for name in kinds}
    shared = {folded(word) for listed in document["every"].values() for word in listed}
    return frozenset(words[kind] - shared.union(*(words[name] for name in kinds if name != kind)))


def fields(kind: str) -> dict[str, str]:
    """Return every column of a kind with our own header for it."""
    document = _document()
    return {name: words[0] for name, words in (document["every"] | document[kind]).items()}


def header(kind: str, column: str) -> str:
    """Return the first, hence our own, header of a column."""
    document = _document()
    words: list[str] = document[kind].get(column) or document["every"].get(column) or [column]
    return words[0]


@lru_cache(maxsize=16)
def _values(kind: str) -> Mapping[str, str]:
    listed = _document()["values"][kind]
    return {folded(word): name for name, words in listed.items() for word in [name, *words]}


def value(kind: str, cell: object) -> str | None:
    """Return which of the known values a cell means, or none."""
    return _values(kind).get(folded(cell))


def first_words(kind: str) -> tuple[str, ...]:
    """Return the first, hence our own, word of each known value."""
    return tuple(words[0] for words in _document()["values"][kind].values())


def choices(kind: str) -> str:
    """Return the first word of each known value, for a message."""
    return "、".join(first_words(kind))


@lru_cache(maxsize=1)
def _document() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
