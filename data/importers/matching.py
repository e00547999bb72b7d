"""What a row names: its area and its water, by code, by name within what holds it, or by likeness.

985 villages of a prefecture share their name with another, none inside one township: a village is never found
by its name alone. Likeness proposes candidates and decides nothing.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rapidfuzz import fuzz, process

from data.importers.cells import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

LIKE_MIN: Final = 60.0
SHOWN: Final = 5
LEVELS: Final = ("county", "township", "village")
NAMING: Final = frozenset({"area_code", *LEVELS})
ENDINGS: Final = {
    "county": ("自治县", "县", "市", "区"),
    "township": ("人民政府", "街道办事处", "办事处", "街道", "镇", "乡"),
    "village": ("村民委员会", "居民委员会", "村委会", "居委会", "社区", "村"),
}


@dataclass(frozen=True, kw_only=True)
class Match:
    """One thing that a row names: its key where it is sure, how it was found, else what is alike."""

    key: str | None = None
    how: str = ""
    candidates: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """The candidates in one clause, empty for none."""
        return f"相近的有：{'、'.join(self.candidates)}" if self.candidates else ""


NOTHING: Final = Match()


def bare(name: object, level: str) -> str:
    """Return a name as it is compared: half-width, without blanks and without the word for its level."""
    text = "".join(unicodedata.normalize("NFKC", plain(name)).split())
    for ending in ENDINGS.get(level, ()):
        if text.endswith(ending) and len(text) > len(ending) + 1:
            return text.removesuffix(ending)
    return text


class Gazetteer:
    """Names of areas and waters, made ready for many rows.

    `areas` is indexed by code with name and level; `waters` has code, name and area_code.
    """

    def __init__(self, areas: pd.DataFrame, waters: pd.DataFrame) -> None:
        self._names = {str(code): str(name) for code, name in areas["name"].items()}
        self._levels = {str(code): str(level) for code, level in areas["level"].items()}
        self._by_name: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._by_level: dict[str, list[str]] = defaultdict(list)
        for code, level in self._levels.items():
            self._by_name[level, bare(self._names[code], level)].append(code)
            self._by_level[level].append(code)
        self._waters = {
            str(code): str(name) for code, name in zip(waters["code"], waters["name"], strict=True)
        }
        self._lying = {
            str(code): str(area) for code, area in zip(waters["code"], waters["area_code"], strict=True)
        }
        self._water_names: dict[str, list[str]] = defaultdict(list)
        for code, name in self._waters.items():
            if bare(name, "water"):
                self._water_names[bare(name, "water")].append(code)
        self._seen: dict[tuple[str, ...], Match] = {}

    def area(self, cells: Mapping[str, Any]) -> Match:
        """Return the smallest area that a row names for sure."""
        if NAMING.isdisjoint(cells):
            return NOTHING
        asked = tuple(plain(cells.get(column)) for column in ("area_code", *LEVELS))
        if asked not in self._seen:
            self._seen[asked] = self._area(asked)
        return self._seen[asked]

    def _area(self, asked: tuple[str, ...]) -> Match:
        code = asked[0]
        if code:
            return Match(key=code, how="code") if code in self._names else NOTHING
        within = ""
        for level, name in zip(LEVELS, asked[1:], strict=True):
            if not name:
                continue
            if level == "village" and self._levels.get(within) != "township":
                found = [one for one in self._by_name[level, bare(name, level)] if one.startswith(within)]
                return Match(key=within or None, how="name", candidates=self._told(found))
            found = [one for one in self._by_name[level, bare(name, level)] if one.startswith(within)]
            if len(found) != 1:
                alike = self._told(found) or self._alike(name, level, within)
                return Match(key=within or None, how="name", candidates=alike)
            within = found[0]
        return Match(key=within, how="name") if within else NOTHING

    def level(self, code: str | None) -> str:
        """Return the level of an area."""
        return self._levels.get(code or "", "")

    def name(self, code: str) -> str:
        """Return the names from the county down to an area."""
        return "".join(
            self._names[code[:size]]
            for size in range(6, len(code) + 1)
            if code[:size] in self._names and self._levels[code[:size]] in LEVELS
        )

    def water(self, cells: Mapping[str, Any], area: str | None) -> Match:
        """Return the water of a row: by code, else by a name that is single in its village or township."""
        if "water_code" not in cells and "water_name" not in cells:
            return NOTHING
        code, name = plain(cells.get("water_code")), bare(cells.get("water_name"), "water")
        if code in self._waters or not name:
            return Match(key=code, how="code") if code in self._waters else NOTHING
        found = self._water_names[name]
        for size in _sizes(area, self._levels):
            near = [one for one in found if self._lying[one].startswith(area[:size])]  # type: ignore[index] # sizes of an area that is there
            if len(near) == 1:
                return Match(key=near[0], how="name")
            if near:
                return Match(how="name", candidates=tuple(self._water_told(one) for one in near[:SHOWN]))
        if found:
            return Match(how="name", candidates=tuple(self._water_told(one) for one in found[:SHOWN]))
        choices = {
            one: self._waters[one] for one in self._waters if area and self._lying[one].startswith(area)
        }
        like = process.extract(name, choices, scorer=fuzz.ratio, limit=SHOWN, score_cutoff=LIKE_MIN)
        return Match(how="like", candidates=tuple(self._water_told(str(one)) for _, _, one in like))

    def _water_told(self, code: str) -> str:
        return f"{self._waters[code]}（{code}）"

    def _told(self, codes: list[str]) -> tuple[str, ...]:
        return tuple(f"{self.name(code)}（{code}）" for code in codes[:SHOWN])

    def _alike(self, name: str, level: str, within: str) -> tuple[str, ...]:
        choices = {
            code: bare(self._names[code], level) for code in self._by_level[level] if code.startswith(within)
        }
        like = process.extract(
            bare(name, level), choices, scorer=fuzz.ratio, limit=SHOWN, score_cutoff=LIKE_MIN - 15
        )
        return self._told([str(code) for _, _, code in like])


def _sizes(area: str | None, levels: Mapping[str, str]) -> list[int]:
    """Return the lengths of the codes of village and township that hold an area, the smallest area first."""
    if area is None:
        return []
    return [size for size in range(len(area), 5, -1) if levels.get(area[:size]) in {"village", "township"}]
