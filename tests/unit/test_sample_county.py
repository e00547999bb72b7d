"""What the invented county promises: the same for a seed, inside its outline, dry, and nobody's."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from data.sample.basin import Basin, basin
from data.sample.county import county_frames
from data.sample.dry import wet
from data.sample.settlements import Settlements, settlements
from data.schema.tables import metadata
from geo.crs import to_metric

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEED = 11
COUNTY = "430581"
TODAY = dt.date(2026, 7, 15)
THIN = 4.0


def drawn_names() -> pd.DataFrame:
    """Four townships of nine villages in the county, and one of each in its neighbour."""
    rows = [(COUNTY, "甲市"), ("430528", "乙县"), ("430528100", "丁镇"), ("430528100200", "戊村")]
    for town in range(4):
        code = f"{COUNTY}{town:03d}"
        rows.append((code, f"{town}号街道" if town == 0 else f"{town}号镇"))
        rows += [(f"{code}{village:03d}", f"{town}{village}村") for village in range(200, 209)]
    return pd.DataFrame(rows, columns=["code", "name"])


@pytest.fixture(scope="module")
def ground() -> Basin:
    return basin(SEED, COUNTY[:4])


@pytest.fixture(scope="module")
def people(ground: Basin) -> Settlements:
    return settlements(ground, COUNTY, drawn_names())


@pytest.fixture(scope="module")
def frames(ground: Basin, people: Settlements) -> dict[str, pd.DataFrame]:
    return county_frames(ground, people, TODAY, thin=THIN)


def digest(frames: dict[str, pd.DataFrame]) -> str:
    whole = hashlib.sha256()
    for table, frame in frames.items():
        plain = pd.DataFrame(frame)
        if "geom" in plain:
            plain = plain.assign(geom=shapely.to_wkb(np.asarray(plain["geom"], dtype=object)))
        whole.update(f"{table}{plain.to_dict('list')!r}".encode())
    return whole.hexdigest()


def metres(frame: Any) -> gpd.GeoDataFrame:
    return to_metric(gpd.GeoDataFrame(frame))


def places(frame: Any) -> NDArray[np.float64]:
    return shapely.get_coordinates(metres(frame).geometry.to_numpy())


def test_the_same_seed_invents_the_same_county(ground: Basin, frames: dict[str, pd.DataFrame]) -> None:
    again = settlements(ground, COUNTY, drawn_names())
    assert digest(county_frames(ground, again, TODAY, thin=THIN)) == digest(frames)


def test_a_county_does_not_depend_on_which_others_are_made(
    ground: Basin, frames: dict[str, pd.DataFrame]
) -> None:
    names = drawn_names()
    alone = settlements(ground, COUNTY, names[names["code"].str.startswith(COUNTY)])
    assert digest(county_frames(ground, alone, TODAY, thin=THIN)) == digest(frames)


def test_another_seed_invents_another_net_of_rivers(ground: Basin) -> None:
    other = basin(SEED + 1, COUNTY[:4])
    assert len(other.rivers.reaches) != len(ground.rivers.reaches)


def test_every_column_is_one_of_its_table(frames: dict[str, pd.DataFrame]) -> None:
    unknown = {
        table: extra
        for table, frame in frames.items()
        if (extra := set(frame.columns) - set(metadata.tables[table].c.keys()))
    }
    assert unknown == {}


def test_villages_stand_in_their_township_and_county(ground: Basin, people: Settlements) -> None:
    points = people.villages["geom"].to_numpy()
    own = people.townships.set_index("code")["geom"].loc[people.villages["code"].str[:9]].to_numpy()
    assert shapely.within(points, ground.counties[COUNTY]).all()
    assert (shapely.distance(points, own) < 1.0).all()


def test_townships_fill_the_county_without_overlap(ground: Basin, people: Settlements) -> None:
    shapes = people.townships["geom"].to_numpy()
    whole = ground.counties[COUNTY].area
    assert shapely.area(shapes).sum() == pytest.approx(whole, rel=0.01)
    assert shapely.union_all(shapes).area == pytest.approx(whole, rel=0.01)


def test_no_home_and_no_institution_stands_in_water(frames: dict[str, pd.DataFrame]) -> None:
    water = metres(frames["water"])
    half = water["width_m"].fillna(0.0).to_numpy() / 2
    for table in ("home", "institution"):
        assert not wet(places(frames[table]), water.geometry.to_numpy(), half).any(), table


def test_no_child_has_a_name(frames: dict[str, pd.DataFrame]) -> None:
    assert "child_identity" not in frames
    assert "name" not in frames["child"].columns
    assert frames["child"]["code"].str.fullmatch(rf"C{COUNTY}-\d{{6}}").all()


def test_about_nine_in_ten_children_are_under_fourteen(frames: dict[str, pd.DataFrame]) -> None:
    born = frames["child"]["birth_month"].to_numpy().astype("datetime64[M]")
    age = (np.datetime64(TODAY, "M") - born).astype(int) // 12
    assert age.min() >= 0
    assert age.max() <= 17
    assert 0.84 < (age < 14).mean() < 0.94


def test_rivers_branch_and_grow_downstream(ground: Basin) -> None:
    rivers = ground.rivers
    inner = np.flatnonzero(rivers.receiver != np.arange(len(rivers.receiver)))
    assert (rivers.catchment_km2[rivers.receiver[inner]] > rivers.catchment_km2[inner]).all()
    assert (np.bincount(rivers.receiver[inner]) >= 2).sum() > 1000
    np.testing.assert_allclose(rivers.curves[inner, -1], rivers.places[rivers.receiver[inner]], atol=1e-6)


def test_rivers_wind_and_have_a_vertex_every_few_steps(ground: Basin) -> None:
    lines = ground.rivers.reaches["geom"].to_numpy()
    spacing = shapely.length(lines).sum() / (shapely.get_num_coordinates(lines) - 1).sum()
    assert 15 < spacing < 30
    ends = shapely.get_coordinates(
        [shapely.LineString([line.coords[0], line.coords[-1]]) for line in lines[:500]]
    ).reshape(-1, 2, 2)
    straight = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    assert np.median(shapely.length(lines[:500]) / np.maximum(straight, 1.0)) > 1.04


def test_waters_of_a_prefecture_come_to_the_size_to_build_for(ground: Basin) -> None:
    assert 8_000 < shapely.length(ground.rivers.reaches["geom"].to_numpy()).sum() / 1e3 < 11_000


def test_stations_come_in_every_state_of_disrepair(frames: dict[str, pd.DataFrame]) -> None:
    assert set(frames["station_item"]["state"]) == {"good", "damaged", "missing", "expired", "unverified"}
    assert frames["station_item"].groupby("station_id").size().min() == 4


def test_no_check_lies_in_the_future(frames: dict[str, pd.DataFrame]) -> None:
    assert frames["item_check"]["checked_on"].max() <= pd.Timestamp(TODAY)
    assert frames["child_visit"]["visited_on"].max() < pd.Timestamp(TODAY)


def test_the_history_of_a_hazard_ends_in_its_state(frames: dict[str, pd.DataFrame]) -> None:
    events = frames["hazard_event"].sort_values(["hazard_id", "position"])
    last = events.groupby("hazard_id")["to_state"].last()
    assert (last.loc[frames["hazard"]["id"]].to_numpy() == frames["hazard"]["state"].to_numpy()).all()
    assert events["happened_at"].max() <= pd.Timestamp(TODAY, tz="UTC") + pd.Timedelta(days=1)
