"""The five laws of the analysis, and what stands beside them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point, Polygon

from geo.crs import CrsError
from geo.frames import BANKS, COVERED, GAPS, STATION_FINDINGS, FrameError
from hazards.parameters import ExposureDistances, Parameters, SmallRing
from tests.unit.drawn_world import (
    CRS,
    POND,
    STRAIGHT,
    TODAY,
    World,
    barriers,
    full_sets,
    gap_list,
    places,
    stations,
    waters,
)

PUDDLE = Polygon([(0, 0), (10, 0), (10, 10), (0, 10)])
EVERY_HUNDRED = [(float(x), 0.0) for x in range(0, 1001, 100)]


def test_valid_sets_every_hundred_metres_leave_no_gap() -> None:
    findings = World(stations=stations(*EVERY_HUNDRED)).assess()
    assert gap_list(findings) == []
    assert findings.bank_findings[["exposed_m", "covered_m", "gap_m"]].to_numpy().tolist() == [
        [1000, 1000, 0]
    ]


def test_one_set_removed_opens_one_gap() -> None:
    without = [point for point in EVERY_HUNDRED if point[0] != 500]
    assert gap_list(World(stations=stations(*without)).assess()) == [("single", 450, 550)]


def test_a_pond_with_one_set_has_one_gap_that_crosses_the_start() -> None:
    # The set stands at K0+200 of 400 m: what is left runs from 250 over the start to 150.
    findings = World(
        waters=waters(POND), stations=stations((100, 100)), places=places(("home", 50, 50))
    ).assess()
    assert gap_list(findings) == [("ring", 250, 550)]
    gap = findings.gaps.iloc[0]
    assert gap["length_m"] == 300
    assert gap.geometry.geom_type == "LineString"
    assert gap.geometry.length == pytest.approx(300)
    assert gap.geometry.distance(Point(0, 0)) == 0


def test_a_set_on_the_left_bank_closes_no_gap_on_the_right_bank_of_a_wide_river() -> None:
    left = [(x, 30.0) for x, _ in EVERY_HUNDRED]
    findings = World(waters=waters(STRAIGHT, width=60.0), stations=stations(*left)).assess()
    assert gap_list(findings) == [("right", 0, 1000)]
    assert findings.gaps["reason"].tolist() == ["other_bank"]


def test_on_a_narrow_stream_one_row_of_sets_serves_both_banks() -> None:
    left = [(x, 5.0) for x, _ in EVERY_HUNDRED]
    assert gap_list(World(waters=waters(STRAIGHT, width=10.0), stations=stations(*left)).assess()) == []


@pytest.mark.parametrize("lacking", ["sign", "lifebuoy", "rope", "pole"])
def test_a_set_with_one_item_missing_covers_nothing(lacking: str) -> None:
    world = World(stations=stations(*EVERY_HUNDRED))
    items = full_sets(world.stations)
    world.items = items[(items["station_id"] != 6) | (items["kind"] != lacking)]
    findings = world.assess()
    assert gap_list(findings) == [("single", 450, 550)]
    assert findings.gaps["reason"].tolist() == ["incomplete"]
    found = findings.station_findings.loc[6]
    assert (found["status"], found["missing"]) == ("incomplete", lacking)


def test_an_expired_set_covers_nothing_and_is_the_reason() -> None:
    world = World(stations=stations(*EVERY_HUNDRED))
    items = full_sets(world.stations)
    items.loc[items["station_id"] == 6, "verified_on"] = TODAY - dt.timedelta(days=8)
    world.items = items
    findings = world.assess()
    assert gap_list(findings) == [("single", 450, 550)]
    assert findings.gaps["reason"].tolist() == ["expired"]


def test_without_any_station_nobody_is_to_blame() -> None:
    assert World().assess().gaps["reason"].tolist() == ["no_station"]


def test_a_gap_says_its_weight_and_the_nearest_village_but_never_a_home() -> None:
    near = places(("home", 500, 1), ("village", 500, 300), ("village", 500, 400), weight=2.0)
    gap = (
        World(places=near, parameters=Parameters(exposure_m=ExposureDistances(home=100, village=1)))
        .assess()
        .gaps.iloc[0]
    )
    assert gap["nearest_place"] == 2
    assert gap["nearest_distance_m"] == pytest.approx(300)
    assert gap["weight"] == pytest.approx(2.0 * gap["length_m"])


def test_bank_that_nobody_lives_near_is_no_gap() -> None:
    findings = World(places=places(("home", 500, 500.001))).assess()
    assert gap_list(findings) == []


@pytest.mark.parametrize(("radius", "length"), [(29.999, 0.0), (30.0, 0.0), (50.0, 80.0)])
def test_exposure_is_the_chord_of_the_circle(radius: float, length: float) -> None:
    parameters = Parameters(exposure_m=ExposureDistances(home=radius))
    findings = World(places=places(("home", 500, 30)), parameters=parameters).assess()
    assert findings.bank_findings["exposed_m"].tolist() == [pytest.approx(length)]


def test_a_gap_shorter_than_the_smallest_listed_counts_in_the_sums_alone() -> None:
    almost = stations((0, 0), (100.5, 0))
    findings = World(waters=waters(LineString([(0, 0), (150, 0)])), stations=almost).assess()
    assert gap_list(findings) == []
    assert findings.bank_findings["gap_m"].tolist() == [pytest.approx(0.5)]
    on_the_limit = stations((0, 0), (101, 0))
    assert len(World(waters=waters(LineString([(0, 0), (150, 0)])), stations=on_the_limit).assess().gaps) == 1


@pytest.mark.parametrize(("distance", "status"), [(49.999, "valid"), (50.0, "valid"), (50.001, "off_bank")])
def test_a_station_too_far_from_its_bank_covers_nothing(distance: float, status: str) -> None:
    found = World(stations=stations((500, distance))).assess().station_findings.iloc[0]
    assert found["status"] == status
    assert pd.isna(found["bank"]) == (status == "off_bank")
    assert found["distance_m"] == pytest.approx(distance)


def test_a_station_without_a_water_serves_the_nearest() -> None:
    found = World(stations=stations((500, 3), water=None)).assess().station_findings.iloc[0]
    assert found[["bank", "m", "distance_m", "status"]].tolist() == [0, 500, 3, "valid"]


def test_reach_follows_the_class_of_the_water() -> None:
    spans = {}
    for grade in "ABC":
        findings = World(waters=waters(STRAIGHT, grade=grade), stations=stations((500, 0))).assess()
        spans[grade] = findings.covered[["from_m", "to_m"]].to_numpy().tolist()
    assert spans == {"A": [[450, 550]], "B": [[400, 600]], "C": [[250, 750]]}


def test_a_barrier_closes_what_it_runs_along() -> None:
    fence = barriers((1, "fence", LineString([(200, 3), (900, 3)])))
    assert gap_list(World(barriers=fence).assess()) == [("single", 0, 200), ("single", 900, 1000)]


def test_a_barrier_around_the_start_of_a_ring_closes_it_there() -> None:
    fence = barriers((1, "barrier", LineString([(-2, 50), (-2, -2), (50, -2)])))
    findings = World(waters=waters(POND), barriers=fence, places=places(("home", 50, 50))).assess()
    assert gap_list(findings) == [("ring", 50, 350)]


def test_a_barrier_of_another_water_closes_nothing() -> None:
    two = waters(STRAIGHT, LineString([(0, 5), (1000, 5)]))
    fence = barriers((2, "fence", LineString([(0, 3), (1000, 3)])))
    assert World(waters=two, barriers=fence).assess().gaps["water_id"].tolist() == [1]


def well_world(*, lid: bool) -> World:
    world = World(waters=waters(Point(0, 0)), stations=stations((2, 0)), places=places(("home", 30, 0)))
    items = full_sets(world.stations)
    world.items = items[items["kind"].isin(["sign", "pole"])]
    if lid:
        world.barriers = barriers((1, "fence", LineString(Point(0, 0).buffer(2).exterior.coords)))
    return world


def test_a_well_needs_a_sign_a_pole_or_rope_and_a_cover() -> None:
    closed = well_world(lid=True).assess()
    assert closed.station_findings["status"].tolist() == ["valid"]
    assert gap_list(closed) == []
    open_well = well_world(lid=False).assess()
    assert open_well.station_findings["missing"].tolist() == ["cover"]
    assert open_well.gaps["reason"].tolist() == ["incomplete"]


def test_a_metre_of_fence_guards_no_pond() -> None:
    pond = Polygon([(0, 0), (24, 0), (24, 24), (0, 24)])
    world = World(waters=waters(pond), stations=stations((0, -1)), places=places(("home", 30, 0)))
    world.items = full_sets(world.stations)
    for fence, missing in (([(0, 0), (1, 0)], "cover"), (pond.exterior.coords, "")):
        world.barriers = barriers((1, "fence", LineString(fence)))
        assert world.assess().station_findings["missing"].tolist() == [missing]


def test_the_rule_of_the_cover_can_be_switched_off() -> None:
    world = well_world(lid=False)
    world.parameters = Parameters(small_ring=SmallRing(cover_required=False))
    assert gap_list(world.assess()) == []


def test_a_covered_well_is_covered_without_any_station() -> None:
    lid = barriers((1, "cover", LineString([(-1, 0), (1, 0)])))
    world = World(waters=waters(Point(0, 0)), barriers=lid, places=places(("home", 30, 0)))
    assert gap_list(world.assess()) == []


def test_every_result_keeps_its_contract() -> None:
    left = stations(*[(x, 30.0) for x in (100.0, 500.0, 900.0)])
    findings = World(waters=waters(STRAIGHT, POND, width=60.0), stations=left).assess()
    BANKS.check(findings.banks)
    GAPS.check(findings.gaps)
    COVERED.check(findings.covered)
    STATION_FINDINGS.check(findings.station_findings)
    assert findings.bank_findings.index.equals(findings.banks.index)
    assert findings.station_findings.index.equals(left.index)
    assert findings.water_classes.index.tolist() == [1, 2]


def test_an_empty_world_has_empty_findings() -> None:
    findings = World(waters=waters(), places=places()).assess()
    assert [len(frame) for frame in (findings.banks, findings.gaps, findings.covered)] == [0, 0, 0]
    GAPS.check(findings.gaps)


@pytest.mark.parametrize(
    ("method", "water", "status"),
    [
        ("clicked", STRAIGHT, "valid"),
        ("village", STRAIGHT, "unplaced"),
        ("derived", STRAIGHT, "unplaced"),
        ("village", PUDDLE, "unplaced"),
        ("derived", PUDDLE, "valid"),
    ],
)
def test_a_station_whose_place_is_guessed_covers_no_bank_but_that_of_a_pond_it_serves_whole(
    method: str, water: LineString | Polygon, status: str
) -> None:
    world = World(
        waters=waters(water),
        stations=stations((5, 0)).assign(position_method=method),
        parameters=Parameters(small_ring=SmallRing(cover_required=False)),
    )
    found = world.assess()
    assert found.station_findings["status"].tolist() == [status]
    assert bool(found.bank_findings["covered_m"].sum() > 0) is (status == "valid")
    assert bool(pd.isna(found.station_findings["bank"].iloc[0])) is (status == "unplaced")
    assert set(found.gaps["reason"]) <= {"no_station"}


def test_stations_without_any_water_are_off_bank() -> None:
    found = World(waters=waters(), stations=stations((0, 0), water=None)).assess().station_findings
    assert found["status"].tolist() == ["off_bank"]


def test_no_argument_is_changed() -> None:
    world = World(waters=waters(STRAIGHT, POND, width=60.0), stations=stations((100, 30), (900, 500)))
    world.items = full_sets(world.stations)
    world.barriers = barriers((1, "fence", LineString([(0, 30), (50, 30)])))
    held = (world.waters, world.stations, world.items, world.places, world.barriers)
    before = [frame.copy(deep=True) for frame in held]
    world.assess()
    for frame, earlier in zip(held, before, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(earlier))


def test_degrees_and_mixed_systems_are_refused() -> None:
    with pytest.raises(FrameError, match="not projected"):
        World(waters=waters(STRAIGHT).to_crs("EPSG:4490")).assess()
    with pytest.raises(CrsError, match="places"):
        World(places=places(("home", 0, 0)).set_crs("EPSG:4547", allow_override=True)).assess()


def test_the_crs_of_the_world_goes_through() -> None:
    findings = World().assess()
    assert findings.gaps.crs == findings.banks.crs == findings.covered.crs == CRS
    assert np.isfinite(findings.gaps["weight"]).all()
