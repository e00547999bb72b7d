"""Role x area x table x verb, asked of the database itself: every cell is what the one table says.

The expectation is derived from data/rights.toml alone; the answer comes from PostgreSQL under the role's own
login and scope. `pytest -rP` (or the summary line of this folder) tells how many cells were asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from data import rights
from data.engine import Login, Scope, connect
from data.schema.accounts import ROLES
from data.schema.tables import metadata
from tests.rights.counting import COUNTED

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from data.settings import Settings

OWN, OTHER, NOWHERE = "430502", "430503", "430599"
TABLES = sorted(set(rights.tables()) - {"alembic_version"})
ROWS_OF = {"child": 3, "home": 3, "proximity": 3}
"""Unsealed rows of the fixture in each county."""


def granted(role: str, table: str, verb: str) -> bool:
    return verb in rights.tables()[table].verbs[rights.login_of(role)]


def in_role(role: str, table: str, verb: str) -> bool:
    entry = rights.tables()[table]
    needed = rights.NEEDED[verb]
    return any(rights.may(role, entry.set, right) for right in needed) if not inner(table) else False


def inner(table: str) -> bool:
    return rights.sets()[rights.tables()[table].set].inner


def answer(settings: Settings, role: str, area: str, statement: str) -> int | None:
    """Rows that the statement reached, None for a refusal by grant or policy; nothing is kept."""
    with connect(settings, rights.login_of(role), Scope(area, None, role)) as connection:
        return reached(connection, statement)


def reached(connection: Connection, statement: str) -> int | None:
    trial = connection.begin_nested()
    try:
        found = connection.execute(text(statement))
        return int(found.scalar_one()) if statement.startswith("SELECT") else found.rowcount
    except ProgrammingError as fault:
        if not isinstance(fault.orig, InsufficientPrivilege):
            raise
        return None
    finally:
        trial.rollback()


def statement_of(role: str, table: str, verb: str) -> str:
    columns = rights.tables()[table].columns.get((rights.login_of(role), verb))
    first = columns[0] if columns else next(iter(metadata.tables[table].columns)).name
    plain = [column.name for column in metadata.tables[table].columns if not column.primary_key]
    return {
        "select": f"SELECT count({first}) FROM {table}",  # noqa: S608
        "update": f"UPDATE {table} SET {(columns or plain or [first])[-1]} = DEFAULT WHERE false",  # noqa: S608
        "delete": f"DELETE FROM {table} WHERE false",  # noqa: S608
        "insert": f"INSERT INTO {table} ({first}) SELECT {first} FROM {table} WHERE false",  # noqa: S608
    }[verb]


@pytest.mark.parametrize("area", [OWN, OTHER])
@pytest.mark.parametrize("role", ROLES)
def test_a_role_gets_permission_denied_exactly_where_its_login_holds_no_grant(
    prefecture: Settings, role: str, area: str
) -> None:
    wrong = []
    with connect(prefecture, rights.login_of(role), Scope(area, None, role)) as connection:
        for table in TABLES:
            for verb in rights.VERBS:
                # An insert that reads its rows needs the grant to read as well.
                needs = {verb, "select"} if verb == "insert" else {verb}
                expected = all(granted(role, table, needed) for needed in needs)
                if (reached(connection, statement_of(role, table, verb)) is not None) is not expected:
                    wrong.append((table, verb))
                COUNTED["sql"] += 1
        connection.rollback()
    assert wrong == []


@pytest.mark.parametrize("table", sorted(ROWS_OF))
@pytest.mark.parametrize("role", ROLES)
def test_a_role_reads_children_by_its_rule_of_area_and_nowhere_else(
    prefecture: Settings, role: str, table: str
) -> None:
    if not granted(role, table, "select"):
        expected = dict.fromkeys((OWN, OTHER, NOWHERE, "4305"), None)
    else:
        rule = rights.rule(role, rights.tables()[table].set)
        # The fixture's children live in counties and go to no school.
        below = ROWS_OF[table] if rule in {"below", "village"} else 0
        whole = {"below": 2 * ROWS_OF[table]}.get(rule, 0)
        if role == "urgent":
            # Nobody's sight stands here (tests/postgis/test_urgent_sight.py opens some).
            below = whole = 0
        expected = {OWN: below, OTHER: below, NOWHERE: 0, "4305": whole}
    for area, count in expected.items():
        assert answer(prefecture, role, area, statement_of(role, table, "select")) == count, area
        COUNTED["sql"] += 1


WRITTEN = [
    name
    for name in ("water", "station", "station_item", "child", "home")
    if rights.tables()[name].rows in {"written_by_area", "child"}
]


@pytest.mark.parametrize("table", WRITTEN)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_changes_rows_of_its_own_area_alone_and_only_where_it_may_write_the_data_set(
    prefecture: Settings, role: str, table: str
) -> None:
    update = f"UPDATE {table} SET {list(metadata.tables[table].columns)[-1].name} = now()"  # noqa: S608
    held = granted(role, table, "update")
    rows = ROWS_OF.get(table, 4)
    for area, count in ((OWN, rows), (OTHER, rows), (NOWHERE, 0)):
        expected = (count if in_role(role, table, "update") else 0) if held else None
        assert answer(prefecture, role, area, update) == expected, (role, table, area)
        COUNTED["sql"] += 1


@pytest.mark.parametrize("role", ROLES)
def test_only_whoever_may_see_bands_reads_them(prefecture: Settings, role: str) -> None:
    for verb, columns in rights.sets()["exposure"].fields.items():
        may = rights.may(role, "exposure", verb)
        for table in ("water_exposure", "hazard_exposure"):
            seen = answer(prefecture, role, OWN, f"SELECT count({columns[0]}) FROM {table}")  # noqa: S608
            # Civil affairs and child directors share a login that sees the children themselves.
            assert (seen is not None) is (
                may or rights.login_of(role) is Login.CHILD or (role == "auditor" and verb == "grade")
            )
            COUNTED["sql"] += 1


def _pupil(connection: Connection) -> None:
    connection.execute(
        text(
            "UPDATE child SET institution_id = (SELECT id FROM institution WHERE code = 'S1') "
            "WHERE code IN ('4305020', '4305031')"
        )
    )


def test_education_sees_pupils_of_own_schools_wherever_they_live_without_category_and_home(
    prefecture: Settings,
) -> None:
    with connect(prefecture, Login.IMPORTER, Scope("4305", None, "importer")) as connection:
        connection.execute(
            text(
                "INSERT INTO institution (code, name, kind, area_code, geom) VALUES "
                "('S1', '校', 'school', '430502', ST_SetSRID(ST_MakePoint(111, 27), 4490)) "
                "ON CONFLICT DO NOTHING"
            )
        )
        _pupil(connection)
    try:
        for area, pupils in (("430502", ["4305020", "4305031"]), ("430503", [])):
            with connect(
                prefecture, Login.SCHOOL, Scope(area, None, "education"), readonly=True
            ) as connection:
                assert list(connection.scalars(text("SELECT code FROM child ORDER BY code"))) == pupils
                with pytest.raises(DBAPIError, match="permission denied"):
                    connection.execute(text("SELECT category FROM child"))
    finally:
        with connect(prefecture, Login.IMPORTER, Scope("4305", None, "importer")) as connection:
            connection.execute(text("UPDATE child SET institution_id = NULL"))


def test_a_child_director_of_a_township_sees_nobody_below_it(prefecture: Settings) -> None:
    assert answer(prefecture, "child_director", "4305", "SELECT count(*) FROM child") == 0
    assert answer(prefecture, "child_director", "430502", "SELECT count(*) FROM child") == 3
    assert answer(prefecture, "civil", "4305", "SELECT count(*) FROM child") == 6
