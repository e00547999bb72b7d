"""Expected working sets from the history of checks: survival, places of loss, what to verify."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hazards.availability import YEAR_DAYS, availability, expected_between, intervals_of, weight_near
from hazards.parameters import ExposureDistances
from hazards.protection_rules import Survival
from tests.unit import drawn_world
from tests.unit.drawn_world import SET, TODAY

RULE = Survival()


def day(ago: int) -> dt.date:
    return TODAY - dt.timedelta(days=ago)


def stations(count: int, *, small: bool = False, weight: float = 1.0) -> pd.DataFrame:
    return pd.DataFrame(
        {"water_class": "A", "small": small, "weight": weight}, index=pd.RangeIndex(1, count + 1)
    )


def items(count: int, *, ago: int = 0, state: str = "good") -> pd.DataFrame:
    rows = [(station, kind, state, day(ago)) for station in range(1, count + 1) for kind in SET]
    return pd.DataFrame(rows, columns=["station_id", "kind", "state", "verified_on"])


def checks(*rows: tuple[int, str, str, int]) -> pd.DataFrame:
    return pd.DataFrame(
        [(station, kind, state, day(ago)) for station, kind, state, ago in rows],
        columns=["station_id", "kind", "state", "checked_on"],
    )


def test_a_stretch_runs_from_a_good_check_to_the_next_and_half_of_it_where_it_failed() -> None:
    spans = intervals_of(
        checks(
            (1, "rope", "good", 100),
            (1, "rope", "good", 70),
            (1, "rope", "missing", 50),
            (1, "rope", "good", 30),
            (1, "pole", "good", 90),
            (1, "rope", "unverified", 10),
            (1, "rope", "missing", -5),
        ),
        TODAY,
    )
    assert spans[["kind", "failed", "days"]].to_numpy().tolist() == [
        ["rope", False, 30.0],
        ["rope", True, 10.0],
    ]


def test_what_was_verified_today_works_and_what_is_missing_does_not() -> None:
    held = items(2)
    held.loc[held["station_id"] == 2, "state"] = "missing"
    found = availability(stations(2), held, checks(), RULE, TODAY)
    assert found.stations["works"].tolist() == [1.0, 0.0]
    assert found.stations["expected_items"].tolist() == [4.0, 0.0]
    assert found.expected_sets == 1.0


def test_nothing_is_claimed_for_what_nobody_verified() -> None:
    held = items(1, state="unverified")
    assert availability(stations(1), held, checks(), RULE, TODAY).expected_sets == 0.0
    never = items(1).assign(verified_on=None)
    assert availability(stations(1), never, checks(), RULE, TODAY).expected_sets == 0.0


def test_without_history_the_prior_loses_a_tenth_a_year() -> None:
    found = availability(stations(1), items(1, ago=365), checks(), RULE, TODAY)
    np.testing.assert_allclose(found.items["works"], 0.9 ** (365 / YEAR_DAYS))
    assert found.stations["works"].iloc[0] == pytest.approx(0.9 ** (4 * 365 / YEAR_DAYS))


@pytest.mark.parametrize("yearly", [0.05, 0.5, 3.0])
def test_the_rate_is_recovered_from_a_long_history(yearly: float) -> None:
    rng = np.random.default_rng(3)
    rows: list[tuple[int, str, str, int]] = []
    step = 10
    for station in range(1, 201):
        for k in range(72, 0, -1):
            state = "missing" if rng.random() < 1 - np.exp(-yearly * step / YEAR_DAYS) else "good"
            rows.append((station, "lifebuoy", state, k * step))
            if state == "missing":
                rows.append((station, "lifebuoy", "good", k * step))
    found = availability(stations(200), items(200), checks(*rows), RULE, TODAY)
    assert found.rates.loc[("lifebuoy", "A"), "rate_per_year"] == pytest.approx(yearly, rel=0.2)


def losing(*, ago: int) -> pd.DataFrame:
    rows: list[tuple[int, str, str, int]] = []
    for k in range(3):
        rows += [(1, "rope", "good", ago + 60 - 20 * k), (1, "rope", "missing", ago + 50 - 20 * k)]
        rows += [(2, "rope", "good", ago + 60 - 20 * k)]
    return checks(*rows)


def test_a_place_that_lost_often_is_named_and_trusted_less() -> None:
    found = availability(stations(2), items(2, ago=20), losing(ago=0), RULE, TODAY).stations
    assert found["losses"].tolist() == [3, 0]
    assert found["repeated"].tolist() == [True, False]
    assert found["works"].iloc[0] < found["works"].iloc[1]


def test_losses_of_long_ago_make_no_place_of_theft() -> None:
    found = availability(stations(2), items(2), losing(ago=400), RULE, TODAY).stations
    assert found["repeated"].tolist() == [False, False]


def test_the_first_to_verify_is_where_failure_would_cost_most() -> None:
    held = pd.concat([items(3, ago=0)[:4], items(3, ago=300)[4:]])
    frame = stations(3).assign(weight=[100.0, 1.0, 5.0])
    found = availability(frame, held, checks(), RULE, TODAY).stations
    assert found["rank"].tolist() == [3, 2, 1]


def test_a_small_ring_asks_for_a_sign_and_a_rope_or_pole() -> None:
    held = items(1)
    held = held[held["kind"].isin(["sign", "pole"])]
    assert availability(stations(1, small=True), held, checks(), RULE, TODAY).expected_sets == 1.0
    assert availability(stations(1), held, checks(), RULE, TODAY).expected_sets == 0.0


def test_no_argument_is_changed_and_an_empty_world_works() -> None:
    frames: tuple[Any, Any, Any] = (stations(2), items(2), losing(ago=0))
    before = [frame.copy(deep=True) for frame in frames]
    availability(*frames, RULE, TODAY)
    for frame, earlier in zip(frames, before, strict=True):
        pd.testing.assert_frame_equal(frame, earlier)
    assert availability(stations(0), items(0), checks(), RULE, TODAY).expected_sets == 0.0


def test_the_weight_near_a_station_is_that_of_the_places_within_their_distance() -> None:
    near = drawn_world.places(("home", 0, 500), ("home", 0, 500.001), ("school", 0, 500), weight=2.0)
    spots = drawn_world.stations((0, 0), (9000, 0))
    assert weight_near(spots, near, ExposureDistances()).tolist() == [4.0, 0.0]


def test_the_range_holds_the_estimate_and_narrows_with_what_is_known() -> None:
    few = checks((1, "rope", "good", 40), (1, "rope", "missing", 20))
    many = checks(
        *(
            (station, "rope", state, ago)
            for station in range(1, 101)
            for state, ago in (("good", 40), ("missing", 20))
        )
    )
    spreads = []
    for history in (few, many):
        found = availability(stations(100), items(100, ago=10), history, RULE, TODAY)
        low, high = expected_between(found.stations)
        assert low < found.expected_sets < high
        rope = found.rates.astype("float64").T[("rope", "A")].to_dict()
        assert rope["low_per_year"] < rope["rate_per_year"] < rope["high_per_year"]
        spreads.append(rope["high_per_year"] / rope["low_per_year"])
    assert spreads[1] < spreads[0]


def test_what_was_checked_today_is_certain_and_what_lacks_something_is_certain_too() -> None:
    held = pd.concat([items(2, ago=0), items(1, ago=0, state="missing").assign(station_id=3)])
    found = availability(stations(3), held, checks(), RULE, TODAY)
    assert expected_between(found.stations) == (2.0, 2.0)


def test_no_station_gives_no_range() -> None:
    assert expected_between(availability(stations(0), items(0), checks(), RULE, TODAY).stations) == (0.0, 0.0)
