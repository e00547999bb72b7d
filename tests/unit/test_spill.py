"""Cover goes on along the water where one bank meets the next, and not across it."""

from __future__ import annotations

import pytest
from shapely import LineString, box

from tests.unit.drawn_world import World, gap_list, places, stations, waters

FIRST = LineString([(0, 0), (500, 0)])
SECOND = LineString([(500, 0), (1000, 0)])
BROOK = LineString([(500, 300), (500, 0)])


def covered(world: World) -> dict[int, float]:
    found = world.assess()
    water = found.banks["water_id"].reindex(found.covered["bank"]).to_numpy()
    length = (found.covered["to_m"] - found.covered["from_m"]).to_numpy()
    return {int(k): float(length[water == k].sum()) for k in sorted(set(water))}


def test_a_set_near_the_end_of_a_reach_covers_the_next_reach_too() -> None:
    world = World(waters=waters(FIRST, SECOND), stations=stations((480, 0)))
    assert covered(world) == {1: pytest.approx(70), 2: pytest.approx(30)}


@pytest.mark.parametrize("water", [1, 2, 3, None])
def test_a_set_at_a_confluence_gives_one_answer_whichever_reach_it_stands_on(water: int | None) -> None:
    world = World(waters=waters(FIRST, SECOND, BROOK), stations=stations((500, 0), water=water))
    assert covered(world) == {1: pytest.approx(50), 2: pytest.approx(50), 3: pytest.approx(50)}


def test_cover_flows_from_the_brook_to_the_near_bank_of_the_river_alone() -> None:
    world = World(
        waters=waters(LineString([(0, 0), (1000, 0)]), BROOK), stations=stations((500, 50), water=2)
    )
    world.waters["width_m"] = [60.0, 2.0]
    found = world.assess()
    # The brook ends at the left bank, 20 m from the set: 30 m are left each way.
    sides = found.banks["side"].reindex(found.covered["bank"]).tolist()
    assert sides == ["left", "single"]
    left = found.covered.iloc[0]
    assert (left["from_m"], left["to_m"]) == (pytest.approx(470, abs=0.1), pytest.approx(530, abs=0.1))
    assert ("right", 0, 1000) in gap_list(found)


def test_the_one_set_of_a_small_pond_serves_that_pond_alone() -> None:
    pond = box(490, 0, 510, 20)
    world = World(waters=waters(FIRST, SECOND, pond), stations=stations((500, 20), water=3))
    world.places = places(("school", 500, 10))
    assert 1 not in covered(world)


def test_a_set_at_a_mouth_whose_bank_was_cut_away_serves_the_nearest_bank() -> None:
    lake = box(300, -200, 700, 200)
    through = LineString([(0, 0), (1000, 0)])
    world = World(waters=waters(lake, through), stations=stations((500, 0), (698, 40), water=2))
    found = world.assess().station_findings
    assert found["status"].tolist() == ["off_bank", "valid"]
    inside = World(
        waters=waters(lake, LineString([(350, 190), (650, 190)])), stations=stations((500, 195), water=2)
    )
    stands = inside.assess().station_findings.iloc[0]
    assert (stands["bank"], stands["status"]) == (0, "valid")
