"""What the metres of a bank weigh by age profile: distances, waters, fences, parts that add up."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from shapely import LineString

from hazards.parameters import Parameters, YouthProfile
from hazards.profiles import age_profiles
from tests.unit.drawn_world import POND, World, barriers, places, waters

if TYPE_CHECKING:
    import geopandas as gpd

PARTS = ["weight_t", "weight_p", "weight_y", "weight_school", "weight_village"]


def homes(profile: str | None, *points: tuple[float, float]) -> gpd.GeoDataFrame:
    frame = places(*[("home", x, y) for x, y in points])
    return frame.assign(age_profile=np.array([profile] * len(points), dtype=object))


def parts(world: World) -> dict[str, float]:
    gaps = world.assess().gaps
    found = {name: float(gaps[name].sum()) for name in PARTS}
    assert gaps["weight"].sum() == pytest.approx(sum(found.values()))
    return found


@pytest.mark.parametrize(
    ("born", "profile"),
    [
        (dt.date(2026, 7, 1), "T"),
        (dt.date(2021, 8, 1), "T"),
        (dt.date(2021, 7, 1), "P"),
        (dt.date(2014, 8, 1), "P"),
        (dt.date(2014, 7, 1), "Y"),
        (dt.date(2008, 1, 1), "Y"),
        (None, "P"),
    ],
)
def test_the_profile_changes_in_the_month_of_the_fifth_and_twelfth_birthday(
    born: dt.date | None, profile: str
) -> None:
    found = age_profiles(np.array([born], dtype="datetime64[D]"), dt.date(2026, 7, 15))
    assert found.tolist() == [profile]


def test_a_toddler_weighs_the_metres_in_every_step_of_distance() -> None:
    world = World(places=homes("T", (500, 0)))
    # 40 m at 1.0, 60 m at 0.8, 100 m at 0.6, 200 m at 0.2
    assert parts(world)["weight_t"] == pytest.approx(40 * 1.0 + 60 * 0.8 + 100 * 0.6 + 200 * 0.2)


def test_a_pupil_weighs_every_metre_within_its_distance() -> None:
    found = parts(World(places=homes("P", (500, 0))))
    assert found == {name: pytest.approx(1000.0 if name == "weight_p" else 0.0) for name in PARTS}


def test_a_home_without_a_profile_counts_as_a_pupil() -> None:
    without = parts(World(places=homes(None, (500, 0)).drop(columns="age_profile")))
    assert without == parts(World(places=homes(None, (500, 0)))) == parts(World(places=homes("P", (500, 0))))


@pytest.mark.parametrize(
    ("kind", "incidents", "factor"),
    [("reach", 0, 1.0), ("reservoir", 0, 1.0), ("pond", 0, 0.0), ("pond", 1, 2.0), ("reach", 2, 2.0)],
)
def test_a_youth_weighs_on_rivers_reservoirs_and_where_somebody_drowned(
    kind: str, incidents: int, factor: float
) -> None:
    world = World(places=pd.concat([homes("Y", (500, 1500)), homes("P", (500, 0))]).reset_index(drop=True))
    world.waters = waters(LineString([(0, 0), (1000, 0)]), incidents=incidents).assign(kind=kind)
    assert parts(world)["weight_y"] == pytest.approx(1000.0 * factor)


def test_a_youth_weighs_up_to_its_distance() -> None:
    world = World(places=pd.concat([homes("Y", (500, 1500)), homes("P", (500, 0))]).reset_index(drop=True))
    world.parameters = Parameters(profile_y=YouthProfile(distance_m=1500.0 + 1e-9))
    assert parts(world)["weight_y"] < 1.0


def test_a_pond_with_a_fence_weighs_half_and_a_river_fenced_somewhere_all() -> None:
    fence = barriers((1, "fence", LineString([(-300, 0), (-310, 0)])))
    plain = World(waters=waters(POND), places=homes("P", (50, 50)))
    fenced = World(waters=waters(POND), places=homes("P", (50, 50)), barriers=fence)
    assert parts(fenced)["weight_p"] == pytest.approx(0.5 * parts(plain)["weight_p"])
    river = World(places=homes("P", (500, 0)), barriers=fence)
    assert parts(river)["weight_p"] == pytest.approx(1000.0)


def test_schools_and_settlements_keep_their_own_part() -> None:
    found = parts(World(places=places(("school", 500, 0), ("village", 500, 0), weight=3.0)))
    assert [found["weight_school"], found["weight_village"]] == pytest.approx([3000, 3000])
