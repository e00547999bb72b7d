"""The estimate of what works: stored by the job, made without a right on children, ranked for a walk."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING

import openpyxl
import pytest
from sqlalchemy import text

from data.engine import Login, Scope, connect
from data.storage import accounts, outlook
from hazards.availability import expected_between
from jobs.accounts import account_of
from jobs.assess import refresh
from jobs.export import ExportError, export_bytes
from jobs.outlook import is_due, refresh_outlook
from jobs.worker import work

if TYPE_CHECKING:
    from data.settings import Settings

IMPORT = Scope("4305", None, "importer")


@pytest.fixture
def checked(stored_county: Settings) -> Settings:
    """Two stations with complete sets, S2 checked long ago and robbed three times before."""
    today = stored_county.today()
    with connect(stored_county, Login.IMPORTER, IMPORT) as connection:
        connection.execute(
            text(
                "INSERT INTO station_item (station_id, kind, state, verified_on) "
                "SELECT s.id, k, 'good', :day FROM station s, "
                "unnest(ARRAY['sign', 'lifebuoy', 'rope', 'pole']) k WHERE s.code = 'S2'"
            ),
            {"day": today - dt.timedelta(days=90)},
        )
        connection.execute(
            text(
                "UPDATE station SET water_id = (SELECT id FROM water WHERE code = 'W1'), "
                "geom = ST_SetSRID(ST_MakePoint(111.003, 27), 4490)"
            )
        )
        connection.execute(
            text(
                "UPDATE station_item SET state = 'good', verified_on = :day WHERE station_id = "
                "(SELECT id FROM station WHERE code = 'S1')"
            ),
            {"day": today},
        )
        for ago, state in ((200, "good"), (180, "missing"), (170, "good"), (150, "missing"), (90, "good")):
            connection.execute(
                text(
                    "INSERT INTO item_check (station_id, kind, state, checked_on) "
                    "SELECT id, 'rope', :state, :day FROM station WHERE code = 'S2'"
                ),
                {"state": state, "day": today - dt.timedelta(days=ago)},
            )
        for role in ("water", "patroller"):
            number = accounts.create_account(
                connection,
                login=role,
                display_name=role,
                bureau="",
                password_hash="-",  # noqa: S106 - no password
            )
            accounts.add_grant(connection, number, role, "430502")
    refresh(stored_county)
    return stored_county


def test_the_estimate_is_stored_and_ranks_what_may_be_gone(checked: Settings) -> None:
    number = refresh_outlook(checked)
    with connect(checked, Login.GENERAL, readonly=True) as connection:
        run = outlook.latest(connection)
        found = outlook.stations_with_outlook(connection, "430502").set_index("code")
        assert outlook.stations_with_outlook(connection, "430503").empty
    assert run is not None
    assert (run.id, run.as_of) == (number, checked.today())
    assert found["works"].loc["S1"] == pytest.approx(1.0)
    assert found["works"].loc["S2"] < found["works"].loc["S1"]
    assert found["repeated"].to_dict() == {"S1": False, "S2": True}
    assert {str(row["kind"]) for row in run.rates} == {"sign", "lifebuoy", "rope", "pole"}
    low, high = expected_between(found)
    assert low <= found["works"].sum() <= high


def test_a_station_that_is_known_to_lack_something_is_bought_for_not_looked_at(checked: Settings) -> None:
    with connect(checked, Login.IMPORTER, IMPORT) as connection:
        connection.execute(
            text(
                "UPDATE station_item SET state = 'missing' WHERE kind = 'rope' AND station_id = "
                "(SELECT id FROM station WHERE code = 'S2')"
            )
        )
    refresh(checked)
    refresh_outlook(checked)
    with connect(checked, Login.GENERAL, readonly=True) as connection:
        found = outlook.stations_with_outlook(connection).set_index("code")
    assert found["works"].loc["S2"] == 0.0
    assert found["rank"].isna().loc["S2"]


def test_homes_change_nothing_in_the_order(checked: Settings) -> None:
    refresh_outlook(checked)
    order = text("SELECT station_id, risk FROM station_outlook ORDER BY station_id")
    with connect(checked, Login.GENERAL, readonly=True) as connection:
        before = connection.execute(order).all()
    with connect(checked, Login.IMPORTER, IMPORT) as connection:
        connection.execute(
            text(
                "INSERT INTO child (code, area_code, category, birth_month) "
                "VALUES ('C1', '430502001200', 'left_behind', '2020-01-01')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO home (child_id, area_code, geom) "
                "SELECT id, area_code, ST_SetSRID(ST_MakePoint(111, 27), 4490) FROM child WHERE code = 'C1'"
            )
        )
    refresh_outlook(checked)
    with connect(checked, Login.GENERAL, readonly=True) as connection:
        assert connection.execute(order).all() == before


def test_the_worker_estimates_once_a_day(checked: Settings) -> None:
    assert is_due(checked)
    work(checked, once=True)
    assert not is_due(checked)
    work(checked, once=True)
    with connect(checked, Login.GENERAL, readonly=True) as connection:
        assert connection.execute(text("SELECT count(*) FROM outlook")).scalar_one() == 1


def test_the_work_list_leaves_with_its_range_for_those_who_may(checked: Settings) -> None:
    with pytest.raises(ExportError, match="还没有可用估计"):
        export_bytes(checked, account_of(checked, "water"), "reverify", "xlsx")
    refresh_outlook(checked)
    content = export_bytes(checked, account_of(checked, "water"), "reverify", "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(content))
    rows = list(book.worksheets[0].values)
    assert rows[0][:2] == ("复核次序", "点位编号")
    assert rows[1][:2] == (1, "S2")
    assert any("95% 范围" in str(cell) for row in book["说明"].values for cell in row)
    with pytest.raises(ExportError, match="不能导出"):
        export_bytes(checked, account_of(checked, "patroller"), "reverify", "xlsx")
