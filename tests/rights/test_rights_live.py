from __future__ import annotations

import datetime as dt
import traceback
from typing import TYPE_CHECKING

import pandas as pd
import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from data import rights
from data.engine import Login, Scope, connect
from data.reading import read_table
from data.schema.children import PROTECTED
from data.storage import audit
from data.storage.children import children_near_hazards, homes, homes_for_assessment, upsert_children
from data.storage.faults import RecordNotFoundError
from data.storage.station_edits import ItemCheck, save_items

if TYPE_CHECKING:
    from data.settings import Settings

STATEMENTS = {
    "select": "SELECT * FROM {}",
    "insert": "INSERT INTO {} DEFAULT VALUES",
    "update": "UPDATE {} SET area_code = area_code",
    "delete": "DELETE FROM {}",
}
CIVIL = Scope("430502", None, "civil")
READ_HOMES = audit.Action.READ_HOMES


def count(settings: Settings, login: Login, scope: Scope | None, table: str) -> int:
    with connect(settings, login, scope, readonly=True) as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608


def test_the_database_grants_exactly_what_the_file_says(prefecture: Settings) -> None:
    with connect(prefecture, Login.OWNER, readonly=True) as connection:
        live = connection.execute(
            text(
                "SELECT t.tablename, r.rolname, v.verb "
                "FROM pg_tables t CROSS JOIN pg_roles r "
                "CROSS JOIN unnest(ARRAY['select', 'insert', 'update', 'delete', "
                "'truncate', 'references', 'trigger']) AS v(verb) "
                "WHERE t.schemaname = 'public' AND t.tablename <> 'spatial_ref_sys' "
                "AND r.rolname LIKE 'anlan%' AND r.rolname <> 'anlan_owner' "
                "AND has_table_privilege(r.oid, format('%I', t.tablename)::regclass, v.verb)"
            )
        ).all()
    declared = {
        (table.name, login.value, verb)
        for table in rights.tables().values()
        for login, verbs in table.verbs.items()
        for verb in verbs
        if (login, verb) not in table.columns
    }
    assert {tuple(row) for row in live} == declared


def test_where_a_verb_holds_on_columns_it_holds_on_no_other(prefecture: Settings) -> None:
    limited = {
        (table.name, login.value, verb): set(columns)
        for table in rights.tables().values()
        for (login, verb), columns in table.columns.items()
    }
    held = text(
        "SELECT attname FROM pg_attribute WHERE attrelid = CAST(:table AS regclass) AND attnum > 0 "
        "AND NOT attisdropped AND has_column_privilege(:login, attrelid, attnum, :verb)"
    )
    with connect(prefecture, Login.OWNER, readonly=True) as connection:
        live = {
            (table, login, verb): set(
                connection.scalars(held, {"table": table, "login": login, "verb": verb}).all()
            )
            for table, login, verb in limited
        }
    assert live == limited


def test_row_security_is_forced_exactly_where_children_are(prefecture: Settings) -> None:
    with connect(prefecture, Login.OWNER, readonly=True) as connection:
        forced = connection.scalars(
            text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        ).all()
    assert set(forced) == set(PROTECTED)


def test_no_login_is_superuser_or_passes_by_row_security(prefecture: Settings) -> None:
    with connect(prefecture, Login.OWNER, readonly=True) as connection:
        strong = connection.scalars(
            text(
                "SELECT rolname FROM pg_roles WHERE rolname LIKE 'anlan%' "
                "AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication)"
            )
        ).all()
    assert strong == []


def test_no_function_of_ours_can_be_called_by_everybody(prefecture: Settings) -> None:
    with connect(prefecture, Login.OWNER, readonly=True) as connection:
        callable_by_all = connection.scalars(
            text(
                "SELECT p.proname FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner "
                "WHERE r.rolname = 'anlan_owner' "
                "AND has_function_privilege('anlan_general', p.oid, 'execute')"
            )
        ).all()
    assert callable_by_all == []


@pytest.mark.parametrize("verb", STATEMENTS)
@pytest.mark.parametrize("table", PROTECTED)
@pytest.mark.parametrize("role", ["water", "emergency"])
def test_water_and_emergency_get_permission_denied_on_child_tables(
    prefecture: Settings, role: str, table: str, verb: str
) -> None:
    scope = Scope("4305", None, role)
    with (
        pytest.raises(ProgrammingError, match="permission denied") as raised,
        connect(prefecture, rights.login_of(role), scope) as connection,
    ):
        connection.execute(text(STATEMENTS[verb].format(table)))
    assert isinstance(raised.value.orig, InsufficientPrivilege)


@pytest.mark.parametrize(("area", "expected"), [("430502", 3), ("4305", 6), ("43050", 6), ("430501", 0)])
@pytest.mark.parametrize("table", ["child", "home", "proximity"])
def test_civil_affairs_see_the_unsealed_children_of_their_area(
    prefecture: Settings, table: str, area: str, expected: int
) -> None:
    assert count(prefecture, Login.CHILD, Scope(area, None, "civil"), table) == expected


@pytest.mark.parametrize("table", ["child", "home", "proximity"])
def test_without_a_scope_nobody_sees_a_child(prefecture: Settings, table: str) -> None:
    assert count(prefecture, Login.CHILD, None, table) == 0
    if table != "proximity":
        assert count(prefecture, Login.IMPORTER, None, table) == 0


