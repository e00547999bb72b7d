"""One file, one transaction, against a real server: once is twice, good rows go in, each knows its source."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from data.engine import Login, Scope, connect
from data.importers import blocks, intake
from data.importers.intake import take_in
from data.importers.orders import Order
from data.importers.osm import Extract
from data.importers.rows import IntakeError
from jobs.intake import undo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.importers.receipts import Receipt
    from data.settings import Settings

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
AREAS = "代码,名称\n4305,邵阳市\n430502,双清区\n430581,武冈市\n430502001,兴隆街道\n430502001001,火车社区\n"
STATIONS = "编号,位置,区划代码,经度,纬度,警示牌,救生圈,绳索,竹竿,检查日期\n"
VILLAGE = "区划代码,名称,经度,纬度\n430502001001,火车社区,111.4680,27.2390\n"
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


def test_a_row_that_states_no_area_leaves_the_village_that_was_stated(
    areas: Settings, tmp_path: Path
) -> None:
    stated = "编号,名称,区划代码,经度,纬度\nLB-1,塘,430502001001,111.4677,27.2389\n"
    send(areas, "villages", write(tmp_path, "村.csv", VILLAGE), crs="EPSG:4490")
    send(areas, "stations", write(tmp_path, "a.csv", stated), crs="EPSG:4490")
    silent = "编号,名称,经度,纬度\nLB-1,门口塘,111.4677,27.2389\nLB-2,新塘,111.4677,27.2389\n"
    assert send(areas, "stations", write(tmp_path, "b.csv", silent), crs="EPSG:4490").written == 2
    moved = "编号,名称,区划代码,经度,纬度\nLB-2,新塘,430502001001,111.4677,27.2389\n"
    kept = rows(areas, "SELECT code, name, area_code FROM station ORDER BY code")
    assert [tuple(row) for row in kept] == [
        ("LB-1", "门口塘", "430502001001"),
        ("LB-2", "新塘", "430502001"),
    ]
    send(areas, "stations", write(tmp_path, "c.csv", moved), crs="EPSG:4490")
    assert rows(areas, "SELECT area_code FROM station WHERE code = 'LB-2'")[0][0] == "430502001001"


LONG = [
    "街道救援点台账",
    "编号,名称,区划代码,经度,纬度,警示牌,救生圈,绳索,竹竿,检查日期",
    *(f"M-{n},无坐标,430502001001,,,1,有,√,完好,2024.3.5" for n in range(4)),
    *(f"L-{n},塘{n},430502001,{111.46 + n / 10_000:.4f},27.2389,1,有,√,完好,2024.3.5" for n in range(20)),
    "",
    "L-3,塘3,430502001,111.4603,27.2389,1,有,√,完好,2024.3.5",
    "L-5,另一处,430502001,111.4605,27.2389,1,有,√,完好,2024.3.5",
    *(["", " , ", ""] * 4),
    ",无编号,430502001,111.47,27.2389,1,,,,2024.3.5",
    ",又无编号,430502001,111.47,27.2389,1,,,,2024.3.5",
    "L-30,坏日期,430502001,111.47,27.2389,1,有,√,完好,三月",
    "L-31,在外,430502001,121.47,27.2389,1,有,√,完好,2024.3.5",
    "L-32,好,430502001,111.47,27.2389,若干,3个,无,损坏,2024.3.5",
    '"L-33","两\n行",430502001,111.471,27.2389,1,1,1,1,2024.3.5',
    "L-34,好,430502001,111.472,27.2389,1,1,1,1,2024.3.5",
    *(f"M-{n},也无坐标,430502001001,,,1,有,√,完好,2024.3.5" for n in range(4, 8)),
    "合计,,,,,33",
]
STORED = (
    "SELECT s.code, s.name, s.area_code, ST_AsText(s.geom), s.source_row, s.raw_position, s.position_method, "
    "(SELECT array_agg(i.kind || i.state || coalesce(i.verified_on::text, '') || i.note ORDER BY i.kind) "
    "FROM station_item i WHERE i.station_id = s.id), "
    "(SELECT count(*) FROM item_check c WHERE c.station_id = s.id) FROM station s ORDER BY s.code"
)


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_a_long_file_in_blocks_is_what_it_is_as_a_whole(areas: Settings, tmp_path: Path, size: int) -> None:
    send(areas, "villages", write(tmp_path, "村.csv", VILLAGE), crs="EPSG:4490")
    path = write(tmp_path, "长.csv", "\n".join(LONG))
    order = Order(kind="stations", path=path, crs="EPSG:4490")
    whole = take_in(areas, order)
    stored = rows(areas, STORED)
    assert whole.batch is not None
    undo(areas, whole.batch, Scope("4305", None, "importer"))
    assert rows(areas, STORED) == []
    cut = intake.keep(areas, order, blocks.ahead(blocks.pieces(areas, order, size)))
    assert rows(areas, STORED) == stored
    assert [str(error) for error in cut.refused] == [str(error) for error in whole.refused]
    assert cut.tallies == whole.tallies
    assert cut.crs == whole.crs == "EPSG:4490"
    assert len(rows(areas, "SELECT DISTINCT crs FROM import_batch WHERE kind = 'stations'")) == 1
    # How many rows stand at their village is told once a block.
    assert {note for note in cut.notes if "定位到村" not in note} == {
        note for note in whole.notes if "定位到村" not in note
    }
    assert {row[6] for row in stored if row[0].startswith("M-")} == {"village"}
    assert "L-5" not in {row[0] for row in stored}
    assert {row[0]: row[4] for row in stored}["L-34"] == 48
    assert cut.batch is not None
    undone = undo(areas, cut.batch, Scope("4305", None, "importer"))
    assert undone == {
        "station": len(stored),
        "station_item": 4 * len(stored),
        "item_check": undone["item_check"],
    }
    assert rows(areas, STORED) == []


def test_a_long_file_again_writes_nothing_and_one_without_rows_is_refused(
    areas: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "LONG_BYTES", 0)
    monkeypatch.setattr(blocks, "ROWS", 5)
    path = write(tmp_path, "长.csv", "\n".join(LONG))
    first = send(areas, "stations", path, crs="EPSG:4490")
    again = send(areas, "stations", path, crs="EPSG:4490")
    assert first.batch is not None
    assert (again.batch, again.already, again.written) == (None, first.batch, 0)
    assert rows(areas, "SELECT count(*) FROM import_batch")[0][0] == 2
    empty = write(tmp_path, "空.csv", "\n".join([*LONG[:2], "", ""]))
    with pytest.raises(IntakeError, match="没有可导入的行"):
        send(areas, "stations", empty, crs="EPSG:4490")
