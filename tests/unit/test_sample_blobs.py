"""Invented standing water is sound geometry, in metres and in degrees."""

from __future__ import annotations

import numpy as np
import shapely

from data.sample.blobs import apart, ponds


def test_no_pond_crosses_itself_even_after_a_change_of_scale() -> None:
    rng = np.random.default_rng(1)
    made = ponds(rng, rng.uniform(0, 1e5, (20_000, 2)), rng.uniform(7, 60, 20_000))
    turned = shapely.transform(made, lambda places: places @ np.array([[1e-5, 1e-7], [-1.3e-7, 0.9e-5]]))
    assert shapely.is_valid(made).all()
    assert shapely.is_valid(turned).all()


def test_of_two_ponds_that_would_overlap_the_first_stays() -> None:
    places = np.array([[0.0, 0.0], [30.0, 0.0], [100.0, 0.0]])
    assert apart(places, np.array([20.0, 20.0, 20.0])).tolist() == [True, False, True]