@pytest.mark.parametrize("area", ["", "4", "4305%", "430502' OR '1'='1", "~", "４３０５", "430502\n", "*"])
def test_what_is_no_area_code_is_refused_as_a_scope(area: str) -> None:
    with pytest.raises(ValueError, match="area code"):
        Scope(area, None, "civil")


@pytest.mark.parametrize("area", ["", "4305%", "430502' OR '1'='1", '"430502"', "430599"])
def test_an_area_set_by_other_means_opens_nothing(prefecture: Settings, area: str) -> None:
    with connect(prefecture, Login.CHILD, CIVIL) as connection:
        connection.execute(text("SELECT set_config('app.area', :area, true)"), {"area": area})
        assert connection.execute(text("SELECT count(*) FROM child")).scalar_one() == 0


def test_the_owner_of_the_tables_reads_no_child(prefecture: Settings) -> None:
    assert count(prefecture, Login.OWNER, Scope("4305", None, "administrator"), "child") == 0


def test_a_commit_in_the_middle_keeps_the_scope(prefecture: Settings) -> None:
    with connect(prefecture, Login.CHILD, CIVIL) as connection:
        connection.execute(text("SELECT 1"))
        connection.commit()
        assert connection.execute(text("SELECT count(*) FROM child")).scalar_one() == 3


def test_the_pool_hands_no_scope_to_the_next_viewer(prefecture: Settings) -> None:
    for _ in range(5):
        assert count(prefecture, Login.CHILD, CIVIL, "child") == 3
        assert count(prefecture, Login.CHILD, None, "child") == 0


@pytest.mark.parametrize("login", [Login.CHILD, Login.IMPORTER])
def test_a_child_cannot_be_written_into_another_area(prefecture: Settings, login: Login) -> None:
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        connect(prefecture, login, CIVIL) as connection,
    ):
        connection.execute(
            text(
                "INSERT INTO child (code, area_code, category, birth_month) "
                "VALUES ('X', '430503', 'other', '2018-01-01')"
            )
        )


def test_a_child_cannot_be_moved_out_of_the_area(prefecture: Settings) -> None:
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        connect(prefecture, Login.CHILD, CIVIL) as connection,
    ):
        connection.execute(text("UPDATE child SET area_code = '430503'"))


def test_pages_write_stations_in_their_area_only_and_read_them_all(prefecture: Settings) -> None:
    with connect(prefecture, Login.GENERAL, Scope("430502", None, "patroller")) as connection:
        assert connection.execute(text("SELECT count(*) FROM station")).scalar_one() == 8
        changed = connection.execute(text("UPDATE station SET note = 'seen'"))
        assert changed.rowcount == 4
        connection.rollback()
        foreign = (
            connection.execute(text("SELECT id FROM station WHERE area_code = '430503'")).scalars().first()
        )
        with pytest.raises(RecordNotFoundError):
            save_items(
                connection,
                int(foreign or 0),
                [ItemCheck(kind="rope", state="good", expected_version=1)],
                checked_on=dt.date(2026, 6, 1),
                account_id=None,
            )


def test_the_list_of_children_near_water_is_the_scope_s_own(prefecture: Settings) -> None:
    with connect(prefecture, Login.CHILD, CIVIL, readonly=True) as connection:
        listed = children_near_hazards(connection)
        assert list(listed["code"]) == ["4305020", "4305021", "4305022"]
        assert set(listed["area_code"]) == {"430502"}
        assert (listed["distance_m"] == 30.0).all()
        assert len(homes(connection, "4305")) == 3


def test_the_worker_counts_every_home_the_sealed_ones_too(prefecture: Settings) -> None:
    with connect(prefecture, Login.WORKER, readonly=True) as connection:
        assert len(read_table(connection, homes_for_assessment())) == 8


def test_acts_are_recorded_and_never_changed(prefecture: Settings) -> None:
    with connect(prefecture, Login.CHILD, CIVIL) as connection:
        audit.record(connection, READ_HOMES, CIVIL, object_kind="home", row_count=3, object_ids=[1, 2, 3])
    assert count(prefecture, Login.BACKUP, None, "audit") == 1
    for statement in ("UPDATE audit SET role = ''", "DELETE FROM audit"):
        for login in (Login.GENERAL, Login.CHILD, Login.IMPORTER, Login.WORKER):
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                connect(prefecture, login) as connection,
            ):
                connection.execute(text(statement))


def test_an_error_of_the_database_repeats_no_value(prefecture: Settings) -> None:
    canary = "canary-4711"
    row = {"code": canary, "area_code": "430502", "category": "other", "birth_month": dt.date(2018, 1, 2)}
    statement = text(
        "INSERT INTO child (code, area_code, category, birth_month) "
        "VALUES (:code, :area_code, :category, :birth_month)"
    )
    with pytest.raises(DBAPIError) as by_form, connect(prefecture, Login.CHILD, CIVIL) as connection:
        connection.execute(statement, row)
    with pytest.raises(psycopg.Error) as by_import, connect(prefecture, Login.IMPORTER, CIVIL) as connection:
        upsert_children(connection, pd.DataFrame([row]))
    for raised in (by_form.value, by_form.value.orig, by_import.value):
        assert "birth_month_first_day" in str(raised)
        assert canary not in "".join(traceback.format_exception_only(raised))


def test_a_page_s_read_cannot_write(prefecture: Settings) -> None:
    with (
        pytest.raises(Exception, match="read-only"),
        connect(prefecture, Login.GENERAL, Scope("4305", None, "water"), readonly=True) as connection,
    ):
        connection.execute(text("UPDATE station SET note = ''"))
