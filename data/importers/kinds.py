"""The kinds of record that can be taken in, and how one file becomes records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from data.importers import guards, guide, ledger, osm, registers, tables, vector
from data.importers.rows import IntakeError, Parsed, RowError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from data.importers.guards import Limits
    from data.importers.registers import Tables
    from data.importers.rows import Row

TITLES: Final = {
    "areas": "行政区",
    "villages": "村（社区）",
    "institutions": "机构",
    "waters": "水域",
    "stations": "点位台账",
    "homes": "儿童住处",
    "osm": "OpenStreetMap 摘录",
}
_PARSERS: Final[dict[str, Callable[[Row], Tables]]] = {
    "areas": registers.area,
    "villages": registers.village,
    "institutions": registers.institution,
    "waters": registers.water,
    "stations": ledger.station,
    "homes": registers.home,
}
RIGHTS: Final = {
    "areas": (("waters", "configure"),),
    "villages": (("waters", "configure"),),
    "institutions": (("institutions", "write"),),
    "waters": (("waters", "write"),),
    "stations": (("stations", "write"),),
    "homes": (("children", "write"), ("homes", "write")),
    "osm": (("waters", "write"),),
}
"""What an account must be allowed, beside importing, for a file of each kind; a tree counts as areas."""
TABULAR: Final = frozenset({"workbook", "csv"})


def needed(kind: str, extract: osm.Extract | None = None) -> tuple[tuple[str, str], ...]:
    """Return the data sets and verbs that taking in a file of `kind` asks for."""
    tree = RIGHTS["areas"] if extract is not None and extract.area_code else ()
    return (("imports", "write"), *RIGHTS[kind], *tree)


def read(
    kind: str, path: Path, limits: Limits, crs: str | None = None, extract: osm.Extract | None = None
) -> Parsed:
    """Return what a file holds; faulty rows are set aside with all their faults.

    Raises
    ------
    IntakeError
        If the file as a whole cannot be taken in.
    """
    form = guards.admit(path, limits)
    if (kind == "osm") != (form == "osm"):
        raise IntakeError(f"“{TITLES[kind]}”不能从 {path.suffix} 文件导入：请核对种类与文件。")
    if kind == "osm":
        return osm.read(path, extract or osm.Extract())
    if form in TABULAR:
        rows, name, notes = tables.read(path, form, kind, crs)
    else:
        rows, reference, notes = vector.read(path, form, kind, crs)
        name = reference.name
    return parse(kind, rows, Parsed(kind=kind, crs=name, notes=notes))


def parse(kind: str, rows: list[Row], parsed: Parsed) -> Parsed:
    """Return `parsed` with the records of the rows, in the order in which they must be stored.

    The examples of a template are passed over: left in by mistake they would invent places.
    """
    read_row = _PARSERS[kind]
    examples = [row for row in rows if guide.is_example(row)]
    if examples:
        numbers = "、".join(str(row.number) for row in examples)
        parsed.notes.append(f"第 {numbers} 行是模板自带的示例（演示数据），未写入。")
    for row in rows:
        if guide.is_example(row):
            continue
        try:
            found = read_row(row)
        except RowError as error:
            parsed.refused.append(error)
            continue
        for table, records in found.items():
            parsed.tables.setdefault(table, []).extend(records)
    made = sum(str(record["code"]).startswith("shape-") for record in parsed.tables.get("water", []))
    if made:
        parsed.notes.append(f"文件没有编号列：{made} 处水域按图形生成编号，图形改变后会成为新的记录。")
    return parsed
