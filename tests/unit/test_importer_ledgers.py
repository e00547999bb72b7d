"""A station ledger as it comes: title rows, merged headers, other words, notes below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import Workbook

from data.importers import kinds
from data.importers.guards import Limits
from data.importers.rows import IntakeError

if TYPE_CHECKING:
    from pathlib import Path

    from data.importers.rows import Parsed, Record

HEADER = ["编号", "位置", "东经", "北纬", "警示牌", "救生圈", "绳索", "竹竿", "检查日期"]
ROW = ["LB-017", "大塘边", 111.4677, 27.2389, "1", "有", "√", "1根", "2024.3.5"]


def ledger(path: Path, *rows: list[Any], crs: str = "EPSG:4490") -> Parsed:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "救生设施"
    for row in rows:
        sheet.append(row)
    book.save(path / "台账.xlsx")
    return kinds.read("stations", path / "台账.xlsx", Limits(), crs)


def states(parsed: Parsed) -> dict[str, str]:
    return {str(item["kind"]): str(item["state"]) for item in parsed.tables["station_item"]}


def only(parsed: Parsed) -> Record:
    (station,) = parsed.tables["station"]
    return station


def test_title_rows_stand_above_the_header_and_notes_below(tmp_path: Path) -> None:
    parsed = ledger(
        tmp_path,
        ["某镇救生设施台账"],
        [None],
        HEADER,
        ROW,
        [None],
        ["注：数据截至三月"],
        ["合计", None, None, None, 1],
    )
    station = only(parsed)
    assert (station["code"], station["source_sheet"], station["source_row"]) == ("LB-017", "救生设施", 4)
    assert not parsed.refused


def test_bamboo_is_a_pole_and_a_line_a_rope(tmp_path: Path) -> None:
    assert states(ledger(tmp_path, HEADER, ROW)) == {
        "sign": "good",
        "lifebuoy": "good",
        "rope": "good",
        "pole": "good",
    }


def test_a_header_over_two_rows_with_merged_cells_is_one_header(tmp_path: Path) -> None:
    upper = ["编号", "坐标", None, "救生圈", None, "救生绳", None]
    lower = [None, "经度", "纬度", "数量", "状态", "数量", "状态"]
    parsed = ledger(tmp_path, upper, lower, ["A1", 111.4, 27.2, 1, "损坏", 2, "完好"])
    found = states(parsed)
    assert (found["lifebuoy"], found["rope"], found["sign"]) == ("damaged", "good", "missing")


def test_installed_is_not_verified_without_a_date(tmp_path: Path) -> None:
    assert states(ledger(tmp_path, HEADER, [*ROW[:-1], None]))["sign"] == "unverified"


def test_several_is_present_but_unverified(tmp_path: Path) -> None:
    assert states(ledger(tmp_path, HEADER, [*ROW[:4], "若干", *ROW[5:]]))["sign"] == "unverified"


def test_all_faults_of_a_row_are_named_at_once_with_the_keepers_own_headers(tmp_path: Path) -> None:
    bad = [None, "大塘边", "111.46.77", 27.2389, "好像有", "有", "√", "1", "2024.13.5"]
    parsed = ledger(tmp_path, ["台账"], HEADER, bad, ROW)
    (error,) = parsed.refused
    assert (error.sheet, error.number) == ("救生设施", 3)
    assert {fault.header for fault in error.faults} == {"编号", "东经", "警示牌", "检查日期"}
    assert "2024.13.5" in str(error)
    assert only(parsed)["code"] == "LB-017"


def test_coordinates_without_a_reference_system_are_refused(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    for row in (HEADER, ROW):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(IntakeError, match="--crs"):
        kinds.read("stations", tmp_path / "a.xlsx", Limits())


def test_a_pin_of_a_chinese_map_is_brought_back_and_its_own_numbers_kept(tmp_path: Path) -> None:
    pin = [*ROW[:2], 111.473264, 27.235655, *ROW[4:]]
    station = only(ledger(tmp_path, HEADER, pin, crs="gcj02"))
    assert (station["geom"].x, station["geom"].y) == pytest.approx((111.4677, 27.2389), abs=2e-6)
    assert station["raw_position"] == "111.473264,27.235655 gcj02"
    assert station["position_method"] == "converted"


def test_metres_of_the_zone_become_degrees(tmp_path: Path) -> None:
    metres = [*ROW[:2], 546323.31, 3014188.24, *ROW[4:]]
    station = only(ledger(tmp_path, HEADER, metres, crs="EPSG:4546"))
    assert (station["geom"].x, station["geom"].y) == pytest.approx((111.4677, 27.2389), abs=1e-6)


def test_swapped_axes_are_noticed(tmp_path: Path) -> None:
    swapped = [*ROW[:2], 27.2389, 111.4677, *ROW[4:]]
    (error,) = ledger(tmp_path, HEADER, swapped).refused
    assert "填反" in str(error)


def test_a_hidden_sheet_is_not_read_and_said_so(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    for row in (HEADER, ROW):
        book.active.append(row)
    hidden = book.create_sheet("旧")
    hidden.sheet_state = "hidden"
    hidden.append(HEADER)
    hidden.append(["OLD", *ROW[1:]])
    book.save(tmp_path / "a.xlsx")
    parsed = kinds.read("stations", tmp_path / "a.xlsx", Limits(), "EPSG:4490")
    assert only(parsed)["code"] == "LB-017"
    assert any("隐藏" in note for note in parsed.notes)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_is_read_in_the_encodings_that_offices_use(tmp_path: Path, encoding: str) -> None:
    lines = [",".join(HEADER), ",".join(str(cell) for cell in ROW)]
    (tmp_path / "a.csv").write_bytes("\r\n".join(lines).encode(encoding))
    station = only(kinds.read("stations", tmp_path / "a.csv", Limits(), "EPSG:4490"))
    assert station["name"] == "大塘边"


def test_a_faulty_row_about_a_child_never_repeats_what_stands_in_it(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "儿童编号,区划代码,类别,出生年月,经度,纬度\nETBH-1,430502001001,甲乙丙丁,2015-03,111.4x,27.2\n",
        "utf-8",
    )
    (error,) = kinds.read("homes", tmp_path / "a.csv", Limits(), "EPSG:4490").refused
    assert "甲乙丙丁" not in str(error)
    assert "111.4x" not in str(error)
    assert {fault.header for fault in error.faults} == {"类别", "经度"}
