"""Rows without coordinates: placed by their words where that is sensible, else refused with why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from data.engine import Login, Scope, connect
from data.importers.intake import take_in
from data.importers.orders import Order
from data.storage.unplaced import Move, move, unplaced

if TYPE_CHECKING:
    from pathlib import Path

    from data.importers.receipts import Receipt
    from data.settings import Settings

ME = Scope("4305", None, "water")
AREAS = "代码,名称\n4305,邵阳市\n430502,双清区\n430502001,兴隆街道\n430502001001,火车社区\n"
VILLAGES = "区划代码,名称,经度,纬度\n430502001001,火车社区,111.48,27.24\n"
WATERS = "编号,名称,类型,区划代码,经度,纬度\nW-1,门口塘,水井,430502001001,111.481,27.24\n"
CAMERAS = "编号,乡镇,村,水域名称,状态,可视距离\n"
HAZARDS = "编号,隐患名称,类别,发现日期,乡镇,村,水域名称\n"
BARRIERS = "编号,水域名称,乡镇,村,起点经度,起点纬度,终点经度,终点纬度\n"
VILLAGE = "兴隆街道,火车社区"


def bring(settings: Settings, folder: Path, kind: str, lines: str, crs: str | None = "EPSG:4490") -> Receipt:
    path = folder / f"{kind}-{len(list(folder.iterdir()))}.csv"
    path.write_text(lines, "utf-8")
    return take_in(settings, Order(kind=kind, path=path, crs=crs))


@pytest.fixture
def office(database: Settings, tmp_path: Path) -> Settings:
    for kind, lines in (("areas", AREAS), ("villages", VILLAGES), ("waters", WATERS)):
        assert bring(database, tmp_path, kind, lines).refused == []
    return database


def stands(settings: Settings, table: str, code: str) -> tuple[str, float, float]:
    with connect(settings, Login.WORKER, readonly=True) as connection:
        row = connection.execute(
            text(f"SELECT position_method, ST_X(geom), ST_Y(geom) FROM {table} WHERE code = :code"),  # noqa: S608 - a name of ours
            {"code": code},
        ).one()
    return str(row[0]), round(float(row[1]), 6), round(float(row[2]), 6)


def listed(settings: Settings, kind: str) -> list[str]:
    with connect(settings, Login.GENERAL, ME, readonly=True) as connection:
        return [str(code) for code in unplaced(connection, kind, "4305")["code"]]


def test_a_camera_at_a_water_of_a_village_stands_there_unverified_and_waits_for_its_place(
    office: Settings, tmp_path: Path
) -> None:
    lines = f"{CAMERAS}C-1,{VILLAGE},门口塘,完好,80\nC-2,{VILLAGE},,完好,80\n"
    receipt = bring(office, tmp_path, "cameras", lines)
    assert receipt.refused == []
    assert stands(office, "camera", "C-1") == ("derived", 111.481, 27.24)
    assert stands(office, "camera", "C-2") == ("village", 111.48, 27.24)
    assert listed(office, "camera") == ["C-1", "C-2"]
    # Seen from a place that nobody knows, no bank is covered.
    with connect(office, Login.WORKER, readonly=True) as connection:
        assert set(connection.scalars(text("SELECT state FROM camera"))) == {"unverified"}
    assert any("不计入岸线覆盖" in note for note in receipt.notes)


def test_a_hazard_without_coordinates_stands_at_its_water_or_village_and_a_closed_one_is_not_asked_for(
    office: Settings, tmp_path: Path
) -> None:
    lines = f"{HAZARDS}H-1,塘边无护栏,水域,2026-05-01,{VILLAGE},门口塘\n"
    receipt = bring(office, tmp_path, "hazards", lines)
    assert receipt.refused == [], receipt.refused
    assert stands(office, "hazard", "H-1") == ("derived", 111.481, 27.24)
    assert listed(office, "hazard") == ["H-1"]
    with connect(office, Login.OWNER) as connection:
        assert connection.scalar(text("SELECT water_id FROM hazard")) is not None
        connection.execute(text("UPDATE hazard SET state = 'closed', closed_on = '2026-06-01'"))
    assert listed(office, "hazard") == []


def test_a_barrier_needs_a_line_and_is_told_so(office: Settings, tmp_path: Path) -> None:
    receipt = bring(office, tmp_path, "barriers", f"{BARRIERS}B-1,门口塘,{VILLAGE},,,,\n")
    (refused,) = receipt.refused
    assert [fault.reason for fault in refused.faults] == ["没有起点和终点：只知道水域和村，画不出一段护栏"]
    assert "护栏与摄像头" in refused.faults[0].remedy
    with connect(office, Login.WORKER, readonly=True) as connection:
        assert connection.scalar(text("SELECT count(*) FROM barrier")) == 0


def test_a_barrier_finds_its_water_by_name_and_shows_those_alike_otherwise(
    office: Settings, tmp_path: Path
) -> None:
    ends = "111.4805,27.2400,111.4807,27.2401"
    receipt = bring(
        office, tmp_path, "barriers", f"{BARRIERS}B-1,门口塘,{VILLAGE},{ends}\nB-2,门囗塘,{VILLAGE},{ends}\n"
    )
    (refused,) = receipt.refused
    assert len(refused.faults) == 1
    assert "不能确定是哪一处水域；相近的有：门口塘（W-1）" in refused.faults[0].reason
    with connect(office, Login.WORKER, readonly=True) as connection:
        owner = connection.scalar(text("SELECT w.code FROM barrier b JOIN water w ON w.id = b.water_id"))
    assert owner == "W-1"


def test_a_water_without_a_shape_is_refused_with_what_to_hand_in(office: Settings, tmp_path: Path) -> None:
    receipt = bring(
        office, tmp_path, "waters", "编号,名称,类型,区划代码,经度,纬度\nW-9,新塘,山塘,430502001001,,\n"
    )
    (refused,) = receipt.refused
    assert [fault.reason for fault in refused.faults] == ["没有图形：只知道在哪个村，不能作为水域的位置"]


@pytest.mark.parametrize(
    ("kind", "table", "lines"),
    [
        ("stations", "station", f"编号,乡镇,村,警示牌\nS-1,{VILLAGE},有\n"),
        ("cameras", "camera", f"{CAMERAS}C-1,{VILLAGE},门口塘,完好,80\n"),
    ],
)
def test_a_place_that_was_pointed_out_outlives_the_next_ledger_without_coordinates(
    office: Settings, tmp_path: Path, kind: str, table: str, lines: str
) -> None:
    bring(office, tmp_path, kind, lines)
    with connect(office, Login.GENERAL, ME) as connection:
        number, version = connection.execute(text(f"SELECT id, version FROM {table}")).one()  # noqa: S608 - a name of ours
        move(
            connection,
            Move(kind=table, id=number, version=version, lon=111.4855, lat=27.2444, method="clicked"),
        )
    code = lines.splitlines()[1].split(",")[0]
    receipt = bring(office, tmp_path, kind, f"{lines}\n")
    assert stands(office, table, code) == ("clicked", 111.4855, 27.2444)
    assert receipt.unchanged >= 1
    assert any("保留已有位置" in note for note in receipt.notes)


HOMES = "儿童编号,儿童类别,出生年月,区划代码\n"


def home(settings: Settings) -> tuple[str, str, float, float]:
    with connect(settings, Login.IMPORTER, Scope("4305", None, "importer"), readonly=True) as connection:
        row = connection.execute(
            text("SELECT h.precision, h.position_method, ST_X(h.geom), ST_Y(h.geom) FROM home h")
        ).one()
    return str(row[0]), str(row[1]), round(float(row[2]), 6), round(float(row[3]), 6)


def test_a_home_keeps_its_place_and_precision_until_a_ledger_names_another_village(
    office: Settings, tmp_path: Path
) -> None:
    other = "区划代码,名称,经度,纬度\n430502001002,大田村,111.50,27.25\n"
    assert bring(office, tmp_path, "areas", "代码,名称\n430502001002,大田村\n").refused == []
    assert bring(office, tmp_path, "villages", other).refused == []
    lines = f"{HOMES}K-1,留守儿童,2015-03,430502001001\n"
    assert bring(office, tmp_path, "homes", lines).refused == []
    assert home(office) == ("village", "village", 111.48, 27.24)
    exact = (
        "儿童编号,儿童类别,出生年月,区划代码,经度,纬度\nK-1,留守儿童,2015-03,430502001001,111.4812,27.2409\n"
    )
    assert bring(office, tmp_path, "homes", exact).refused == []
    assert home(office) == ("exact", "stated", 111.4812, 27.2409)
    again = bring(office, tmp_path, "homes", f"{lines}\n")
    assert home(office) == ("exact", "stated", 111.4812, 27.2409)
    assert any("保留已有位置" in note for note in again.notes)
    moved = bring(office, tmp_path, "homes", f"{HOMES}K-1,留守儿童,2015-03,430502001002\n")
    assert home(office) == ("village", "village", 111.5, 27.25)
    assert not any("保留已有位置" in note for note in moved.notes)
