"""A code tree for a part of the world without codes: counties, townships and villages of an extract.

Four characters of the working area are a prefecture with one county, six are a county. Townships are the
administrative outlines of the level that divides the extract, villages its places. A number is made from the
id of the object, so that a later extract gives the same place the same code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import shapely

from data.importers import osm_tags
from data.importers.rows import IntakeError
from data.importers.shapes import surface

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.importers.osm import Thing
    from data.importers.rows import Record

PREFECTURE: Final = 4
COUNTY: Final = 6
NUMBER_WIDTH: Final = 3
DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
TOWNSHIP_LEVELS: Final = ("8", "9", "7", "10")
"""Admin levels that may be townships, the first that divides the extract is taken."""
OUTLINES_MIN: Final = 2
OTHER: Final = "000"


def code_tree(things: Sequence[Thing], code: str, name: str, box: Any) -> dict[str, list[Record]]:  # noqa: ANN401 - a polygon
    """Return the areas and villages of an extract below `code`.

    Raises
    ------
    IntakeError
        If `code` is not four or six capital letters and digits.
    """
    if len(code) not in {PREFECTURE, COUNTY} or any(mark not in DIGITS for mark in code):
        raise IntakeError(f"区域代码“{code[:20]}”应为 4 位（市）或 6 位（县）数字或大写字母。")
    outlines = _outlines(things)
    whole = shapely.union_all([thing.shape for thing in outlines]) if outlines else box
    areas: list[Record] = []
    county = code
    if len(code) == PREFECTURE:
        areas.append(_area(code, name, "prefecture", whole))
        county = f"{code}01"
    areas.append(_area(county, name, "county", whole))
    townships = _numbered(outlines, county)
    areas += [
        _area(number, osm_tags.name(thing.tags) or number, "township", thing.shape)
        for number, thing in townships
    ]
    return _villages(things, townships, county, areas)


def _villages(
    things: Sequence[Thing], townships: list[tuple[str, Thing]], county: str, areas: list[Record]
) -> dict[str, list[Record]]:
    places = [
        thing
        for thing in things
        if thing.tags.get("place") in osm_tags.SETTLEMENTS and thing.origin == "node"
    ]
    below: dict[str, list[Thing]] = {}
    for place in places:
        home = next(
            (code for code, thing in townships if thing.shape.covers(place.shape)), f"{county}{OTHER}"
        )
        below.setdefault(home, []).append(place)
    if f"{county}{OTHER}" in below:
        areas.append(_area(f"{county}{OTHER}", "其他", "township", None))
    villages: list[Record] = []
    for township, found in sorted(below.items()):
        for code, thing in _numbered(found, township):
            areas.append(_area(code, osm_tags.name(thing.tags) or code, "village", None))
            villages.append({"code": code, "geom": thing.shape} | _source(thing))
    return {"area": areas, "village": villages}


def _outlines(things: Sequence[Thing]) -> list[Thing]:
    for level in TOWNSHIP_LEVELS:
        found = [
            thing
            for thing in things
            if osm_tags.is_boundary(thing.tags)
            and thing.tags["admin_level"] == level
            and osm_tags.name(thing.tags)
            and thing.shape.geom_type in {"Polygon", "MultiPolygon"}
        ]
        if len(found) >= OUTLINES_MIN:
            return found
    return []


def _numbered(things: Sequence[Thing], prefix: str) -> list[tuple[str, Thing]]:
    """Return each object with its code: its id in base 36, three places, the next free one if taken."""
    size = len(DIGITS) ** NUMBER_WIDTH
    taken: set[int] = {0}
    numbered = []
    for thing in sorted(things, key=lambda thing: (thing.origin, int(thing.code[5:]))):
        number = int(thing.code[5:]) % size
        while number in taken:
            number = (number + 1) % size
        taken.add(number)
        text = "".join(DIGITS[number // len(DIGITS) ** power % len(DIGITS)] for power in (2, 1, 0))
        numbered.append((prefix + text, thing))
    return numbered


def _area(code: str, name: str, level: str, shape: Any) -> Record:  # noqa: ANN401
    outline = {} if shape is None else {"geom": surface(shape)}
    return outline | {
        "code": code,
        "name": name,
        "level": level,
        "source_sheet": "OpenStreetMap",
        "source_row": None,
        "position_method": "derived",
    }


def _source(thing: Thing) -> Record:
    return {
        "source_sheet": f"OpenStreetMap {thing.origin}",
        "source_row": None,
        "raw_position": thing.code,
        "position_method": "stated",
    }
