from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pandas as pd
import pytest

from data.engine import Login, Scope, connect
from data.schema.tables import metadata
from data.storage import batches, parameters
from data.storage.faults import EditConflictError, RecordNotFoundError
from data.storage.station_edits import ItemCheck, StationForm, save_items, save_station
from data.storage.stations import station_card
from data.upserting import Tally, ids_by_code

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from data.settings import Settings

PATROLLER = Scope("430502001200", None, "patroller")
NEW = StationForm(
    id=None,
    code="S9",
    name="村部对面山塘",
    area_code="430502001200",
    water_id=None,
    lon=111.0,
    lat=27.0,
    installed_on=dt.date(2026, 5, 1),
    responsible_unit="",
    note="",
    position_method="clicked",
)


def station_id(connection: Connection, code: str) -> int:
    return int(ids_by_code(connection, metadata.tables["station"])[code])


def test_two_people_edit_one_station_and_the_second_is_shown_the_first_one_s_words(
    stored_county: Settings,
) -> None:
    with connect(stored_county, Login.GENERAL, PATROLLER) as mine:
        made = save_station(mine, NEW, None)
    form = replace(NEW, id=made)
    with connect(stored_county, Login.GENERAL, PATROLLER) as theirs:
        assert save_station(theirs, replace(form, note="theirs"), 1) == made
    with (
        connect(stored_county, Login.GENERAL, PATROLLER) as mine,
        pytest.raises(EditConflictError) as raised,
    ):
        save_station(mine, replace(form, note="mine"), 1)
    assert raised.value.theirs["note"] == "theirs"
    assert raised.value.theirs["version"] == 2


@pytest.mark.parametrize("area", ["430502001", "4305"])
def test_a_station_outside_the_scope_is_not_written(stored_county: Settings, area: str) -> None:
    with (
        pytest.raises(RecordNotFoundError),
        connect(stored_county, Login.GENERAL, PATROLLER) as connection,
    ):
        save_station(connection, replace(NEW, area_code=area), None)


def test_a_station_of_elsewhere_and_no_station_look_the_same(stored_county: Settings) -> None:
    with connect(stored_county, Login.GENERAL, PATROLLER) as connection:
        for number in (station_id(connection, "S2"), 999_999):
            with pytest.raises(RecordNotFoundError):
                save_station(connection, replace(NEW, id=number, code="S2"), 1)


def test_a_check_changes_the_item_and_is_kept_in_the_history(stored_county: Settings) -> None:
    with connect(stored_county, Login.GENERAL, PATROLLER) as connection:
        number = station_id(connection, "S1")
        checks = [
            ItemCheck(kind="pole", state="good", expected_version=1),
            ItemCheck(kind="lifejacket", state="unverified"),
        ]
        save_items(connection, number, checks, checked_on=dt.date(2026, 6, 1), account_id=None)
        card = station_card(connection, number)
    assert card is not None
    assert card.items.loc["pole", "state"] == "good"
    assert card.items.loc["pole", "verified_on"] == pd.Timestamp("2026-06-01")
    assert card.items["verified_on"].isna()["lifejacket"]
    assert len(card.history) == 5


def test_a_check_made_earlier_and_sent_later_goes_into_the_history_alone(stored_county: Settings) -> None:
    with connect(stored_county, Login.GENERAL, PATROLLER) as connection:
        number = station_id(connection, "S1")
        late = [ItemCheck(kind="rope", state="missing", expected_version=1)]
        save_items(connection, number, late, checked_on=dt.date(2026, 4, 1), account_id=None)
        card = station_card(connection, number)
    assert card is not None
    assert card.items.loc["rope", "state"] == "good"
    assert "missing" in set(card.history["state"])


def test_items_that_somebody_saved_meanwhile_are_not_overwritten(stored_county: Settings) -> None:
    checks = [ItemCheck(kind="rope", state="damaged", expected_version=1)]
    with connect(stored_county, Login.GENERAL, PATROLLER) as connection:
        number = station_id(connection, "S1")
        save_items(connection, number, checks, checked_on=dt.date(2026, 6, 1), account_id=None)
    with (
        pytest.raises(EditConflictError) as raised,
        connect(stored_county, Login.GENERAL, PATROLLER) as connection,
    ):
        save_items(connection, number, checks, checked_on=dt.date(2026, 6, 2), account_id=None)
    theirs = cast("dict[str, object]", raised.value.theirs["rope"])
    assert theirs["state"] == "damaged"


def reach(connection: Connection) -> None:
    frame = pd.DataFrame(
        {
            "key": ["reach_m"],
            "value": [50],
            "unit": ["m"],
            "label": ["沿岸可及距离"],
            "source": ["RoSPA FAQ 334"],
            "source_date": [None],
            "proposal": [False],
        }
    )
    assert parameters.add_missing_parameters(connection, frame) == 1
    assert parameters.add_missing_parameters(connection, frame.assign(value=[70])) == 0


def test_a_parameter_is_changed_with_its_reason_and_against_its_version(county: Connection) -> None:
    reach(county)
    assert parameters.read_parameters(county) == {"reach_m": 50}
    parameters.save_parameter(county, "reach_m", 40, reason="会议纪要", account_id=None, expected_version=1)
    assert parameters.parameter_table(county).loc["reach_m", "version"] == 2
    assert list(parameters.parameter_changes(county, "reach_m")["reason"]) == ["会议纪要"]
    with pytest.raises(EditConflictError):
        parameters.save_parameter(county, "reach_m", 30, reason="", account_id=None, expected_version=1)
    with pytest.raises(RecordNotFoundError):
        parameters.save_parameter(county, "none", 30, reason="", account_id=None, expected_version=1)


def test_the_same_value_again_is_no_change(county: Connection) -> None:
    reach(county)
    parameters.save_parameter(county, "reach_m", 50, reason="", account_id=None, expected_version=1)
    assert parameters.parameter_changes(county).empty


def test_a_file_that_was_applied_is_known_with_its_refusals(county: Connection) -> None:
    assert batches.already_applied(county, "abc", "stations") is None
    batch = batches.open_batch(county, kind="stations", file_name="台账.xlsx", sha256="abc", crs="EPSG:4490")
    batches.refuse(
        county,
        batch,
        [batches.Refusal(sheet="救生设施", row_number=17, header="经度", value="若干", reason="不是数字")],
    )
    batches.close_batch(county, batch, Tally(inserted=2, unchanged=1), refused=1, details={"sheets": 1})
    assert batches.already_applied(county, "abc", "stations") == batch
    assert batches.already_applied(county, "abc", "waters") is None
    row = batches.batches(county).loc[batch]
    assert (row["written"], row["unchanged"], row["refused"]) == (2, 1, 1)
    assert batches.refusals(county, batch)["row_number"].tolist() == [17]
