"""Each form, filled in, is taken in whole: its examples with their mark removed, for a new county."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import openpyxl
import pytest
from sqlalchemy import text

from data.engine import Login, Scope, connect
from data.importers.intake import take_in
from data.importers.orders import Order
from data.storage import accounts
from jobs.accounts import account_of
from jobs.export import ExportError
from jobs.templates import handed_to, template_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from data.settings import Settings

ORDER = (
    "areas", "villages", "institutions", "routes", "waters", "stations", "barriers", "cameras",
    "patrols", "inspections", "hazards", "children", "homes",
)  # fmt: skip
STORED = {
    "areas": ("area", 3),
    "villages": ("village", 3),
    "institutions": ("institution", 3),
    "routes": ("pupil_route", 3),
    "waters": ("water", 3),
    "stations": ("station", 3),
    "barriers": ("barrier", 3),
    "cameras": ("camera", 3),
    "patrols": ("patrol", 3),
    "inspections": ("inspection", 3),
    "hazards": ("hazard", 3),
    "children": ("child", 3),
    "homes": ("home", 3),
}


@pytest.fixture
def rooted(database: Settings) -> Settings:
    with connect(database, Login.OWNER) as connection:
        connection.execute(
            text("INSERT INTO area (code, name, level) VALUES ('4305', '邵阳市', 'prefecture')")
        )
        connection.execute(
            text(
                "INSERT INTO inspection_round (code, name, kind, year, area_code, opens_on, closes_on) "
                "VALUES ('甲-2026-汛前', '汛前', 'before', 2026, '4305', '2026-03-01', '2026-03-31')"
            )
        )
    return database


def filled_in(settings: Settings, kind: str, folder: Path) -> Path:
    """Return the form as a keeper leaves it who wrote over the examples."""
    book = openpyxl.load_workbook(io.BytesIO(template_bytes(settings, kind)))
    for row in book.worksheets[0].iter_rows(min_row=4):
        for cell in row:
            if isinstance(cell.value, str):
                cell.value = cell.value.replace("示例", "甲").replace("（演示数据）", "")
    path = folder / f"{kind}.xlsx"
    book.save(path)
    return path


def test_every_form_filled_in_is_taken_in_without_a_refusal(rooted: Settings, tmp_path: Path) -> None:
    for kind in ORDER:
        receipt = take_in(rooted, Order(kind=kind, path=filled_in(rooted, kind, tmp_path), crs="EPSG:4490"))
        assert receipt.refused == [], (kind, [str(fault) for fault in receipt.refused])
        table, rows = STORED[kind]
        tally = receipt.tallies[table]
        assert tally.inserted + tally.unchanged + tally.updated == rows, kind
        again = take_in(rooted, Order(kind=kind, path=filled_in(rooted, kind, tmp_path), crs="EPSG:4490"))
        assert again.written == 0, kind
    with connect(rooted, Login.OWNER) as connection:
        lifebuoy = connection.execute(
            text(
                "SELECT i.state, i.verified_on, i.note FROM station_item i JOIN station s "
                "ON s.id = i.station_id WHERE s.code = '甲-LB-001' AND i.kind = 'lifebuoy'"
            )
        ).one()
        assert (lifebuoy.state, str(lifebuoy.verified_on), lifebuoy.note) == ("good", "2026-05-01", "2 件")
        water = connection.scalar(
            text("SELECT w.code FROM station s JOIN water w ON w.id = s.water_id WHERE s.code = '甲-LB-002'")
        )
        assert water == "甲-W-002"


def test_a_form_left_as_it_came_writes_nothing(rooted: Settings, tmp_path: Path) -> None:
    path = tmp_path / "stations.xlsx"
    path.write_bytes(template_bytes(rooted, "stations"))
    receipt = take_in(rooted, Order(kind="stations", path=path, crs="EPSG:4490"))
    assert receipt.written == 0
    assert receipt.batch is None
    assert any("示例" in note for note in receipt.notes)


def test_a_form_goes_to_those_who_may_hand_the_ledger_in(rooted: Settings) -> None:
    with connect(rooted, Login.OWNER, Scope("4305", None, "test")) as connection:
        for role in ("water", "patroller"):
            number = accounts.create_account(
                connection,
                login=role,
                display_name=role,
                bureau="",
                password_hash="-",  # noqa: S106 - no password
            )
            accounts.add_grant(connection, number, role, "4305")
    assert handed_to(rooted, account_of(rooted, "water"), "stations").startswith(b"PK")
    for login, kind in (("water", "homes"), ("patroller", "stations"), ("water", "osm")):
        with pytest.raises(ExportError):
            handed_to(rooted, account_of(rooted, login), kind)
