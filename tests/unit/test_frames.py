"""A contract names every fault of a frame at once."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Point

from geo.frames import ITEMS, PLACES, STATIONS, WATERS, FrameError


def waters() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "kind": ["reach", "well"],
            "width_m": [30.0, None],
            "class_override": [None, "A"],
            "incidents": [0, 1],
        },
        geometry=[LineString([(0, 0), (1, 0)]), Point(5, 5)],
        crs="EPSG:4546",
        index=pd.Index([7, 9], name="water_id"),
    )


def test_a_right_frame_passes() -> None:
    WATERS.check(waters())


def test_all_faults_come_in_one_error() -> None:
    wrong = waters().drop(columns="kind").set_crs("EPSG:3857", allow_override=True)
    wrong["class_override"] = ["D", "A"]
    wrong["width_m"] = [-1.0, 2.0]
    wrong.index = pd.Index([7, 7])
    wrong = wrong.set_geometry([Point(), None])
    with pytest.raises(FrameError) as caught:
        WATERS.check(wrong)
    text = "\n".join(caught.value.faults)
    for part in ("index repeats", "kind is absent", "unknown value(s) D", "below 0", "Web Mercator",
                 "1 geometry value(s) are absent", "1 geometry value(s) are empty"):  # fmt: skip
        assert part in text
    assert len(caught.value.faults) == 7


def test_an_empty_frame_passes() -> None:
    WATERS.check(waters().iloc[:0])


def test_dates_may_be_python_dates_or_timestamps() -> None:
    for day in (dt.date(2026, 5, 1), pd.Timestamp("2026-05-01")):
        ITEMS.check(pd.DataFrame({"station_id": [1, 1], "kind": ["sign", "rope"], "state": ["good", "good"],
                                  "verified_on": [day, None]}))  # fmt: skip


def test_a_nullable_integer_column_may_be_empty() -> None:
    frame = gpd.GeoDataFrame({"water_id": pd.array([1, None], dtype="Int64")},
                             geometry=[Point(0, 0), Point(1, 1)], crs="EPSG:4546")  # fmt: skip
    STATIONS.check(frame)


def test_the_same_contract_serves_the_system_of_storage() -> None:
    frame = gpd.GeoDataFrame({"kind": ["home"], "weight": [1.0]}, geometry=[Point(111, 27)], crs="EPSG:4490")
    PLACES.geographic().check(frame)
    with pytest.raises(FrameError, match="not projected"):
        PLACES.check(frame)
