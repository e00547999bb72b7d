"""Who brings a file must be allowed to write what is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from data import rights
from data.engine import Login, Scope, connect
from data.importers import kinds
from data.importers.intake import take_in
from data.importers.orders import Order
from data.importers.osm import Extract
from data.importers.rows import IntakeError
from data.storage import accounts
from jobs.accounts import AccountError, acting

if TYPE_CHECKING:
    from pathlib import Path

    from data.settings import Settings

HOMES = "儿童编号,区划代码,类别,出生年月,经度,纬度\nC-1,430502001,其他,2018-05,111.4677,27.2389\n"


def opened(settings: Settings, role: str) -> int:
    with connect(settings, Login.IMPORTER, Scope("4305", None, "founding")) as connection:
        number = accounts.create_account(
            connection,
            login=role,
            display_name=role,
            bureau="",
            password_hash="none",  # noqa: S106 - no password
        )
        accounts.add_grant(connection, number, role, "4305")
    return number


@pytest.mark.parametrize("role", ["water", "emergency", "education", "administrator", "patroller"])
def test_homes_of_children_cannot_be_imported_by_who_may_not_write_them(
    stored_county: Settings, tmp_path: Path, role: str
) -> None:
    file = tmp_path / "homes.csv"
    file.write_text(HOMES, "utf-8")
    order = Order(
        kind="homes",
        path=file,
        crs="EPSG:4490",
        account_id=opened(stored_county, role),
        role=role,
        area_code="4305",
    )
    with pytest.raises(IntakeError, match="无权导入"):
        take_in(stored_county, order)
    with connect(stored_county, Login.WORKER) as connection:
        assert connection.scalar(text("SELECT count(*) FROM child")) == 0


def test_the_command_line_finds_no_grant_of_a_water_account_for_homes(stored_county: Settings) -> None:
    opened(stored_county, "water")
    with pytest.raises(AccountError):
        acting(stored_county, "water", *kinds.needed("homes"))
    assert acting(stored_county, "water", *kinds.needed("stations")).role == "water"
    assert acting(stored_county, None, *kinds.needed("homes")).account_id is None


@pytest.mark.parametrize(
    ("kind", "roles"),
    [
        ("areas", {"administrator"}),
        ("villages", {"administrator"}),
        ("institutions", {"emergency", "education"}),
        ("routes", {"emergency", "education"}),
        ("waters", {"water"}),
        ("stations", {"water"}),
        ("homes", {"civil"}),
        ("osm", {"water"}),
    ],
)
def test_each_kind_is_imported_by_the_bureau_that_writes_it(kind: str, roles: set[str]) -> None:
    asked = kinds.needed(kind)
    assert {role for role in rights.roles() if all(rights.may(role, *pair) for pair in asked)} == roles


def test_an_account_that_may_write_waters_may_not_found_a_tree_of_areas_elsewhere() -> None:
    asked = kinds.needed("osm", Extract(area_code="LI01", area_name="x"))
    assert not any(all(rights.may(role, *pair) for pair in asked) for role in rights.roles())
