"""The engine against an oracle written from the definition: sampled metres of bank, by brute force.

The oracle shares nothing with the engine but the banks and the links between them: nearest segment by plain
loops over numbers, distance along the water by Floyd and Warshall, exposure by distance to places and ways.
It is asked at random, and a millimetre to each side of every end that the engine found: an end elsewhere, a
gap too many or one cut in two shows there. `ANLAN_WORLDS=3000 pytest tests/property/test_engine_oracle.py`
asks thousands of worlds.
"""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.network import links_of
from geo.tables import Table
from tests.property.random_world import PARAMETERS, World, random_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hazards.findings import Findings

SAMPLES = 300
WORLDS = int(os.environ.get("ANLAN_WORLDS", "60"))
BESIDE_M = 1e-3
EDGE_M = 1e-7
"""A sample this close to a limit proves nothing: the numbers of coordinates end there."""
Array = np.ndarray[Any, np.dtype[np.float64]]


def vertices(findings: Findings, bank: int) -> tuple[Array, Array]:
    xy = np.array(findings.banks.geometry.iloc[bank].coords)
    steps = [0.0]
    for first, second in itertools.pairwise(xy):
        steps.append(steps[-1] + float(np.hypot(*(second - first))))
    return xy, np.array(steps)


def at(xy: Array, steps: Array, m: Array) -> Array:
    return np.column_stack([np.interp(m, steps, xy[:, 0]), np.interp(m, steps, xy[:, 1])])


def foot(xy: Array, steps: Array, point: Array) -> tuple[float, float]:
    best = (np.inf, 0.0)
    for k in range(len(xy) - 1):
        along = xy[k + 1] - xy[k]
        length = float(np.hypot(*along))
        if length == 0.0:
            continue
        t = min(max(float((point - xy[k]) @ along) / length**2, 0.0), 1.0)
        distance = float(np.hypot(*(xy[k] + t * along - point)))
        if distance < best[0] - 1e-9:
            best = (distance, steps[k] + t * length)
    return best


class Ways:
    """Shortest ways along the water between places (bank, m), over every link."""

    def __init__(self, findings: Findings) -> None:
        links = links_of(Table.of(findings.banks), PARAMETERS.crossing_limit_m)
        self.length = findings.banks["length_m"].to_numpy()
        self.ring = findings.banks.geometry.is_closed.to_numpy()
        self.bank = np.append(links.a, links.b)
        self.m = np.append(links.m_a, links.m_b)
        count = len(links)
        way = np.full((2 * count, 2 * count), np.inf)
        for node in range(2 * count):
            beside = np.flatnonzero(self.bank == self.bank[node])
            way[node, beside] = self.along(int(self.bank[node]), self.m[node], self.m[beside])
        for k in range(count):
            way[k, count + k] = way[count + k, k] = links.length_m[k]
        for k in range(2 * count):
            way = np.minimum(way, way[:, k, None] + way[None, k, :])
        self.way = way

    def along(self, bank: int, m: float, other: Array) -> Array:
        away = np.abs(other - m)
        return np.minimum(away, self.length[bank] - away) if self.ring[bank] else away

    def to(self, bank: int, m: float, other: int, spots: Array) -> Array:
        best = self.along(bank, m, spots) if bank == other else np.full(len(spots), np.inf)
        out, into = np.flatnonzero(self.bank == bank), np.flatnonzero(self.bank == other)
        if len(out) and len(into):
            first = self.along(bank, m, self.m[out])
            reached = (first[:, None] + self.way[np.ix_(out, into)]).min(axis=0)
            for node, way in zip(into, reached, strict=True):
                best = np.minimum(best, way + self.along(other, self.m[node], spots))
        return best


