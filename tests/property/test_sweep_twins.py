"""The compiled sweep and the vectorised one are the same function."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from geo.measures import measure
from hazards import sweep
from hazards.exposure import exposed, hits_of, weights


@given(seed=st.integers(0, 2**32 - 1), lines=st.integers(1, 12), places=st.integers(1, 60))
def test_compiled_and_vectorised_exposure_agree_to_the_bit(seed: int, lines: int, places: int) -> None:
    assert sweep.COMPILED
    rng = np.random.default_rng(seed)
    corners = rng.integers(2, 15)
    walk = np.cumsum(rng.normal(0, 40, (lines, corners, 2)), axis=1) + rng.uniform(0, 800, (lines, 1, 2))
    walk[rng.random((lines, corners)) < 0.1] = 100.0  # repeated vertices, crossing lines
    table = measure(np.asarray(shapely.linestrings(walk), dtype=object))
    xy = rng.uniform(-100, 900, (places, 2))
    radius = rng.choice([5.0, 50.0, 200.0], places)
    weight = rng.random(places)

    grid = sweep.grid_of(xy, radius)
    ours, hits = sweep.exposed(table, grid), hits_of(table, xy, radius)
    theirs = exposed(hits)
    assert_array_equal(ours.group, theirs.group)
    assert_array_equal(ours.start, theirs.start)
    assert_array_equal(ours.stop, theirs.stop)
    assert sweep.weights(table, ours, grid, weight) == pytest.approx(weights(theirs, hits, weight), abs=1e-6)
