"""The shopping list: counted from items and findings, handed out to those who may export stations."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import openpyxl
import pytest

from data.engine import Login, connect
from data.storage import accounts
from data.storage.shopping import shopping
from data.storage.water_strips import along_banks, water_id
from jobs import assess
from jobs.accounts import account_of
from jobs.export import ExportError, export_bytes

if TYPE_CHECKING:
    from data.settings import Settings


@pytest.fixture
def assessed(stored_county: Settings) -> Settings:
    with connect(stored_county, Login.OWNER) as connection:
        for role in ("water", "patroller"):
            number = accounts.create_account(
                connection,
                login=role,
                display_name=role,
                bureau="",
                password_hash="-",  # noqa: S106 - no password
            )
            accounts.add_grant(connection, number, role, "430502")
    assess.refresh(stored_county)
    return stored_county


def test_a_township_lacks_what_its_stations_lack(assessed: Settings) -> None:
    with connect(assessed, Login.GENERAL, readonly=True) as connection:
        found = shopping(connection, "430502")
        assert shopping(connection, "430503").empty
    row = found.loc["430502001"]
    assert (row["name"], row["county_name"], row["stations"], row["valid"]) == ("乙镇", "甲县", 2, 0)
    assert row["good_rope"] == 1
    assert row["lacks_pole"] >= 1
    assert row["incomplete"] >= 1


def test_the_list_leaves_as_the_bureaus_write_it(assessed: Settings) -> None:
    content = export_bytes(assessed, account_of(assessed, "water"), "shopping", "xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].values)
    assert rows[0][0] == "甲县四个一器材采购清单"
    assert rows[1][:5] == ("区划代码", "县（市、区）", "乡镇（街道）", "点位", "完整有效套数")
    assert rows[2][:3] == ("430502001", "甲县", "乙镇")
    assert (rows[-1][0], rows[-1][3]) == ("合计", 2)
    with pytest.raises(ExportError, match="表格"):
        export_bytes(assessed, account_of(assessed, "water"), "shopping", "gpkg")
    with pytest.raises(ExportError, match="不能导出"):
        export_bytes(assessed, account_of(assessed, "patroller"), "shopping", "xlsx")


def test_a_water_is_found_inside_the_area_alone(assessed: Settings) -> None:
    with connect(assessed, Login.GENERAL, readonly=True) as connection:
        number = water_id(connection, "W1", "430502")
        assert number is not None
        assert water_id(connection, "W1", "430503") is None
        found = along_banks(connection, number)
    assert found.village == "丙村"
    assert list(found.banks["side"]) in (["single"], ["left", "right"])
    assert set(found.gaps["bank_id"]) <= set(found.banks.index)
