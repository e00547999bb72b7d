"""The engine against an oracle written from the definition: sampled metres of bank, by brute force.

The oracle shares nothing with the engine but the banks: nearest segment by plain loops over numbers,
distance along the bank by subtraction, exposure by distance to every place.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.random_world import PARAMETERS, World, random_world

if TYPE_CHECKING:
    from hazards.findings import Findings

SAMPLES = 300
EDGE_M = 1e-4
"""A sample this close to a limit proves nothing."""
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


def oracle(world: World, findings: Findings, bank: int, m: Array) -> tuple[Array, Array]:
    """Return the signed margins [m] by which each sample is exposed and covered; positive is inside."""
    xy, steps = vertices(findings, bank)
    spots = at(xy, steps, m)
    exposed = np.full(len(m), -np.inf)
    for place in world.places.itertuples():
        radius = getattr(PARAMETERS.exposure_m, place.kind)
        away = np.hypot(spots[:, 0] - place.geometry.x, spots[:, 1] - place.geometry.y)
        exposed = np.maximum(exposed, radius - away)
    covered = np.full(len(m), -np.inf)
    water = findings.banks["water_id"].iloc[bank]
    grade = world.waters["class_override"].loc[water]
    ring = bool((xy[0] == xy[-1]).all())
    small = ring and steps[-1] < PARAMETERS.small_ring.perimeter_m
    siblings = [int(k) for k in np.flatnonzero(findings.banks["water_id"] == water)]
    for valid, station in zip(world.valid, world.stations.itertuples(), strict=True):
        if station.water_id != water or not valid:
            continue
        spot = np.array([station.geometry.x, station.geometry.y])
        feet = [foot(*vertices(findings, k), spot) for k in siblings]
        nearest = min(range(len(feet)), key=lambda k: (round(feet[k][0], 9), k))
        if siblings[nearest] != bank or feet[nearest][0] > PARAMETERS.snap_m.station:
            continue
        away = np.abs(m - feet[nearest][1])
        if ring:
            away = np.minimum(away, steps[-1] - away)
        reach = np.inf if small else getattr(PARAMETERS.reach_m, grade)
        covered = np.maximum(covered, reach - away)
    return exposed, covered


def inside(frame: Any, bank: int, length_m: float, m: Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
    found = np.zeros(len(m), np.bool_)
    for row in frame[frame["bank"] == bank].itertuples():
        found |= (m >= row.from_m) & (m <= row.to_m)
        found |= m + length_m <= row.to_m
    return found


@settings(max_examples=60)
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
    for bank in range(len(findings.banks)):
        length = float(findings.banks["length_m"].iloc[bank])
        m = rng.uniform(0.0, length, SAMPLES)
        exposed, covered = oracle(world, findings, bank, m)
        clear = (np.abs(exposed) > EDGE_M) & (np.abs(covered) > EDGE_M)
        is_gap = inside(findings.gaps, bank, length, m)
        is_covered = inside(findings.covered, bank, length, m)
        assert (is_gap == ((exposed > 0) & ~(covered > 0)))[clear].all()
        assert (is_covered == (covered > 0))[clear].all()
