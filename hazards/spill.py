"""Cover flows along the water: what is left of a station's reach at a link goes on over the next bank.

Rest at a node = max over stations of (reach − shortest way along the banks); one Dijkstra from all stations.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np

from geo.compiling import compiled
from geo.intervals import Intervals, bisect_within

if TYPE_CHECKING:
    from geo.intervals import Floats, Ints
    from geo.network import Network

    Paths = tuple[Ints, Ints, Floats]


def spilled(network: Network, ring_length_m: Floats, bank: Ints, m: Floats, reach_m: Floats) -> Intervals:
    """Return [m − rest, m + rest] around every node of the network that a station reaches, unclipped.

    Parameters
    ----------
    ring_length_m
        One value a bank: its length where it is a ring, else infinite.
    bank, m, reach_m
        The stations.
    """
    node, rest = _sources(network, ring_length_m, bank, m, reach_m)
    if not len(node):
        return Intervals(np.empty(0, np.int64), np.empty(0), np.empty(0))
    found = _flood((network.path_first, network.to, network.length_m), node, rest)
    at = np.flatnonzero(found > 0.0)
    return Intervals(network.bank[at], network.m[at] - found[at], network.m[at] + found[at])


def _sources(
    network: Network, ring_length_m: Floats, bank: Ints, m: Floats, reach_m: Floats
) -> tuple[Ints, Floats]:
    """Return the nodes beside each station on its own bank, and what is left of its reach there."""
    low, high = network.first[bank], network.first[bank + 1]
    after = bisect_within(network.m, low, high, m, after_equal=False)
    some = high > low
    ring = np.isfinite(ring_length_m[bank])
    next_ = np.where(after < high, after, low)
    before = np.where(after > low, after - 1, high - 1)
    sides = ((next_, some & ((after < high) | ring)), (before, some & ((after > low) | ring)))
    nodes, rests = [], []
    for node, known in sides:
        away = np.abs(network.m[node[known]] - m[known])
        away = np.minimum(away, ring_length_m[bank[known]] - away)
        nodes.append(node[known])
        rests.append(reach_m[known] - away)
    node, rest = np.concatenate(nodes), np.concatenate(rests)
    return node[rest > 0.0], rest[rest > 0.0]


@compiled
def _flood(paths: Paths, source: Ints, start: Floats) -> Floats:
    """Return the greatest rest at every node, 0 where nothing arrives."""
    first, to, length_m = paths
    rest = np.zeros(len(first) - 1)
    heap = [(0.0, np.int64(0)) for _ in range(0)]
    for k in range(len(source)):
        if start[k] > rest[source[k]]:
            rest[source[k]] = start[k]
            heapq.heappush(heap, (-start[k], np.int64(source[k])))
    while len(heap) > 0:
        less, node = heapq.heappop(heap)
        if -less < rest[node]:
            continue
        for path in range(first[node], first[node + 1]):
            left = -less - length_m[path]
            if left > rest[to[path]]:
                rest[to[path]] = left
                heapq.heappush(heap, (-left, np.int64(to[path])))
    return rest
