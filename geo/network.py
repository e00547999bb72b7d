"""The network of banks: where one can walk from bank to bank, as nodes on the banks and paths between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo.compiling import compiled
from geo.crs import require_metric
from geo.measures import measure, segment_boxes

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    from numpy.typing import NDArray

    from geo.intervals import Flags, Floats, Ints
    from geo.measures import MeasureTable

    Shapes = NDArray[Any]


@dataclass(frozen=True)
class Links:
    """k links: bank `a` at measure `m_a` is `length_m` from bank `b` at measure `m_b` (all [m])."""

    a: Ints
    m_a: Floats
    b: Ints
    m_b: Floats
    length_m: Floats

    def __len__(self) -> int:
        """Return how many links there are."""
        return len(self.a)


def links_of(banks: gpd.GeoDataFrame, limit_m: float) -> Links:
    """Return the links: the open end of a bank within `limit_m` of another bank, and where two cross.

    The left and the right bank of one water are never linked: nobody walks through the river. Where a narrow
    water runs into a wide one, or one reach goes on in the next, the ends lie within the crossing limit.

    Parameters
    ----------
    banks
        Metric CRS; index bank 0 … n-1; `water_id`, `side`.
    """
    require_metric(banks, "banks")
    lines = np.asarray(banks.geometry.array, dtype=object)
    water, side = banks["water_id"].to_numpy(), banks["side"].to_numpy()

    def walkable(a: Ints, b: Ints) -> Flags:
        return np.asarray((a != b) & ((water[a] != water[b]) | (side[a] == side[b])))

    ends = _of_ends(lines, shapely.STRtree(lines), limit_m)
    near = walkable(ends[0], ends[2])
    crossings = _of_crossings(measure(lines), walkable)
    return Links(
        *(np.concatenate([end[near], crossing]) for end, crossing in zip(ends, crossings, strict=True))
    )


Columns = tuple["Ints", "Floats", "Ints", "Floats", "Floats"]


def _of_ends(lines: Shapes, tree: shapely.STRtree, limit_m: float) -> Columns:
    open_ = np.flatnonzero(~shapely.is_closed(lines))
    points = np.concatenate([shapely.get_point(lines[open_], 0), shapely.get_point(lines[open_], -1)])
    owner = np.concatenate([open_, open_])
    m = np.concatenate([np.zeros(len(open_)), shapely.length(lines[open_])])
    end, other = tree.query(points, predicate="dwithin", distance=limit_m)
    end, other = end[owner[end] != other], other[owner[end] != other]
    m_other = shapely.line_locate_point(lines[other], points[end])
    return owner[end], m[end], other, m_other, shapely.distance(lines[other], points[end])


def _of_crossings(table: MeasureTable, walkable: Callable[[Ints, Ints], Flags]) -> Columns:
    """Return where two banks cross: a place of each, no metre apart."""
    boxes, first, beyond = segment_boxes(table)
    one, other = shapely.STRtree(boxes).query(boxes)
    one, other = one[one < other], other[one < other]
    line = table.line_of_vertex[table.segment_start[first]] if len(first) else first
    real = walkable(line[one], line[other])
    one, other = one[real], other[real]
    spans = (first[one], beyond[one], first[other], beyond[other])
    a, m_a, b, m_b = _crossed(spans, table.segment_start, table.xy, table.m)
    return table.line_of_vertex[a], m_a, table.line_of_vertex[b], m_b, np.zeros(len(a))


@compiled
def _crossed(
    spans: tuple[Ints, Ints, Ints, Ints], segment: Ints, xy: Floats, m: Floats
) -> tuple[Ints, Floats, Ints, Floats]:
    """Return the vertex before and the measure at every crossing of the segments of pairs of runs."""
    first, beyond, other_first, other_beyond = spans
    size = 16
    at = np.empty((size, 2), np.int64)
    measures = np.empty((size, 2))
    used = 0
    for k in range(len(first)):
        for i in segment[first[k] : beyond[k]]:
            ux, uy = xy[i + 1, 0] - xy[i, 0], xy[i + 1, 1] - xy[i, 1]
            for j in segment[other_first[k] : other_beyond[k]]:
                vx, vy = xy[j + 1, 0] - xy[j, 0], xy[j + 1, 1] - xy[j, 1]
                turn = ux * vy - uy * vx
                if turn == 0.0:
                    continue
                wx, wy = xy[j, 0] - xy[i, 0], xy[j, 1] - xy[i, 1]
                t, s = (wx * vy - wy * vx) / turn, (wx * uy - wy * ux) / turn
                if t < 0.0 or t > 1.0 or s < 0.0 or s > 1.0:
                    continue
                if used == size:
                    at = np.concatenate((at, np.empty((size, 2), np.int64)))
                    measures = np.concatenate((measures, np.empty((size, 2))))
                    size *= 2
                at[used, 0], at[used, 1] = i, j
                measures[used, 0] = m[i] + t * (m[i + 1] - m[i])
                measures[used, 1] = m[j] + s * (m[j + 1] - m[j])
                used += 1
    return at[:used, 0].copy(), measures[:used, 0].copy(), at[:used, 1].copy(), measures[:used, 1].copy()


@dataclass(frozen=True)
class Network:
    """Nodes sorted by bank and measure; paths as compressed rows.

    Attributes
    ----------
    bank, m
        Where each node is.
    first
        Offsets of the nodes of each bank, (banks + 1,).
    path_first, to, length_m
        From node i paths lead to `to[path_first[i]:path_first[i + 1]]`, so many metres long.
    """

    bank: Ints
    m: Floats
    first: Ints
    path_first: Ints
    to: Ints
    length_m: Floats


def network_of(links: Links, table: MeasureTable) -> Network:
    """Return the network: a node at both ends of each link; paths over links and along the banks."""
    count = len(table.first) - 1
    bank, m = np.concatenate([links.a, links.b]), np.concatenate([links.m_a, links.m_b])
    m = np.minimum(m, table.length_m[bank]) if count else m
    order = np.lexsort((m, bank))
    node = np.empty(len(bank), np.int64)
    node[order] = np.arange(len(bank))
    bank, m = bank[order], m[order]
    first = np.searchsorted(bank, np.arange(count + 1)).astype(np.int64)
    along = np.flatnonzero(bank[1:] == bank[:-1])
    over, over_m = _over_start(m, first, table.length_m, table.ring)
    tail = np.concatenate([node[: len(links)], along, over[:, 0]])
    head = np.concatenate([node[len(links) :], along + 1, over[:, 1]])
    length = np.concatenate([links.length_m, m[along + 1] - m[along], over_m])
    tail, head, length = np.append(tail, head), np.append(head, tail), np.append(length, length)
    by_tail = np.argsort(tail, kind="stable")
    path_first = np.searchsorted(tail[by_tail], np.arange(len(bank) + 1)).astype(np.int64)
    return Network(bank, m, first, path_first, head[by_tail], length[by_tail])


def _over_start(m: Floats, first: Ints, length_m: Floats, ring: Flags) -> tuple[Ints, Floats]:
    """Return the last and the first node of each ring with two or more, and the metres over its start."""
    several = ring & (np.diff(first) > 1)
    low, high = first[:-1][several], first[1:][several] - 1
    return np.column_stack([high, low]), length_m[several] - m[high] + m[low]
