from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from sqlalchemy import text

from data.copying import copy_frame
from data.schema.tables import metadata
from data.storage import areas, batches, findings, hazards, inspections, villages
from data.storage.institutions import institutions
from data.storage.stations import items, station_card, stations
from data.storage.waters import upsert_waters, water_card, waters
from data.upserting import DuplicateKeyError, Tally, ids_by_code, upsert
from geo.crs import CrsError
from geo.frames import ITEMS, STATIONS, WATERS

if TYPE_CHECKING:
    from sqlalchemy import Connection


def test_what_leaves_storage_keeps_the_contracts(county: Connection) -> None:
    WATERS.geographic().check(waters(county))
    STATIONS.geographic().check(stations(county))
    ITEMS.check(items(county))


def test_geometry_and_words_come_back_as_they_went_in(county: Connection) -> None:
    read = waters(county).set_index("code")
    assert read.loc["W1", "geometry"].equals_exact(shapely.LineString([(111.0, 27.0), (111.01, 27.0)]), 0.0)
    assert read.loc["W1", "width_m"] == 12.5
    assert pd.isna(read.loc["W2", "width_m"])
    assert pd.isna(read.loc["W2", "class_override"])


@pytest.mark.parametrize(
    ("within", "codes"),
    [
        (None, ["W1", "W2"]),
        ("4305", ["W1", "W2"]),
        ("430502001200", ["W1"]),
        ("430503", []),
        ("4305%", []),
        ("' OR 1=1 --", []),
    ],
)
def test_within_is_a_node_of_the_code_tree(county: Connection, within: str | None, codes: list[str]) -> None:
    assert list(waters(county, within)["code"]) == codes


def test_the_second_writing_of_the_same_frame_writes_nothing(county: Connection) -> None:
    frame = waters(county)[["code", "name", "kind", "area_code", "width_m", "geometry"]]
    versions = text("SELECT code, version FROM water ORDER BY code")
    before = county.execute(versions).all()
    data_version = findings.data_version(county)
    batch = batches.open_batch(county, kind="waters", file_name="a.geojson", sha256="0")
    assert upsert_waters(county, frame, batch) == Tally(unchanged=2)
    assert county.execute(versions).all() == before
    assert findings.data_version(county) == data_version


def test_a_changed_row_is_updated_and_a_new_one_inserted(county: Connection) -> None:
    frame = waters(county)[["code", "name", "kind", "area_code", "geometry"]]
    changed = pd.concat([frame.assign(name=["新河", "塘"]), frame.tail(1).assign(code="W3")])
    assert upsert_waters(county, changed) == Tally(inserted=1, updated=1, unchanged=1)
    read = waters(county).set_index("code")
    assert read.loc["W1", "name"] == "新河"
    assert read.loc["W1", "width_m"] == 12.5
    assert read.loc["W1", "version"] == 2


def test_a_frame_that_names_a_record_twice_is_refused(county: Connection) -> None:
    frame = waters(county)[["code", "name", "kind", "area_code", "geometry"]]
    with pytest.raises(DuplicateKeyError) as raised:
        upsert_waters(county, pd.concat([frame, frame.head(1)]))
    assert raised.value.keys == ["W1"]


def test_metres_are_refused_where_degrees_are_stored(county: Connection) -> None:
    with pytest.raises(CrsError):
        upsert_waters(county, waters(county)[["code", "geometry"]].to_crs("EPSG:4546"))


def test_an_empty_frame_writes_nothing_and_an_empty_table_reads_as_an_empty_frame(county: Connection) -> None:
    assert upsert_waters(county, waters(county, "99")) == Tally()
    nothing = waters(county, "99")
    WATERS.geographic().check(nothing)
    assert hazards.hazards(county).empty


def test_values_of_every_kind_pass_the_binary_copy(county: Connection) -> None:
    table = metadata.tables["import_batch"]
    when = pd.Timestamp("2026-06-01T08:00:00+08:00")
    frame = pd.DataFrame(
        {
            "kind": ["waters"],
            "file_name": ["塘\t'\"\\N.xlsx"],
            "file_sha256": ["0"],
            "applied_at": [when],
            "written": [2**31 - 1],
            "details": [{"sheets": ["一", None], "n": 1.5}],
        }
    )
    assert copy_frame(county, table, frame) == 1
    row = county.execute(text("SELECT file_name, applied_at, written, details FROM import_batch")).one()
    assert tuple(row) == ("塘\t'\"\\N.xlsx", when, 2**31 - 1, {"sheets": ["一", None], "n": 1.5})


