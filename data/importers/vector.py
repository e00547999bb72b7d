"""Layers of GeoJSON, GeoPackage and zipped shapefiles into rows whose shapes are in EPSG:4490."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from data.importers import child, positions, synonyms
from data.importers.cells import is_blank
from data.importers.rows import PRIVATE, CrsUnknownError, Fault, IntakeError, Layout, Row, Sheaf
from data.importers.shapes import ShapeError, checked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from data.importers.guards import Limits
    from data.importers.positions import Reference

READERS: Final = {"geojson": "geojson", "kml": "kml", "kmz": "kml", "gpx": "gpx"}
LOOKED_AT: Final = 200
"""Features whose fields tell the columns of a layer."""
MUST_BE_DECLARED: Final = frozenset({"areas"})
"""Kinds whose files from Chinese web maps say nothing, or EPSG:4326, and are GCJ-02."""


def opened(path: Path, form: str, limits: Limits) -> list[dict[str, Any]]:
    """Return the layers of a file as they are, without judging them."""
    found: list[dict[str, Any]] = child.parse(READERS.get(form, "layers"), path, limits)
    return found


def read(
    path: Path,
    found: list[dict[str, Any]],
    kind: str,
    declared: str | None,
    learned: Mapping[str, str] | None = None,
) -> Sheaf:
    """Return the rows of the one layer of a file, with the reference system they were in.

    Raises
    ------
    IntakeError
        If there is more than one layer, or the reference system is not known.
    """
    if len(found) > 1:
        listed = "、".join(layer["name"] for layer in found)
        raise IntakeError(f"{path.name} 有 {len(found)} 个图层（{listed}）：请一个图层导出一个文件。")
    layer = found[0]
    if not layer["features"]:
        raise IntakeError(f"{path.name} 里没有要素：请检查导出设置。")
    known = {**synonyms.columns(kind), **(learned or {})}
    layout = _layout(layer, known)
    try:
        reference, notes = _reference(path, kind, layer["crs"], declared)
    except UnnamedError as fault:
        rows = [_row(layer, kind, known, feature, None) for feature in layer["features"]]
        raise CrsUnknownError(str(fault), Sheaf(rows=rows, layouts=[layout])) from None
    raw, faults = _shapes(layer["features"])
    rows = _rows(layer, kind, reference, (raw, faults), known)
    return Sheaf(rows=rows, crs=reference.name, notes=notes, layouts=[layout])


class UnnamedError(IntakeError):
    """A file that says nothing of its reference system, where nothing may be assumed."""


def _layout(layer: dict[str, Any], known: Mapping[str, str]) -> Layout:
    words = dict.fromkeys(word for feature in layer["features"][:LOOKED_AT] for word in feature["cells"])
    columns, unknown, seen = [], [], set()
    for word in words:
        name = synonyms.meaning(known, word)
        if name and name not in seen:
            columns.append((word, name))
            seen.add(name)
        elif name is None:
            unknown.append(word)
    return Layout(
        name=layer["name"],
        rows=len(layer["features"]),
        columns=tuple(columns),
        unknown=tuple(unknown),
        encoding=str(layer.get("encoding") or "UTF-8").upper(),
    )


def _reference(path: Path, kind: str, named: str | None, declared: str | None) -> tuple[Reference, list[str]]:
    name = path.name
    if declared:
        used = positions.reference(declared)
        if named and positions.reference(named) != used:
            return used, [
                f"文件声明的坐标系是 {positions.reference(named).name}，按您指定的 {used.name} 读取。"
            ]
        return used, []
    if named:
        return positions.reference(named), []
    if path.suffix.lower() not in {".geojson", ".json"}:
        raise UnnamedError(f"{name} 没有说明坐标系（缺少 .prj）：{positions.REMEDY}。")
    if kind in MUST_BE_DECLARED:
        raise UnnamedError(
            f"{name} 没有说明坐标系。RFC 7946 规定此时为 WGS84，但国内网络地图的行政区边界多为 gcj02，"
            f"相差约 600 米：{positions.REMEDY}。"
        )
    return positions.reference("wgs84"), [
        "文件没有说明坐标系，按 RFC 7946 视为 WGS84；如来自国内地图，请说明坐标系。"
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
    judged: tuple[list[BaseGeometry | None], list[str | None]],
    known: Mapping[str, str],
) -> list[Row]:
    raw, faults = judged
    faults = [fault or _out_of_range(shape, reference) for shape, fault in zip(raw, faults, strict=True)]
    sound = np.array([fault is None for fault in faults])
    stored = np.full(len(raw), None, dtype=object)
    pending = np.array([*raw, None], dtype=object)[:-1]
    if sound.any():
        stored[sound] = positions.to_stored(pending[sound], reference)
    rows = []
    for feature, given, shape, fault in zip(layer["features"], raw, stored, faults, strict=True):
        shown = Fault(header="图形", value="", reason=fault, remedy="请在制图软件中修正") if fault else None
        rows.append(
            _row(layer, kind, known, feature, shape).but(
                raw_position=_pair(given, reference),
                position_method=reference.method,
                faults=(shown,) if shown else (),
            )
        )
    return rows


def _row(
    layer: dict[str, Any],
    kind: str,
    known: Mapping[str, str],
    feature: dict[str, Any],
    shape: BaseGeometry | None,
) -> Row:
    cells, words = _cells(feature["cells"], known)
    return Row(
        sheet=layer["name"],
        number=feature["number"],
        cells=cells,
        headers=words,
        shape=shape,
        private=kind in PRIVATE,
    )


def _cells(properties: dict[str, Any], known: Any) -> tuple[dict[str, Any], dict[str, str]]:  # noqa: ANN401
    cells: dict[str, Any] = {}
    words: dict[str, str] = {}
    for header, value in properties.items():
        name = synonyms.meaning(known, header)
        if name and name not in words:
            words[name] = header
            cell = child.told(value)
            if not is_blank(cell):
                cells[name] = cell
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
