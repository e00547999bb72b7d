"""OpenStreetMap extracts: waters with islands, three taggings of a life ring, a code tree of places."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.importers import kinds
from data.importers.guards import Limits
from data.importers.osm import Extract
from data.importers.rows import IntakeError, Parsed

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"

osmium = pytest.importorskip("osmium")


def drawn(path: Path) -> Path:
    """A pond with an island, a river through a lake, a culvert, three life rings, a school, two places."""
    file = path / "a.osm.pbf"
    place = {
        1: (9.50, 47.10), 2: (9.51, 47.10), 3: (9.51, 47.11), 4: (9.50, 47.11),
        5: (9.503, 47.103), 6: (9.506, 47.103), 7: (9.506, 47.106), 8: (9.503, 47.106),
        10: (9.49, 47.105), 11: (9.5005, 47.105), 12: (9.5095, 47.105), 13: (9.53, 47.105),
    }  # fmt: skip
    tagged = {
        20: {"emergency": "life_ring"},
        21: {"emergency": "lifebuoy"},
        22: {"amenity": "life_ring"},
        23: {"place": "village", "name": "Dorf"},
        24: {"place": "hamlet", "name": "Weiler"},
        25: {"amenity": "school", "name": "{{ 7*7 }}"},
        26: {"man_made": "water_well"},
    }
    with osmium.SimpleWriter(str(file)) as writer:
        for number, spot in place.items():
            writer.add_node(osmium.osm.mutable.Node(id=number, location=spot, tags={}))
        for number, tags in tagged.items():
            spot = (9.52 + number / 10_000, 47.1)
            writer.add_node(osmium.osm.mutable.Node(id=number, location=spot, tags=tags))
        ways: dict[int, tuple[list[int], dict[str, str]]] = {
            1: ([1, 2, 3, 4, 1], {}),
            2: ([5, 6, 7, 8, 5], {}),
            3: ([10, 11, 12, 13], {"waterway": "river", "name": "Bach", "width": "14 m"}),
            4: ([10, 1], {"waterway": "stream", "tunnel": "culvert"}),
            5: ([10, 13], {"waterway": "ditch"}),
        }
        for number, (nodes, tags) in ways.items():
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=nodes, tags=tags))
        members = [("w", 1, "outer"), ("w", 2, "inner")]
        writer.add_relation(
            osmium.osm.mutable.Relation(
                id=1, members=members, tags={"type": "multipolygon", "natural": "water", "water": "lake"}
            )
        )
    return file


def read(path: Path, extract: Extract | None = None) -> Parsed:
    return kinds.read("osm", path, Limits(), None, extract)


def test_an_island_is_a_hole_in_its_lake(tmp_path: Path) -> None:
    (lake,) = (water for water in read(drawn(tmp_path)).tables["water"] if water["code"] == "osm-r1")
    assert lake["kind"] == "lake"
    assert len(lake["geom"].interiors) == 1


def test_a_river_ends_where_the_lake_has_banks_of_its_own(tmp_path: Path) -> None:
    pieces = [water for water in read(drawn(tmp_path)).tables["water"] if "osm-w3" in str(water["code"])]
    assert [piece["width_m"] for piece in pieces] == [14.0] * len(pieces)
    assert len(pieces) == 3  # before the lake, across the island, behind it


def test_a_culvert_is_no_open_water_and_a_ditch_without_a_width_gets_the_usual_one(tmp_path: Path) -> None:
    waters = {str(water["code"]): water for water in read(drawn(tmp_path)).tables["water"]}
    assert "osm-w4" not in waters
    ditches = [water for code, water in waters.items() if code.startswith("osm-w5")]
    assert {ditch["width_m"] for ditch in ditches} == {1.5}
    assert waters["osm-n26"]["kind"] == "well"


def test_all_three_taggings_of_a_life_ring_are_stations_with_an_unverified_lifebuoy(tmp_path: Path) -> None:
    parsed = read(drawn(tmp_path))
    assert {station["code"] for station in parsed.tables["station"]} == {"osm-n20", "osm-n21", "osm-n22"}
    assert {(item["kind"], item["state"]) for item in parsed.tables["station_item"]} == {
        ("lifebuoy", "unverified")
    }


def test_an_extract_without_codes_becomes_a_tree_that_is_the_same_each_time(tmp_path: Path) -> None:
    extract = Extract(area_code="LI01", area_name="测试")
    file = drawn(tmp_path)
    first, second = (read(file, extract).tables["area"] for _ in range(2))
    assert [area["code"] for area in first] == [area["code"] for area in second]
    assert [area["level"] for area in first[:2]] == ["prefecture", "county"]
    villages = {area["name"]: area["code"] for area in first if area["level"] == "village"}
    assert set(villages) == {"Dorf", "Weiler"}
    assert all(len(code) == 12 and code.startswith("LI01") for code in villages.values())


@pytest.mark.parametrize("code", ["L", "li01x", "邵阳", "LI0", "LI01010"])
def test_a_code_that_would_not_fit_the_tree_is_refused(tmp_path: Path, code: str) -> None:
    with pytest.raises(IntakeError, match="4 位"):
        read(drawn(tmp_path), Extract(area_code=code, area_name="测试"))


def test_a_truncated_extract_ends_in_a_sentence(tmp_path: Path) -> None:
    whole = drawn(tmp_path).read_bytes()
    (tmp_path / "b.osm.pbf").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(IntakeError, match="重新下载"):
        read(tmp_path / "b.osm.pbf")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared files are not here")
def test_the_nine_life_rings_of_helsinki_are_found() -> None:
    assert len(read(SHARED / "helsinki.osm.pbf").tables["station"]) == 9


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared files are not here")
def test_a_river_that_leaves_the_working_area_ends_near_its_outline() -> None:
    file = SHARED / "liechtenstein-2013-08-03.osm.pbf"
    whole = max(water["geom"].bounds[3] for water in read(file).tables["water"])
    kept = read(file, Extract(area_code="LI01", area_name="列支敦士登")).tables["water"]
    north = max(water["geom"].bounds[3] for water in kept)
    assert whole > 47.4
    assert north < 47.3


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared files are not here")
def test_liechtenstein_has_its_eleven_townships_and_its_schools() -> None:
    extract = Extract(area_code="LI01", area_name="列支敦士登")
    tables = read(SHARED / "liechtenstein-2013-08-03.osm.pbf", extract).tables
    townships = {str(area["name"]) for area in tables["area"] if area["level"] == "township"}
    assert {"Vaduz", "Schaan", "Balzers", "Planken"} <= townships
    assert len(tables["institution"]) >= 21
    assert any(water["kind"] == "reach" for water in tables["water"])
