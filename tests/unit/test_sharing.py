from __future__ import annotations

import numpy as np

from hazards.sharing import bands, grades


def test_a_band_starts_on_its_limit_and_not_before() -> None:
    children = np.array([0, 1, 4, 5, 9, 10, 19, 20, 500])
    assert bands(children).tolist() == ["<5", "<5", "<5", "5-9", "5-9", "10-19", "10-19", "20+", "20+"]


def test_a_grade_follows_the_band() -> None:
    assert grades(np.array([0, 4, 5, 19, 20])).tolist() == ["C", "C", "B", "B", "A"]


def test_an_empty_water_is_not_told_from_one_with_a_single_child() -> None:
    assert bands(np.array([0])).tolist() == bands(np.array([1])).tolist()
