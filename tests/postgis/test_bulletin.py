"""The monthly bulletin: its figures are those of findings and ledger, and it leaves as a form."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING

import openpyxl
import pytest
from docx import Document
from sqlalchemy import text

from data.engine import Login, Scope, connect
from data.storage import accounts
from data.storage.bulletin import bulletin, run_of
from data.storage.gap_ledger import changes, summary
from jobs.accounts import account_of
from jobs.assess import refresh
from jobs.export import ExportError, export_bytes
from layers.periods import Period, period_of

if TYPE_CHECKING:
    import pandas as pd

    from data.settings import Settings

BEFORE, AFTER = dt.date(2026, 5, 31), dt.date(2026, 6, 20)
JUNE = Period(first=BEFORE, last=AFTER)


@pytest.fixture
def month(stored_county: Settings) -> Settings:
    with connect(stored_county, Login.OWNER) as connection:
        for role in ("water", "patroller"):
            number = accounts.create_account(
                connection,
                login=role,
                display_name=role,
                bureau="甲县水利局",
                password_hash="-",  # noqa: S106 - no password
            )
            accounts.add_grant(connection, number, role, "430502")
    refresh(stored_county, as_of=BEFORE)
    with connect(stored_county, Login.IMPORTER, Scope("4305", None, "importer")) as connection:
        connection.execute(text("UPDATE water SET geom = ST_Translate(geom, 0.3, 0) WHERE code = 'W2'"))
        connection.execute(
            text("UPDATE station SET geom = ST_SetSRID(ST_MakePoint(111.003, 27), 4490) WHERE code = 'S1'")
        )
        connection.execute(text("UPDATE station_item SET state = 'good', verified_on = '2026-06-19'"))
    refresh(stored_county, as_of=AFTER)
    return stored_county


@pytest.mark.parametrize("level", ["county", "township"])
def test_the_figures_are_those_of_findings_and_ledger(month: Settings, level: str) -> None:
    with connect(month, Login.GENERAL, readonly=True) as connection:
        found = bulletin(connection, "4305", first=BEFORE, last=AFTER, level=level)
        whole = connection.execute(
            text("SELECT sum(exposed_m), sum(covered_m), sum(gap_m), sum(physical_m) FROM bank_finding")
        ).one()
        moved = summary(changes(connection, BEFORE, AFTER))
        stands = connection.execute(text("SELECT count(*), sum(length_m) FROM gap")).one()
    sums: pd.Series[float] = found.sum(numeric_only=True).astype("float64")
    names = ("exposed_m", "covered_m", "gap_m", "physical_m")
    assert [sums[name] for name in names] == pytest.approx(list(whole))
    assert sums["gaps"] == stands[0]
    assert sums["gaps_m"] == pytest.approx(stands[1])
    assert sums["closed"] == moved["closed"]["gaps"] > 0
    assert sums["closed_m"] == pytest.approx(-moved["closed"]["metres"])
    assert sums["opened"] == moved["opened"]["gaps"]
    assert sums["grown_m"] == pytest.approx(moved["grown"]["metres"])
    assert sums["shrunk_m"] == pytest.approx(-moved["shrunk"]["metres"])
    assert sums["shrunk_m"] > 0
    parts = sums["opened_m"] - sums["closed_m"] + sums["grown_m"] - sums["shrunk_m"]
    assert sums["moved_m"] == pytest.approx(parts)
    assert sums["moved_m"] == pytest.approx(sum(sort["metres"] for sort in moved.values()))
    assert sums["stations"] == 2
    assert (sums["valid"], sums["good_rope"]) == (1, 1)


def test_a_month_that_is_over_keeps_what_stood_at_its_end(month: Settings) -> None:
    with connect(month, Login.GENERAL, readonly=True) as connection:
        was = bulletin(connection, "4305", first=BEFORE, last=AFTER, level="township")
        told = run_of(connection, AFTER)
    with connect(month, Login.IMPORTER, Scope("4305", None, "importer")) as connection:
        connection.execute(text("UPDATE station_item SET state = 'damaged' WHERE kind = 'rope'"))
        connection.execute(text("UPDATE water SET geom = ST_Translate(geom, -0.3, 0) WHERE code = 'W2'"))
    refresh(month, as_of=AFTER)
    with connect(month, Login.GENERAL, readonly=True) as connection:
        amended = bulletin(connection, "4305", first=BEFORE, last=AFTER, level="township")
    refresh(month, as_of=AFTER + dt.timedelta(days=30))
    with connect(month, Login.IMPORTER, Scope("4305", None, "importer")) as connection:
        connection.execute(text("UPDATE water SET geom = ST_Translate(geom, 0.3, 0) WHERE code = 'W2'"))
        connection.execute(text("UPDATE station_item SET state = 'good' WHERE kind = 'rope'"))
    refresh(month, as_of=AFTER + dt.timedelta(days=31))
    with connect(month, Login.GENERAL, readonly=True) as connection:
        later = bulletin(connection, "4305", first=BEFORE, last=AFTER, level="township")
        now = bulletin(connection, "4305", first=BEFORE, last=AFTER + dt.timedelta(days=31), level="township")
        run = run_of(connection, AFTER + dt.timedelta(days=3))
        before_the_first = run_of(connection, BEFORE - dt.timedelta(days=1))
    standing = ["exposed_m", "covered_m", "gap_m", "physical_m", "stations", "valid", "good_rope"]
    assert not amended[standing].equals(was[standing])
    assert later[standing].to_numpy().tolist() == amended[standing].to_numpy().tolist()
    assert now["good_rope"].sum() == 1 > later["good_rope"].sum()
    assert now["exposed_m"].sum() < later["exposed_m"].sum()
    assert told is not None
    assert run is not None
    assert (told.as_of, run.as_of) == (AFTER, AFTER)
    assert before_the_first is not None  # nothing is kept of it: the newest run tells
    assert before_the_first.as_of == AFTER + dt.timedelta(days=31)


def test_a_month_over_leaves_as_a_form_that_says_of_which_day_it_is(month: Settings) -> None:
    refresh(month, as_of=AFTER + dt.timedelta(days=20))
    content = export_bytes(month, account_of(month, "water"), "bulletin", "docx", JUNE)
    said = "\n".join(paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs)
    assert "截至 2026年06月20日" in said
    assert "核算日 2026-06-20" in said
    assert "2026-07-10" not in said


def test_a_record_without_a_township_stands_under_its_county(month: Settings) -> None:
    with connect(month, Login.IMPORTER, Scope("4305", None, "importer")) as connection:
        connection.execute(text("UPDATE water SET area_code = '430502' WHERE code = 'W1'"))
    with connect(month, Login.GENERAL, readonly=True) as connection:
        found = bulletin(connection, "4305", first=BEFORE, last=AFTER, level="township")
    assert list(found.index) == ["430502", "430502001"]
    assert found["exposed_m"].tolist()[0] > 0


def test_the_bulletin_leaves_as_a_workbook_with_title_lines_sums_and_notes(month: Settings) -> None:
    content = export_bytes(month, account_of(month, "water"), "bulletin", "xlsx", JUNE)
    book = openpyxl.load_workbook(io.BytesIO(content))
    rows = list(book.worksheets[0].values)
    assert rows[0][0] == "甲县水域防护月通报"
    assert "填报单位：甲县水利局" in str(rows[1][0])
    assert "2026年06月01日至06月20日" in str(rows[1][0])
    assert rows[2][:3] == ("地区", "区划代码", "暴露岸线（米）")
    assert rows[3][0] == "乙镇"
    assert any(row[0] == "合计" for row in rows)
    assert any("数据版本" in str(row[0]) for row in rows[-6:])
    assert "A1:" in str(book.worksheets[0].merged_cells)


def test_the_bulletin_leaves_as_a_document_whose_tables_hold_every_figure(month: Settings) -> None:
    content = export_bytes(month, account_of(month, "water"), "bulletin", "docx", JUNE)
    book = Document(io.BytesIO(content))
    said = "\n".join(paragraph.text for paragraph in book.paragraphs)
    assert said.startswith("甲县水域防护月通报\n填报单位：甲县水利局")
    assert "销号 " in said
    assert "数据版本" in said
    headings = [cell.text for table in book.tables for cell in table.rows[0].cells]
    workbook = openpyxl.load_workbook(
        io.BytesIO(export_bytes(month, account_of(month, "water"), "bulletin", "xlsx", JUNE))
    )
    columns = list(workbook.worksheets[0].values)[2]
    assert set(headings) == set(columns) - {"区划代码"}
    assert [table.rows[-1].cells[0].text for table in book.tables] == ["合计"] * 4


def test_a_sample_says_that_it_is_one(month: Settings) -> None:
    with connect(month, Login.IMPORTER, Scope("4305", None, "importer")) as connection:
        connection.execute(text("INSERT INTO deployment (key, value) VALUES ('sample', '{}')"))
    content = export_bytes(month, account_of(month, "water"), "bulletin", "docx", JUNE)
    assert "演示数据" in "\n".join(p.text for p in Document(io.BytesIO(content)).paragraphs)


def test_who_may_not_export_statistics_gets_no_bulletin(month: Settings) -> None:
    with pytest.raises(ExportError, match="不能导出"):
        export_bytes(month, account_of(month, "patroller"), "bulletin", "docx", JUNE)
    with pytest.raises(ExportError, match="Word"):
        export_bytes(month, account_of(month, "water"), "ledger", "docx", JUNE)


def test_a_month_runs_from_the_end_of_the_one_before_to_its_own_or_to_today() -> None:
    today = dt.date(2026, 6, 20)
    assert Period.month(2026, 6, today) == Period(first=dt.date(2026, 5, 31), last=today)
    assert Period.month(2026, 2, today) == Period(first=dt.date(2026, 1, 31), last=dt.date(2026, 2, 28))
    kept = Period.month(2025, 12, today, level="county")
    assert kept.last == dt.date(2025, 12, 31)
    assert period_of({"format": "xlsx"} | kept.options()) == kept
    with pytest.raises(ValueError, match="period"):
        Period(first=today, last=today - dt.timedelta(days=1))
