"""KML, KMZ, GPX and what survey programs export, read as rows; what is broken or hostile is refused."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from data.importers import kinds, synonyms
from data.importers.guards import Limits
from data.importers.rows import IntakeError

if TYPE_CHECKING:
    from pathlib import Path

    from data.importers.rows import Parsed

KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder>
<Placemark><name>大塘</name><ExtendedData><Data name="编号"><value>W-1</value></Data>
<Data name="类型"><value>山塘</value></Data></ExtendedData>
<Polygon><outerBoundaryIs><LinearRing><coordinates>
111.46,27.23,120 111.47,27.23,120 111.47,27.24,120 111.46,27.23,120
</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>
<Placemark><name>坏的</name><Point><coordinates>没有</coordinates></Point></Placemark>
</Folder></Document></kml>"""
GPX = """<?xml version="1.0"?>
<gpx version="1.1" creator="phone" xmlns="http://www.topografix.com/GPX/1/1"><trk><name>晨巡</name><trkseg>
<trkpt lat="27.2389" lon="111.4677"><ele>200</ele><time>2026-05-01T00:30:00Z</time></trkpt>
<trkpt lat="27.2399" lon="111.4677"><time>2026-05-01T00:45:00Z</time></trkpt></trkseg><trkseg>
<trkpt lat="27.2409" lon="111.4677"><time>2026-05-01T01:00:00Z</time></trkpt></trkseg></trk></gpx>"""


def read(path: Path, kind: str, content: str | bytes, crs: str | None = None) -> Parsed:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return kinds.read(kind, path, Limits(), crs)


def test_a_placemark_becomes_a_water_and_a_broken_one_is_refused_by_its_number(tmp_path: Path) -> None:
    parsed = read(tmp_path / "a.kml", "waters", KML)
    (water,) = parsed.tables["water"]
    assert (water["code"], water["name"], water["kind"]) == ("W-1", "大塘", "pond")
    assert not water["geom"].has_z
    (error,) = parsed.refused
    assert (error.number, "坐标的写法" in str(error)) == (2, True)


def test_a_kmz_is_the_kml_in_it(tmp_path: Path) -> None:
    path = tmp_path / "a.kmz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("doc.kml", KML)
        archive.writestr("files/icon.png", b"-")
    assert len(kinds.read("waters", path, Limits()).tables["water"]) == 1


def test_a_track_is_judged_beside_the_banks_and_never_taken_in_as_it_stands(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="先与岸线核对"):
        read(tmp_path / "a.gpx", "patrols", GPX)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.kml", "<!DOCTYPE x [<!ENTITY a 'b'>]><kml>&a;</kml>", "外部实体"),
        ("a.gpx", "<!DOCTYPE x SYSTEM 'file:///etc/passwd'><gpx/>", "外部实体"),
        ("a.kml", "<html><kml></html>", "XML"),
        ("a.kml", "PK\x03\x04", "不符"),
        ("a.gpx", "<svg/>", "不符"),
        ("a.gpx", GPX.replace("trk", "nothing"), "没有要素"),
    ],
)
def test_what_is_no_sound_markup_is_one_sentence(tmp_path: Path, name: str, content: str, said: str) -> None:
    with pytest.raises(IntakeError, match=said):
        read(tmp_path / name, "stations" if name.endswith("gpx") else "waters", content)


def test_an_archive_without_kml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.kmz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("other.txt", b"-")
    with pytest.raises(IntakeError, match=r"没有 \.kml"):
        kinds.read("waters", path, Limits())


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("stations/点位编号", "code"),
        ("group_one/stations/救生圈", "lifebuoy"),
        ("_安装位置_latitude", "lat"),
        ("_安装位置_longitude", "lon"),
        ("安装位置-Longitude", "lon"),
        ("安装位置:Latitude", "lat"),
        ("安装位置-Altitude", None),
        ("_安装位置_precision", None),
        ("救生圈", "lifebuoy"),
        ("其他", None),
    ],
)
def test_what_survey_programs_make_of_a_question_is_understood(header: str, column: str | None) -> None:
    assert synonyms.meaning(synonyms.columns("stations"), header) == column


def test_a_kobo_table_with_semicolons_is_a_ledger(tmp_path: Path) -> None:
    table = (
        "start;stations/点位编号;stations/救生圈;stations/救生绳;_位置_latitude;_位置_longitude;_uuid\n"
        '2026;K-1;"1";"无";27.2389;111.4677;abc\n'
    )
    parsed = read(tmp_path / "kobo.csv", "stations", table, "wgs84")
    (station,) = parsed.tables["station"]
    assert (station["code"], station["geom"].x, station["geom"].y) == ("K-1", 111.4677, 27.2389)


def test_an_odk_geojson_is_a_ledger(tmp_path: Path) -> None:
    feature: dict[str, Any] = {
        "type": "Feature",
        "properties": {"__id": "uuid:1", "stations-编号": "O-1", "stations-救生圈": "有"},
        "geometry": {"type": "Point", "coordinates": [111.4677, 27.2389, 210.0]},
    }
    document = json.dumps({"type": "FeatureCollection", "features": [feature]})
    (station,) = read(tmp_path / "odk.geojson", "stations", document).tables["station"]
    assert (station["code"], station["geom"].has_z) == ("O-1", False)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_table_is_read_in_every_encoding_that_offices_use(tmp_path: Path, encoding: str) -> None:
    table = "编号\t救生圈\t经度\t纬度\nA-1\t有\t111.4677\t27.2389\n"
    parsed = read(tmp_path / "a.txt", "stations", table.encode(encoding), "EPSG:4490")
    assert parsed.tables["station"][0]["code"] == "A-1"


@pytest.mark.parametrize("kind", [kind for kind in kinds.TITLES if kind != "osm"])
def test_a_form_is_recognised_as_the_ledger_it_is_for(tmp_path: Path, kind: str) -> None:
    from data.settings import Settings
    from jobs.templates import template_bytes

    path = tmp_path / "a.xlsx"
    path.write_bytes(template_bytes(Settings(database_url=None), kind))
    found = kinds.recognised(kinds.opened(path, Limits()))
    assert found[0][0] == kind
