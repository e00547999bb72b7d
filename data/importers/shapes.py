"""Geometry that may be stored: one shape a record, sound, flat and finite, or the reason why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from shapely.geometry import LineString, MultiPolygon, Point, Polygon
from shapely.validation import explain_validity

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

REASONS: Final = {
    "Self-intersection": "图形自相交（如蝴蝶结形）",
    "Ring Self-intersection": "边界与自身相接",
    "Hole lies outside shell": "孔洞落在边界之外",
    "Nested holes": "孔洞相互嵌套",
    "Nested shells": "多个面相互重叠",
    "Duplicate Rings": "边界重复",
    "Interior is disconnected": "面被孔洞割断",
    "Too few points in geometry component": "点数太少",
    "Invalid Coordinate": "坐标不是有限的数",
}


class ShapeError(Exception):
    """A geometry that cannot be stored; the message is the reason."""


def checked(shape: BaseGeometry | None) -> BaseGeometry:
    """Return the geometry without Z and M if it is there, filled, finite and valid.

    Raises
    ------
    ShapeError
        With the reason and, for an invalid one, the place in the file's own coordinates.
    """
    if shape is None:
        raise ShapeError("没有图形（NULL）")
    if shape.is_empty:
        raise ShapeError("图形为空（EMPTY）")
    if shape.geom_type == "GeometryCollection":
        raise ShapeError("是几何集合（GeometryCollection），看不出是哪一种")
    flat: BaseGeometry = shapely.force_2d(shape)
    if not np.isfinite(shapely.get_coordinates(flat)).all():
        raise ShapeError("坐标不是有限的数")
    if not flat.is_valid:
        raise ShapeError(_explained(explain_validity(flat)))
    return flat


def _explained(reason: str) -> str:
    name, _, place = reason.partition("[")
    where = f"，位置 {place.rstrip(']')}" if place else ""
    return f"{REASONS.get(name.strip(), '图形不合规则')}{where}"


def point(shape: BaseGeometry) -> tuple[Point, bool]:
    """Return the point of a record, and whether it was derived: a surface gives a point inside it."""
    if isinstance(shape, Point):
        return shape, False
    if shape.geom_type == "MultiPoint" and len(_parts(shape)) == 1:
        return _parts(shape)[0], False
    if isinstance(shape, Polygon | MultiPolygon):
        return shape.representative_point(), True
    raise ShapeError("应为一个点")


def line(shape: BaseGeometry) -> LineString:
    """Return the line of a record; pieces that touch become one."""
    if isinstance(shape, LineString):
        return LineString(shape.coords)
    if shape.geom_type == "MultiLineString":
        merged = shapely.line_merge(shape)
        if merged.geom_type == "LineString":
            return merged
    raise ShapeError("应为一条线")


def surface(shape: BaseGeometry) -> MultiPolygon:
    """Return the area of a record as a multipolygon."""
    if isinstance(shape, MultiPolygon):
        return shape
    if isinstance(shape, Polygon):
        return MultiPolygon([shape])
    raise ShapeError("应为面")


def water_parts(shape: BaseGeometry) -> list[BaseGeometry]:
    """Return the shapes of a water: lines that touch become one, others stay apart and are numbered later."""
    kind = shape.geom_type
    if kind in {"Point", "LineString", "Polygon"}:
        return [shape]
    if kind == "LinearRing":
        return [shapely.LineString(shape.coords)]
    if kind == "MultiLineString":
        merged = shapely.line_merge(shape)
        return [merged] if merged.geom_type == "LineString" else _parts(merged)
    if kind == "MultiPolygon":
        parts = _parts(shape)
        return [parts[0]] if len(parts) == 1 else [shape]
    if kind == "MultiPoint" and len(_parts(shape)) == 1:
        return _parts(shape)
    raise ShapeError("应为一个点、线或面")


def _parts(shape: BaseGeometry) -> list[Any]:
    return list(shapely.get_parts(shape))
