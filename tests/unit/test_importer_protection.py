"""Barriers, cameras, patrols, inspections and hazards out of rows, each fault named."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from data.importers import cells, kinds
from data.importers.cells import CellError
from data.importers.guards import Limits

if TYPE_CHECKING:
    from pathlib import Path

    from data.importers.rows import Parsed


def read(tmp_path: Path, kind: str, table: str) -> Parsed:
    (tmp_path / "a.csv").write_text(table, "utf-8")
    return kinds.read(kind, tmp_path / "a.csv", Limits(), "EPSG:4490")


def faults(parsed: Parsed) -> list[tuple[str, str]]:
    return [(fault.header, fault.reason) for error in parsed.refused for fault in error.faults]


def test_a_barrier_is_the_line_between_its_two_ends(tmp_path: Path) -> None:
    table = (
        "护栏编号,水域编号,起点经度,起点纬度,终点经度,终点纬度,状态\nH1,W1,111.46,27.23,111.47,27.24,完好\n"
    )
    (barrier,) = read(tmp_path, "barriers", table).tables["barrier"]
    assert list(barrier["geom"].coords) == [(111.46, 27.23), (111.47, 27.24)]
    assert (barrier["kind"], barrier["state"], barrier["_water_code"]) == ("barrier", "good", "W1")
    assert barrier["raw_position"] == "111.46,27.23 EPSG:4490 → 111.47,27.24 EPSG:4490"


def test_an_end_that_is_no_coordinate_is_named_by_its_own_header(tmp_path: Path) -> None:
    table = "护栏编号,水域编号,起点经度,起点纬度,终点经度,终点纬度\nH1,W1,111.46,27.23,百米外,27.24\n"
    parsed = read(tmp_path, "barriers", table)
    assert ("终点经度", "不是坐标") in faults(parsed)


def test_a_barrier_without_its_water_is_refused(tmp_path: Path) -> None:
    table = "护栏编号,水域编号,起点经度,起点纬度,终点经度,终点纬度\nH1,,111.46,27.23,111.47,27.24\n"
    assert [header for header, _ in faults(read(tmp_path, "barriers", table))] == ["水域编号"]


@pytest.mark.parametrize(
    ("bearing", "view", "reach", "refused"),
    [
        ("0", "360", "80", []),
        ("359.9", "1", "5000", ["可视距离"]),
        ("360", "90", "80", ["朝向"]),
        ("-1", "90", "80", ["朝向"]),
        ("0", "361", "80", ["视角"]),
        ("0", "90", "", ["可视距离"]),
    ],
)
def test_what_a_camera_sees_has_limits(
    tmp_path: Path, bearing: str, view: str, reach: str, refused: list[str]
) -> None:
    table = f"摄像头编号,经度,纬度,朝向,视角,可视距离\nC1,111.46,27.23,{bearing},{view},{reach}\n"
    assert [header for header, _ in faults(read(tmp_path, "cameras", table))] == refused


def test_a_patrol_that_ends_before_it_begins_is_refused(tmp_path: Path) -> None:
    table = (
        "巡查编号,开始时间,结束时间,起点经度,起点纬度,终点经度,终点纬度\n"
        "P1,2026-05-01 09:00,2026-05-01 08:00,111.46,27.23,111.47,27.24\n"
    )
    assert faults(read(tmp_path, "patrols", table)) == [("结束时间", "早于开始时间")]


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-05-01 08:30", "2026-05-01T00:30:00"),
        ("2026.5.1 8:30:15", "2026-05-01T00:30:15"),
        ("2026年5月1日8时30分", "2026-05-01T00:30:00"),
        ("2026-05-01T08:30:00Z", "2026-05-01T08:30:00"),
        ("2026-05-01T08:30:00.123+02:00", "2026-05-01T06:30:00"),
        ("2026-05-01T08:30:00-0800", "2026-05-01T16:30:00"),
    ],
)
def test_a_moment_without_an_offset_is_what_clocks_here_show(written: str, utc: str) -> None:
    found = cells.moment(written).astimezone(dt.UTC)
    assert found.replace(tzinfo=None).isoformat() == utc


@pytest.mark.parametrize("written", ["2026-05-01", "2026-13-01 08:30", "2026-05-01 25:30", "昨天", ""])
def test_half_a_moment_is_refused(written: str) -> None:
    with pytest.raises(CellError):
        cells.moment(written)


def test_a_closed_hazard_says_when_and_an_open_one_cannot(tmp_path: Path) -> None:
    table = (
        "隐患编号,隐患名称,隐患类别,隐患等级,办理状态,发现日期,销号日期,经度,纬度\n"
        "Y1,落石,滑坡,重大隐患,已销号,2026.3.5,,111.46,27.23\n"
        "Y2,落石,山体,一般,整改中,2026.3.5,2026.3.6,111.46,27.23\n"
        "Y3,落石,山体,较大,,2026.3.5,,111.46,27.23\n"
        "Y4,落石,山体,,整改中,2026.3.5,,111.46,27.23\n"
    )
    parsed = read(tmp_path, "hazards", table)
    assert [header for header, _ in faults(parsed)] == ["销号日期", "销号日期", "隐患等级"]
    (hazard,) = parsed.tables["hazard"]
    assert (hazard["domain"], hazard["grade"], hazard["state"]) == ("S", "general", "assigned")


def test_an_inspection_that_was_made_has_a_day(tmp_path: Path) -> None:
    table = "轮次编号,机构编号,排查状态,完成日期\nR,I1,已查,\nR,I2,,2026-05-01\nR,I3,,\n"
    parsed = read(tmp_path, "inspections", table)
    assert faults(parsed) == [("完成日期", "已查的须写明完成日期")]
    assert [row["state"] for row in parsed.tables["inspection"]] == ["done", "planned"]


def test_a_message_about_a_child_shows_no_value(tmp_path: Path) -> None:
    table = "儿童编号,类别,出生年月,区划代码\nE1,孤儿,二〇一五年,430502\n"
    parsed = read(tmp_path, "children", table)
    assert "二〇一五年" not in str(parsed.refused[0])
