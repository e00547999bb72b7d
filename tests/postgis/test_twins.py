"""Stored records that may be one: proposed, judged where the database allows it, remembered, taken back."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from data.engine import Login, Scope, connect
from data.storage.faults import EditConflictError, RecordNotFoundError, RecordTakenError
from data.storage.twins import Verdict, judge, pairs, sides, undo, verdicts

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from data.settings import Settings

DEGREE_M = 99_000.0
DAY = dt.date(2026, 6, 1)
WATER = Scope("4305", None, "water")
EMERGENCY = Scope("4305", None, "emergency")
PLACE = "ST_SetSRID(ST_MakePoint(111.4 + CAST(:east AS float8) / 99000, 27.2), 4490)"
STATIONS = (
    ("A", "老码头下游", 0.0, "stated", "430502"),
    ("B", "老码头下游侧", 30.0, "stated", "430502"),
    ("C", "老码头下游", 70.0, "stated", "430502"),
    ("D", "学校门口", 300.0, "stated", "430502"),
    ("E", "", 320.0, "stated", "430502"),
    ("F", "资水1号点", 600.0, "stated", "430502"),
    ("G", "资水2号点", 630.0, "stated", "430502"),
    ("H", "塘", 900.0, "village", "430502"),
    ("I", "塘", 900.0, "village", "430502"),
    ("J", "渡口", 1200.0, "stated", "430581"),
    ("K", "渡口", 1201.0, "stated", "430581"),
)


@pytest.fixture
def office(database: Settings) -> Settings:
    with connect(database, Login.OWNER) as connection:
        for code, level in (("4305", "prefecture"), ("430502", "county"), ("430581", "county")):
            connection.execute(
                text("INSERT INTO area (code, name, level) VALUES (:code, :code, :level)"),
                {"code": code, "level": level},
            )
        for code, name, east, method, area in STATIONS:
            connection.execute(
                text(
                    "INSERT INTO station (code, name, area_code, geom, position_method) VALUES "  # noqa: S608 - our own text
                    f"(:code, :name, :area, {PLACE}, :method)"
                ),
                {"code": code, "name": name, "east": east, "method": method, "area": area},
            )
        for code, kind, east in (("S1", "school", 0.0), ("S2", "school", 1.0), ("S3", "kindergarten", 1.0)):
            connection.execute(
                text(
                    "INSERT INTO institution (code, name, kind, area_code, geom) VALUES "  # noqa: S608 - our own text
                    f"(:code, '一小', :kind, '430502', {PLACE})"
                ),
                {"code": code, "kind": kind, "east": east},
            )
        for code, state in (("H1", "found"), ("H2", "found"), ("H3", "closed")):
            connection.execute(
                text(
                    "INSERT INTO hazard (code, title, domain, grade, state, area_code, geom, found_on, "  # noqa: S608 - our own text
                    f"closed_on) VALUES (:code, '塘边无护栏', 'R', 'general', :state, '430502', {PLACE}, "
                    ":day, CASE WHEN :state = 'closed' THEN CAST(:day AS date) END)"
                ),
                {"code": code, "state": state, "east": 5.0, "day": DAY},
            )
    return database


def proposed(settings: Settings, kind: str = "station", within: str = "4305") -> list[tuple[str, str]]:
    with connect(settings, Login.GENERAL, WATER, readonly=True) as connection:
        found = pairs(connection, kind, within)
    return sorted(zip(found["code"].map(str), found["other_code"].map(str), strict=True))


def verdict(connection: Connection, one: str, other: str, keep: str | None, kind: str = "station") -> Verdict:
    held = {
        row.code: row
        for row in connection.execute(
            text(f"SELECT id, code, version FROM {kind} WHERE code IN (:one, :other)"),  # noqa: S608 - our own name
            {"one": one, "other": other},
        )
    }
    first, second = sorted((held[one], held[other]), key=lambda row: row.id)
    return Verdict(
        kind=kind,
        first_id=first.id,
        second_id=second.id,
        first_version=first.version,
        second_version=second.version,
        kept_id=None if keep is None else held[keep].id,
    )


def say(settings: Settings, one: str, other: str, keep: str | None, scope: Scope = WATER) -> int:
    with connect(settings, Login.GENERAL, scope) as connection:
        said = verdict(connection, one, other, keep)
        return judge(connection, said, day=DAY, account_id=None)


def retired(settings: Settings, code: str) -> dt.date | None:
    with connect(settings, Login.WORKER, readonly=True) as connection:
        found: dt.date | None = connection.scalar(
            text("SELECT retired_on FROM station WHERE code = :code"), {"code": code}
        )
    return found


def test_near_and_alike_of_one_kind_are_proposed_and_rough_or_numbered_ones_are_not(office: Settings) -> None:
    assert proposed(office) == [("A", "B"), ("B", "C"), ("D", "E"), ("J", "K")]
    assert proposed(office, within="430581") == [("J", "K")]
    assert proposed(office, "institution") == [("S1", "S2")]
    assert proposed(office, "hazard") == [("H1", "H2")]


def test_stations_of_two_waters_are_two_unless_they_stand_on_one_spot(office: Settings) -> None:
    with connect(office, Login.OWNER) as connection:
        connection.execute(
            text(
                "INSERT INTO water (code, name, kind, area_code, geom) SELECT code, code, 'well', '430502', "
                "geom FROM station WHERE code IN ('A', 'B')"
            )
        )
        connection.execute(
            text(
                "UPDATE station s SET water_id = w.id FROM water w WHERE w.code = CASE WHEN s.code IN "
                "('A', 'J') THEN 'A' ELSE 'B' END AND s.code IN ('A', 'B', 'J', 'K')"
            )
        )
    assert proposed(office) == [("B", "C"), ("D", "E"), ("J", "K")]


def test_what_is_not_the_same_is_remembered_and_asked_again_only_after_it_was_taken_back(
    office: Settings,
) -> None:
    number = say(office, "A", "B", None)
    assert ("A", "B") not in proposed(office)
    assert (retired(office, "A"), retired(office, "B")) == (None, None)
    with connect(office, Login.GENERAL, WATER) as connection:
        assert list(verdicts(connection, "station", "4305")["verdict"]) == ["different"]
        undo(connection, number, account_id=None)
    assert ("A", "B") in proposed(office)


def test_of_two_that_are_one_the_other_is_retired_with_its_items_and_comes_back(office: Settings) -> None:
    with connect(office, Login.OWNER) as connection:
        connection.execute(
            text(
                "INSERT INTO station_item (station_id, kind, state) SELECT id, 'sign', 'good' FROM station "
                "WHERE code = 'B'"
            )
        )
    number = say(office, "A", "B", "A")
    assert (retired(office, "A"), retired(office, "B")) == (None, DAY)
    # The retired one takes no part in any other pair.
    assert proposed(office) == [("D", "E"), ("J", "K")]
    with connect(office, Login.GENERAL, WATER) as connection:
        kept = connection.scalar(text("SELECT kept_id FROM twin_verdict"))
        assert kept == connection.scalar(text("SELECT id FROM station WHERE code = 'A'"))
        assert connection.scalar(text("SELECT count(*) FROM station_item")) == 1
        undo(connection, number, account_id=None)
    assert retired(office, "B") is None
    assert ("A", "B") in proposed(office)


def test_a_retired_station_that_was_changed_since_is_not_brought_back_over_it(office: Settings) -> None:
    number = say(office, "A", "B", "A")
    with connect(office, Login.GENERAL, WATER) as connection:
        connection.execute(text("UPDATE station SET note = '已拆' WHERE code = 'B'"))
    with connect(office, Login.GENERAL, WATER) as connection, pytest.raises(EditConflictError):
        undo(connection, number, account_id=None)
    assert retired(office, "B") == DAY


def test_a_pair_that_changed_or_was_judged_meanwhile_is_not_judged_again(office: Settings) -> None:
    with connect(office, Login.GENERAL, WATER) as connection:
        read = verdict(connection, "A", "B", "A")
        connection.execute(text("UPDATE station SET note = '新' WHERE code = 'A'"))
    with connect(office, Login.GENERAL, WATER) as connection, pytest.raises(EditConflictError):
        judge(connection, read, day=DAY, account_id=None)
    say(office, "A", "B", None)
    with pytest.raises(RecordTakenError):
        say(office, "A", "B", None)


def test_nobody_judges_records_of_another_area_or_kind_than_they_may_write(office: Settings) -> None:
    with pytest.raises(RecordNotFoundError):
        say(office, "J", "K", None, Scope("430502", None, "water"))
    with pytest.raises(RecordNotFoundError):
        say(office, "A", "B", "A", EMERGENCY)
    # Nor does a statement of their own pass the database.
    statement = text(
        "INSERT INTO twin_verdict (kind, first_id, second_id, area_code, verdict) SELECT 'station', "
        "min(id), max(id), '430502', 'different' FROM station WHERE code IN ('A', 'B')"
    )
    with (
        connect(office, Login.GENERAL, EMERGENCY) as connection,
        pytest.raises(ProgrammingError) as fault,
    ):
        connection.execute(statement)
    assert isinstance(fault.value.orig, InsufficientPrivilege)
    assert proposed(office) == [("A", "B"), ("B", "C"), ("D", "E"), ("J", "K")]


def test_a_verdict_on_institutions_and_hazards_points_and_changes_neither(office: Settings) -> None:
    for kind, one, other in (("institution", "S1", "S2"), ("hazard", "H1", "H2")):
        with connect(office, Login.GENERAL, EMERGENCY) as connection:
            said = verdict(connection, one, other, one, kind)
            judge(connection, said, day=DAY, account_id=None)
            after = verdict(connection, one, other, one, kind)
        assert (after.first_version, after.second_version) == (said.first_version, said.second_version)
        assert proposed(office, kind) == []


def test_both_sides_are_told_in_the_order_of_the_pair(office: Settings) -> None:
    with connect(office, Login.GENERAL, WATER, readonly=True) as connection:
        found = pairs(connection, "station", "4305").iloc[0]
        told = sides(connection, "station", int(found["first_id"]), int(found["second_id"]))
        assert [side["code"] for side in told] == [found["code"], found["other_code"]]
        for kind in ("institution", "hazard"):
            pair = pairs(connection, kind, "4305").iloc[0]
            assert len(sides(connection, kind, int(pair["first_id"]), int(pair["second_id"]))) == 2
