"""Classes of waters, on each limit and beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from shapely import LineString

from geo.banks import banks_of
from geo.measures import measure
from geo.tables import Table
from hazards.parameters import ClassDistances
from hazards.water_class import water_classes
from tests.unit.drawn_world import STRAIGHT, places, waters

if TYPE_CHECKING:
    import geopandas as gpd

NOTHING = places()


def graded(
    *near: tuple[str, float, float], incidents: int = 0, override: str | None = None
) -> tuple[str, str]:
    found = classes(waters(STRAIGHT, grade=override, incidents=incidents), places(*near))
    return found["water_class"][0], found["why"][0]


def classes(frame: gpd.GeoDataFrame, near: gpd.GeoDataFrame) -> Table:
    banks = banks_of(Table.of(frame), 20.0)
    return water_classes(Table.of(frame), banks, measure(banks.shapes), Table.of(near), ClassDistances())


@pytest.mark.parametrize("kind", ["school", "village"])
@pytest.mark.parametrize(("distance", "grade"), [(499.999, "A"), (500.0, "A"), (500.001, "C")])
def test_a_school_or_settlement_within_its_distance_makes_a_key_water(
    kind: str, distance: float, grade: str
) -> None:
    assert graded((kind, 500, distance))[0] == grade


@pytest.mark.parametrize(("distance", "found"), [(500.0, ("B", "home")), (500.001, ("C", "remote"))])
def test_a_home_makes_a_general_water(distance: float, found: tuple[str, str]) -> None:
    assert graded(("home", 500, distance)) == found


def test_a_past_drowning_makes_a_key_water_wherever_it_lies() -> None:
    assert graded(incidents=1) == ("A", "incident")


def test_an_override_wins_over_everything() -> None:
    assert graded(("school", 500, 1), incidents=3, override="C") == ("C", "override")


def test_of_two_waters_only_the_near_one_is_key() -> None:
    frame = waters(STRAIGHT, LineString([(0, 5000), (1000, 5000)]), grade=None)
    found = classes(frame, places(("school", 0, 4900)))
    assert found["water_class"].tolist() == ["C", "A"]
    assert found.ids.tolist() == [1, 2]
