"""One file, one transaction, against a real server: once is twice, good rows go in, each knows its source."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from data.engine import Login, Scope, connect
from data.importers.intake import take_in
from data.importers.orders import Order
from data.importers.osm import Extract
from data.importers.rows import IntakeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.importers.receipts import Receipt
    from data.settings import Settings

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
AREAS = "代码,名称\n4305,邵阳市\n430502,双清区\n430581,武冈市\n430502001,兴隆街道\n430502001001,火车社区\n"
STATIONS = "编号,位置,区划代码,经度,纬度,警示牌,救生圈,绳索,竹竿,检查日期\n"
GOOD = "LB-1,塘边,430502001,111.4677,27.2389,1,有,√,完好,2024.3.5\n"
BAD = "LB-2,塘边,430502999,111.4677,27.2389,1,有,√,完好,2024.3.5\n"


def write(folder: Path, name: str, content: str) -> Path:
    file = folder / name
    file.write_text(content, "utf-8")
    return file


def send(database: Settings, kind: str, file: Path, **options: Any) -> Receipt:
    return take_in(database, Order(kind=kind, path=file, **options))


def rows(database: Settings, statement: str) -> Sequence[Any]:
    with connect(database, Login.IMPORTER, Scope("4305", None, "test"), readonly=True) as connection:
        return connection.execute(text(statement)).all()


@pytest.fixture
def areas(database: Settings, tmp_path: Path) -> Settings:
    send(database, "areas", write(tmp_path, "区划.csv", AREAS))
    return database


def test_areas_find_their_parents_whatever_their_order(database: Settings, tmp_path: Path) -> None:
    lines = AREAS.splitlines()
    file = write(tmp_path, "a.csv", "\n".join([lines[0], *reversed(lines[1:])]))
    assert send(database, "areas", file).written == 5
    assert rows(database, "SELECT parent_code FROM area WHERE code = '430502001001'")[0][0] == "430502001"


def test_a_ledger_row_becomes_a_station_that_knows_its_file_sheet_and_row(
    areas: Settings, tmp_path: Path
) -> None:
    receipt = send(areas, "stations", write(tmp_path, "台账.csv", STATIONS + GOOD), crs="EPSG:4490")
    (station,) = rows(
        areas, "SELECT source_row, batch_id, raw_position, area_code FROM station WHERE code = 'LB-1'"
    )
    assert tuple(station) == (2, receipt.batch, "111.4677,27.2389 EPSG:4490", "430502001")
    assert len(rows(areas, "SELECT FROM station_item")) == 4
    assert len(rows(areas, "SELECT FROM item_check")) == 4
    with connect(areas, Login.OWNER) as connection:
        acts = connection.scalars(
            text("SELECT object_kind FROM audit WHERE action = 'import' ORDER BY id")
        ).all()
    assert acts == ["areas", "stations"]


def test_the_same_file_twice_writes_nothing(areas: Settings, tmp_path: Path) -> None:
    file = write(tmp_path, "台账.csv", STATIONS + GOOD)
    first = send(areas, "stations", file, crs="EPSG:4490")
    second = send(areas, "stations", file, crs="EPSG:4490")
    assert second.already == first.batch
    assert f"已作为第 {first.batch} 批导入，未写入任何内容" in second.text()
    assert len(rows(areas, "SELECT FROM import_batch WHERE kind = 'stations'")) == 1


def test_the_same_rows_in_another_file_change_nothing(areas: Settings, tmp_path: Path) -> None:
    send(areas, "stations", write(tmp_path, "a.csv", STATIONS + GOOD), crs="EPSG:4490")
    again = send(areas, "stations", write(tmp_path, "b.csv", STATIONS + "\n" + GOOD), crs="EPSG:4490")
    assert (again.written, again.unchanged) == (0, 5)
    assert rows(areas, "SELECT version FROM station")[0][0] == 1


def test_a_file_read_in_the_wrong_system_may_come_again_in_the_right_one(
    areas: Settings, tmp_path: Path
) -> None:
    file = write(tmp_path, "a.csv", STATIONS + GOOD)
    send(areas, "stations", file, crs="EPSG:4490")
    assert send(areas, "stations", file, crs="gcj02").tallies["station"].updated == 1


def test_good_rows_go_in_and_the_others_are_kept_with_their_reasons(areas: Settings, tmp_path: Path) -> None:
    receipt = send(areas, "stations", write(tmp_path, "a.csv", STATIONS + GOOD + BAD), crs="EPSG:4490")
    (error,) = receipt.refused
    assert (error.number, receipt.tallies["station"].inserted) == (3, 1)
    (kept,) = rows(areas, "SELECT row_number, header, value, reason FROM import_refusal")
    assert tuple(kept) == (3, "区划代码", "430502999", "没有区划代码 430502999")
    assert "第 3 行" in receipt.text()


def test_all_or_nothing_leaves_nothing(areas: Settings, tmp_path: Path) -> None:
    file = write(tmp_path, "a.csv", STATIONS + GOOD + BAD)
    receipt = send(areas, "stations", file, crs="EPSG:4490", all_or_nothing=True)
    assert not receipt.applied
    assert not rows(areas, "SELECT FROM station")
    assert not rows(areas, "SELECT FROM import_batch WHERE kind = 'stations'")


def test_equal_rows_are_one_and_one_number_with_different_data_is_none(
    areas: Settings, tmp_path: Path
) -> None:
    other = GOOD.replace("LB-1", "LB-3")
    file = write(tmp_path, "a.csv", STATIONS + GOOD + GOOD + other + other.replace("有", "无"))
    receipt = send(areas, "stations", file, crs="EPSG:4490")
    assert [error.number for error in receipt.refused] == [4, 5]
    assert [row[0] for row in rows(areas, "SELECT code FROM station")] == ["LB-1"]
    assert len(rows(areas, "SELECT FROM station_item")) == 4


def test_two_at_once_write_once(areas: Settings, tmp_path: Path) -> None:
    file = write(tmp_path, "a.csv", STATIONS + GOOD)
    receipts: list[Receipt] = []

    def work() -> None:
        receipts.append(send(areas, "stations", file, crs="EPSG:4490"))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(receipt.already is None for receipt in receipts) == [False, True]


HOMES = "儿童编号,区划代码,类别,出生年月,是否寄宿,经度,纬度\n"


def test_a_home_goes_in_under_its_area_and_one_of_another_area_is_refused(
    areas: Settings, tmp_path: Path
) -> None:
    lines = "E-1,430502001001,留守儿童,2015年3月,否,111.4677,27.2389\n"
    lines += "E-2,430581,孤儿,2012-05,是,110.63,26.73\n"
    receipt = send(
        areas, "homes", write(tmp_path, "h.csv", HOMES + lines), crs="EPSG:4490", area_code="430502"
    )
    assert [error.number for error in receipt.refused] == [3]
    assert {name: tally.inserted for name, tally in receipt.tallies.items()} == {"child": 1, "home": 1}
    (child,) = rows(areas, "SELECT c.code, h.area_code FROM child c JOIN home h ON h.child_id = c.id")
    assert tuple(child) == ("E-1", "430502001001")
    assert "110.63" not in receipt.text()


def test_an_unnamed_outline_needs_an_area_that_has_a_name(database: Settings, tmp_path: Path) -> None:
    receipt = send(database, "areas", write(tmp_path, "a.csv", "代码,名称\n430502,\n"))
    assert "没有名称" in str(receipt.refused[0])
    assert receipt.batch is None


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared files are not here")
def test_outlines_give_a_point_its_county_and_refuse_what_lies_outside(
    areas: Settings, tmp_path: Path
) -> None:
    full = "\n".join(f"{code},县{code}" for code in range(430500, 430583))
    send(areas, "areas", write(tmp_path, "c.csv", "代码,名称\n" + full))
    outlines = send(areas, "areas", SHARED / "counties_4305_gcj02.geojson", crs="gcj02")
    assert outlines.tallies["area"].updated == 12
    wells = "编号,名称,类型,经度,纬度\nW1,井,水井,110.63,26.73\nW2,井,水井,116.4,39.9\n"
    receipt = send(areas, "waters", write(tmp_path, "w.csv", wells), crs="EPSG:4490")
    assert rows(areas, "SELECT area_code FROM water")[0][0] == "430581"
    assert "范围之外" in str(receipt.refused[0])


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared files are not here")
def test_an_extract_becomes_a_working_area_once(database: Settings) -> None:
    file = SHARED / "liechtenstein-2013-08-03.osm.pbf"
    extract = Extract(area_code="LI01", area_name="列支敦士登")
    first = send(database, "osm", file, extract=extract)
    assert first.tallies["village"].inserted == 18
    assert first.tallies["water"].inserted > 50
    assert send(database, "osm", file, extract=extract).already == first.batch


def test_a_file_that_is_not_there_is_a_sentence(database: Settings, tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="找不到文件"):
        send(database, "areas", tmp_path / "none.csv")
