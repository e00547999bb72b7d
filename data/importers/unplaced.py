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
    import geopandas as gpd

    from data.importers.matching import Match
    from data.importers.rows import Row
    from data.importers.surroundings import Surroundings

PLACED: Final = frozenset({"stations", "institutions", "homes", "hazards", "cameras"})
"""Kinds of record that are a point and may stand at their village until somebody knows better."""
WATERSIDE: Final = frozenset({"stations", "hazards", "cameras"})
"""Of these, what stands at the water that its row names."""
DRAWN: Final = {
    "barriers": (
        "没有起点和终点：只知道水域和村，画不出一段护栏",
        "请补填起点、终点坐标，或在“水域防护—护栏与摄像头”里照图画出",
    ),
    "routes": (
        "没有起点和终点：画不出一条上学路线",
        "请补填起点、终点坐标，或导入线图形文件",
    ),
    "waters": (
        "没有图形：只知道在哪个村，不能作为水域的位置",
        "请补填水域中心的坐标，或导入线、面图形文件",
    ),
}
"""Kinds that a name cannot place, with the reason and what to do."""
UNSEEN: Final = "未核"
"""State of a camera whose place is not known: what it sees is no cover of a bank."""
ROUGH: Final = frozenset({"village", "derived"})
KEPT: Final = {
    "stations": "station",
    "institutions": "institution",
    "hazards": "hazard",
    "cameras": "camera",
    "homes": "home",
}
"""Kinds whose place, once somebody pointed it out, outlives a file that has none; with their tables."""
POSITIONAL: Final = frozenset({"lon", "lat", "position", "end_lon", "end_lat"})


def settle(rows: list[Row], around: Surroundings, kind: str) -> tuple[list[Row], list[str]]:
    """Return the rows with water codes and places that their words give, and what to tell the keeper."""
    if kind in DRAWN:
        return [_undrawn(row, around, kind) for row in rows], []
    if kind not in PLACED or not len(around.areas):
        return rows, []
    made = [_settled(row, around, kind) for row in rows]
    by_water = sum(row.position_method == "derived" for row in made) if kind in WATERSIDE else 0
    by_village = sum(row.position_method == "village" for row in made)
    notes = []
    if by_water:
        notes.append(f"{by_water} 行没有坐标，按水域名称定位到水边（组级精度），请在“待落点”中核实。")
    if by_village:
        notes.append(f"{by_village} 行没有坐标，按区划定位到村（村级精度），请在“待落点”中落点。")
    if kind == "cameras" and by_water + by_village:
        notes.append("位置未落实的摄像头一律记为“未核”，落点并核实前不计入岸线覆盖。")
    return made, notes


def kept(rows: list[Row], stored: gpd.GeoDataFrame, around: Surroundings) -> tuple[list[Row], list[str]]:
    """Return the rows with the place that somebody gave a stored record, where theirs is words alone.

    A row that names another area than its record lies in says that it moved, and stands where its words say.
    `stored` is indexed by code, with area_code, position_method, raw_position and geometry in EPSG:4490; of
    homes with their precision.
    """
    if not len(stored):
        return rows, []
    held = stored.to_dict("index")
    made, count = [], 0
    for row in rows:
        known = held.get(plain(row.cells.get("code"))) if _by_words(row) else None
        if known is not None and _within(around.gazetteer.area(row.cells).key, str(known["area_code"])):
            count += 1
            row = row.but(  # noqa: PLW2901 - the row as it goes on
                cells=dict(row.cells) | ({"precision": known["precision"]} if "precision" in known else {}),
                shape=known["geometry"],
                raw_position=known["raw_position"] if isinstance(known["raw_position"], str) else None,
                position_method=str(known["position_method"]),
            )
        made.append(row)
    notes = [f"{count} 行没有坐标，系统里已有更准的位置：保留已有位置，只更新其他内容。"] if count else []
    return made, notes


def _within(stated: str | None, area: str) -> bool:
    return stated is None or area.startswith(stated) or stated.startswith(area)


def _by_words(row: Row) -> bool:
    return row.position_method in ROUGH and (row.raw_position or "").startswith("（无坐标")


def rough(rows: list[Row]) -> bool:
    """Return whether any row stands where its words put it."""
    return any(map(_by_words, rows))


def _undrawn(row: Row, around: Surroundings, kind: str) -> Row:
    """Return a row of a kind that needs a shape, with its water by name and the reason where it has none."""
    if kind == "barriers" and "water_code" not in row.cells and "water_name" in row.cells:
        row, key = _with_water(row, around, around.gazetteer.area(row.cells).key)
        if key is None:
            found = around.gazetteer.water(row.cells, around.gazetteer.area(row.cells).key)
            reason = f"不能确定是哪一处水域{'；' + found.told if found.told else ''}"
            fault = row.fault("water_name", reason, "请改填水域编号，或补填乡镇与村")
            row = row.but(faults=(*row.faults, fault))
    if row.shape is not None or not POSITIONAL.isdisjoint(row.cells):
        return row
    reason, remedy = DRAWN[kind]
    return row.but(faults=(*row.faults, Fault(header="坐标", value="", reason=reason, remedy=remedy)))


def _settled(row: Row, around: Surroundings, kind: str) -> Row:
    if row.shape is not None or not POSITIONAL.isdisjoint(row.cells):
        stated = around.gazetteer.area(row.cells) if row.cells.get("water_name") else None
        return _with_water(row, around, stated.key if stated else None)[0]
    area = around.gazetteer.area(row.cells)
    named, water = _with_water(row, around, area.key)
    village = around.village_at.get(area.key or "")
    spot = None if village is None else around.villages.geometry.iloc[village]
    words = "，".join(plain(row.cells[name]) for name in _words(row)) or "无区划"
    cells = dict(named.cells)
    if kind == "cameras":
        cells["state"] = UNSEEN
    if kind in WATERSIDE and water is not None:
        shape = around.water_shapes[around.water_at[water]]
        near = shape.representative_point() if spot is None else shapely.shortest_line(shape, spot).coords[0]
        return named.but(
            cells=cells,
            shape=shapely.Point(near),
            raw_position=f"（无坐标：{words}，水域 {water}）",
            position_method="derived",
        )
    if spot is not None:
        cells |= {"precision": "村"} if kind == "homes" else {}
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
