"""Measures along banks, there and back."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point

from geo.chainage import ChainageError, cut, format_chainage, parse_chainage, project
from geo.crs import CrsError
from geo.intervals import Intervals
from geo.measures import measure, points_at

SQUARE = LineString([(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)])


def bank_frame(*lines: LineString, water: list[int] | None = None) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "water_id": water if water is not None else list(range(len(lines))),
            "side": ["ring" if line.is_closed else "single" for line in lines],
            "part": [0] * len(lines),
            "length_m": [line.length for line in lines],
        },
        geometry=list(lines),
        crs="EPSG:4546",
        index=pd.RangeIndex(len(lines), name="bank"),
    )


def point_frame(*points: Point, water: list[int | None] | None = None) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        geometry=list(points), crs="EPSG:4546", index=[f"p{i}" for i in range(len(points))]
    )
    if water is not None:
        frame["water_id"] = pd.array(water, dtype="Int64")
    return frame


@pytest.mark.parametrize(
    ("m", "text"),
    [(0, "K0+000"), (120.4, "K0+120"), (999.6, "K1+000"), (12045.5, "K12+046"), (0.5, "K0+001")],
)
def test_a_measure_is_written_as_chainage(m: float, text: str) -> None:
    assert format_chainage(m) == text


@pytest.mark.parametrize("m", [-0.1, float("nan"), float("inf")])
def test_what_is_no_measure_has_no_chainage(m: float) -> None:
    with pytest.raises(ChainageError):
        format_chainage(m)


@pytest.mark.parametrize(
    ("text", "m"), [("K0+120", 120), ("k12+045.5", 12045.5), ("Ｋ３＋００７", 3007), ("K1 + 000", 1000)]
)
def test_chainage_is_read_in_every_writing(text: str, m: float) -> None:
    assert parse_chainage(text) == m


@pytest.mark.parametrize("text", ["", "120", "K0+20", "K0-120", "0+120", "K+120"])
def test_other_texts_are_no_chainage(text: str) -> None:
    with pytest.raises(ChainageError):
        parse_chainage(text)


def test_a_point_stands_on_the_bank_of_its_own_water_even_if_another_is_nearer() -> None:
    banks = bank_frame(LineString([(0, 0), (1000, 0)]), LineString([(0, 10), (1000, 10)]))
    found = project(point_frame(Point(250, 9), Point(250, 9), water=[0, None]), banks, 50.0)
    assert found["bank"].tolist() == [0, 1]
    assert found["m"].tolist() == [250, 250]
    assert found["distance_m"].tolist() == [9, 1]
    assert found.index.tolist() == ["p0", "p1"]


@pytest.mark.parametrize(("distance", "too_far"), [(49.999, False), (50.0, False), (50.001, True)])
def test_too_far_is_beyond_the_limit_and_not_on_it(distance: float, *, too_far: bool) -> None:
    banks = bank_frame(LineString([(0, 0), (1000, 0)]))
    assert project(point_frame(Point(500, distance)), banks, 50.0)["too_far"].tolist() == [too_far]


def test_a_point_whose_water_has_no_bank_is_too_far() -> None:
    found = project(point_frame(Point(0, 0), water=[77]), bank_frame(LineString([(0, 0), (9, 0)])), 50.0)
    assert found["too_far"].tolist() == [True]
    assert found["bank"].isna().all()


def test_of_two_equally_near_banks_the_first_is_taken() -> None:
    banks = bank_frame(LineString([(0, 10), (100, 10)]), LineString([(0, -10), (100, -10)]), water=[5, 5])
    for water in ([5], [None]):
        assert project(point_frame(Point(50, 0), water=water), banks, 50.0)["bank"].tolist() == [0]  # type: ignore[arg-type]


def test_the_end_of_a_ring_is_its_start() -> None:
    assert project(point_frame(Point(-3, 0)), bank_frame(SQUARE), 50.0)["m"].tolist() == [0.0]


def test_points_and_banks_of_two_systems_are_refused() -> None:
    with pytest.raises(CrsError):
        project(point_frame(Point(0, 0)).to_crs("EPSG:4547"), bank_frame(SQUARE), 50.0)


def test_a_stretch_over_the_start_of_a_ring_is_one_line() -> None:
    stretch = Intervals(np.array([0]), np.array([350.0]), np.array([450.0]))
    line = cut(bank_frame(SQUARE), stretch).iloc[0]
    assert list(line.coords) == [(0, 50), (0, 0), (50, 0)]


def test_a_cut_agrees_with_the_line_it_was_cut_from() -> None:
    rng = np.random.default_rng(3)
    lines = [LineString(rng.uniform(0, 1000, (n, 2))) for n in (2, 3, 50, 400)]
    banks = bank_frame(*lines)
    bank = rng.integers(0, 4, 200)
    ends = np.sort(rng.uniform(0, 1, (200, 2)), axis=1) * banks["length_m"].to_numpy()[bank][:, None]
    pieces = np.asarray(cut(banks, Intervals(bank, ends[:, 0], ends[:, 1])).array, dtype=object)
    np.testing.assert_allclose(shapely.length(pieces), ends[:, 1] - ends[:, 0], atol=1e-6)
    whole = np.asarray(banks.geometry.array, dtype=object)[bank]
    start = shapely.line_interpolate_point(whole, ends[:, 0])
    assert shapely.distance(start, shapely.get_point(pieces, 0)).max() < 1e-6


def test_the_whole_line_cut_is_the_line() -> None:
    whole = Intervals(np.array([0, 1]), np.zeros(2), np.array([400.0, 9.0]))
    pieces = cut(bank_frame(SQUARE, LineString([(0, 0), (9, 0)])), whole)
    assert pieces.iloc[0].equals(SQUARE)
    assert pieces.iloc[1].equals(LineString([(0, 0), (9, 0)]))


def test_a_measure_does_not_depend_on_the_banks_before_it() -> None:
    rng = np.random.default_rng(5)
    many = np.array([LineString(rng.uniform(0, 5000, (60, 2))) for _ in range(30)], dtype=object)
    alone = measure(many[-1:])
    among = measure(many)
    assert (among.m[among.first[-2] :] == alone.m).all()
    np.testing.assert_allclose(among.length_m, shapely.length(many), atol=1e-6)


def test_a_vertex_is_found_at_its_own_measure() -> None:
    table = measure(np.array([SQUARE], dtype=object))
    at = points_at(table, np.zeros(5, np.int64), table.m)
    np.testing.assert_array_equal(at, table.xy)
