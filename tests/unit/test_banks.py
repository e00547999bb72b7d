"""Waters turned into banks."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon, box

from geo import banks as geo_banks
from geo.crs import CrsError
from geo.frames import BANKS
from geo.tables import Table

LIMIT_M = 20.0


def waters(*rows: tuple[Any, float | None], crs: str = "EPSG:4546") -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"width_m": [width for _, width in rows]},
        geometry=[shape for shape, _ in rows],
        crs=crs,
        index=pd.RangeIndex(100, 100 + len(rows), name="water_id"),
    )


def banks_of(frame: gpd.GeoDataFrame, limit_m: float) -> gpd.GeoDataFrame:
    found: gpd.GeoDataFrame = geo_banks.banks_of(Table.of(frame), limit_m).frame("bank")
    return found


def sides(banks: gpd.GeoDataFrame) -> list[tuple[int, str, int]]:
    return list(zip(banks["water_id"].tolist(), banks["side"].tolist(), banks["part"].tolist(), strict=True))


BEND = LineString([(0, 0), (500, 0), (900, 300), (1400, 300)])


def test_a_river_wider_than_the_crossing_limit_has_two_banks_at_half_its_width() -> None:
    banks = banks_of(waters((LineString([(0, 0), (1000, 0)]), 60.0)), LIMIT_M)
    BANKS.check(banks)
    assert sides(banks) == [(100, "left", 0), (100, "right", 0)]
    assert banks.geometry.iloc[0].equals(LineString([(0, 30), (1000, 30)]))
    assert banks.geometry.iloc[1].equals(LineString([(0, -30), (1000, -30)]))


@pytest.mark.parametrize("width", [None, 5.0, LIMIT_M])
def test_up_to_the_crossing_limit_there_is_one_bank(width: float | None) -> None:
    banks = banks_of(waters((BEND, width)), LIMIT_M)
    assert sides(banks) == [(100, "single", 0)]
    assert banks.geometry.iloc[0].equals(BEND)


def test_just_above_the_crossing_limit_there_are_two() -> None:
    assert len(banks_of(waters((BEND, LIMIT_M + 0.01)), LIMIT_M)) == 2


def test_chainage_grows_along_the_water_on_both_banks() -> None:
    banks = banks_of(waters((BEND, 60.0), (shapely.reverse(BEND), 60.0)), LIMIT_M)
    starts = shapely.get_point(np.asarray(banks.geometry.array, dtype=object), 0)
    assert [round(point.x) for point in starts] == [0, 0, 1400, 1400]


def test_polygons_give_a_ring_for_every_outer_line_and_island() -> None:
    lake = Polygon(
        [(0, 0), (400, 0), (400, 400), (0, 400)], [[(100, 100), (100, 200), (200, 200), (200, 100)]]
    )
    banks = banks_of(waters((MultiPolygon([lake, box(1000, 0, 1100, 100)]), None)), LIMIT_M)
    assert sides(banks) == [(100, "ring", 0), (100, "ring", 1), (100, "ring", 2)]
    assert banks["length_m"].tolist() == [1600, 400, 400]
    assert shapely.is_closed(np.asarray(banks.geometry.array, dtype=object)).all()


def test_a_well_is_a_small_ring_of_its_width() -> None:
    banks = banks_of(waters((Point(5, 5), 2.0), (Point(50, 50), None)), LIMIT_M)
    assert banks["side"].tolist() == ["ring", "ring"]
    np.testing.assert_allclose(banks["length_m"], [np.pi * 2.0, np.pi * 1.5], rtol=0.01)


def test_a_narrow_loop_is_a_ring() -> None:
    loop = LineString([(0, 0), (100, 0), (100, 100), (0, 0)])
    assert banks_of(waters((loop, None)), LIMIT_M)["side"].tolist() == ["ring"]


def test_a_hairpin_narrower_than_the_river_loses_no_bank() -> None:
    hairpin = LineString([(0, 0), (10, 0), (10, 1), (0, 1)])
    assert set(banks_of(waters((hairpin, 60.0)), LIMIT_M)["side"]) == {"left", "right"}


@pytest.mark.parametrize("seed", range(5))
def test_no_part_of_a_meandering_bank_is_lost_or_doubled(seed: int) -> None:
    rng = np.random.default_rng(seed)
    turn = 1.1 * np.sin(np.arange(400) / 15.0) + rng.normal(0.0, 0.02, 400)
    line = LineString(np.cumsum(np.column_stack([np.cos(turn), np.sin(turn)]) * 10.0, axis=0))
    banks = banks_of(waters((line, 50.0)), LIMIT_M)
    assert sides(banks) == [(100, "left", 0), (100, "right", 0)]
    left, right = banks.geometry
    for step in np.linspace(0.0, line.length, 200):
        here = line.interpolate(step)
        assert 24.9 < left.distance(here) < 25.1
        assert 24.9 < right.distance(here) < 25.1
    assert abs(left.length + right.length - 2 * line.length) < 0.01 * line.length


def test_degrees_are_refused_and_the_argument_is_unchanged() -> None:
    frame = waters((BEND, 60.0), crs="EPSG:4490")
    with pytest.raises(CrsError, match="waters"):
        banks_of(frame, LIMIT_M)
    metric = waters((BEND, 60.0))
    before = metric.copy(deep=True)
    banks_of(metric, LIMIT_M)
    pd.testing.assert_frame_equal(metric, before)


def test_no_water_gives_no_bank() -> None:
    banks = banks_of(waters((BEND, 60.0)).iloc[:0], LIMIT_M)
    BANKS.check(banks)
    assert len(banks) == 0


def test_the_inner_side_of_a_loop_narrower_than_its_water_is_gone_and_nothing_fails() -> None:
    loop = LineString([(0, 0), (20, 0), (20, 20), (0, 20), (0, 0)])
    banks = banks_of(waters((loop, 97.0)), LIMIT_M)
    assert len(banks) == 1
    assert banks["length_m"].iloc[0] > loop.length
