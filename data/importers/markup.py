"""KML and GPX for the confined child: placemarks and tracks as layers of plain JSON, without entities."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any, Final

from data.importers.readers import CELL_MAX, ReadError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from xml.etree.ElementTree import Element

WGS84: Final = "EPSG:4326"
"""What both standards prescribe (OGC 12-007r2 §6.2; GPX 1.1)."""


def kml(path: Path) -> list[dict[str, Any]]:
    """Return the placemarks of a KML file, or of the first one in a KMZ archive, as one layer."""
    root = _parsed(_document(path))
    features = []
    for number, mark in enumerate(_all(root, "Placemark"), start=1):
        shapes = (found for node in mark for found in _kml_shapes(node))
        features.append(_feature(number, dict(_kml_cells(mark)), shapes))
    return [{"name": path.stem, "crs": WGS84, "features": features}]


def gpx(path: Path) -> list[dict[str, Any]]:
    """Return the tracks of a GPX file with their times as one layer; its waypoints where it has no track."""
    root = _parsed(path.read_bytes())
    features = []
    for number, track in enumerate([*_all(root, "trk"), *_all(root, "rte")], start=1):
        segments = [[*_all(part, "trkpt")] for part in _all(track, "trkseg")] or [[*_all(track, "rtept")]]
        times = [text for part in segments for point in part if (text := _text(point, "time"))]
        cells: dict[str, Any] = {"名称": _text(track, "name"), "备注": _text(track, "desc")}
        if times:
            # Sorted as text: GPX prescribes ISO 8601 in UTC.
            cells |= {"开始时间": min(times), "结束时间": max(times)}
        # A recorder that lost its signal begins a new segment: the walk is one.
        points = [point for part in segments for point in part]
        features.append(_feature(number, cells, _gpx_line(points)))
    if not features:
        for number, point in enumerate(_all(root, "wpt"), start=1):
            cells = {"名称": _text(point, "name"), "备注": _text(point, "desc")}
            features.append(_feature(number, cells, (("Point", [_gpx_pair(at)]) for at in [point])))
    return [{"name": path.stem, "crs": WGS84, "features": features}]


def _document(path: Path) -> bytes:
    if path.suffix.lower() != ".kmz":
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.lower().endswith(".kml")]
        if not names:
            raise ReadError("压缩包里没有 .kml：请重新导出。")
        return archive.read("doc.kml" if "doc.kml" in names else names[0])


def _parsed(content: bytes) -> Element:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except DefusedXmlException:
        raise ReadError("含有外部实体或文档类型声明，未打开：请重新导出。") from None
    except (ParseError, ValueError, LookupError):
        raise ReadError("不是完好的 XML：文件可能被截断，请重新导出。") from None
    return root


def _all(node: Element, name: str) -> Iterator[Element]:
    # Whatever namespace and version: the local names have not changed.
    return (found for found in node.iter() if _local(found) == name)


def _local(node: Element) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _text(node: Element, name: str) -> str | None:
    for child in node:
        if _local(child) == name:
            return (child.text or "").strip()[:CELL_MAX] or None
    return None


def _kml_cells(mark: Element) -> Iterator[tuple[str, str | None]]:
    yield "名称", _text(mark, "name")
    yield "备注", _text(mark, "description")
    for data in _all(mark, "Data"):
        if word := data.get("name"):
            yield word[:CELL_MAX], _text(data, "value")
    for data in _all(mark, "SimpleData"):
        if word := data.get("name"):
            yield word[:CELL_MAX], (data.text or "").strip()[:CELL_MAX] or None


def _kml_shapes(node: Element) -> Iterator[tuple[str, Any]]:
    kind = _local(node)
    if kind in {"Point", "LineString", "LinearRing"}:
        yield ("Point" if kind == "Point" else "LineString"), _pairs(node)
    elif kind == "Polygon":
        outer = [_pairs(ring) for part in _all(node, "outerBoundaryIs") for ring in _all(part, "LinearRing")]
        inner = [_pairs(ring) for part in _all(node, "innerBoundaryIs") for ring in _all(part, "LinearRing")]
        yield "Polygon", [*outer[:1], *inner]
    elif kind == "MultiGeometry":
        for child in node:
            yield from _kml_shapes(child)


def _pairs(node: Element) -> list[tuple[float, float]]:
    text = _text_of(node, "coordinates")
    return [(float(part[0]), float(part[1])) for part in (item.split(",") for item in text.split())]


def _text_of(node: Element, name: str) -> str:
    return next((found.text or "" for found in _all(node, name)), "")


def _gpx_line(points: list[Element]) -> Iterator[tuple[str, Any]]:
    if points:
        yield "LineString", [_gpx_pair(point) for point in points]


def _gpx_pair(point: Element) -> tuple[float, float]:
    return float(point.get("lon", "nan")), float(point.get("lat", "nan"))


def _feature(number: int, cells: dict[str, Any], shapes: Iterator[tuple[str, Any]]) -> dict[str, Any]:
    wkb, fault = None, None
    # The numbers are read here, so that a placemark that is none spoils no other.
    try:
        wkb = _wkb(shapes)
    except (ValueError, IndexError, TypeError):
        fault = "坐标的写法无法识别"
    filled = {word: value for word, value in cells.items() if value}
    return {"number": number, "cells": filled, "wkb": wkb, "fault": fault}


def _wkb(shapes: Iterator[tuple[str, Any]]) -> str | None:
    import shapely
    from shapely.geometry import LineString, Point, Polygon

    made: list[Any] = []
    for kind, pairs in shapes:
        if kind == "Point":
            made.append(Point(pairs[0]))
        elif kind == "LineString":
            made.append(LineString(pairs))
        else:
            made.append(Polygon(pairs[0], pairs[1:]))
    if not made:
        return None
    kinds = {shape.geom_type for shape in made}
    whole: Any = made[0]
    if len(made) > 1:
        gather: dict[str, Any] = {
            "Point": shapely.multipoints,
            "LineString": shapely.multilinestrings,
            "Polygon": shapely.multipolygons,
        }
        whole = gather[kinds.pop()](made) if len(kinds) == 1 else shapely.geometrycollections(made)
    return str(shapely.to_wkb(whole, hex=True, flavor="iso"))
