"""Where waters meet: banks end at another water's edge, and cover may walk from one bank to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo.intervals import Flags, Floats, Intervals, Ints, concat, difference, expand, join_over_start, union

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.measures import MeasureTable

    Shapes = NDArray[Any]

EDGE_M = 0.01
"""An area is taken this much smaller: what runs along another water's edge is not inside it."""
SLIVER_M = 0.1
"""What is left between two cuts and shorter than this is no bank."""


@dataclass(frozen=True)
class Areas:
    """The surface of waters: one polygon a row, and the position of the water it belongs to."""

    shape: Shapes
    water: Ints


def areas_of(shape: Shapes, water: Ints, width_m: Floats, crossing_limit_m: float) -> Areas:
    """Return the areas of polygons and of lines wider than the crossing limit.

    A wide line's area ends square at its ends: where the river narrows, the next reach keeps its banks.
    """
    kind = shapely.get_type_id(shape)
    wide = (kind == shapely.GeometryType.LINESTRING) & (width_m > crossing_limit_m)
    solid = kind == shapely.GeometryType.POLYGON
    strips = shapely.buffer(
        shape[wide], width_m[wide] / 2.0, quad_segs=8, cap_style="flat", join_style="round"
    )
    return Areas(np.concatenate([strips, shape[solid]]), np.concatenate([water[wide], water[solid]]))


def kept(table: MeasureTable, lines: Shapes, water: Ints, areas: Areas) -> Intervals:
    """Return the stretches of each line that lie in no other water's area; a whole line where none is cut.

    A stretch over the start of a ring is one and ends above the ring's length.
    """
    inside = _inside(table, lines, water, areas)
    cut = np.unique(inside.group)
    whole = Intervals(cut, np.zeros(len(cut)), table.length_m[cut])
    left = join_over_start(difference(whole, union(inside)), table.length_m, table.ring)
    left = left.take(left.length_m >= SLIVER_M)
    untouched = np.setdiff1d(np.arange(len(lines)), cut)
    return Intervals(
        np.concatenate([untouched, left.group]),
        np.concatenate([np.zeros(len(untouched)), left.start]),
        np.concatenate([table.length_m[untouched], left.stop]),
    )


def _inside(table: MeasureTable, lines: Shapes, water: Ints, areas: Areas) -> Intervals:
    """Return the stretches of the lines inside areas of other waters, segment by segment."""
    line, area = shapely.STRtree(areas.shape).query(lines, predicate="intersects")
    other = water[line] != areas.water[area]
    line, area = line[other], area[other]
    concerned, area = np.unique(area, return_inverse=True)
    shapes = _shrunk(areas.shape[concerned])
    pair, vertex = expand(table.first[line], table.first[line + 1] - 1)
    area = area[pair]
    low = np.minimum(table.xy[vertex], table.xy[vertex + 1])
    high = np.maximum(table.xy[vertex], table.xy[vertex + 1])
    box = shapely.bounds(shapes)[area]
    near = (low <= box[:, 2:]).all(axis=1) & (high >= box[:, :2]).all(axis=1)
    vertex, area, line = vertex[near], area[near], line[pair[near]]
    ends = np.stack([table.xy[vertex], table.xy[vertex + 1]], axis=1)
    shapely.prepare(shapes)
    segments = np.asarray(shapely.linestrings(ends), dtype=object)
    meets = shapely.intersects(shapes[area], segments)
    vertex, area, line, segments = vertex[meets], area[meets], line[meets], segments[meets]
    whole = shapely.contains_properly(shapes[area], segments)
    through = Intervals(line[whole], table.m[vertex[whole]], table.m[vertex[whole] + 1])
    vertex, line, segments = vertex[~whole], line[~whole], segments[~whole]
    parts, of = shapely.get_parts(shapely.intersection(segments, shapes[area[~whole]]), return_index=True)
    real = shapely.length(parts) > 0.0
    first, last = shapely.get_point(parts[real], 0), shapely.get_point(parts[real], -1)
    vertex, line = vertex[of[real]], line[of[real]]
    start, stop = _from_vertex(table, vertex, first), _from_vertex(table, vertex, last)
    return concat(through, Intervals(line, np.minimum(start, stop), np.maximum(start, stop)))


