"""The network of banks: where one can walk from bank to bank, as nodes on the banks and paths between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo.banks import SIDES
from geo.crossings import binned, crossed
from geo.crs import require_metric
from geo.measures import measure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.intervals import Flags, Floats, Ints
    from geo.measures import MeasureTable
    from geo.tables import Table

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


def links_of(banks: Table, limit_m: float) -> Links:
    """Return the links: the open end of a bank within `limit_m` of another bank, and where two cross.

    The left and the right bank of one water are never linked: nobody walks through the river. Where a narrow
    water runs into a wide one, or one reach goes on in the next, the ends lie within the crossing limit.

    Parameters
    ----------
    banks
        Metric CRS; ids 0 … n-1; `water_id`, `side`.
    """
    require_metric(banks, "banks")
    lines, water = banks.shapes, banks["water_id"].astype(np.int64)
    side = np.select([banks["side"] == name for name in SIDES], range(len(SIDES))).astype(np.int64)
    ends = _of_ends(lines, shapely.STRtree(lines), limit_m)
    a, b = ends[0], ends[2]
    near = (a != b) & ((water[a] != water[b]) | (side[a] == side[b]))
    crossings = _of_crossings(measure(lines), water, side)
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


def _of_crossings(table: MeasureTable, water: Ints, side: Ints) -> Columns:
    """Return where two banks cross: a place of each, no metre apart."""
    if not len(table.segment_start):
        return np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64), np.empty(0), np.empty(0)
    cells = binned(table)
    a, m_a, b, m_b = crossed(cells, (table.xy, table.m), (table.line_of_vertex, water, side))
    return table.line_of_vertex[a], m_a, table.line_of_vertex[b], m_b, np.zeros(len(a))


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
