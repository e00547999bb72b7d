"""Pairs of places and waters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from geo.banks import banks_of
from geo.crs import CrsError
from geo.tables import Table
from hazards.proximity import proximity
from tests.unit.drawn_world import POND, STRAIGHT, places, waters

if TYPE_CHECKING:
    import geopandas as gpd


def near(homes: gpd.GeoDataFrame, waters: Table, limit_m: float) -> pd.DataFrame:
    return pd.DataFrame(proximity(Table.of(homes), waters, limit_m))


@pytest.mark.parametrize(("distance", "pairs"), [(199.999, 1), (200.0, 1), (200.001, 0)])
def test_a_pair_is_near_on_the_limit_and_not_beyond_it(distance: float, pairs: int) -> None:
    assert len(near(places(("home", 500, distance)), Table.of(waters(STRAIGHT)), 200.0)) == pairs


def test_every_near_pair_is_listed_once_with_its_distance() -> None:
    homes = places(("home", 50, 150), ("home", 5000, 5000))
    found = near(homes, Table.of(waters(STRAIGHT, POND)), 500.0)
    assert found.to_numpy().tolist() == [[1, 1, 150], [1, 2, 50]]


def test_banks_measure_to_the_bank_and_the_nearest_counts() -> None:
    banks = banks_of(Table.of(waters(STRAIGHT, width=60.0)), 20.0)
    found = near(places(("home", 500, 100)), replace(banks, ids=banks["water_id"]), 500.0)
    assert found.to_numpy().tolist() == [[1, 1, 70]]


def test_nobody_near_is_an_empty_frame_with_its_columns() -> None:
    for homes in (places(), places(("home", 0, 9000))):
        found = near(homes, Table.of(waters(STRAIGHT)), 10.0)
        assert found.columns.tolist() == ["place", "water_id", "distance_m"]
        assert len(found) == 0


def test_degrees_are_refused() -> None:
    with pytest.raises(CrsError, match="places"):
        near(places(("home", 0, 0)).to_crs("EPSG:4490"), Table.of(waters(STRAIGHT)), 10.0)
