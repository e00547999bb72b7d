"""What closes a gap, where the rope is too short, and where a barrier is advised."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest
from shapely import LineString, Point, box

from geo.tables import Table
from hazards.closing import breadth_m
from hazards.judged import ParameterError
from hazards.protection_rules import BarrierRule
from tests.unit.drawn_world import POND, TODAY, World, full_sets, places, stations, waters

SHORT = LineString([(0, 0), (150, 0)])


def closing(world: World) -> list[tuple[str, int]]:
    gaps = world.assess().gaps
    return list(zip(gaps["what_closes"], gaps["new_sets"], strict=True))


def with_faults(world: World, **faults: str) -> World:
    """Return the world with each named station (s1, s2, …) expired, or lacking the named item."""
    items = full_sets(world.stations)
    for name, fault in faults.items():
        mine = items["station_id"] == int(name[1:])
        if fault == "expired":
            items.loc[mine, "verified_on"] = TODAY - dt.timedelta(days=60)
        else:
            items = items[~mine | (items["kind"] != fault)]
    world.items = items
    return world


def on_the_short_bank() -> World:
    return World(waters=waters(SHORT), stations=stations((50, 0), (130, 0)))


def test_an_expired_set_asks_to_be_verified() -> None:
    assert closing(with_faults(on_the_short_bank(), s1="expired")) == [("verify", 0)]


def test_a_set_with_an_item_short_asks_to_be_completed() -> None:
    assert closing(with_faults(on_the_short_bank(), s1="rope")) == [("complete_set", 0)]
    assert closing(with_faults(on_the_short_bank(), s1="rope", s2="expired")) == [("complete_set", 0)]


def test_bank_without_any_set_asks_for_one_in_every_hundred_metres() -> None:
    assert closing(World()) == [("new_set", 10)]
    assert closing(World(waters=waters(SHORT))) == [("new_set", 2)]


def test_what_a_completed_set_leaves_open_asks_for_new_ones() -> None:
    # The set at K0+500 would close 100 m; 450 m on either side need five each.
    world = with_faults(World(stations=stations((500, 0))), s1="sign")
    assert closing(world) == [("complete_set", 10)]


def test_a_gap_over_the_start_of_a_ring_counts_its_sets_once() -> None:
    world = World(waters=waters(POND), stations=stations((100, 100)), places=places(("home", 50, 50)))
    assert closing(world) == [("new_set", 3)]


@pytest.mark.parametrize(("width", "beyond"), [(50.0, False), (50.01, True), (None, False)])
def test_a_rope_reaches_the_middle_up_to_twice_its_length(width: float | None, beyond: bool) -> None:  # noqa: FBT001
    gaps = World(waters=waters(LineString([(0, 0), (1000, 0)]), width=width)).assess().gaps
    assert set(gaps["beyond_rope"]) == {beyond}


def test_a_pond_is_as_wide_as_a_round_one_of_its_area_and_edge() -> None:
    shapes = waters(Point(0, 0).buffer(30, quad_segs=64), box(0, 0, 1000, 10), Point(0, 0))
    found = breadth_m(Table.of(shapes))
    assert found[0] == pytest.approx(60, rel=1e-3)
    assert 10 < found[1] < 20
    assert math.isnan(found[2])


@pytest.mark.parametrize(
    ("near", "advised"),
    [
        ([("school", 500.0, 50.0)], True),
        ([("school", 500.0, 50.001)], False),
        ([("village", 500.0, 50.0)], True),
        ([("home", 500.0, 50.0)] * 5, True),
        ([("home", 500.0, 50.0)] * 4, False),
    ],
)
def test_a_barrier_is_advised_near_a_school_a_village_or_five_homes(near: Any, advised: bool) -> None:  # noqa: FBT001
    assert World(places=places(*near)).assess().gaps["barrier_advised"].tolist() == [advised]


def test_a_well_is_always_advised_a_barrier() -> None:
    world = World(waters=waters(Point(0, 0)), places=places(("home", 300, 0)))
    assert world.assess().gaps["barrier_advised"].tolist() == [True]


def test_the_rule_may_not_be_set_so_low_that_it_tells_a_home() -> None:
    with pytest.raises(ParameterError, match="home"):
        BarrierRule(homes=4)
