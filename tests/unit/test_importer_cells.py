"""What a keeper writes into a cell is understood or refused with a reason."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime

import pytest

from data.importers import cells
from data.importers.cells import CellError


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024.3.5", date(2024, 3, 5)),
        ("2024年3月5日", date(2024, 3, 5)),
        ("2024-03-05", date(2024, 3, 5)),
        ("２０２４／３／５", date(2024, 3, 5)),
        ("20240305", date(2024, 3, 5)),
        (45356, date(2024, 3, 5)),
        ("二〇二四年三月十五日", date(2024, 3, 15)),
        ("二〇二四年十二月三十一日", date(2024, 12, 31)),
        (datetime(2024, 3, 5, 8, 30), date(2024, 3, 5)),  # noqa: DTZ001 - as a workbook holds it
        ("", None),
        (None, None),
    ],
)
def test_a_date_is_read_however_it_is_written(written: object, day: date | None) -> None:
    assert cells.day(written) == day


@pytest.mark.parametrize(
    "written", ["三月五日", "2024.13.5", "2024-02-30", "去年", "1900-01-00", "1900-01-01"]
)
def test_a_date_without_its_year_or_outside_the_calendar_is_refused(written: str) -> None:
    with pytest.raises(CellError):
        cells.day(written)


@pytest.mark.parametrize(
    ("written", "state"),
    [
        ("1", None),
        (1.0, None),
        ("是", None),
        ("√", None),
        ("有", None),
        ("1处", None),
        ("3个", None),
        ("两", "refused"),
        ("若干", "unverified"),
        ("0", "missing"),
        ("无", "missing"),
        ("×", "missing"),
        ("", "missing"),
        (None, "missing"),
        ("损坏", "damaged"),
        ("完好", "good"),
        ("大概有吧", "refused"),
    ],
)
def test_an_item_is_present_missing_in_a_state_or_refused(written: object, state: str | None) -> None:
    if state == "refused":
        with pytest.raises(CellError):
            cells.presence(written)
    else:
        assert cells.presence(written)[0] == state


@pytest.mark.parametrize(
    ("written", "found"), [("111。03", 111.03), ("１１１．０３", 111.03), ("1,234.5", 1234.5), ("12米", 12.0)]
)
def test_numbers_of_a_chinese_keyboard_are_numbers(written: str, found: float) -> None:
    assert cells.number(written) == found


@pytest.mark.parametrize("written", ["1e400", "nan", "inf", "一百", "1,2", True])
def test_what_is_no_finite_number_is_refused(written: object) -> None:
    with pytest.raises(CellError):
        cells.number(written)


def test_degrees_minutes_and_seconds_are_a_coordinate() -> None:
    assert cells.coordinate("111°28′04″") == pytest.approx(111.467778, abs=1e-6)
    assert cells.coordinate("东经111度28分4秒") == pytest.approx(111.467778, abs=1e-6)


def test_a_code_that_lost_digits_is_refused_and_a_whole_one_kept() -> None:
    assert cells.code(430502001001.0) == "430502001001"
    with pytest.raises(CellError):
        cells.code(4.3050219900101e17)
    with pytest.raises(CellError):
        cells.code("4.30502E+17")


@pytest.mark.parametrize(
    ("written", "lon", "lat"),
    [
        ("111.4677,27.2389", 111.4677, 27.2389),
        ("１１１．４６７７，２７．２３８９", 111.4677, 27.2389),
        ("(111.4677、27.2389)", 111.4677, 27.2389),
        ("111.4677 27.2389", 111.4677, 27.2389),
        ("[111.4677, 27.2389]", 111.4677, 27.2389),
        ("POINT (111.4677 27.2389)", 111.4677, 27.2389),
        ("坐标：111.4677;27.2389", 111.4677, 27.2389),
        ("北纬27.2389，东经111.4677", 111.4677, 27.2389),
        ("N27.2389 E111.4677", 111.4677, 27.2389),
        ("经度:111.4677 纬度:27.2389", 111.4677, 27.2389),
        ("111°28′04″E,27°14′20″N", 111.4677777, 27.2388888),
        ("E111°28′04″N27°14′20″", 111.4677777, 27.2388888),
        ("东经111度28分04秒，北纬27度14分20秒", 111.4677777, 27.2388888),
        ("27.2389 111.4677 312.0 4.5", 111.4677, 27.2389),
        ("W111.5,S27.2", -111.5, -27.2),
        ("27.2389,111.4677", 27.2389, 111.4677),
    ],
)
def test_a_place_in_one_cell_is_read_as_two_numbers(written: str, lon: float, lat: float) -> None:
    first, second = cells.pair(written)
    assert (cells.coordinate(first), cells.coordinate(second)) == pytest.approx((lon, lat), abs=1e-6)


@pytest.mark.parametrize("written", ["111.4677", "", "塘边", "1,2,3", "N27.1,N28.2", "E111,E112", "1 2 3"])
def test_a_cell_that_holds_no_pair_is_refused(written: str) -> None:
    with pytest.raises(CellError):
        cells.pair(written)


@pytest.mark.parametrize("code", [*range(0x2FF), 0x3000, 0xD800, 0xDFFF, 0xFF11, 0x1F600, 0x2028, 0xAD])
def test_the_text_of_a_cell_has_no_control_character_and_no_outer_blank(code: int) -> None:
    mark = chr(code)
    kept = unicodedata.normalize("NFKC", mark)
    if unicodedata.category(mark) in {"Cc", "Cs"}:
        kept = " " if mark in "\t\r\n" else ""
    assert cells.plain(f" 甲{mark}乙 ") == f"甲{kept}乙"
    assert cells.name(f" 甲{mark}乙 ") == (f"甲{mark}乙" if kept else "甲乙")
