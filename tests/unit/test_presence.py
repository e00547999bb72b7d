"""Boarders weigh by the days they are at home."""

from __future__ import annotations

import numpy as np
import pytest
from shapely import LineString

from hazards.judged import ParameterError
from hazards.parameters import Parameters, PlaceWeight, definitions
from hazards.presence import home_weights
from tests.unit.drawn_world import World, places, waters

DAYS_OF_A_YEAR = 365


def test_a_boarder_s_home_weighs_by_its_share_of_the_year_and_no_other_does() -> None:
    weights = PlaceWeight(home=2.0, boarder_share=0.25)
    assert home_weights(np.array([True, False]), weights).tolist() == [0.5, 2.0]


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_share_may_be_nothing_or_all(share: float) -> None:
    assert home_weights(np.array([True]), PlaceWeight(boarder_share=share)).tolist() == [share]


def test_more_than_the_whole_year_is_refused() -> None:
    with pytest.raises(ParameterError):
        PlaceWeight(boarder_share=1.01)


def test_the_proposed_share_is_that_of_weekends_and_holidays() -> None:
    """Forty weeks of school with two days at home each, and the twelve others whole."""
    at_home = 40 * 2 + (DAYS_OF_A_YEAR - 40 * 7)
    assert PlaceWeight().boarder_share == pytest.approx(at_home / DAYS_OF_A_YEAR, abs=0.005)
    (row,) = (row for row in definitions() if row.key == "place_weight.boarder_share")
    assert row.proposal


def test_a_boarder_s_home_exposes_like_any_other_and_weighs_less() -> None:
    line = LineString([(0, 0), (1000, 0)])

    def found(weight: float) -> tuple[float, float]:
        at = places(("home", 500, 100), weight=weight)
        gaps = World(waters=waters(line), places=at).assess().gaps
        return float(gaps["length_m"].sum()), float(gaps["weight"].sum())

    day, boarder = (
        found(weight) for weight in home_weights(np.array([False, True]), Parameters().place_weight)
    )
    assert boarder[0] == day[0] > 0
    assert boarder[1] == pytest.approx(day[1] * Parameters().place_weight.boarder_share)
