"""人防, 技防 and 物防 on one measure: each share, each exclusive part, the union."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point

from geo.measures import measure, points_at
from geo.tables import Table
from hazards.layers import seen_by_cameras
from hazards.parameters import Parameters
from hazards.protection_rules import Closes
from tests.unit.drawn_world import (
    POND,
    World,
    barriers,
    cameras,
    gap_list,
    patrol,
    places,
    stations,
    waters,
)

ALL = LineString([(0, 5), (1000, 5)])


def test_a_camera_covers_the_bank_inside_its_sector() -> None:
    # 30 m above the bank, looking down: 90 degrees see 30 m each way.
    world = World(cameras=cameras((500, 30, 180, 90, 100)))
    assert gap_list(world.assess()) == [("single", 0, 470), ("single", 530, 1000)]


def test_a_camera_sees_no_further_than_its_reach() -> None:
    world = World(cameras=cameras((500, 30, 0, 360, 50)))
    assert gap_list(world.assess()) == [("single", 0, 460), ("single", 540, 1000)]


def test_a_camera_that_turns_its_back_or_does_not_work_covers_nothing() -> None:
    assert gap_list(World(cameras=cameras((500, 30, 0, 90, 100))).assess()) == [("single", 0, 1000)]
    broken = World(cameras=cameras((500, 30, 180, 90, 100), state="damaged"))
    assert gap_list(broken.assess()) == [("single", 0, 1000)]


def test_a_wide_view_has_a_blind_sector_behind() -> None:
    # 270 degrees to the north leave 90 degrees to the south: 30 m each way are not seen.
    world = World(cameras=cameras((500, 30, 0, 270, 50)))
    assert gap_list(world.assess()) == [("single", 0, 460), ("single", 470, 530), ("single", 540, 1000)]


@settings(deadline=None)  # a promise of what, not of how soon
@given(st.integers(0, 2**32 - 1))
def test_every_sampled_place_is_seen_as_the_definition_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    line = np.cumsum(rng.normal(0, 40, (12, 2)), axis=0)
    table = measure(np.array([LineString(line)], dtype=object))
    x, y = rng.normal(0, 60, 2)
    bearing, view, reach = rng.uniform(0, 360), rng.uniform(5, 360), rng.uniform(20, 200)
    seen = seen_by_cameras(table, Table.of(cameras((x, y, bearing, view, reach))))
    m = rng.uniform(0, table.length_m[0], 300)
    away = points_at(table, np.zeros(300, np.int64), m) - [x, y]
    off = (np.degrees(np.arctan2(away[:, 0], away[:, 1])) - bearing + 180) % 360 - 180
    margin = np.minimum(reach - np.hypot(*away.T), view / 2 - np.abs(off))
    inside = ((m[:, None] >= seen.start) & (m[:, None] <= seen.stop)).any(axis=1)
    clear = np.abs(margin) > 1e-6
    assert (inside == (margin > 0))[clear].all()


def test_a_patrol_covers_the_metres_really_walked() -> None:
    detour = LineString([(100, 5), (300, 5), (300, 200), (600, 200), (600, 5), (700, 5)])
    found = World(patrols=patrol(detour)).assess()
    assert found.bank_findings["personal_m"].iloc[0] == pytest.approx(300, abs=1)
    assert [(side, round(a), round(b)) for side, a, b in gap_list(found)] == [
        ("single", 0, 100),
        ("single", 300, 600),
        ("single", 700, 1000),
    ]


@pytest.mark.parametrize(
    ("minutes", "walked_m", "days_ago", "counts"),
    [
        (5.0, 300.0, 7, True),
        (4.99, 300.0, 7, False),
        (5.0, 299.9, 7, False),
        (5.0, 300.0, 8, False),
        (5.0, 300.0, -1, False),
    ],
)
def test_a_patrol_counts_up_to_each_limit_of_the_rule(
    minutes: float,
    walked_m: float,
    days_ago: int,
    counts: bool,  # noqa: FBT001 - the expected answer
) -> None:
    one = patrol(ALL, minutes=minutes, walked_m=walked_m, days_ago=days_ago)
    assert (gap_list(World(patrols=one).assess()) == []) == counts


def test_a_patrol_on_one_bank_of_a_wide_river_leaves_the_other_open() -> None:
    world = World(waters=waters(LineString([(0, 0), (1000, 0)]), width=60.0))
    world.patrols = patrol(LineString([(0, 32), (1000, 32)]))
    assert gap_list(world.assess()) == [("right", 0, 1000)]


def test_a_patrol_around_a_pond_closes_its_ring() -> None:
    round_ = LineString([(-3, 50), (-3, 103), (103, 103), (103, -3), (-3, -3), (-3, 50)])
    world = World(waters=waters(POND), places=places(("home", 50, 50)), patrols=patrol(round_))
    assert world.assess().bank_findings["gap_m"].iloc[0] == pytest.approx(0, abs=15)


def layered() -> World:
    return World(
        stations=stations((100, 0)),
        barriers=barriers((1, "fence", LineString([(300, 3), (400, 3)]))),
        cameras=cameras((500, 30, 0, 360, 50)),
        patrols=patrol(LineString([(380, 5), (520, 5)])),
    )


def test_each_layer_its_own_part_and_the_union_add_up() -> None:
    found = layered().assess()
    row = found.bank_findings.iloc[0].drop("water_class").astype(float).round(6).to_dict()
    assert row == {
        "exposed_m": 1000,
        "covered_m": 100 + 240,
        "gap_m": 660,
        "physical_m": 200,
        "technical_m": 80,
        "personal_m": 140,
        "physical_only_m": 180,
        "technical_only_m": 20,
        "personal_only_m": 60,
    }
    assert found.covered["layer"].value_counts().to_dict() == {"physical": 2, "technical": 1, "personal": 1}


def test_a_layer_that_the_rule_leaves_out_is_reported_and_closes_nothing() -> None:
    world = layered()
    world.parameters = Parameters(closes=Closes(technical=False, personal=False))
    row = world.assess().bank_findings.iloc[0]
    assert (row["covered_m"], row["gap_m"], row["technical_m"]) == (200, 800, pytest.approx(80))


def test_cameras_and_patrols_in_other_systems_are_refused() -> None:
    elsewhere = cameras((0, 0, 0, 360, 50)).set_crs("EPSG:4547", allow_override=True)
    with pytest.raises(ValueError, match="cameras"):
        World(cameras=elsewhere).assess()


def test_a_well_may_be_watched_by_a_camera() -> None:
    world = World(waters=waters(Point(0, 0)), places=places(("home", 30, 0)))
    world.cameras = cameras((10, 0, 270, 60, 30))
    assert gap_list(world.assess()) == []
