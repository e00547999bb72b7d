"""What else an office brings is stored, is only its own, and can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from data.engine import Login, Scope, connect
from data.importers.intake import take_in
from data.importers.orders import Order
from jobs.intake import undo

if TYPE_CHECKING:
    from pathlib import Path

    from data.importers.receipts import Receipt
    from data.settings import Settings

AREAS = "代码,名称\n4305,邵阳市\n430502,双清区\n430581,武冈市\n"
WELL = "编号,名称,类型,区划代码,经度,纬度\nW1,井,水井,430502,111.4677,27.2389\n"
HAZARD = (
    "隐患编号,隐患名称,隐患类别,办理状态,发现日期,区划代码,经度,纬度\n"
    "Y1,{},山体,{},2026-03-05,430502,111.46,27.23\n"
)


@pytest.fixture
def office(database: Settings, tmp_path: Path) -> Settings:
    send(database, tmp_path, "areas", AREAS)
    send(database, tmp_path, "waters", WELL)
    return database


def send(settings: Settings, tmp_path: Path, kind: str, table: str, area: str | None = None) -> Receipt:
    (tmp_path / "a.csv").write_text(table, "utf-8")
    order = Order(kind=kind, path=tmp_path / "a.csv", crs="EPSG:4490", area_code=area)
    return take_in(settings, order)


def one(settings: Settings, statement: str) -> object:
    with connect(settings, Login.OWNER) as connection:
        return connection.scalar(text(statement))


def test_an_import_changes_no_record_of_another_area(office: Settings, tmp_path: Path) -> None:
    moved = WELL.replace("430502", "430581").replace("井,水井", "别人的井,水井")
    receipt = send(office, tmp_path, "waters", moved, area="430581")
    assert "已属于另一区域" in str(receipt.refused[0])
    assert one(office, "SELECT name FROM water") == "井"


def test_an_import_moves_no_hazard_on(office: Settings, tmp_path: Path) -> None:
    first = send(office, tmp_path, "hazards", HAZARD.format("落石", "登记"))
    assert first.written == 1
    assert one(office, "SELECT to_state FROM hazard_event") == "registered"
    second = send(office, tmp_path, "hazards", HAZARD.format("落石", "复查"))
    assert "办理状态不同" in str(second.refused[0])
    third = send(office, tmp_path, "hazards", HAZARD.format("落石两处", "登记"))
    assert third.tallies["hazard"].updated == 1


def test_a_hazard_that_an_import_brought_goes_with_its_history(office: Settings, tmp_path: Path) -> None:
    batch = send(office, tmp_path, "hazards", HAZARD.format("落石", "登记")).batch
    assert batch is not None
    assert undo(office, batch, Scope("4305", None, "operator")) == {"hazard_event": 1, "hazard": 1}


def test_a_water_with_a_barrier_is_not_taken_back(office: Settings, tmp_path: Path) -> None:
    table = "护栏编号,水域编号,起点经度,起点纬度,终点经度,终点纬度\nH1,W1,111.46,27.23,111.47,27.24\n"
    assert send(office, tmp_path, "barriers", table).written == 1
    with pytest.raises(Exception, match="已有 1 条护栏记录引用了这一批的水域"):
        undo(office, 2, Scope("4305", None, "operator"))