def _shrunk(shapes: Shapes) -> Shapes:
    """Return polygons, valid, without their outermost `EDGE_M`."""
    invalid = ~shapely.is_valid(shapes)
    shapes = shapes.copy()
    shapes[invalid] = shapely.make_valid(shapes[invalid])
    return np.asarray(shapely.buffer(shapes, -EDGE_M, quad_segs=1, join_style="mitre"), dtype=object)


def _from_vertex(table: MeasureTable, vertex: Ints, points: Shapes) -> Floats:
    """Return the measure of points on the segment behind each vertex; its ends are the vertices' own."""
    xy = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    far = np.hypot(*(xy - table.xy[vertex]).T)
    end = table.m[vertex + 1]
    m = np.minimum(table.m[vertex] + far, end)
    on_end = (xy == table.xy[vertex + 1]).all(axis=1)
    return np.where(on_end, end, m)


def closed_joints(lines: Shapes, reach: Ints, left: Flags, centre: Shapes) -> Shapes:
    """Return the banks of wide reaches with the notch closed where exactly two of them meet end to end.

    Outside a bend, and where the width changes, the parallels of two reaches end apart. The bank of the
    reach that ends there runs straight on to the first corner of the next one's; chainage does not move.

    Parameters
    ----------
    lines, reach, left
        Banks: `reach` is a position in `centre`, `left` the side.
    centre
        Centre lines of the wide reaches.
    """
    key = 2 * reach + left
    row = np.full(2 * len(centre), -1, np.int64)
    row[key] = np.arange(len(lines))
    row[np.bincount(key, minlength=len(row)) != 1] = -1  # a parallel in pieces is left as it is
    ends, other, other_ends = _joints(centre)
    mine, theirs, head = [], [], []
    for side in (0, 1):
        onward = np.where(other_ends, 1 - side, side)  # end to start: left stays left
        mine.append(row[2 * ends + side])
        theirs.append(row[2 * other + onward])
        head.append(~other_ends)
    at, next_one, first = np.concatenate(mine), np.concatenate(theirs), np.concatenate(head)
    known = (at >= 0) & (next_one >= 0)
    at, next_one, first = at[known], next_one[known], first[known]
    corner = np.where(first, shapely.get_point(lines[next_one], 0), shapely.get_point(lines[next_one], -1))
    apart = shapely.distance(shapely.get_point(lines[at], -1), corner) > EDGE_M
    at, corner = at[apart], corner[apart]
    xy, of = shapely.get_coordinates(lines[at], return_index=True)
    xy = np.concatenate([xy, shapely.get_coordinates(corner)])
    of = np.concatenate([of, np.arange(len(at))])
    order = np.argsort(of, kind="stable")
    closed = lines.copy()
    closed[at] = shapely.linestrings(xy[order], indices=of[order]) if len(at) else lines[at]
    return closed


def _joints(centre: Shapes) -> tuple[Ints, Ints, Flags]:
    """Return the lines that end where one other line alone does, that line, and whether it ends there too.

    To the millimetre. Of two that end there the first is taken; two that start there are no joint.
    """
    open_ = np.flatnonzero(~shapely.is_closed(centre))
    xy = np.concatenate(
        [shapely.get_coordinates(shapely.get_point(centre[open_], position)) for position in (0, -1)]
    )
    line = np.concatenate([open_, open_])
    is_end = np.repeat([False, True], len(open_))
    _, place, count = np.unique(np.rint(xy * 1000.0), axis=0, return_inverse=True, return_counts=True)
    place = place.reshape(-1)
    order = np.lexsort((line, ~is_end, place))  # the end before the start
    order = order[count[place[order]] == 2]  # noqa: PLR2004 - two ends make a joint
    one, two = order[::2], order[1::2]
    real = (line[one] != line[two]) & is_end[one]
    return line[one][real], line[two][real], is_end[two][real]