def oracle(world: World, findings: Findings, ways: Ways, bank: int, m: Array) -> tuple[Array, Array]:
    """Return the signed margins [m] by which each sample is exposed and covered; positive is inside."""
    xy, steps = vertices(findings, bank)
    spots = at(xy, steps, m)
    exposed = np.full(len(m), -np.inf)
    for place in world.places.itertuples():
        radius = getattr(PARAMETERS.exposure_m, place.kind)
        away = np.hypot(spots[:, 0] - place.geometry.x, spots[:, 1] - place.geometry.y)
        exposed = np.maximum(exposed, radius - away)
    for way in world.routes.geometry:
        for away in to_segments(np.array(way.coords), spots):
            exposed = np.maximum(exposed, PARAMETERS.profile_p.route_m - away)
    covered = np.full(len(m), -np.inf)
    for valid, station in zip(world.valid, world.stations.itertuples(), strict=True):
        stands = place_of(findings, np.array([station.geometry.x, station.geometry.y]), station)
        if stands is None or not valid:
            continue
        own, own_m = stands
        grade = world.waters["class_override"].loc[findings.banks["water_id"].iloc[own]]
        small = ways.ring[own] and ways.length[own] < PARAMETERS.small_ring.perimeter_m
        if small:
            covered = np.maximum(covered, np.inf if own == bank else -np.inf)
        else:
            covered = np.maximum(covered, getattr(PARAMETERS.reach_m, grade) - ways.to(own, own_m, bank, m))
    return exposed, covered


def to_segments(xy: Array, spots: Array) -> Iterator[Array]:
    """Yield the distance of every spot from each segment of a line."""
    for first, second in itertools.pairwise(xy):
        along = second - first
        squared = float(along @ along)
        t = np.clip((spots - first) @ along / squared, 0.0, 1.0) if squared else np.zeros(len(spots))
        yield np.hypot(*(first + t[:, None] * along - spots).T)


def place_of(findings: Findings, spot: Array, station: Any) -> tuple[int, float] | None:
    """Return where a station stands; where its own bank was cut away, the engine is asked for the bank."""
    own = [int(k) for k in np.flatnonzero(findings.banks["water_id"] == station.water_id)]
    said = findings.station_findings["bank"].loc[station.Index]
    stands = [] if said is pd.NA else [int(said)]
    candidates = own if not stands or stands[0] in own else stands
    feet = [foot(*vertices(findings, k), spot) for k in candidates]
    if not feet:
        return None
    nearest = min(range(len(feet)), key=lambda k: (round(feet[k][0], 9), k))
    if feet[nearest][0] > PARAMETERS.snap_m.station:
        return None
    return candidates[nearest], feet[nearest][1]


def inside(frame: Any, bank: int, length_m: float, m: Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
    found = np.zeros(len(m), np.bool_)
    for row in frame[frame["bank"] == bank].itertuples():
        found |= (m >= row.from_m) & (m <= row.to_m)
        found |= m + length_m <= row.to_m
    return found


def beside_ends(frame: Any, bank: int, length_m: float, *, ring: bool) -> Array:
    """Return the places a millimetre to each side of the ends of the stretches of a bank."""
    own = frame[frame["bank"] == bank]
    ends = np.concatenate([own["from_m"].to_numpy(np.float64), own["to_m"].to_numpy(np.float64)])
    spots = np.concatenate([ends - BESIDE_M, ends + BESIDE_M])
    if ring:
        return np.asarray(spots % length_m)
    return np.asarray(spots[(spots > 0.0) & (spots < length_m)])


@settings(max_examples=WORLDS)
@given(st.integers(0, 2**32 - 1))
def test_every_sampled_metre_is_as_the_definition_says(seed: int) -> None:
    world = random_world(seed)
    findings = world.assess()
    world_valid = findings.station_findings["status"].isin(["valid"]).to_numpy()
    on_small = (
        findings.banks["length_m"].reindex(findings.station_findings["bank"].fillna(-1)).to_numpy() < 100
    )
    off = (findings.station_findings["status"] == "off_bank").to_numpy()
    assert ((world_valid == world.valid) | on_small | off).all()
    world.valid[:] = np.where(on_small, world_valid, world.valid)
    rng = np.random.default_rng(seed)
    ways = Ways(findings)
    for bank in range(len(findings.banks)):
        length = float(findings.banks["length_m"].iloc[bank])
        ring = bool(ways.ring[bank])
        ends = [beside_ends(one, bank, length, ring=ring) for one in (findings.gaps, findings.covered)]
        m = np.concatenate([rng.uniform(0.0, length, SAMPLES), *ends])
        exposed, covered = oracle(world, findings, ways, bank, m)
        clear = (np.abs(exposed) > EDGE_M) & (np.abs(covered) > EDGE_M)
        is_gap = inside(findings.gaps, bank, length, m)
        is_covered = inside(findings.covered, bank, length, m)
        assert (is_gap == ((exposed > 0) & ~(covered > 0)))[clear].all()
        assert (is_covered == (covered > 0))[clear].all()
