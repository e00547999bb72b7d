"""Tables beside frames: nothing is lost on the way in and out, and every row is found by its id."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from geo.tables import MISSING, Table

CRS = "EPSG:4546"


def frame() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "water_id": pd.array([7, None], dtype="Int64"),
            "width_m": [4.5, np.nan],
            "kind": pd.array(["pond", None], dtype="str"),
            "day": pd.to_datetime(["2026-06-01", ""]),
            "born": [dt.date(2019, 3, 1), None],
            "ended_at": pd.to_datetime(["2026-06-02T09:00+08:00", ""]),
            "open": [True, False],
        },
        geometry=[Point(0, 0), Point(1, 2)],
        crs=CRS,
        index=[30, 10],
    )


def test_what_is_missing_in_a_frame_is_missing_in_the_table() -> None:
    table = Table.of(frame())
    assert table.ids.tolist() == [30, 10]
    assert table["water_id"].tolist() == [7, MISSING]
    assert table["kind"].tolist() == ["pond", None]
    assert np.isnan(table["width_m"][1])
    assert np.isnat([table["day"][1], table["born"][1], table["ended_at"][1]]).all()
    assert table["born"].astype("datetime64[D]")[0] == np.datetime64("2019-03-01")


def test_instants_are_told_in_utc() -> None:
    assert Table.of(frame())["ended_at"][0] == np.datetime64("2026-06-02T01:00")


def test_a_table_goes_out_as_the_frame_it_was() -> None:
    back = Table.of(frame()).frame("id")
    assert back.crs == CRS
    assert back.index.tolist() == [30, 10]
    assert back.geometry.tolist() == [Point(0, 0), Point(1, 2)]
    assert back["open"].tolist() == [True, False]


def test_chosen_rows_keep_ids_columns_and_shapes_together() -> None:
    chosen = Table.of(frame()).take(np.array([1]))
    assert (chosen.ids.tolist(), chosen["width_m"].size, chosen.shapes.tolist()) == ([10], 1, [Point(1, 2)])


@pytest.mark.parametrize("kind", [int, str])
@given(known=st.lists(st.integers(0, 50), unique=True), wanted=st.lists(st.integers(0, 50)))
def test_every_id_is_found_where_it_stands(kind: type, known: list[int], wanted: list[int]) -> None:
    ids = np.array([kind(one) for one in known], dtype=object if kind is str else np.int64)
    asked = np.array([kind(one) for one in wanted], dtype=ids.dtype)
    found = Table(ids=ids).rows_of(asked).tolist()
    assert found == [known.index(one) if one in known else -1 for one in wanted]
