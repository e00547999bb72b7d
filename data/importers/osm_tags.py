"""What the tags of OpenStreetMap mean here: kinds, widths, names (wiki.openstreetmap.org, key by key)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

KEYS: Final = (
    "waterway", "natural", "landuse", "man_made", "amenity", "emergency", "place", "boundary",
    "social_facility",
)  # fmt: skip
SURFACE_KEYS: Final = (
    "waterway",
    "natural",
    "landuse",
    "amenity",
    "boundary",
    "social_facility",
    "emergency",
)

LINES: Final = {"river": "reach", "stream": "reach", "canal": "ditch", "ditch": "ditch", "drain": "ditch"}
COAST: Final = "lake"
"""A coastline has one bank and no width."""
WIDTHS_M: Final = {"river": 12.0, "stream": 2.0, "canal": 6.0, "ditch": 1.5, "drain": 1.5}
"""Where no width is tagged [P]: a river is crossed by a bridge, a ditch by a step."""
WATERS: Final = {
    "lake": "lake", "oxbow": "lake", "lagoon": "lake", "reservoir": "reservoir", "river": "reach",
    "canal": "ditch", "stream": "reach", "ditch": "ditch", "pond": "pond", "basin": "pond",
    "moat": "park", "pool": "pool",
}  # fmt: skip
DRY: Final = frozenset({"wastewater", "fountain"})
LAND: Final = {"reservoir": "reservoir", "basin": "pond"}
WATER_NAMES: Final = {
    "reach": "无名河段", "ditch": "无名水渠", "lake": "无名湖泊", "reservoir": "无名水库", "pond": "无名池塘",
    "pool": "无名水潭", "well": "无名水井", "park": "无名水域",
}  # fmt: skip
INSTITUTION_NAMES: Final = {
    "school": "未命名学校", "kindergarten": "未命名幼儿园", "welfare": "未命名福利机构",
    "protection": "未命名救助机构",
}  # fmt: skip
SETTLEMENTS: Final = frozenset({"town", "village", "hamlet", "suburb", "neighbourhood", "quarter"})
COVERED: Final = frozenset({"yes", "culvert", "flooded"})
LIFE_RINGS: Final = (("emergency", "life_ring"), ("emergency", "lifebuoy"), ("amenity", "life_ring"))
MINORS: Final = frozenset({"child", "juvenile", "orphan", "children"})
_NUMBER: Final = re.compile(r"^\s*(\d{1,4}(?:[.,]\d{1,2})?)\s*(?:m|metres?|meters?)?\s*$")
WIDTH_MAX_M: Final = 5_000.0


def of_use(tags: Mapping[str, str]) -> bool:
    """Return whether an object means something here."""
    return bool(
        line_kind(tags)
        or surface_kind(tags)
        or institution_kind(tags)
        or life_ring_tags(tags)
        or tags.get("man_made") == "water_well"
        or tags.get("place") in SETTLEMENTS
        or is_boundary(tags)
    )


def is_boundary(tags: Mapping[str, str]) -> bool:
    """Return whether an object is an administrative outline."""
    return tags.get("boundary") == "administrative" and tags.get("admin_level", "").isdigit()


def is_surface(tags: Mapping[str, str]) -> bool:
    """Return whether a closed way with these tags is a surface and no loop."""
    return (
        bool(surface_kind(tags) or institution_kind(tags) or is_boundary(tags) or life_ring_tags(tags))
        and tags.get("area") != "no"
    )


def line_kind(tags: Mapping[str, str]) -> str | None:
    """Return the kind of a water that is drawn as a line; one under ground is none."""
    kind = COAST if tags.get("natural") == "coastline" else LINES.get(tags.get("waterway", ""))
    if tags.get("tunnel") in COVERED or tags.get("intermittent") == "abandoned":
        return None
    return kind


def surface_kind(tags: Mapping[str, str]) -> str | None:
    """Return the kind of a water that is drawn as a surface."""
    if tags.get("tunnel") in COVERED:
        return None
    if tags.get("natural") == "water":
        kind = tags.get("water", "")
        return None if kind in DRY else WATERS.get(kind, "pond")
    if tags.get("waterway") == "riverbank":
        return "reach"
    return LAND.get(tags.get("landuse", ""))


def institution_kind(tags: Mapping[str, str]) -> str | None:
    """Return the kind of an institution where children are."""
    amenity = tags.get("amenity")
    if amenity == "school":
        return "school"
    if amenity in {"kindergarten", "childcare"}:
        return "kindergarten"
    facility = tags.get("social_facility") if amenity == "social_facility" else None
    if amenity == "orphanage" or facility == "orphanage":
        return "welfare"
    if facility and MINORS & set(tags.get("social_facility:for", "").split(";")):
        return "protection" if facility == "shelter" else "welfare"
    return None


def life_ring_tags(tags: Mapping[str, str]) -> list[str]:
    """Return which of the three taggings of a life ring an object carries."""
    return [f"{key}={value}" for key, value in LIFE_RINGS if tags.get(key) == value]


def name(tags: Mapping[str, str]) -> str:
    """Return the name, in Chinese where there is one."""
    return (tags.get("name:zh") or tags.get("name") or tags.get("name:en") or "").strip()[:200]


def water_name(kind: str, tags: Mapping[str, str]) -> str:
    """Return what a water without a name is called."""
    if tags.get("natural") == "coastline":
        return "海岸"
    return WATER_NAMES.get(kind, "无名水域")


def institution_name(kind: str) -> str:
    """Return what an institution without a name is called."""
    return INSTITUTION_NAMES[kind]


def width_m(tags: Mapping[str, str]) -> float | None:
    """Return the tagged width [m], or the usual one of the kind; a coast has none."""
    tagged = _metres(tags.get("width") or tags.get("est_width"))
    return tagged if tagged and tagged < WIDTH_MAX_M else WIDTHS_M.get(tags.get("waterway", ""))


def depth_m(tags: Mapping[str, str]) -> float | None:
    """Return the tagged depth [m]."""
    return _metres(tags.get("depth"))


def capacity(tags: Mapping[str, str]) -> int:
    """Return how many children an institution takes, 0 where nobody tagged it."""
    tagged = tags.get("capacity", "")
    return int(tagged) if tagged.isascii() and tagged.isdigit() and len(tagged) < 6 else 0  # noqa: PLR2004


def _metres(text: str | None) -> float | None:
    found = _NUMBER.match(text or "")
    return float(found[1].replace(",", ".")) or None if found else None
