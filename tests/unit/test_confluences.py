"""Where waters meet: no bank inside another water, none doubled, no hole left."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point, box

from geo import banks as geo_banks
from geo.tables import Table

CRS = "EPSG:4546"
LIMIT_M = 20.0


def waters(*rows: tuple[Any, float | None]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"width_m": np.array([np.nan if width is None else width for _, width in rows], dtype=np.float64)},
        geometry=[shape for shape, _ in rows],
        crs=CRS,
        index=pd.RangeIndex(1, len(rows) + 1, name="water_id"),
    )


def banks_of(frame: gpd.GeoDataFrame, limit_m: float) -> gpd.GeoDataFrame:
    found: gpd.GeoDataFrame = geo_banks.banks_of(Table.of(frame), limit_m).frame("bank")
    return found


def table(banks: gpd.GeoDataFrame) -> list[tuple[int, str, int, float, float]]:
    columns = [banks[name] for name in ("water_id", "side", "part", "start_m", "length_m")]
    return [(w, s, p, round(a, 2), round(n, 2)) for w, s, p, a, n in zip(*columns, strict=True)]


RIVER = (LineString([(0, 0), (1000, 0)]), 60.0)


def test_a_brook_ends_at_the_bank_of_the_river_it_runs_into() -> None:
    brook = LineString([(500, 400), (500, 0)])
    banks = banks_of(waters(RIVER, (brook, 3.0)), LIMIT_M)
    assert table(banks) == [(1, "left", 0, 0, 1000), (1, "right", 0, 0, 1000), (2, "single", 0, 0, 370.01)]


def test_a_line_through_a_lake_stops_at_its_shore_and_goes_on_behind_it() -> None:
    lake, line = box(300, -100, 700, 100), LineString([(0, 0), (1000, 0)])
    banks = banks_of(waters((lake, None), (line, None)), LIMIT_M)
    assert table(banks) == [
        (1, "ring", 0, 0, 1200),
        (2, "single", 0, 0, 300.01),
        (2, "single", 1, 699.99, 300.01),
    ]


def test_the_mouth_of_a_wide_river_is_no_bank_of_its_lake() -> None:
    lake = box(1000, -300, 1600, 300)
    banks = banks_of(waters(RIVER, (lake, None)), LIMIT_M)
    # The river ends on the shore: nothing of either lies inside the other.
    assert len(banks) == 3
    inward = banks_of(waters((LineString([(0, 0), (1100, 0)]), 60.0), (lake, None)), LIMIT_M)
    ring = inward[inward["side"] == "ring"]
    assert ring["length_m"].tolist() == [pytest.approx(2400 - 60, abs=0.1)]
    assert not ring.geometry.iloc[0].is_closed
    assert ring.geometry.iloc[0].intersection(box(990, -29, 1010, 29)).is_empty


def test_a_ring_cut_away_from_its_start_is_one_line_over_the_start() -> None:
    lake = box(0, 0, 400, 400)
    river = LineString([(200, -200), (200, 100)])
    banks = banks_of(waters((lake, None), (river, 40.0)), LIMIT_M)
    assert (banks["side"] == "ring").sum() == 1


def test_a_line_wholly_in_a_lake_has_no_bank() -> None:
    inside = LineString([(350, 0), (650, 0)])
    banks = banks_of(waters((box(300, -100, 700, 100), None), (inside, 50.0)), LIMIT_M)
    assert banks["water_id"].tolist() == [1]


def test_an_island_keeps_its_pond() -> None:
    lake = box(0, 0, 500, 500).difference(box(200, 200, 300, 300))
    banks = banks_of(waters((lake, None), (box(230, 230, 260, 260), None)), LIMIT_M)
    assert [round(length) for length in banks["length_m"]] == [2000, 400, 120]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("width", [60.0, 100.0])
def test_two_reaches_that_meet_in_a_bend_leave_no_hole_and_no_double_bank(
    width: float,
    turned: bool,  # noqa: FBT001 - drawn both ways
) -> None:
    one = LineString([(0, 0), (1000, 0)])
    two = LineString([(1000, 0), (1700, 700)])
    banks = banks_of(waters((one, 60.0), (shapely.reverse(two) if turned else two, width)), LIMIT_M)
    shore = shapely.line_merge(shapely.set_precision(shapely.union_all(banks.geometry.to_numpy()), 0.05))
    # Two connected banks from end to end, but for the hundredth that an edge is wide; inside a bend a
    # wider reach's square end may stand out of the narrow one's bank by less than half the step.
    slack_m = max(0.1, (width - 60.0) / 8.0)
    blobs = shapely.union_all(shapely.buffer(banks.geometry.to_numpy(), slack_m))
    assert len(shapely.get_parts(blobs)) == 2
    assert shapely.length(shore) == pytest.approx(banks["length_m"].sum(), rel=0.01)
    axis = shapely.union_all([one, two])
    assert shapely.distance(axis, banks.geometry.to_numpy()).min() > 25.0


def test_chainage_before_a_confluence_does_not_move_with_what_lies_behind_it() -> None:
    line = LineString([(0, 0), (1000, 0)])
    bent = LineString([(0, 0), (600, 0), (1000, 80)])
    plain, moved = (
        banks_of(waters((shape, None), (box(400, -50, 450, 50), None)), LIMIT_M) for shape in (line, bent)
    )
    assert table(plain)[:2] != table(moved)[:2]
    assert table(plain)[0] == table(moved)[0]
    assert plain["start_m"].tolist() == moved["start_m"].tolist()


def test_a_well_beside_others_stays_a_ring() -> None:
    banks = banks_of(waters((Point(0, 0), 1.5), (LineString([(5, -50), (5, 50)]), None)), LIMIT_M)
    assert banks["side"].tolist() == ["ring", "single"]


def test_the_order_of_waters_changes_no_bank() -> None:
    frame = waters(RIVER, (LineString([(1000, 0), (1500, 600)]), 80.0), (box(480, 0, 520, 90), None))
    one, other = banks_of(frame, LIMIT_M), banks_of(frame.iloc[::-1], LIMIT_M)
    assert sorted(table(one)) == sorted(table(other))
