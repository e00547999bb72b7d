from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.measures import measure
from hazards.judged import ParameterError
from hazards.parameters import Parameters, Sharing, from_mapping
from hazards.sharing import banded_weight, bands, grades, mesh_points, shared_exposure
from jobs.judging import verified
from jobs.seen import reaches

if TYPE_CHECKING:
    from geo.measures import MeasureTable


def test_a_band_starts_on_its_limit_and_not_before() -> None:
    children = np.array([0, 1, 4, 5, 9, 10, 19, 20, 500])
    assert bands(children).tolist() == ["<5", "<5", "<5", "5-9", "5-9", "10-19", "10-19", "20+", "20+"]


def test_a_grade_follows_the_band() -> None:
    assert grades(np.array([0, 4, 5, 19, 20])).tolist() == ["C", "C", "B", "B", "A"]


def test_an_empty_water_is_not_told_from_one_with_a_single_child() -> None:
    assert bands(np.array([0])).tolist() == bands(np.array([1])).tolist()


def bank(length_m: float) -> MeasureTable:
    return measure(np.array([shapely.LineString([(0, 0), (length_m, 0)])], dtype=object))


def shared(
    homes: list[tuple[float, float]], public: list[tuple[float, float]], at_least: int
) -> list[list[float]]:
    xy = np.array([*homes, *public], dtype=np.float64).reshape(-1, 2)
    home = np.arange(len(xy)) < len(homes)
    sharing = Sharing(homes_at_least=at_least, step_m=100.0) if at_least > 1 else None
    found = shared_exposure(bank(2000.0), xy, np.full(len(xy), 250.0), home, sharing)
    return [[start, stop] for start, stop in zip(found.start.tolist(), found.stop.tolist(), strict=True)]


def test_one_home_alone_exposes_nothing_that_others_see() -> None:
    assert shared([(1000.0, 0.0)], [], 5) == []


def test_five_homes_expose_between_marks_and_not_to_their_circle() -> None:
    # Each circle covers 765–1235: of the marks, 800–1200 wholly, the ends only for a third of their metres.
    homes = [(1000.0, 85.0)] * 5
    assert shared(homes, [], 5) == [[800.0, 1200.0]]
    assert shared(homes[:4], [], 5) == []


def test_moving_a_home_a_little_moves_no_end() -> None:
    for aside in (0.0, 3.0, 9.0):
        assert shared([(1000.0 + aside, 85.0)] * 6, [], 5) == [[800.0, 1200.0]]


def test_places_that_everybody_knows_are_exact() -> None:
    assert shared([], [(1000.0, 0.0)], 5) == [[750.0, 1250.0]]


def test_readers_who_may_see_homes_get_each_exactly() -> None:
    assert shared([(1000.0, 0.0)], [], 1) == [[750.0, 1250.0]]


def test_the_end_of_a_shared_stretch_is_a_mark_the_banks_end_or_public() -> None:
    rng = np.random.default_rng(7)
    homes = [tuple(point) for point in rng.uniform((0, -300), (2000, 300), (60, 2)).tolist()]
    for start, stop in shared(homes, [], 5):
        assert start % 100.0 == 0.0
        assert stop % 100.0 == 0.0


def test_a_weight_is_told_by_its_band_a_metre() -> None:
    length_m = np.full(5, 200.0)
    exact = np.array([0.2, 4.99, 5.0, 9.9, 250.0]) * length_m
    assert (banded_weight(exact, length_m) / length_m).tolist() == [1.0, 1.0, 5.0, 5.0, 100.0]


def test_one_child_more_below_five_changes_no_weight() -> None:
    assert banded_weight(np.array([100.0]), np.array([100.0])) == banded_weight(
        np.array([400.0]), np.array([100.0])
    )


@pytest.mark.parametrize("at_least", [0, 1, 2])
def test_no_setting_lets_a_home_count_alone(at_least: int) -> None:
    with pytest.raises(ParameterError, match="homes_at_least"):
        Sharing(homes_at_least=at_least)


def test_a_water_tells_of_homes_from_the_day_after_it_was_verified() -> None:
    days = pd.to_datetime(["2026-06-01", "2026-06-02", ""], errors="coerce")
    waters = gpd.GeoDataFrame({"verified_at": days})
    assert verified(waters, dt.date(2026, 6, 2)).tolist() == [True, False, False]


def test_hazards_of_one_square_of_the_mesh_tell_the_same() -> None:
    rng = np.random.default_rng(3)
    asked = rng.uniform(400_000.0, 400_199.9, (200, 2))
    assert np.unique(mesh_points(asked), axis=0).tolist() == [[400_100.0, 400_100.0]]
    assert mesh_points(np.array([[-0.1, 200.0]])).tolist() == [[-100.0, 300.0]]


def test_a_part_reads_every_home_that_counts_for_a_hazard_wherever_in_its_square_it_lies() -> None:
    parameters = Parameters()
    asked = np.random.default_rng(5).uniform(0.0, 2_000.0, (2_000, 2))
    aside_m = np.linalg.norm(asked - mesh_points(asked), axis=1).max()
    assert 120.0 < aside_m <= reaches(parameters).hazard_m - parameters.exposure_m.home


@pytest.mark.parametrize("changed", [{"changes_at_least": 2}, {"changes_at_once": 4}])
def test_one_change_is_never_told_alone(changed: dict[str, int]) -> None:
    with pytest.raises(ParameterError):
        from_mapping({f"sharing.{name}": value for name, value in changed.items()})
