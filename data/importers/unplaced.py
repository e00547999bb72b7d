"""Rows without coordinates, put where their words say: at their water near their village, or at the village.

The precision stays with the record: `derived` is the water that the row names (group), `village` its village.
Either is on the work list of places that somebody has still to point out on the map.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import shapely

from data.importers.cells import plain
from data.importers.rows import Fault

if TYPE_CHECKING:
    from data.importers.matching import Match
    from data.importers.rows import Row
    from data.importers.surroundings import Surroundings

PLACED: Final = frozenset({"stations", "institutions", "homes"})
"""Kinds of record that are a point and may stand at their village until somebody knows better."""
POSITIONAL: Final = frozenset({"lon", "lat", "position"})


def settle(rows: list[Row], around: Surroundings, kind: str) -> tuple[list[Row], list[str]]:
    """Return the rows with water codes and places that their words give, and what to tell the keeper."""
    if kind not in PLACED or not len(around.areas):
        return rows, []
    made = [_settled(row, around, kind) for row in rows]
    by_water = sum(row.position_method == "derived" for row in made) if kind == "stations" else 0
    by_village = sum(row.position_method == "village" for row in made)
    notes = []
    if by_water:
        notes.append(f"{by_water} 行没有坐标，按水域名称定位到水边（组级精度），请在“待落点”中核实。")
    if by_village:
        notes.append(f"{by_village} 行没有坐标，按区划定位到村（村级精度），请在“待落点”中落点。")
    return made, notes


def _settled(row: Row, around: Surroundings, kind: str) -> Row:
    if row.shape is not None or not POSITIONAL.isdisjoint(row.cells):
        stated = around.gazetteer.area(row.cells) if row.cells.get("water_name") else None
        return _with_water(row, around, stated.key if stated else None)[0]
    area = around.gazetteer.area(row.cells)
    named, water = _with_water(row, around, area.key)
    village = around.village_at.get(area.key or "")
    spot = None if village is None else around.villages.geometry.iloc[village]
    words = "，".join(plain(row.cells[name]) for name in _words(row)) or "无区划"
    if kind == "stations" and water is not None:
        shape = around.water_shapes[around.water_at[water]]
        near = shape.representative_point() if spot is None else shapely.shortest_line(shape, spot).coords[0]
        return named.but(
            shape=shapely.Point(near),
            raw_position=f"（无坐标：{words}，水域 {water}）",
            position_method="derived",
        )
    if spot is not None:
        cells = dict(named.cells) | ({"precision": "村"} if kind == "homes" else {})
        return named.but(
            cells=cells, shape=spot, raw_position=f"（无坐标：{words}）", position_method="village"
        )
    return named.but(faults=(*named.faults, _fault(row, area, around)))


def _words(row: Row) -> list[str]:
    return [
        name for name in ("area_code", "county", "township", "village", "water_name") if name in row.cells
    ]


def _with_water(row: Row, around: Surroundings, area: str | None) -> tuple[Row, str | None]:
    """Return the row with the code of the water that it names, where that is a single one."""
    if "water_code" not in row.cells and "water_name" not in row.cells:
        return row, None
    found = around.gazetteer.water(row.cells, area)
    if found.key is None or found.how == "code":
        return row, found.key
    headers = dict(row.headers) | {"water_code": row.headers.get("water_name", "water_name")}
    return row.but(cells=dict(row.cells) | {"water_code": found.key}, headers=headers), found.key


def _fault(row: Row, area: Match, around: Surroundings) -> Fault:
    reason = "没有坐标，也定不到村"
    if area.key is not None and around.gazetteer.level(area.key) != "village":
        reason = f"没有坐标，只知道在{around.gazetteer.name(area.key) or area.key}"
    header = next(
        (row.headers.get(name, name) for name in ("village", "township") if name in row.cells), "坐标"
    )
    value: Any = "" if row.private else plain(row.cells.get("village") or row.cells.get("township"))
    remedy = "请补填坐标，或填乡镇与村（或区划代码）"
    told = "" if row.private else area.told
    return Fault(header=header, value=value, reason=f"{reason}；{told}" if told else reason, remedy=remedy)
