"""Records without a place of their own: listed, pointed out on the map, taken back, nobody overwritten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from data.engine import Login, Scope, connect
from data.storage.faults import EditConflictError, RecordNotFoundError
from data.storage.unplaced import Move, move, unplaced

if TYPE_CHECKING:
    from data.settings import Settings

ME = Scope("4305", None, "water")


@pytest.fixture
def office(database: Settings) -> Settings:
    with connect(database, Login.OWNER) as connection:
        for code, level in (("4305", "prefecture"), ("430502", "county"), ("430581", "county")):
            connection.execute(
                text("INSERT INTO area (code, name, level) VALUES (:code, :code, :level)"),
                {"code": code, "level": level},
            )
        for code, area, method in (
            ("A", "430502", "village"),
            ("B", "430502", "derived"),
            ("C", "430502", "stated"),
            ("D", "430581", "village"),
        ):
            connection.execute(
                text(
                    "INSERT INTO station (code, area_code, geom, position_method) "
                    "VALUES (:code, :area, ST_SetSRID(ST_MakePoint(111.4, 27.2), 4490), :method)"
                ),
                {"code": code, "area": area, "method": method},
            )
    return database


def listed(settings: Settings, within: str = "4305") -> list[str]:
    with connect(settings, Login.GENERAL, ME, readonly=True) as connection:
        return [str(code) for code in unplaced(connection, "station", within)["code"]]


def put(settings: Settings, code: str, method: str, version: int, scope: Scope = ME) -> int:
    with connect(settings, Login.GENERAL, scope) as connection:
        number = int(
            connection.scalar(text("SELECT id FROM station WHERE code = :code"), {"code": code}) or 0
        )
        return move(
            connection,
            Move(kind="station", id=number, version=version, lon=111.41, lat=27.21, method=method),
        )


def test_only_records_at_their_village_or_water_are_listed(office: Settings) -> None:
    assert listed(office) == ["A", "B", "D"]
    assert listed(office, "430581") == ["D"]


def test_a_record_that_was_pointed_out_leaves_the_list_and_comes_back_with_its_undoing(
    office: Settings,
) -> None:
    version = put(office, "A", "clicked", 1)
    assert listed(office) == ["B", "D"]
    put(office, "A", "village", version)
    assert listed(office) == ["A", "B", "D"]


def test_a_record_that_somebody_else_moved_is_not_moved_again(office: Settings) -> None:
    put(office, "A", "clicked", 1)
    with pytest.raises(EditConflictError):
        put(office, "A", "clicked", 1)


def test_a_record_of_another_area_cannot_be_moved(office: Settings) -> None:
    with pytest.raises(RecordNotFoundError):
        put(office, "D", "clicked", 1, Scope("430502", None, "water"))
