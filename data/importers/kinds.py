"""The kinds of record that can be taken in, and how one file becomes records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from data.importers import (
    guards,
    guide,
    inspecting,
    ledger,
    osm,
    protection,
    registers,
    sheets,
    synonyms,
    tables,
    vector,
)
from data.importers.rows import IntakeError, Parsed, RowError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from data.importers.guards import Limits
    from data.importers.registers import Tables
    from data.importers.rows import Row, Sheaf
    from data.importers.sheets import Sheet

TITLES: Final = {
    "areas": "行政区",
    "villages": "村（社区）",
    "institutions": "机构",
    "routes": "上学路线",
    "waters": "水域",
    "stations": "点位台账",
    "barriers": "护栏、围栏与盖板",
    "cameras": "摄像头",
    "patrols": "巡查轨迹",
    "inspections": "汛期排查",
    "hazards": "隐患台账",
    "children": "儿童名册",
    "homes": "儿童住处",
    "osm": "OpenStreetMap 摘录",
}
_PARSERS: Final[dict[str, Callable[[Row], Tables]]] = {
    "areas": registers.area,
    "villages": registers.village,
    "institutions": registers.institution,
    "routes": registers.route,
    "waters": registers.water,
    "stations": ledger.station,
    "barriers": protection.barrier,
    "cameras": protection.camera,
    "patrols": protection.patrol,
    "inspections": inspecting.inspection,
    "hazards": inspecting.hazard,
    "children": registers.child,
    "homes": registers.home,
}
RIGHTS: Final = {
    "areas": (("waters", "configure"),),
    "villages": (("waters", "configure"),),
    "institutions": (("institutions", "write"),),
    "routes": (("institutions", "write"),),
    "waters": (("waters", "write"),),
    "stations": (("stations", "write"),),
    "barriers": (("stations", "write"),),
    "cameras": (("stations", "write"),),
    "patrols": (("stations", "write"),),
    "inspections": (("inspections", "write"),),
    "hazards": (("hazards", "write"),),
    "children": (("children", "write"),),
    "homes": (("children", "write"), ("homes", "write")),
    "osm": (("waters", "write"),),
}
"""What an account must be allowed, beside importing, for a file of each kind; a tree counts as areas."""
TABULAR: Final = frozenset({"workbook", "csv"})


def needed(kind: str, extract: osm.Extract | None = None) -> tuple[tuple[str, str], ...]:
    """Return the data sets and verbs that taking in a file of `kind` asks for."""
    tree = RIGHTS["areas"] if extract is not None and extract.area_code else ()
    return (("imports", "write"), *RIGHTS[kind], *tree)


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A file that was let in and parsed, before anybody knows what kind of record it holds."""

    path: Path
    form: str
    sheets: list[Sheet] = field(default_factory=list)
    layers: list[dict[str, Any]] = field(default_factory=list)


def opened(path: Path, limits: Limits) -> Opened:
    """Return a file after the guards, parsed in a process of its own.

    Raises
    ------
    IntakeError
        If it may not be opened or cannot be parsed.
    """
    form = guards.admit(path, limits)
    if form == "osm":
        return Opened(path=path, form=form)
    if form in TABULAR:
        return Opened(path=path, form=form, sheets=tables.opened(path, form, limits))
    return Opened(path=path, form=form, layers=vector.opened(path, form, limits))


def recognised(found: Opened) -> list[tuple[str, float]]:
    """Return the kinds that a file may hold, the likeliest first, with how much of its header each knows."""
    scored = [(kind, _score(found, kind)) for kind in _PARSERS]
    return sorted((pair for pair in scored if pair[1] > 0), key=lambda pair: -pair[1])


def _score(found: Opened, kind: str) -> float:
    own = synonyms.own(kind)
    headers = [sheets.find_header(sheet, kind) for sheet in found.sheets if sheet.visible]
    words = [header.words for header in headers if header]
    if found.layers:
        fields = {word for feature in found.layers[0]["features"][:20] for word in feature["cells"]}
        known = synonyms.columns(kind)
        words = [{known[synonyms.folded(word)]: word for word in fields if synonyms.folded(word) in known}]
    # A word that no other kind uses says more than 编号 and 名称.
    return max(
        (len(named) + 2.0 * sum(synonyms.folded(word) in own for word in named.values()) for named in words),
        default=0.0,
    )


def sheaf_of(
    kind: str, found: Opened, crs: str | None = None, learned: Mapping[str, str] | None = None
) -> Sheaf:
    """Return the rows of an opened file, read as records of `kind`.

    Raises
    ------
    IntakeError
        If the file as a whole cannot be read as that, or its reference system is not known.
    """
    if kind == "patrols" and found.form == "gpx":
        raise IntakeError(
            f"{found.path.name}：GPX 轨迹须先与岸线核对，请在“水域防护—巡查轨迹”上传，"
            "或用命令 anlan import patrols。"
        )
    if (kind == "osm") != (found.form == "osm"):
        raise IntakeError(f"“{TITLES[kind]}”不能从 {found.path.suffix} 文件导入：请核对种类与文件。")
    if found.form in TABULAR:
        return tables.read(found.path, found.sheets, kind, crs, learned)
    return vector.read(found.path, found.layers, kind, crs, learned)


def read(
    kind: str,
    path: Path,
    limits: Limits,
    crs: str | None = None,
    extract: osm.Extract | None = None,
) -> Parsed:
    """Return what a file holds; faulty rows are set aside with all their faults.

    Raises
    ------
    IntakeError
        If the file as a whole cannot be taken in.
    """
    found = opened(path, limits)
    if kind == "osm" and found.form == "osm":
        return osm.read(path, extract or osm.Extract())
    return parsed_of(kind, sheaf_of(kind, found, crs))


def parsed_of(kind: str, sheaf: Sheaf) -> Parsed:
    """Return the records of rows; faulty rows are set aside with all their faults."""
    return parse(kind, sheaf.rows, Parsed(kind=kind, crs=sheaf.crs, notes=list(sheaf.notes)))


def parse(kind: str, rows: list[Row], parsed: Parsed) -> Parsed:
    """Return `parsed` with the records of the rows, in the order in which they must be stored.

    The examples of a template are passed over: left in by mistake they would invent places.
    """
    read_row = _PARSERS[kind]
    examples = []
    for row in rows:
        if guide.is_example(row):
            examples.append(str(row.number))
            continue
        try:
            found = read_row(row)
        except RowError as error:
            parsed.refused.append(error)
            continue
        for table, records in found.items():
            parsed.tables.setdefault(table, []).extend(records)
    if examples:
        parsed.notes.append(f"第 {'、'.join(examples)} 行是模板自带的示例（演示数据），未写入。")
    made = sum(str(record["code"]).startswith("shape-") for record in parsed.tables.get("water", []))
    if made:
        parsed.notes.append(f"文件没有编号列：{made} 处水域按图形生成编号，图形改变后会成为新的记录。")
    return parsed
