"""Banks: what a child falls from. A water's geometry turned into lines with a measure."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.confluences import Areas, areas_of, closed_joints, kept
from geo.crs import require_metric
from geo.intervals import Floats, Ints
from geo.measures import measure, substrings
from geo.tables import Table

SIDES = ("left", "right", "single", "ring")
WELL_DIAMETER_M = 1.5
WELL_CORNERS = 16
QUARTER_CORNERS = 4
"""Corners of a quarter circle where a bank goes round the outside of a bend."""

Shapes = NDArray[Any]


def banks_of(waters: Table, crossing_limit_m: float, well_diameter_m: float = WELL_DIAMETER_M) -> Table:
    """Return the banks: `water_id`, `side`, `part`, `start_m`, `length_m`, shapes; ids 0 … n-1.

    A line wider than `crossing_limit_m` has a left and a right bank at half its width, any other line is
    its own single bank; each ring of a polygon (outer and islands) is a bank; a point is a small ring.
    Banks run in the direction of the water's geometry, so that chainage grows the same way on all of them.
    A bank ends where another water's area begins and goes on behind it; each part has its own measure from
    0, and `start_m` [m] says where it begins on the water's whole bank. A ring so opened is a line.

    Parameters
    ----------
    waters
        Metric CRS; ids those of the waters; `width_m` [m] may be empty. Any Multi* geometry is taken apart.
    """
    require_metric(waters, "waters")
    shape, row = shapely.get_parts(shapely.force_2d(waters.shapes), return_index=True)
    width = waters["width_m"].astype(np.float64)[row]
    kind = shapely.get_type_id(shape)
    parts = [
        *_of_lines(shape, row, width, crossing_limit_m, kind == shapely.GeometryType.LINESTRING),
        _of_polygons(shape, row, kind == shapely.GeometryType.POLYGON),
        _of_points(
            shape, row, np.where(width > 0, width, well_diameter_m), kind == shapely.GeometryType.POINT
        ),
    ]
    lines = np.concatenate([part[0] for part in parts])
    rows = np.concatenate([part[1] for part in parts])
    side = np.concatenate([np.full(len(part[0]), part[2], dtype=object) for part in parts])
    return _table(waters, (lines, rows, side), areas_of(shape, row, width, crossing_limit_m))


def _table(waters: Table, whole: tuple[Shapes, Ints, Shapes], areas: Areas) -> Table:
    lines, rows, side = whole
    real = shapely.length(lines) > 0.0
    lines, rows, side = lines[real], rows[real], side[real]
    order = np.argsort(rows, kind="stable")  # the banks of a water stand together, left before right
    lines, rows, side = lines[order], rows[order], side[order]
    lines, start_m, of = _trimmed(lines, rows, areas)
    rows, side = rows[of], side[of]
    columns = {
        "water_id": waters.ids[rows],
        "side": side,
        "part": _counted(rows, side),
        "start_m": start_m,
        "length_m": measure(lines).length_m if len(lines) else np.empty(0),
    }
    return Table(ids=np.arange(len(lines)), columns=columns, shapes=lines, crs=waters.crs)


def _counted(rows: Ints, side: Shapes) -> Ints:
    """Return how many banks of the same water and side stand before each."""
    key = len(SIDES) * rows + np.select([side == name for name in SIDES], range(len(SIDES)))
    order = np.argsort(key, kind="stable")
    _, first, count = np.unique(key[order], return_index=True, return_counts=True)
    part = np.empty(len(rows), np.int64)
    part[order] = np.arange(len(rows)) - np.repeat(first, count)
    return part


def _trimmed(lines: Shapes, rows: Ints, areas: Areas) -> tuple[Shapes, Floats, Ints]:
    """Return the parts outside other waters, where each begins on its line [m], and that line."""
    if not len(lines):
        return lines, np.empty(0), np.empty(0, np.int64)
    table = measure(lines)
    parts = kept(table, lines, rows, areas)
    order = np.lexsort((parts.start, parts.group))
    parts = parts.take(order)
    cut = parts.length_m < table.length_m[parts.group]
    found = lines[parts.group]
    found[cut] = substrings(table, parts.group[cut], parts.start[cut], parts.stop[cut])
    return found, parts.start, parts.group


Part = tuple[Shapes, Ints, str]


def _of_lines(
    shape: Shapes, row: Ints, width: Floats, limit_m: float, chosen: NDArray[np.bool_]
) -> list[Part]:
    wide = chosen & (width > limit_m)  # no width known: narrow
    narrow = chosen & ~wide
    loop = narrow.copy()
    loop[narrow] = shapely.is_closed(shape[narrow])
    narrow &= ~loop
    left = _offset(shape[wide], width[wide] / 2.0)
    right = _offset(shape[wide], -width[wide] / 2.0)
    both = np.concatenate([left[0], right[0]])
    reach = np.concatenate([left[1], right[1]])
    both = closed_joints(both, reach, np.arange(len(both)) < len(left[0]), shape[wide])
    return [
        (both[: len(left[0])], row[wide][left[1]], "left"),
        (both[len(left[0]) :], row[wide][right[1]], "right"),
        (shape[narrow], row[narrow], "single"),
        (shape[loop], row[loop], "ring"),
    ]


def _offset(lines: Shapes, distance_m: Floats) -> tuple[Shapes, Ints]:
    """Return the parallels (left is positive) and the line of each, in the direction of the line.

    A parallel of a crossing or hairpin line comes in several parts, and its direction is not promised.
    """
    curves = shapely.offset_curve(lines, distance_m, quad_segs=QUARTER_CORNERS, join_style="round")
    # Nothing is left inside a bend narrower than the water; a bank must not vanish with it. The inner side
    # of a closed loop that small is truly gone.
    vanished = shapely.is_empty(curves) & ~shapely.is_closed(lines)
    curves = np.where(vanished, lines, curves)
    parts, of = shapely.get_parts(curves, return_index=True)
    parts, of = parts[~shapely.is_empty(parts)], of[~shapely.is_empty(parts)]
    parts = np.where(_runs_back(parts, lines[of]), shapely.reverse(parts), parts)
    start = shapely.line_locate_point(lines[of], shapely.get_point(parts, 0))
    order = np.lexsort((start, of))
    return parts[order], of[order]


def _runs_back(parts: Shapes, lines: Shapes) -> NDArray[np.bool_]:
    """Return where a parallel runs against its line, told in the middle of the parallel."""
    middle = shapely.length(parts) / 2.0
    here = shapely.line_interpolate_point(parts, middle)
    ahead = shapely.line_interpolate_point(parts, middle + 0.01)
    step = _xy(ahead) - _xy(here)
    at = shapely.line_locate_point(lines, here)
    length = shapely.length(lines)
    near = shapely.line_interpolate_point(lines, np.maximum(at - 0.01, 0.0))
    far = shapely.line_interpolate_point(lines, np.minimum(at + 0.01, length))
    return np.asarray((step * (_xy(far) - _xy(near))).sum(axis=1) < 0.0)


def _xy(points: Shapes) -> Floats:
    return np.column_stack([shapely.get_x(points), shapely.get_y(points)])


def _of_polygons(shape: Shapes, row: Ints, chosen: NDArray[np.bool_]) -> Part:
    rings, of = shapely.get_rings(shape[chosen], return_index=True)
    if not len(rings):
        return np.empty(0, dtype=object), np.empty(0, np.int64), "ring"
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    return np.asarray(shapely.linestrings(xy, indices=ring), dtype=object), row[chosen][of], "ring"


def _of_points(shape: Shapes, row: Ints, diameter_m: Floats, chosen: NDArray[np.bool_]) -> Part:
    centre, radius = _xy(shape[chosen]), diameter_m[chosen] / 2.0
    angle = np.linspace(0.0, 2.0 * np.pi, WELL_CORNERS, endpoint=False)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    circle = np.concatenate([circle, circle[:1]])
    xy = centre[:, None, :] + radius[:, None, None] * circle[None, :, :]
    return np.asarray(shapely.linestrings(xy), dtype=object), row[chosen], "ring"
