"""Laws of the engine on random small worlds."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from shapely import affinity, box

from tests.property.random_world import PARAMETERS, World, full_sets, random_world

seeds = st.integers(0, 2**32 - 1)
KEYS = ["water_id", "side", "part"]
SUMS = ["exposed_m", "covered_m", "gap_m"]


def sums(world: World) -> pd.DataFrame:
    findings = world.assess()
    found: pd.DataFrame = findings.banks[KEYS].join(findings.bank_findings)
    return found.set_index(KEYS).sort_index()


def gaps(world: World) -> pd.DataFrame:
    findings = world.assess()
    frame = pd.DataFrame(findings.gaps.drop(columns="geometry"))
    return frame.join(findings.banks["part"], on="bank").drop(columns="bank")


@given(seeds)
def test_covered_and_gap_make_exposed(seed: int) -> None:
    found = sums(random_world(seed))
    np.testing.assert_allclose(found["covered_m"] + found["gap_m"], found["exposed_m"], atol=1e-6)


@given(seeds)
def test_the_listed_gaps_are_the_sum_of_gaps(seed: int) -> None:
    findings = random_world(seed).assess()
    listed = findings.gaps.groupby("bank")["length_m"].sum().reindex(findings.banks.index, fill_value=0.0)
    np.testing.assert_allclose(listed, findings.bank_findings["gap_m"], atol=1e-6)
    np.testing.assert_allclose(findings.gaps.geometry.length, findings.gaps["length_m"], atol=1e-6)


@given(seeds)
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    world = random_world(seed)
    rng = np.random.default_rng(seed)
    shuffled = replace(
        world,
        waters=world.waters.iloc[rng.permutation(len(world.waters))],
        stations=world.stations.iloc[rng.permutation(len(world.stations))],
        items=world.items.iloc[rng.permutation(len(world.items))],
        places=world.places.iloc[rng.permutation(len(world.places))],
        routes=world.routes.iloc[rng.permutation(len(world.routes))],
    )
    pd.testing.assert_frame_equal(sums(world)[SUMS], sums(shuffled)[SUMS], rtol=0.0, atol=1e-9)
    order = [*KEYS, "from_m"]
    first, second = (gaps(one).sort_values(order, ignore_index=True) for one in (world, shuffled))
    pd.testing.assert_frame_equal(first, second[first.columns.tolist()], rtol=1e-9)


@given(seeds, st.floats(0.0, 360.0), st.floats(-50_000.0, 50_000.0))
def test_moving_and_turning_everything_changes_no_length(seed: int, angle: float, shift: float) -> None:
    world = random_world(seed)
    pivot = (500_500.0, 3_000_500.0)

    def moved(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        shapes = [
            affinity.translate(affinity.rotate(shape, angle, origin=pivot), shift, -shift)
            for shape in frame.geometry
        ]
        return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))

    lines = world.waters[world.waters.geom_type != "Point"]  # the corners of a drawn well do not turn
    world = replace(
        world, waters=lines, stations=world.stations[world.stations["water_id"].isin(lines.index)]
    )
    turned = replace(
        world,
        waters=moved(world.waters),
        stations=moved(world.stations),
        places=moved(world.places),
        routes=moved(world.routes),
    )
    pd.testing.assert_frame_equal(sums(world)[SUMS], sums(turned)[SUMS], rtol=0.0, atol=1e-3)


@given(seeds)
def test_adding_a_valid_station_never_opens_a_gap(seed: int) -> None:
    world = random_world(seed)
    rng = np.random.default_rng(seed)
    water = world.waters.index[rng.integers(0, len(world.waters))]
    spot = world.waters.geometry.loc[water].representative_point()
    new = gpd.GeoDataFrame(
        {"water_id": pd.array([water], dtype="Int64")},
        geometry=[spot],
        crs=world.stations.crs,
        index=pd.Index([5000], name="station_id"),
    )
    more = replace(
        world,
        stations=pd.concat([world.stations, new]) if len(world.stations) else new,
        items=pd.concat([world.items, full_sets(new)], ignore_index=True)
        if len(world.items)
        else full_sets(new),
    )
    assert (sums(more)["gap_m"] <= sums(world)["gap_m"] + 1e-9).all()


@given(seeds)
def test_taking_a_home_away_exposes_nothing_new(seed: int) -> None:
    world = random_world(seed)
    fewer = replace(world, places=world.places.iloc[1:])
    assert (sums(fewer)["exposed_m"] <= sums(world)["exposed_m"] + 1e-9).all()


@given(seeds)
def test_a_way_to_school_exposes_what_it_runs_beside_and_weighs_it(seed: int) -> None:
    world = random_world(seed)
    without = replace(world, routes=world.routes.iloc[:0])
    assert (sums(without)["exposed_m"] <= sums(world)["exposed_m"] + 1e-9).all()
    bare = replace(without, places=world.places.iloc[:0])
    assert sums(bare)["exposed_m"].sum() == 0.0
    alone = replace(world, places=world.places.iloc[:0], routes=world.routes.iloc[:1].assign(weight=2.0))
    found = alone.assess()
    weighed = found.gaps["length_m"] * 2.0 * PARAMETERS.profile_p.weight
    np.testing.assert_allclose(found.gaps["weight_school"], weighed, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(found.gaps["weight"], weighed, rtol=1e-9, atol=1e-6)


@given(seeds)
def test_the_findings_of_a_place_do_not_depend_on_what_is_far_away(seed: int) -> None:
    here, there = random_world(seed), random_world(seed + 1)

    def away(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return frame.set_geometry(frame.geometry.translate(8192.0, 0.0))

    def numbered(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return away(frame).set_axis(frame.index + 10_000)

    stations = numbered(there.stations).assign(water_id=there.stations["water_id"] + 10_000)
    items = there.items.assign(station_id=there.items["station_id"] + 10_000)
    both = replace(
        here,
        waters=pd.concat([here.waters, numbered(there.waters)]),
        stations=pd.concat([here.stations, stations]),
        items=pd.concat([here.items, items], ignore_index=True),
        places=pd.concat([here.places, numbered(there.places)]),
        routes=pd.concat([here.routes, away(there.routes)], ignore_index=True),
    )
    together = sums(both).sort_index()
    pd.testing.assert_frame_equal(
        sums(here), together[together.index.get_level_values(0) < 10_000], check_exact=True
    )
    measures = ["water_id", "from_m", "to_m", "length_m", "weight"]
    near = gaps(both)
    near = near[near["water_id"] < 10_000].reset_index(drop=True)
    pd.testing.assert_frame_equal(gaps(here)[measures], near[measures], check_exact=True)


@given(seeds)
def test_no_argument_is_ever_changed(seed: int) -> None:
    world = random_world(seed)
    held = (world.waters, world.stations, world.items, world.places, world.barriers, world.routes)
    before = [frame.copy(deep=True) for frame in held]
    world.assess()
    for frame, earlier in zip(held, before, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(earlier))


def test_an_island_and_its_lake_are_both_walked() -> None:
    world = random_world(1)
    lake = box(0, 0, 300, 300).difference(box(100, 100, 200, 200))
    waters = world.waters.iloc[:1].set_geometry([lake], crs=world.waters.crs)
    found = sums(replace(world, waters=waters, stations=world.stations.iloc[:0]))
    assert len(found) == 2
    assert PARAMETERS.min_gap_m == 0.0
