"""A hostile file is turned away before anything opens it, or by the confined child, in little time."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from data.importers import child
from data.importers.guards import Limits, admit
from data.importers.rows import IntakeError

if TYPE_CHECKING:
    from pathlib import Path

LIMITS = Limits()
VRT = (
    '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource>'
    "</OGRVRTLayer></OGRVRTDataSource>"
)


def archive(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name.replace("__", "/"), content)
    return path


def test_a_bomb_is_not_opened(tmp_path: Path) -> None:
    bomb = archive(tmp_path / "台账.xlsx", xl__workbook=b"", bomb=bytes(61 * 1024 * 1024))
    with pytest.raises(IntakeError, match="60 MB"):
        admit(bomb, LIMITS)


def test_a_ratio_above_a_hundred_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="100 倍"):
        admit(archive(tmp_path / "a.zip", a=bytes(20 * 1024 * 1024)), LIMITS)


def test_too_many_members_are_not_opened(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="201"):
        admit(archive(tmp_path / "a.zip", **{f"m{n}": b"x" for n in range(201)}), LIMITS)


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "/etc/x", "C:/x", "a/../../x"])
def test_a_member_that_points_elsewhere_is_not_unpacked(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr(name, "x")
    with pytest.raises(IntakeError, match="别处"):
        admit(tmp_path / "a.zip", LIMITS)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        link = zipfile.ZipInfo("layer.shp")
        link.external_attr = 0o120777 << 16
        packed.writestr(link, "/etc/passwd")
    with pytest.raises(IntakeError, match="链接"):
        admit(tmp_path / "a.zip", LIMITS)


def test_an_old_workbook_under_a_new_name_is_recognised(tmp_path: Path) -> None:
    renamed = tmp_path / "a.xlsx"
    renamed.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(IntakeError, match=r"\.xls"):
        admit(renamed, LIMITS)


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.csv", "a.zip", "a.osm.pbf", "a.xlsx"])
def test_a_virtual_dataset_under_another_name_is_not_opened(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(VRT)
    with pytest.raises(IntakeError, match="扩展名不符"):
        admit(tmp_path / name, LIMITS)


def test_the_child_knows_no_driver_for_a_virtual_dataset(tmp_path: Path) -> None:
    (tmp_path / "a.gpkg").write_text(VRT)
    with pytest.raises(IntakeError, match="无法读取"):
        child.parse("layers", tmp_path / "a.gpkg", Limits())


def test_an_ending_that_nobody_reads_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.kml").write_text("x")
    with pytest.raises(IntakeError, match=r"\.kml"):
        admit(tmp_path / "a.kml", LIMITS)


def test_external_entities_in_a_workbook_are_not_opened(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as packed:
        packed.writestr("xl/workbook.xml", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>')
    with pytest.raises(IntakeError, match="实体"):
        admit(tmp_path / "a.xlsx", LIMITS)


def test_a_file_above_the_limit_says_both_sizes(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a" * (2 * 1024 * 1024))
    with pytest.raises(IntakeError, match=r"2\.0 MB，超过 1 MB"):
        admit(tmp_path / "a.csv", Limits(packed_mb=1))


def test_nested_json_ends_in_a_sentence(tmp_path: Path) -> None:
    deep = '{"type":"FeatureCollection","features":' + "[" * 200_000 + "]" * 200_000 + "}"
    (tmp_path / "a.geojson").write_text(deep)
    with pytest.raises(IntakeError, match="无法读取"):
        child.parse("geojson", tmp_path / "a.geojson", Limits())


def test_a_parse_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": []}))
    with pytest.raises(IntakeError, match="秒内没有读完"):
        child.parse("geojson", tmp_path / "a.geojson", Limits(seconds=0))
