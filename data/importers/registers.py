"""Rows of the registers into records: areas, villages, institutions, waters and homes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from data.importers import cells
from data.importers.reading import Reading
from data.importers.rows import Fault, Record
from data.importers.shapes import ShapeError, surface, water_parts
from data.schema.institutions import PUPILS_AT_LEAST

if TYPE_CHECKING:
    from data.importers.rows import Row

LEVEL_BY_LENGTH: Final = {2: "province", 4: "prefecture", 6: "county", 9: "township", 12: "village"}
"""Digits of a statistics code → level."""
WIDTH_MAX_M: Final = 20_000.0
DEPTH_MAX_M: Final = 1_000.0
CODE_CHARACTERS: Final = 12
WATER_TEXTS: Final = ("owner", "user_unit", "manager", "river_chief")
INSTITUTION_TEXTS: Final = ("contact_unit", "contact_phone")

Tables = dict[str, list[Record]]


def area(row: Row) -> Tables:
    """Return the area of a row; its name may be left to the area that is stored."""
    reading = Reading(row)
    code = _area_code(reading)
    level = LEVEL_BY_LENGTH.get(len(code))
    if reading.has("level") or level is None:
        level = reading.choice("level", "area_level")
    record: Record = {"code": code, "name": reading.name(required=False), "level": level, "_row": row}
    if row.shape is not None:
        record |= {"geom": _surface(reading), "position_method": row.position_method}
    record |= {"source_sheet": row.sheet, "source_row": row.number}
    return {"area": [reading.finish(record)]}


def _area_code(reading: Reading) -> str:
    code = reading.code().upper()
    if code and not (code.isascii() and code.isalnum() and 2 <= len(code) <= CODE_CHARACTERS):  # noqa: PLR2004 - a province
        reading.refuse("code", "区划代码应为 2 至 12 位数字或大写字母")
    return code


def _surface(reading: Reading) -> Any:  # noqa: ANN401 - shapely carries no types here
    try:
        return surface(reading.row.shape)  # type: ignore[arg-type] # the caller has looked
    except ShapeError as error:
        reading.faults.append(Fault(header="图形", value="", reason=str(error)))
        return None


def village(row: Row) -> Tables:
    """Return the node of the code tree and the point of a village."""
    reading = Reading(row)
    code = _area_code(reading)
    name = reading.name(required=False)
    geom, method = reading.point()
    record: Record = {"code": code, "geom": geom} | reading.provenance(method)
    for column in ("children_expected", "child_directors"):
        if column in row.headers:
            record[column] = reading.whole(column, None if column == "children_expected" else 0)
    if "has_children_home" in row.headers:
        record["has_children_home"] = reading.cell("has_children_home", cells.yes, default=False)
    node: Record = {"code": code, "name": name, "level": "village", "_row": row}
    node |= {"source_sheet": row.sheet, "source_row": row.number}
    reading.finish(record)
    return {"area": [node], "village": [record]}


def institution(row: Row) -> Tables:
    """Return the institution of a row."""
    reading = Reading(row)
    geom, method = reading.point()
    record: Record = {
        "code": reading.code(),
        "name": reading.name(),
        "kind": reading.choice("kind", "institution_kind"),
        "geom": geom,
    }
    for column in ("headcount", "boarders"):
        if column in row.headers:
            record[column] = reading.whole(column, 0)
    if "headcount" in record and record.get("boarders", 0) > record["headcount"]:
        reading.refuse("boarders", "寄宿人数多于总人数")
    record |= _texts(reading, INSTITUTION_TEXTS)
    return {"institution": [reading.finish(record | reading.places() | reading.provenance(method))]}


def route(row: Row) -> Tables:
    """Return the way to school of a row."""
    reading = Reading(row)
    record: Record = {
        "code": reading.code(),
        "name": reading.name(required=False),
        "geom": reading.line(),
        "_institution_code": reading.code("institution_code", required=False),
    }
    if "pupils" in row.headers:
        record["pupils"] = reading.whole("pupils", 0)
        if 0 < (record["pupils"] or 0) < PUPILS_AT_LEAST:
            reading.refuse("pupils", "人数太少，会透露住处", f"不足 {PUPILS_AT_LEAST} 人的请填 0 或留空")
    if "surveyed_on" in row.headers:
        record["surveyed_on"] = reading.day("surveyed_on")
    record |= _texts(reading, ("note",))
    record |= reading.places() | reading.provenance(row.position_method)
    return {"pupil_route": [reading.finish(record)]}


def water(row: Row) -> Tables:
    """Return the waters of a row: a line in separate pieces becomes one water a piece, numbered."""
    reading = Reading(row)
    parts = _water_parts(reading)
    first = parts[0] if parts else None
    code = reading.code(required=False) or _code_of_shape(row)
    if not code and not reading.faults:
        reading.refuse("code", "缺少编号")
    record: Record = {
        "name": reading.name(required=False),
        "kind": reading.choice("kind", "water_kind", _kind_of(first)),
    }
    for column, high in (("width_m", WIDTH_MAX_M), ("depth_m", DEPTH_MAX_M)):
        if column in row.headers:
            record[column] = reading.number(column, -1e-9 if column == "depth_m" else 0.0, high)
    record |= _texts(reading, WATER_TEXTS) | _class(reading)
    if "incidents" in row.headers:
        record["incidents"] = reading.whole("incidents", 0)
    record |= reading.places() | reading.provenance(row.position_method)
    reading.finish(record)
    many = len(parts) > 1
    return {
        "water": [
            record | {"code": f"{code}-{number}" if many else code, "geom": part}
            for number, part in enumerate(parts, start=1)
        ]
    }


def _water_parts(reading: Reading) -> list[Any]:
    if reading.row.shape is None:
        if not reading.row.faults:
            reading.faults.append(
                Fault(header="图形", value="", reason="没有位置", remedy="请补填坐标或图形")
            )
        return []
    try:
        return water_parts(reading.row.shape)
    except ShapeError as error:
        reading.faults.append(Fault(header="图形", value="", reason=str(error)))
        return []


def _code_of_shape(row: Row) -> str:
    """Return a code made from the shape: a file without numbers imported twice still writes once."""
    import hashlib

    import shapely

    if row.shape is None or "code" in row.headers:
        return ""
    wkb = shapely.to_wkb(shapely.set_precision(row.shape.normalize(), 1e-7))
    return f"shape-{hashlib.sha256(wkb).hexdigest()[:12]}"


def _kind_of(shape: Any) -> str:  # noqa: ANN401
    if shape is None or shape.geom_type == "LineString":
        return "reach"
    return "well" if shape.geom_type == "Point" else "pond"


def _class(reading: Reading) -> Record:
    if "class_override" not in reading.row.headers:
        return {}
    given = reading.name("class_override", required=False).upper().removesuffix("类") or None
    reason = reading.name("class_reason", required=False)
    if given not in {None, "A", "B", "C"}:
        reading.refuse("class_override", "只能是 A、B 或 C")
    elif given and not reason:
        reading.refuse("class_override", "人工定级须写明理由", "请填“定级理由”列")
    return {"class_override": given, "class_reason": reason if given else ""}


def home(row: Row) -> Tables:
    """Return the child and the home of a row; a message about it never shows a value."""
    reading = Reading(row)
    geom, method = reading.point()
    person, shared = _child(reading)
    place: Record = {
        "_child_code": person["code"],
        "geom": geom,
        "precision": reading.choice("precision", "precision", "exact"),
    }
    reading.finish(place)
    # The coordinates as they were handed in stay out of the child's own record.
    person["_home"] = place["geom"]
    return {"child": [person | shared], "home": [place | shared | reading.provenance(method)]}


def child(row: Row) -> Tables:
    """Return the child of a row that says nothing of a home."""
    reading = Reading(row)
    person, shared = _child(reading)
    return {"child": [reading.finish(person | shared)]}


def _child(reading: Reading) -> tuple[Record, Record]:
    row = reading.row
    person: Record = {
        "code": reading.code(),
        "category": reading.choice("category", "child_category"),
        "birth_month": _birth_month(reading),
        "boarding": reading.cell("boarding", cells.yes, default=False),
        "_institution_code": reading.code("institution_code", required=False),
        "source_sheet": row.sheet,
        "source_row": row.number,
    }
    shared = reading.places()
    if not shared["_area_code"]:
        reading.refuse("area_code", "缺少区划代码", "儿童数据按区划授权，须逐行填写")
    return person, shared


def _birth_month(reading: Reading) -> Any:  # noqa: ANN401 - a date or nothing
    if not reading.has("birth_month"):
        reading.refuse("birth_month", "缺少出生年月")
        return None
    return reading.cell("birth_month", cells.month)


def _texts(reading: Reading, columns: tuple[str, ...]) -> Record:
    return {
        column: reading.name(column, required=False) for column in columns if column in reading.row.headers
    }
