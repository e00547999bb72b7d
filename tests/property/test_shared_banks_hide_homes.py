"""The attack on homes: two ends of exposed bank, two circles, one address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from scipy.spatial import cKDTree

from geo.measures import measure, points_at
from hazards.parameters import Sharing
from hazards.sharing import shared_exposure

if TYPE_CHECKING:
    from geo.intervals import Intervals
    from geo.measures import MeasureTable

RADIUS_M = 500.0


def ground(rng: np.random.Generator) -> tuple[MeasureTable, np.ndarray, np.ndarray]:
    """Return winding banks, and homes: lonely ones and hamlets of a dozen."""
    bends = np.cumsum(rng.normal(0, 12, (24, 240)), axis=1)
    along = np.linspace(0, 12_000, 240)
    lines = [np.column_stack([along, 500 * k + bends[k]]) for k in range(24)]
    lonely = rng.uniform((0, 0), (12_000, 12_000), (90, 2))
    hamlets = rng.uniform((0, 0), (12_000, 12_000), (25, 2)).repeat(12, axis=0) + rng.normal(0, 60, (300, 2))
    return measure(np.asarray(shapely.linestrings(lines), dtype=object)), lonely, hamlets


def addresses(table: MeasureTable, stretches: Intervals) -> np.ndarray:
    """Return where circles around every two near ends of exposed bank meet with no other end inside."""
    inner = (stretches.start > 0.01, stretches.stop < table.length_m[stretches.group] - 0.01)
    ends = np.concatenate(
        [
            points_at(table, stretches.group[inner[0]], stretches.start[inner[0]]),
            points_at(table, stretches.group[inner[1]], stretches.stop[inner[1]]),
        ]
    )
    tree = cKDTree(ends)
    pairs = tree.query_pairs(2 * RADIUS_M - 0.1, output_type="ndarray")
    a, b = ends[pairs[:, 0]], ends[pairs[:, 1]]
    across = np.linalg.norm(b - a, axis=1)
    a, b, across = a[across > 0.5], b[across > 0.5], across[across > 0.5]
    height = np.sqrt(RADIUS_M**2 - across**2 / 4)[:, None]
    normal = np.column_stack([a[:, 1] - b[:, 1], b[:, 0] - a[:, 0]]) / across[:, None]
    found = np.concatenate([(a + b) / 2 + height * normal, (a + b) / 2 - height * normal])
    possible = [not near for near in tree.query_ball_point(found, RADIUS_M - 0.1)]
    return found[possible]


def located(table: MeasureTable, homes: np.ndarray, at_least: int) -> int:
    """Return how many homes the attack puts within five metres."""
    everywhere = np.ones(len(homes), np.bool_)
    radius = np.full(len(homes), RADIUS_M)
    sharing = Sharing(homes_at_least=at_least) if at_least > 1 else None
    seen = shared_exposure(table, homes, radius, everywhere, sharing)
    guesses = addresses(table, seen)
    if not len(guesses):
        return 0
    distance, home = cKDTree(homes).query(guesses)
    return len(set(home[distance < 5.0].tolist()))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_ends_of_exact_banks_are_addresses_and_ends_of_shared_banks_are_not(seed: int) -> None:
    table, lonely, hamlets = ground(np.random.default_rng(seed))
    homes = np.concatenate([lonely, hamlets])
    exact, shared = located(table, homes, at_least=1), located(table, homes, at_least=5)
    assert exact > 30  # the attack is a real one
    assert shared * 10 < exact  # the rest is what chance hits in a field of guesses
