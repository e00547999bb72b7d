"""GPX files: what is read of them, and what turns them away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from data.importers import gpx
from data.importers.guards import Limits
from data.importers.rows import IntakeError

if TYPE_CHECKING:
    from pathlib import Path

HEAD = '<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1" creator="x">'
POINT = '<trkpt lat="{lat}" lon="{lon}"><ele>200</ele><time>{at}</time></trkpt>'


def written(path: Path, *points: str, name: str = "晨巡", head: str = HEAD) -> Path:
    track = f"<trk><name>{name}</name><trkseg>{''.join(points)}</trkseg></trk>"
    path.write_text(f"{head}{track}</gpx>", "utf-8")
    return path


def point(lat: object = 27.0, lon: object = 111.0, at: str = "2026-07-01T00:00:00Z") -> str:
    return POINT.format(lat=lat, lon=lon, at=at)


def test_points_keep_their_order_and_their_instants(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.gpx",
        point(at="2026-07-01T00:00:00Z"),
        point(lon=111.001, at="2026-07-01T08:00:10+08:00"),
        '<trkpt lat="27" lon="111.002"/>',
    )
    (found,) = gpx.read(path, Limits())
    assert found.name == "晨巡"
    assert [(lon, lat) for lon, lat, _ in found.points] == [(111.0, 27.0), (111.001, 27.0), (111.002, 27.0)]
    first, second, third = (seconds for _, _, seconds in found.points)
    assert first is not None
    assert second == first + 10
    assert third is None


def test_segments_are_kept_apart_and_named_by_their_track(tmp_path: Path) -> None:
    path = tmp_path / "a.gpx"
    segment = f"<trkseg>{point()}{point(lon=111.1)}</trkseg>"
    path.write_text(f"{HEAD}<trk><name>一</name>{segment}{segment}</trk><trk>{segment}</trk></gpx>", "utf-8")
    assert [(found.name, found.number) for found in gpx.read(path, Limits())] == [
        ("一", 1),
        ("一", 2),
        ("", 3),
    ]


@pytest.mark.parametrize(
    ("points", "sentence"),
    [
        ((point(lat="nan"),), "第 1 个轨迹点"),
        ((point(), point(lon=200)), "第 2 个轨迹点的经纬度“200, 27”"),
        ((point(at="昨天"),), "时间“昨天”无法识别"),
        (('<trkpt lat="27"/>',), "没有完整的经纬度"),
        ((), "没有轨迹"),
    ],
)
def test_a_point_that_is_none_is_named(tmp_path: Path, points: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(IntakeError, match=sentence):
        gpx.read(written(tmp_path / "a.gpx", *points), Limits())


def test_entities_are_not_opened(tmp_path: Path) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a SYSTEM "file:///etc/passwd">]><gpx>'
    with pytest.raises(IntakeError, match="实体"):
        gpx.read(written(tmp_path / "a.gpx", point(), name="&a;", head=bomb), Limits())


def test_what_is_no_gpx_is_not_opened(tmp_path: Path) -> None:
    other = tmp_path / "a.gpx"
    other.write_text("<OGRVRTDataSource/>", "utf-8")
    with pytest.raises(IntakeError, match="不是 GPX"):
        gpx.read(other, Limits())
    with pytest.raises(IntakeError, match=r"\.kml"):
        gpx.read(tmp_path / "a.kml", Limits())


def test_a_broken_file_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.gpx"
    path.write_text(f"{HEAD}\n<trk><trkseg>{point()}\n</trk></gpx>", "utf-8")
    with pytest.raises(IntakeError, match="第 3 行"):
        gpx.read(path, Limits())


def test_a_file_above_the_limit_is_not_opened(tmp_path: Path) -> None:
    path = written(tmp_path / "a.gpx", *[point()] * 20_000)
    with pytest.raises(IntakeError, match="超过 1 MB"):
        gpx.read(path, Limits(packed_mb=1))


def test_more_points_than_a_day_holds_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.gpx", *['<trkpt lat="27" lon="111"/>'] * (gpx.POINTS_MAX + 1))
    with pytest.raises(IntakeError, match="100,000"):
        gpx.read(path, Limits())