def test_an_unknown_column_is_named(county: Connection) -> None:
    with pytest.raises(KeyError, match="colour"):
        upsert(county, metadata.tables["water"], pd.DataFrame({"code": ["W9"], "colour": ["red"]}))


def test_areas_have_names_and_a_tree(county: Connection) -> None:
    assert list(areas.tree(county, "430502").index) == ["430502", "430502001", "430502001200"]
    assert areas.name_of(county, "430502") == "甲县"
    assert areas.name_of(county, "1") is None
    assert areas.full_name_of(county, "430502001200") == "甲县乙镇丙村"
    assert areas.outlines(county, "county").empty
    assert list(villages.villages(county)["township_name"]) == ["乙镇"]


def test_a_point_finds_the_smallest_area_around_it(county: Connection) -> None:
    square = shapely.MultiPolygon([shapely.box(110.9, 26.9, 111.1, 27.1)])
    outline = gpd.GeoDataFrame(
        {"code": ["430502"], "name": ["甲县"], "level": ["county"], "parent_code": ["4305"]},
        geometry=[square],
        crs="EPSG:4490",
    )
    assert areas.upsert_areas(county, outline).updated == 1
    assert areas.area_at(county, 111.0, 27.0) == "430502"
    assert areas.area_at(county, 0.0, 0.0) is None


def test_the_cards_of_a_water_and_of_a_station_hold_what_belongs_to_them(county: Connection) -> None:
    water_ids = ids_by_code(county, metadata.tables["water"])
    card = water_card(county, int(water_ids["W1"]))
    assert card is not None
    assert card.facts["area_name"] == "丙村"
    assert list(card.stations["code"]) == ["S1"]
    assert water_card(county, 0) is None
    station_ids = ids_by_code(county, metadata.tables["station"])
    station = station_card(county, int(station_ids["S1"]))
    assert station is not None
    assert station.facts["water_name"] == "河"
    assert station.items.loc["pole", "state"] == "missing"
    assert len(station.history) == 3
    assert station_card(county, 0) is None


def test_every_institution_has_a_state_in_a_round(county: Connection) -> None:
    school = institutions(county).index[0]
    inspections.upsert_rounds(
        county,
        pd.DataFrame(
            {
                "code": ["R1"],
                "name": ["汛前排查"],
                "kind": ["before"],
                "year": [2026],
                "area_code": ["4305"],
                "opens_on": pd.to_datetime(["2026-03-01"]),
                "closes_on": pd.to_datetime(["2026-03-31"]),
            }
        ),
    )
    round_id = int(inspections.rounds(county).index[0])
    before = inspections.institutions_with_round_state(county, "4305", round_id)
    assert list(before["state"]) == ["none"]
    done = pd.DataFrame(
        {
            "round_id": [round_id],
            "institution_id": [school],
            "area_code": ["430502001"],
            "state": ["done"],
            "done_on": pd.to_datetime(["2026-03-05"]),
        }
    )
    inspections.upsert_inspections(county, done)
    after = inspections.institutions_with_round_state(county, "4305", round_id)
    assert list(after["state"]) == ["done"]
    assert list(inspections.rounds(county)["done"]) == [1]


def test_open_hazards_are_read_with_their_institution(county: Connection) -> None:
    school = institutions(county).index[0]
    frame = gpd.GeoDataFrame(
        {
            "code": ["H1", "H2"],
            "title": ["围墙开裂", "旧隐患"],
            "domain": ["W", "S"],
            "grade": ["major", "general"],
            "state": ["assigned", "closed"],
            "area_code": ["430502001", "430502001"],
            "institution_id": [school, school],
            "found_on": pd.to_datetime(["2026-04-01", "2026-04-01"]),
            "closed_on": [None, dt.date(2026, 4, 9)],
        },
        geometry=shapely.points([111.0, 111.0], 27.0),
        crs="EPSG:4490",
    )
    hazards.upsert_hazards(county, frame)
    assert list(hazards.hazards(county)["code"]) == ["H1"]
    assert list(hazards.hazards(county)["institution_name"]) == ["小学"]
    assert len(hazards.hazards(county, open_only=False)) == 2


def test_row_policies_for_writing_leave_the_spatial_index_usable_for_reading(county: Connection) -> None:
    county.execute(text("SET LOCAL enable_seqscan = off"))
    plan = county.scalars(
        text(
            "EXPLAIN SELECT id FROM water "
            "WHERE ST_DWithin(geom, ST_SetSRID(ST_MakePoint(111, 27), 4490), 0.01)"
        )
    ).all()
    assert any("ix_water_geom" in line for line in plan)
