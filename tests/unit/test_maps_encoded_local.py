"""Maps: only encoded text goes in, only local files are named."""

from __future__ import annotations

import json

import folium.plugins
import geopandas as gpd
import pytest
from shapely.geometry import LineString, Point

from geo.crs import GEOGRAPHIC
from layers import maps
from layers.maps import Layer, OutsideAssetError, Picture, compose, features
from layers.palette import PROTECTION, STATIONS

BOUNDS = (111.0, 27.0, 111.2, 27.2)
HOSTILE = "{{ 12345*54321 }}{% 池塘 ${x}`</script><img src=x onerror=alert(1)>"


def _gaps(name: str) -> gpd.GeoDataFrame:
    line = LineString([(111.0, 27.0), (111.001, 27.000001), (111.002, 27.0)])
    return gpd.GeoDataFrame({"kind": ["gap"], "name": [name]}, geometry=[line], crs=GEOGRAPHIC)


def _layer(name: str = "李家塘") -> Layer:
    found = features(_gaps(name), key="kind", lines=lambda row: (row.name, "缺口"))
    return Layer(name=name, styles=PROTECTION, features=found)


def test_a_hostile_name_survives_both_renderings_as_text() -> None:
    page = compose(Picture(bounds=BOUNDS, layers=[_layer(HOSTILE)], notes=[HOSTILE])).get_root().render()
    assert str(12345 * 54321) not in page
    assert r"\u0026#123;\u0026#123; 12345*54321 \u0026#125;\u0026#125;" in page
    assert "onerror=alert" in page
    assert "<img src=x" not in page
    assert "{{" not in page.split("anlan.draw", 1)[1]


def test_every_address_of_a_map_is_on_this_server() -> None:
    page = compose(Picture(bounds=BOUNDS, layers=[_layer()])).get_root().render()
    assert "http://" not in page
    assert "https://" not in page
    assert '"/assets/leaflet/leaflet.js"' in page


def test_an_element_without_a_local_file_is_an_error() -> None:
    drawn = compose(Picture(bounds=BOUNDS, layers=[]))
    folium.plugins.Geocoder().add_to(drawn)
    with pytest.raises(OutsideAssetError, match="Geocoder"):
        maps.require_local(drawn)


def test_lines_are_thinned_for_display_and_rounded_to_a_metre() -> None:
    found = features(_gaps("塘"), key="kind", lines=lambda row: (row.name,))
    assert found["features"][0]["geometry"]["coordinates"] == [[111.0, 27.0], [111.002, 27.0]]


def test_an_empty_frame_is_an_empty_layer() -> None:
    empty = gpd.GeoDataFrame({"kind": []}, geometry=[], crs=GEOGRAPHIC)
    assert features(empty, key="kind", lines=lambda _: ())["features"] == []
    assert maps.bounds_of(empty) is None


def test_a_click_on_a_mark_finds_its_row_and_a_click_beside_it_none() -> None:
    stations = gpd.GeoDataFrame(
        {"code": ["A", "B"]}, geometry=[Point(111.0, 27.0), Point(111.1, 27.1)], crs=GEOGRAPHIC
    )
    assert maps.nearest_row(stations, 111.100004, 27.100004) == 1
    assert maps.nearest_row(stations, 111.05, 27.05) is None


def test_layers_are_handed_over_as_they_were_listed() -> None:
    spec = maps._spec(Picture(bounds=BOUNDS, layers=[_layer("甲"), Layer(name="乙", url="/layer/waters")]))
    assert [layer["name"] for layer in json.loads(json.dumps(spec))["layers"]] == ["甲", "乙"]
    assert STATIONS["valid"].drawn()["shape"] == "circle"
