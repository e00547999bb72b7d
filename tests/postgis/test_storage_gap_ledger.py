"""The ledger of gaps: numbers that stay, and what stood open on which day."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING

import openpyxl
import pytest
from sqlalchemy import text

from data.engine import Login, Scope, connect
from data.storage import accounts
from data.storage.assessments import assessment_on, ledger_begins
from data.storage.gap_ledger import changes, gaps_on, inherited, summary
from jobs.accounts import account_of
from jobs.assess import catch_up, refresh
from jobs.export import ExportError, export_bytes
from layers.periods import Period

if TYPE_CHECKING:
    from data.settings import Settings

FIRST, SECOND, THIRD = dt.date(2026, 6, 4), dt.date(2026, 6, 5), dt.date(2026, 6, 6)
IMPORT = Scope("4305", None, "importer")


def test_a_gap_that_shrinks_grows_or_moves_a_little_keeps_its_number() -> None:
    for span in ((20.0, 80.0), (0.0, 200.0), (50.0, 150.0)):
        assert inherited([("Q1", (10.0, 100.0))], [(0, span)], 1000.0) == {0: "Q1"}


def test_a_gap_beside_the_earlier_one_is_another_gap() -> None:
    assert inherited([("Q1", (10.0, 100.0))], [(0, (100.0, 150.0))], 1000.0) == {}


def test_of_a_gap_that_was_split_the_greatest_part_keeps_the_number() -> None:
    now = [(0, (0.0, 30.0)), (1, (40.0, 100.0))]
    assert inherited([("Q1", (0.0, 100.0))], now, 1000.0) == {1: "Q1"}


def test_a_gap_out_of_two_keeps_the_number_of_the_greater() -> None:
    earlier = [("Q1", (0.0, 30.0)), ("Q2", (40.0, 100.0))]
    assert inherited(earlier, [(0, (0.0, 100.0))], 1000.0) == {0: "Q2"}


def test_a_gap_over_the_start_of_a_ring_is_known_again_on_either_side_of_it() -> None:
    assert inherited([("Q1", (950.0, 1050.0))], [(0, (5.0, 60.0))], 1000.0) == {0: "Q1"}
    assert inherited([("Q1", (5.0, 60.0))], [(0, (950.0, 1050.0))], 1000.0) == {0: "Q1"}


def change(settings: Settings, statement: str) -> None:
    with connect(settings, Login.IMPORTER, IMPORT) as connection:
        connection.execute(text(statement))


def test_the_history_tells_what_closed_shrank_and_opened_between_two_days(stored_county: Settings) -> None:
    refresh(stored_county, as_of=FIRST)
    change(
        stored_county,
        "UPDATE station SET water_id = (SELECT id FROM water WHERE code = 'W1'), "
        "geom = ST_SetSRID(ST_MakePoint(111.003, 27), 4490) WHERE code = 'S1'",
    )
    change(stored_county, "UPDATE station_item SET state = 'good', verified_on = '2026-06-04'")
    catch_up(stored_county, as_of=SECOND)
    change(stored_county, "UPDATE station_item SET state = 'missing'")
    refresh(stored_county, as_of=THIRD)
    with connect(stored_county, Login.GENERAL, readonly=True) as connection:
        open_then = [set(gaps_on(connection, day).index) for day in (FIRST, SECOND, THIRD)]
        first = summary(changes(connection, FIRST, SECOND))
        whole = summary(changes(connection, FIRST, THIRD))
        stored = set(connection.scalars(text("SELECT number FROM gap")))
        metres = {day: gaps_on(connection, day)["length_m"].sum() for day in (FIRST, SECOND, THIRD)}
    assert open_then[0]
    assert open_then[0] <= open_then[1]  # shrunk or split: nothing lost its number
    assert open_then[2] == stored
    assert first["shrunk"]["gaps"] == 1
    moved = sum(sort["metres"] for sort in first.values())
    assert abs(moved - (metres[SECOND] - metres[FIRST])) < 1e-6
    assert whole["same"]["gaps"] == len(open_then[0])


def test_a_question_as_of_an_earlier_day_writes_no_history(stored_county: Settings) -> None:
    refresh(stored_county, as_of=SECOND)
    with connect(stored_county, Login.GENERAL, readonly=True) as connection:
        before = connection.execute(text("SELECT * FROM gap_history ORDER BY id")).all()
    refresh(stored_county, as_of=FIRST)
    refresh(stored_county, as_of=SECOND)
    with connect(stored_county, Login.GENERAL, readonly=True) as connection:
        assert connection.execute(text("SELECT * FROM gap_history ORDER BY id")).all() == before


def test_numbers_name_the_county_and_are_given_once(stored_county: Settings) -> None:
    refresh(stored_county, as_of=FIRST)
    with connect(stored_county, Login.GENERAL, readonly=True) as connection:
        numbers = list(connection.scalars(text("SELECT number FROM gap ORDER BY number")))
    assert numbers[0] == "Q-430502-000001"
    assert len(set(numbers)) == len(numbers)


def test_the_ledger_tells_when_a_gap_was_listed_and_when_it_closed(stored_county: Settings) -> None:
    refresh(stored_county, as_of=FIRST)
    change(stored_county, "UPDATE water SET geom = ST_Translate(geom, 0.3, 0) WHERE code = 'W2'")
    refresh(stored_county, as_of=THIRD)
    with connect(stored_county, Login.GENERAL, readonly=True) as connection:
        found = changes(connection, FIRST, THIRD)
        elsewhere = changes(connection, FIRST, THIRD, "430503")
    closed = found[found["change"] == "closed"]
    assert len(closed)
    assert set(closed["water_code"]) == {"W2"}
    assert set(closed["opened_on"].dt.date) == {FIRST}
    assert set(closed["closed_on"].dt.date) == {THIRD}
    assert found.loc[found["change"] == "same", "closed_on"].isna().all()
    assert elsewhere.empty


def test_a_state_names_the_run_that_it_comes_from(stored_county: Settings) -> None:
    first, second = refresh(stored_county, as_of=FIRST), refresh(stored_county, as_of=THIRD)
    refresh(stored_county, as_of=SECOND)
    with connect(stored_county, Login.GENERAL, readonly=True) as connection:
        assert ledger_begins(connection) == FIRST
        runs = [assessment_on(connection, day) for day in (FIRST, SECOND, THIRD)]
        assert assessment_on(connection, FIRST - dt.timedelta(days=1)) is None
    # The question as of the second day wrote no history: that day's state is still the first run's.
    assert [run.id for run in runs if run] == [first.assessment_id, first.assessment_id, second.assessment_id]


def test_the_ledger_leaves_with_its_period_and_the_runs_behind_it(stored_county: Settings) -> None:
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
    run = refresh(stored_county, as_of=FIRST)
    refresh(stored_county, as_of=THIRD)
    period = Period(first=FIRST, last=THIRD)
    content = export_bytes(stored_county, account_of(stored_county, "water"), "ledger", "xlsx", period)
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].values)
    assert rows[0][0] == "甲县缺口台账"
    assert str(rows[1][0]).startswith("统计期：2026-06-04")
    assert rows[3][:2] == ("缺口编号", "变化")
    assert rows[4][:2] == ("Q-430502-000001", "未变")
    assert f"第 {run.assessment_id} 次核算" in str(rows[-2][0])
    for refused in (
        {"period": None},
        {"period": Period(first=FIRST, last=THIRD, within="430503")},
        {"period": Period(first=FIRST - dt.timedelta(days=9), last=FIRST - dt.timedelta(days=8))},
    ):
        with pytest.raises(ExportError):
            export_bytes(stored_county, account_of(stored_county, "water"), "ledger", "xlsx", **refused)
    with pytest.raises(ExportError, match="不能导出"):
        export_bytes(stored_county, account_of(stored_county, "patroller"), "ledger", "xlsx", period)
