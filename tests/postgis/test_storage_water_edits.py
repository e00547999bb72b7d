from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from data.engine import Login, Scope, connect
from data.schema.tables import metadata
from data.storage import water_edits
from data.storage.faults import EditConflictError, RecordNotFoundError
from data.storage.water_edits import DayTakenError, WaterRecord
from data.storage.waters import water_card, waters
from data.upserting import ids_by_code
from jobs import assess

if TYPE_CHECKING:
    from data.settings import Settings

OFFICER = Scope("430502", None, "water")
ELSEWHERE = Scope("430502001200", None, "water")
PLAIN = WaterRecord(class_override=None, class_reason="", owner="", user_unit="", manager="", river_chief="")
RAISED = replace(PLAIN, class_override="A", class_reason="现场认定", manager="水利站")
DAY = dt.date(2026, 7, 1)


def _number(settings: Settings, code: str = "W2") -> int:
    with connect(settings, Login.GENERAL, OFFICER, readonly=True) as connection:
        return int(ids_by_code(connection, metadata.tables["water"])[code])


def _save(settings: Settings, form: WaterRecord, version: int) -> int | None:
    number = _number(settings)
    with connect(settings, Login.GENERAL, OFFICER) as connection:
        return water_edits.save_record(connection, number, form, version=version, account_id=None)


def _undo(settings: Settings, change: int) -> int | None:
    number = _number(settings)
    with connect(settings, Login.GENERAL, OFFICER) as connection:
        return water_edits.undo(connection, number, change, account_id=None)


def _incident(settings: Settings, *, counted: bool = False, day: dt.date = DAY) -> int | None:
    number = _number(settings)
    with connect(settings, Login.GENERAL, OFFICER) as connection:
        return water_edits.add_incident(connection, number, day, "下午游泳", counted=counted, account_id=None)


def _facts(settings: Settings) -> dict[str, object]:
    number = _number(settings)
    with connect(settings, Login.GENERAL, OFFICER, readonly=True) as connection:
        card = water_card(connection, number)
        assert card is not None
        days = [f"{day:%Y-%m-%d}" for day in card.incidents["happened_on"]]
    return dict(card.facts) | {"days": days}


def test_the_second_of_two_officers_is_shown_what_the_first_one_saved(stored_county: Settings) -> None:
    assert _save(stored_county, RAISED, 1) is not None
    with pytest.raises(EditConflictError) as raised:
        _save(stored_county, replace(PLAIN, owner="张三"), 1)
    assert raised.value.theirs["manager"] == "水利站"
    assert raised.value.theirs["version"] == 2
    assert _facts(stored_county)["owner"] == ""


def test_a_save_that_changes_nothing_leaves_no_trace(stored_county: Settings) -> None:
    assert _save(stored_county, PLAIN, 1) is None
    assert _facts(stored_county)["version"] == 1


def test_a_change_is_undone_and_the_undoing_too(stored_county: Settings) -> None:
    first = _save(stored_county, RAISED, 1)
    assert first is not None
    back = _undo(stored_county, first)
    assert _facts(stored_county)["class_override"] is None
    assert back is not None
    _undo(stored_county, back)
    assert _facts(stored_county)["class_override"] == "A"
    number = _number(stored_county)
    with connect(stored_county, Login.GENERAL, OFFICER, readonly=True) as connection:
        told = water_edits.changes(connection, number)
    assert told["undone"].tolist() == [False, True, True]
    assert told["became"].iloc[-1]["manager"] == "水利站"


def test_a_change_whose_field_was_changed_again_is_not_undone(stored_county: Settings) -> None:
    first = _save(stored_county, RAISED, 1)
    assert first is not None
    _save(stored_county, replace(RAISED, manager="村委会"), 2)
    with pytest.raises(EditConflictError):
        _undo(stored_county, first)
    assert _facts(stored_county)["manager"] == "村委会"


def test_a_change_is_undone_once(stored_county: Settings) -> None:
    first = _save(stored_county, RAISED, 1)
    assert first is not None
    _undo(stored_county, first)
    _save(stored_county, RAISED, 3)
    with pytest.raises(EditConflictError):
        _undo(stored_county, first)


def test_an_incident_is_counted_and_taken_back_with_its_day(stored_county: Settings) -> None:
    added = _incident(stored_county)
    facts = _facts(stored_county)
    assert (facts["incidents"], facts["days"]) == (1, ["2026-07-01"])
    assert added is not None
    back = _undo(stored_county, added)
    facts = _facts(stored_county)
    assert (facts["incidents"], facts["days"]) == (0, [])
    assert back is not None
    _undo(stored_county, back)
    assert _facts(stored_county)["days"] == ["2026-07-01"]


def test_an_incident_that_the_ledger_has_counted_is_not_counted_twice(stored_county: Settings) -> None:
    with connect(stored_county, Login.OWNER) as connection:
        connection.execute(text("UPDATE water SET incidents = 1 WHERE code = 'W2'"))
    _incident(stored_county, counted=True)
    assert _facts(stored_county)["incidents"] == 1
    _incident(stored_county, counted=True, day=DAY + dt.timedelta(1))
    assert _facts(stored_county)["incidents"] == 2


def test_two_incidents_of_one_day_are_refused(stored_county: Settings) -> None:
    _incident(stored_county)
    with pytest.raises(DayTakenError):
        _incident(stored_county)
    assert _facts(stored_county)["incidents"] == 1


def test_a_water_outside_the_area_is_not_there(stored_county: Settings) -> None:
    number = _number(stored_county)
    for target in (number, 999_999):
        with (
            pytest.raises(RecordNotFoundError),
            connect(stored_county, Login.GENERAL, ELSEWHERE) as connection,
        ):
            water_edits.save_record(connection, target, RAISED, version=1, account_id=None)


def test_a_change_of_another_water_is_not_undone_here(stored_county: Settings) -> None:
    first = _save(stored_county, RAISED, 1)
    assert first is not None
    other = _number(stored_county, "W1")
    with pytest.raises(RecordNotFoundError), connect(stored_county, Login.GENERAL, OFFICER) as connection:
        water_edits.undo(connection, other, first, account_id=None)


def test_the_assessment_follows_a_class_that_an_officer_sets(stored_county: Settings) -> None:
    assess.refresh(stored_county, as_of=dt.date(2026, 6, 1))
    _save(stored_county, replace(PLAIN, class_override="C", class_reason="已填平"), 1)
    done = assess.catch_up(stored_county, as_of=dt.date(2026, 6, 1))
    assert done is not None
    assert done.waters is not None
    with connect(stored_county, Login.GENERAL, OFFICER, readonly=True) as connection:
        assert waters(connection)["class_override"].dropna().tolist() == ["C"]
    number = _number(stored_county)
    with connect(stored_county, Login.GENERAL, OFFICER, readonly=True) as connection:
        card = water_card(connection, number)
    assert card is not None
    assert set(card.banks["water_class"]) == {"C"}
