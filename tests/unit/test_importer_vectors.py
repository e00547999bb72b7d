"""GeoJSON, GeoPackage and shapefiles: only with a known reference system, and no broken shape."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import LineString, MultiLineString, Point

from data.importers import kinds
from data.importers.guards import Limits
from data.importers.rows import IntakeError, Parsed

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
LINE = {"type": "LineString", "coordinates": [[111.4, 27.2], [111.41, 27.21]]}


def collection(path: Path, *shapes: Any, crs: str | None = None, **properties: object) -> Path:
    document: dict[str, Any] = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"编号": f"W{n}", "名称": "邵水", **properties},
                "geometry": shape,
            }
            for n, shape in enumerate(shapes, start=1)
        ],
    }
    if crs:
        document["crs"] = {"type": "name", "properties": {"name": crs}}
    file = path / "a.geojson"
    file.write_text(json.dumps(document, allow_nan=True))
    return file


def read(file: Path, kind: str = "waters", crs: str | None = None) -> Parsed:
    return kinds.read(kind, file, Limits(), crs)


def test_a_file_that_names_no_crs_is_wgs84_and_says_so(tmp_path: Path) -> None:
    parsed = read(collection(tmp_path, LINE))
    assert parsed.crs == "EPSG:4326"
    assert any("RFC 7946" in note for note in parsed.notes)


def test_an_outline_that_names_no_crs_is_refused_until_somebody_says_which(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="gcj02"):
        read(collection(tmp_path, LINE), kind="areas")


def test_a_named_crs_is_obeyed(tmp_path: Path) -> None:
    metres = {"type": "Point", "coordinates": [546323.31, 3014188.24]}
    (water,) = read(collection(tmp_path, metres, crs="urn:ogc:def:crs:EPSG::4546")).tables["water"]
    assert (water["geom"].x, water["geom"].y) == pytest.approx((111.4677, 27.2389), abs=1e-6)


def test_a_crs_that_contradicts_the_numbers_refuses_the_rows(tmp_path: Path) -> None:
    metres = {"type": "Point", "coordinates": [546323.31, 3014188.24]}
    (error,) = read(collection(tmp_path, metres, crs="urn:ogc:def:crs:EPSG::4490")).refused
    assert "不像经纬度" in str(error)


def test_an_unknown_crs_and_one_on_an_uncertain_datum_are_refused(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="不认识坐标系"):
        read(collection(tmp_path, LINE), crs="EPSG:999999")
    with pytest.raises(IntakeError, match="没有公开的准确转换"):
        read(collection(tmp_path, LINE), crs="EPSG:2412")


BOW_TIE = [[[111.4, 27.2], [111.41, 27.21], [111.41, 27.2], [111.4, 27.21], [111.4, 27.2]]]


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        ({"type": "Polygon", "coordinates": BOW_TIE}, "自相交"),
        ({"type": "Polygon", "coordinates": []}, "EMPTY"),
        ({"type": "LineString", "coordinates": []}, "EMPTY"),
        (None, "NULL"),
        ({"type": "Point", "coordinates": [float("nan"), 27.2]}, ""),
        ({"type": "Point", "coordinates": [1e400, 27.2]}, "有限"),
        ({"type": "GeometryCollection", "geometries": [LINE]}, "GeometryCollection"),
        ({"type": "Point", "coordinates": ["a", "b"]}, "写法"),
        ({"type": "Blob", "coordinates": [1, 2]}, "写法"),
        ({"type": "MultiPoint", "coordinates": [[111.4, 27.2], [111.5, 27.2]]}, "应为"),
    ],
)
def test_a_broken_shape_is_refused_with_its_row_and_the_others_stay(
    tmp_path: Path, shape: Any, reason: str
) -> None:
    parsed = read(collection(tmp_path, LINE, shape))
    (error,) = parsed.refused
    assert error.number == 2
    assert reason in str(error)
    assert len(parsed.tables["water"]) == 1


def test_heights_are_dropped(tmp_path: Path) -> None:
    (water,) = read(
        collection(tmp_path, {"type": "LineString", "coordinates": [[111.4, 27.2, 230], [111.5, 27.2, 231]]})
    ).tables["water"]
    assert not water["geom"].has_z


def test_pieces_that_touch_are_one_water_and_pieces_apart_are_numbered(tmp_path: Path) -> None:
    touching = MultiLineString([[(111.4, 27.2), (111.41, 27.2)], [(111.41, 27.2), (111.42, 27.2)]])
    apart = MultiLineString([[(111.4, 27.2), (111.41, 27.2)], [(111.5, 27.2), (111.52, 27.2)]])
    waters = read(collection(tmp_path, touching.__geo_interface__, apart.__geo_interface__)).tables["water"]
    assert [water["code"] for water in waters] == ["W1", "W2-1", "W2-2"]
    assert {water["geom"].geom_type for water in waters} == {"LineString"}


def shapefile(path: Path, *, encoding: str, cpg: bool = False, prj: bool = True) -> Path:
    frame = gpd.GeoDataFrame(
        {"编号": ["W1"], "名称": ["邵水河段"]},
        geometry=[LineString([(546323, 3014188), (546423, 3014288)])],
        crs="EPSG:4546",
    )
    folder = path / "out"
    folder.mkdir()
    frame.to_file(folder / "w.shp", engine="pyogrio", encoding=encoding)
    wanted = [".shp", ".shx", ".dbf", *([".prj"] if prj else []), *([".cpg"] if cpg else [])]
    with zipfile.ZipFile(path / "w.zip", "w") as packed:
        for suffix in wanted:
            packed.write(folder / f"w{suffix}", f"资料/w{suffix}")
    return path / "w.zip"


@pytest.mark.parametrize(("encoding", "cpg"), [("GB18030", False), ("UTF-8", False), ("UTF-8", True)])
def test_a_zipped_shapefile_is_read_in_utf8_or_gb18030(tmp_path: Path, encoding: str, cpg: bool) -> None:  # noqa: FBT001 - a parameter
    (water,) = read(shapefile(tmp_path, encoding=encoding, cpg=cpg)).tables["water"]
    assert water["name"] == "邵水河段"
    assert water["geom"].bounds[0] == pytest.approx(111.4677, abs=1e-4)


def test_a_shapefile_without_prj_needs_the_keepers_word(tmp_path: Path) -> None:
    file = shapefile(tmp_path, encoding="UTF-8", prj=False)
    with pytest.raises(IntakeError, match=r"\.prj"):
        read(file)
    assert read(file, crs="EPSG:4546").tables["water"]


def test_a_geopackage_is_read_and_two_layers_are_named(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"编号": ["W1"]}, geometry=[Point(111.4, 27.2)], crs="EPSG:4490")
    frame.to_file(tmp_path / "a.gpkg", layer="井", engine="pyogrio")
    assert read(tmp_path / "a.gpkg").tables["water"][0]["kind"] == "well"
    frame.to_file(tmp_path / "a.gpkg", layer="塘", engine="pyogrio")
    with pytest.raises(IntakeError, match="井、塘"):
        read(tmp_path / "a.gpkg")


def test_the_days_of_a_layer_are_days(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"编号": ["S1", "S2"], "检查日期": [pd.Timestamp("2024-03-05"), pd.NaT], "警示牌": ["1", "1"]},
        geometry=[Point(111.4, 27.2), Point(111.5, 27.2)],
        crs=4490,
    )
    frame.to_file(tmp_path / "a.gpkg", driver="GPKG")
    parsed = read(tmp_path / "a.gpkg", kind="stations")
    assert parsed.refused == []
    signs = [item for item in parsed.tables["station_item"] if item["kind"] == "sign"]
    assert [item["verified_on"] for item in signs] == [dt.date(2024, 3, 5), None]


def test_a_file_without_numbers_gives_the_same_codes_each_time(tmp_path: Path) -> None:
    file = tmp_path / "a.geojson"
    feature = {"type": "Feature", "properties": {}, "geometry": LINE}
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    first, second = (read(file).tables["water"][0]["code"] for _ in range(2))
    assert first == second
    assert str(first).startswith("shape-")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared files are not here")
def test_county_outlines_of_a_chinese_map_land_where_the_counties_are() -> None:
    parsed = read(SHARED / "counties_4305_gcj02.geojson", kind="areas", crs="gcj02")
    outlines = {str(area["code"]): area["geom"] for area in parsed.tables["area"]}
    assert len(outlines) == 12
    assert outlines["430581"].contains(Point(110.63, 26.73))
