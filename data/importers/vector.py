"""Layers of GeoJSON, GeoPackage and zipped shapefiles into rows whose shapes are in EPSG:4490."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from data.importers import child, positions, synonyms
from data.importers.cells import plain
from data.importers.rows import Fault, IntakeError, Row
from data.importers.shapes import ShapeError, checked

if TYPE_CHECKING:
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from data.importers.positions import Reference

MUST_BE_DECLARED: Final = frozenset({"areas"})
"""Kinds whose files from Chinese web maps say nothing, or EPSG:4326, and are GCJ-02."""


def read(path: Path, form: str, kind: str, declared: str | None) -> tuple[list[Row], Reference, list[str]]:
    """Return the rows of the one layer of a file, the reference system they were in, and what to know.

    Raises
    ------
    IntakeError
        If there is more than one layer, or the reference system is not known.
    """
    found = child.parse("geojson" if form == "geojson" else "layers", path)
    if len(found) > 1:
        listed = "、".join(layer["name"] for layer in found)
        raise IntakeError(f"{path.name} 有 {len(found)} 个图层（{listed}）：请一个图层导出一个文件。")
    layer = found[0]
    if not layer["features"]:
        raise IntakeError(f"{path.name} 里没有要素：请检查导出设置。")
    reference, notes = _reference(path.name, form, kind, layer["crs"], declared)
    raw, faults = _shapes(layer["features"])
    rows = _rows(layer, kind, reference, raw, faults)
    return rows, reference, notes


def _reference(
    name: str, form: str, kind: str, named: str | None, declared: str | None
) -> tuple[Reference, list[str]]:
    if declared:
        used = positions.reference(declared)
        if named and positions.reference(named) != used:
            return used, [
                f"文件声明的坐标系是 {positions.reference(named).name}，按您指定的 {used.name} 读取。"
            ]
        return used, []
    if named:
        return positions.reference(named), []
    if form != "geojson":
        raise IntakeError(f"{name} 没有说明坐标系（缺少 .prj）：{positions.REMEDY}。")
    if kind in MUST_BE_DECLARED:
        raise IntakeError(
            f"{name} 没有说明坐标系。RFC 7946 规定此时为 WGS84，但国内网络地图的行政区边界多为 gcj02，"
            f"相差约 600 米：{positions.REMEDY}。"
        )
    return positions.reference("wgs84"), [
        "文件没有说明坐标系，按 RFC 7946 视为 WGS84；如来自国内地图请用 --crs 说明。"
    ]


def _shapes(features: list[dict[str, Any]]) -> tuple[list[BaseGeometry | None], list[str | None]]:
    shapes: list[BaseGeometry | None] = []
    faults: list[str | None] = []
    for feature in features:
        shape, fault = None, feature["fault"]
        if fault is None:
            try:
                shape = checked(shapely.from_wkb(feature["wkb"]) if feature["wkb"] else None)
            except ShapeError as error:
                fault = str(error)
            except shapely.errors.ShapelyError:
                fault = "图形无法读取"
        shapes.append(shape)
        faults.append(fault)
    return shapes, faults


def _rows(
    layer: dict[str, Any],
    kind: str,
    reference: Reference,
    raw: list[BaseGeometry | None],
    faults: list[str | None],
) -> list[Row]:
    known = synonyms.columns(kind)
    faults = [fault or _out_of_range(shape, reference) for shape, fault in zip(raw, faults, strict=True)]
    sound = np.array([fault is None for fault in faults])
    stored = np.full(len(raw), None, dtype=object)
    pending = np.array([*raw, None], dtype=object)[:-1]
    if sound.any():
        stored[sound] = positions.to_stored(pending[sound], reference)
    rows = []
    for feature, given, shape, fault in zip(layer["features"], raw, stored, faults, strict=True):
        cells, words = _cells(feature["cells"], known)
        shown = Fault(header="图形", value="", reason=fault, remedy="请在制图软件中修正") if fault else None
        rows.append(
            Row(
                sheet=layer["name"],
                number=feature["number"],
                cells=cells,
                headers=words,
                shape=shape,
                raw_position=_pair(given, reference),
                position_method=reference.method,
                faults=(shown,) if shown else (),
                private=kind == "homes",
            )
        )
    return rows


def _cells(properties: dict[str, Any], known: Any) -> tuple[dict[str, Any], dict[str, str]]:  # noqa: ANN401
    cells: dict[str, Any] = {}
    words: dict[str, str] = {}
    for header, value in properties.items():
        name = known.get(synonyms.folded(header))
        if name and name not in words:
            words[name] = header
            if plain(value):
                cells[name] = value
    return cells, words


def _out_of_range(shape: BaseGeometry | None, reference: Reference) -> str | None:
    if shape is None:
        return None
    west, south, east, north = shape.bounds
    return positions.range_fault(west, south, reference) or positions.range_fault(east, north, reference)


def _pair(shape: BaseGeometry | None, reference: Reference) -> str | None:
    if shape is None or shape.geom_type != "Point":
        return None
    x, y = shapely.get_coordinates(shape)[0]
    return f"{x:.9g},{y:.9g} {reference.name}"
