"""Coordinates and chainage come back as they went."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo.chainage import format_chainage, parse_chainage
from geo.datum import bd09_to_wgs84, gcj02_to_wgs84, wgs84_to_bd09, wgs84_to_gcj02

MICRON_DEG = 1e-6 / 111_320.0
longitudes, latitudes = st.floats(75.0, 134.0), st.floats(4.0, 53.0)


@given(longitudes, latitudes)
def test_a_place_in_china_comes_back_from_both_shifted_systems(lon: float, lat: float) -> None:
    for there, back in ((wgs84_to_gcj02, gcj02_to_wgs84), (wgs84_to_bd09, bd09_to_wgs84)):
        returned = np.array(back(*there(lon, lat)))
        assert np.abs(returned - (lon, lat)).max() < MICRON_DEG * 2  # a float of 100° ends at 1.4e-14°


@given(st.integers(0, 10_000_000))
def test_whole_metres_survive_their_chainage(m: int) -> None:
    assert parse_chainage(format_chainage(float(m))) == m
