"""Ways to school out of rows, and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString

from data.importers import kinds
from data.importers.guards import Limits
from geo.measures import measure
from hazards.routes import route_hits
from pages.water import route_words

if TYPE_CHECKING:
    from pathlib import Path

    from data.importers.rows import Parsed

HEAD = "路线编号,步行学生数,学校代码,起点经度,起点纬度,终点经度,终点纬度\n"


def read(tmp_path: Path, rows: str) -> Parsed:
    (tmp_path / "a.csv").write_text(HEAD + rows, "utf-8")
    return kinds.read("routes", tmp_path / "a.csv", Limits(), "EPSG:4490")


def test_a_way_is_the_line_between_its_ends_or_the_line_of_a_shape(tmp_path: Path) -> None:
    (route,) = read(tmp_path, "R1,26,X1,111.46,27.23,111.47,27.24\n").tables["pupil_route"]
    assert list(route["geom"].coords) == [(111.46, 27.23), (111.47, 27.24)]
    assert (route["pupils"], route["_institution_code"]) == (26, "X1")
    bent = LineString([(111.46, 27.23), (111.465, 27.236), (111.47, 27.24)])
    frame = gpd.GeoDataFrame({"路线编号": ["R2"], "步行人数": [8]}, geometry=[bent], crs="EPSG:4490")
    frame.to_file(tmp_path / "b.geojson", driver="GeoJSON")
    (other,) = kinds.read("routes", tmp_path / "b.geojson", Limits(), "EPSG:4490").tables["pupil_route"]
    assert list(other["geom"].coords) == list(bent.coords)
    assert other["pupils"] == 8


@pytest.mark.parametrize(
    ("pupils", "header"), [("1", "步行学生数"), ("2", "步行学生数"), ("几个", "步行学生数")]
)
def test_numbers_that_tell_of_single_children_are_refused(tmp_path: Path, pupils: str, header: str) -> None:
    parsed = read(tmp_path, f"R1,{pupils},,111.46,27.23,111.47,27.24\n")
    assert [fault.header for error in parsed.refused for fault in error.faults] == [header]
    assert not parsed.tables.get("pupil_route")


def test_a_way_without_an_end_is_refused(tmp_path: Path) -> None:
    parsed = read(tmp_path, "R1,0,,111.46,27.23,,\n")
    assert len(parsed.refused) == 1
    assert "终点" in str(parsed.refused[0])


def test_a_way_beside_a_bank_meets_it_in_one_stretch_at_every_corner() -> None:
    bank = measure(np.array([LineString([(0, 0), (1000, 0)])], dtype=object))
    bent = LineString([(100, 30), (300, 40), (300, 40), (500, 30), (700, 200)])
    hits = route_hits(bank, np.array([bent], dtype=object), 50.0)
    assert len(hits.intervals) == 1
    assert hits.intervals.start[0] == pytest.approx(60.0)
    beyond = LineString([(500, 30), (700, 200)])
    edge = max(
        m for m in np.linspace(500, 700, 200_001) if beyond.distance(LineString([(m, 0), (m, 0)])) <= 50.0
    )
    assert hits.intervals.stop[0] == pytest.approx(edge, abs=2e-3)


def test_a_list_says_how_many_ways_pass_a_gap() -> None:
    found = gpd.GeoDataFrame(
        {"gaps": [2, 0], "pupils": [26, 0], "length_m": [1200.0, 800.0]},
        geometry=[LineString([(0, 0), (1, 1)])] * 2,
        crs="EPSG:4490",
    )
    every, beside = route_words.summed(found)
    assert (every.value, every.note) == ("2", "共 2.00 公里")
    assert (beside.value, beside.share, beside.tone) == ("1", 0.5, "bad")
    assert "26 人" in beside.note
