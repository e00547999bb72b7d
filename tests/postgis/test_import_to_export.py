"""What comes out depends on who asks: each role gets what its rights give it, and it is recorded."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import openpyxl
import pytest
from sqlalchemy import text

from data.engine import Login, Scope, connect
from data.importers.intake import take_in
from data.importers.orders import Order
from data.storage import accounts
from jobs import assess
from jobs.accounts import AccountError, account_of
from jobs.export import ExportError, export_bytes
from jobs.founding import found

if TYPE_CHECKING:
    from pathlib import Path

    from data.settings import Settings

AREAS = "代码,名称\n4305,邵阳市\n430502,双清区\n430502001,兴隆街道\n430502001001,火车社区\n"
VILLAGES = "代码,名称,经度,纬度\n430502001001,火车社区,111.4677,27.2389\n"
HOMES = "儿童编号,区划代码,类别,出生年月,经度,纬度\nE-1,430502001001,孤儿,2015-03,111.4679,27.2389\n"
STATIONS = "编号,位置,区划代码,经度,纬度,警示牌\nLB-1,=1+1,430502001,111.4677,27.2389,1\n"
WATER = {
    "type": "FeatureCollection",
    "crs": {"type": "name", "properties": {"name": "EPSG:4490"}},
    "features": [
        {
            "type": "Feature",
            "properties": {"编号": "W1", "名称": "邵水", "宽度": 3},
            "geometry": {"type": "LineString", "coordinates": [[111.466, 27.2390], [111.47, 27.2390]]},
        }
    ],
}


@pytest.fixture
def assessed(database: Settings, tmp_path: Path) -> Settings:
    with connect(database, Login.OWNER) as connection:
        connection.execute(
            text("INSERT INTO area (code, name, level) VALUES ('4305', '邵阳市', 'prefecture')")
        )
    files = {"areas": AREAS, "villages": VILLAGES, "homes": HOMES, "stations": STATIONS}
    for kind, content in files.items():
        file = tmp_path / f"{kind}.csv"
        file.write_text(content, "utf-8")
        take_in(database, Order(kind=kind, path=file, crs="EPSG:4490"))
    file = tmp_path / "w.geojson"
    file.write_text(json.dumps(WATER))
    take_in(database, Order(kind="waters", path=file))
    with connect(database, Login.OWNER) as connection:
        for role in ("water", "emergency", "civil", "auditor", "patroller"):
            number = accounts.create_account(
                connection,
                login=role,
                display_name=role,
                bureau="",
                password_hash="-",  # noqa: S106 - no password
            )
            accounts.add_grant(connection, number, role, "430502")
    assess.refresh(database)
    return database


def exported(database: Settings, login: str, kind: str, fmt: str = "geojson") -> bytes:
    return export_bytes(database, account_of(database, login), kind, fmt, purpose="周调度")


def test_each_role_gets_what_the_table_of_rights_gives_it(assessed: Settings) -> None:
    gaps = json.loads(exported(assessed, "water", "gaps"))
    assert gaps["features"][0]["properties"]["水域编号"] == "W1"
    for login in ("auditor", "patroller"):
        with pytest.raises(ExportError, match="不能导出"):
            exported(assessed, login, "gaps")


def test_children_leave_only_with_civil_affairs_and_without_a_place(assessed: Settings) -> None:
    book = openpyxl.load_workbook(io.BytesIO(exported(assessed, "civil", "exposure", "xlsx")))
    sheet = book.worksheets[0]
    titles = [cell.value for cell in sheet[1]]
    assert sheet["A2"].value == "E-1"
    assert not {"经度", "纬度"} & set(titles)
    with pytest.raises(ExportError, match="不带坐标"):
        exported(assessed, "civil", "exposure", "geojson")
    for login in ("water", "emergency"):
        assert b"E-1" not in exported(assessed, login, "exposure")


def test_an_export_is_an_act_on_record(assessed: Settings) -> None:
    exported(assessed, "water", "stations", "csv")
    with connect(assessed, Login.OWNER, Scope("4305", None, "test")) as connection:
        act = connection.execute(
            text("SELECT object_kind, row_count, role, area_code, purpose FROM audit WHERE action = 'export'")
        ).one()
    assert tuple(act) == ("stations", 1, "water", "430502", "周调度")


def test_a_name_that_is_a_formula_leaves_as_text(assessed: Settings) -> None:
    assert "'=1+1" in exported(assessed, "water", "stations", "csv").decode("utf-8-sig")


def test_every_kind_leaves_in_every_form(assessed: Settings) -> None:
    for kind in ("gaps", "banks", "stations", "waters", "exposure"):
        for fmt in ("geojson", "gpkg", "xlsx", "csv"):
            assert exported(assessed, "water", kind, fmt), (kind, fmt)


def test_nothing_is_handed_out_before_an_assessment_or_to_nobody(database: Settings) -> None:
    with pytest.raises(AccountError, match="没有可用的账号"):
        exported(database, "nobody", "gaps")


def test_a_new_working_area_gets_sign_ins_once_and_a_real_account_stays(
    assessed: Settings, tmp_path: Path
) -> None:
    settings = assessed.model_copy(update={"state": tmp_path})
    with connect(settings, Login.OWNER) as connection:
        accounts.create_account(
            connection,
            login="guanli",
            display_name="真账号",
            bureau="",
            password_hash="kept",  # noqa: S106 - no password
        )
    assert "guanli" not in found(settings)
    found(settings)
    with connect(settings, Login.OWNER) as connection:
        real = accounts.count_attempt(connection, "guanli")
        patroller = accounts.find_account(connection, "xunhe")
        assert real is not None
        assert patroller is not None
        assert real.password_hash == "kept"  # noqa: S105 - no password
        assert [grant.area_code for grant in accounts.grants(connection, patroller.id)] == ["430502001"]
        assert connection.execute(text("SELECT count(*) FROM parameter")).scalar_one() > 0
