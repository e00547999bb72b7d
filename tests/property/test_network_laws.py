"""Cover along the water against shortest ways by brute force."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.measures import measure
from geo.network import links_of, network_of
from geo.tables import Table
from hazards.spill import spilled


@given(seed=st.integers(0, 2**32 - 1), lines=st.integers(1, 10), stations=st.integers(0, 12))
def test_the_rest_at_every_node_is_reach_less_the_shortest_way(seed: int, lines: int, stations: int) -> None:
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.normal(0, 80, (lines, 6, 2)), axis=1) + rng.uniform(0, 400, (lines, 1, 2))
    walk[rng.random(lines) < 0.3, -1] = walk[0, 0]
    closed = rng.random(lines) < 0.3
    walk[closed, -1] = walk[closed, 0]
    shapes = np.asarray(shapely.linestrings(walk), dtype=object)
    table = measure(shapes)
    banks = gpd.GeoDataFrame(
        {"water_id": np.arange(lines) // 2, "side": np.array(["left", "right"] * lines)[:lines]},
        geometry=shapes,
        crs="EPSG:4546",
        index=pd.RangeIndex(lines),
    )
    network = network_of(links_of(Table.of(banks), 20.0), table)
    bank = rng.integers(0, lines, stations)
    m, reach = rng.random(stations) * table.length_m[bank], rng.uniform(10.0, 400.0, stations)
    ring_length = np.where(table.ring, table.length_m, np.inf)

    found = spilled(network, ring_length, bank, m, reach)
    rest = {(int(b), float(c)): 0.0 for b, c in zip(network.bank, network.m, strict=True)}
    middle, half = (found.start + found.stop) / 2.0, (found.stop - found.start) / 2.0
    for k in range(len(found)):
        nodes = np.flatnonzero((network.bank == found.group[k]) & (np.abs(network.m - middle[k]) < 1e-9))
        for one in nodes.tolist():
            key = (int(network.bank[one]), float(network.m[one]))
            rest[key] = max(rest[key], float(half[k]))

    count = len(network.bank)
    way = np.full((count, count), np.inf)
    for node in range(count):
        low, high = network.path_first[node], network.path_first[node + 1]
        np.minimum.at(way[node], network.to[low:high], network.length_m[low:high])
    np.fill_diagonal(way, 0.0)
    for k in range(count):
        way = np.minimum(way, way[:, k, None] + way[None, k, :])
    for node in range(count):
        best = 0.0
        for b, at, r in zip(bank, m, reach, strict=True):
            on = np.flatnonzero(network.bank == b)
            away = np.abs(network.m[on] - at)
            away = np.minimum(away, ring_length[b] - away)
            best = max(best, float((r - away - way[on, node]).max(initial=0.0)))
        key = (int(network.bank[node]), float(network.m[node]))
        assert abs(rest[key] - best) <= 1e-9


@given(seed=st.integers(0, 2**32 - 1))
def test_left_and_right_of_one_water_are_never_linked(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shapes = shapely.linestrings(rng.uniform(0, 50, (6, 3, 2)))
    side = np.array(["left", "right"] * 3)
    banks = gpd.GeoDataFrame(
        {"water_id": np.repeat([0, 1, 2], 2), "side": side}, geometry=np.asarray(shapes), crs="EPSG:4546"
    )
    links = links_of(Table.of(banks), 20.0)
    same = links.a // 2 == links.b // 2
    assert not same.any()


@given(seed=st.integers(0, 2**32 - 1))
def test_every_crossing_of_two_banks_is_a_link(seed: int) -> None:
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.normal(0, 60, (2, 30, 2)), axis=1)
    shapes = np.asarray(shapely.linestrings(walk), dtype=object)
    frame = gpd.GeoDataFrame({"water_id": [0, 1], "side": ["single"] * 2}, geometry=shapes, crs="EPSG:4546")
    links = links_of(Table.of(frame), 0.0)
    crossings = shapely.get_parts(shapely.intersection(*shapes))
    crossings = crossings[~shapely.is_empty(crossings)]
    assert len(links) == len(crossings)
    for m, line in ((links.m_a, links.a), (links.m_b, links.b)):
        spots = shapely.line_interpolate_point(shapes[line], m)
        for crossing in crossings:
            assert shapely.distance(spots, crossing).min() < 1e-6
