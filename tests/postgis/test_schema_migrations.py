from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from data import engine
from data.engine import Login, Scope, connect
from data.schema.tables import metadata
from data.server import cluster, migrate

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from data.settings import Settings

BEFORE_NOTE_WENT = "0020"
CATALOG = (
    (
        "SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default, is_identity "
        "FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"
    ),
    (
        "SELECT c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint c "
        "JOIN pg_namespace n ON n.oid = c.connamespace WHERE n.nspname = 'public' ORDER BY 1, 2"
    ),
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2",
    (
        "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger "
        "WHERE NOT tgisinternal ORDER BY 1, 2"
    ),
    "SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2",
    (
        "SELECT relname, relkind::text, array(SELECT x::text FROM unnest(relacl) x ORDER BY 1)::text, "
        "relrowsecurity, relforcerowsecurity FROM pg_class "
        "WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE 'pg_toast%' ORDER BY 1"
    ),
    (
        "SELECT proname, prosrc, proacl::text FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner "
        "WHERE r.rolname = 'anlan_owner' ORDER BY 1"
    ),
)


def snapshot(settings: Settings) -> list[list[tuple[object, ...]]]:
    with connect(settings, Login.OWNER, readonly=True) as connection:
        return [[tuple(row) for row in connection.execute(text(query))] for query in CATALOG]


def test_the_code_and_the_migrations_make_the_same_tables(database: Settings) -> None:
    migrate.check(database)


def test_up_down_up_gives_the_same_schema_and_down_leaves_nothing(database: Settings) -> None:
    first = snapshot(database)
    migrate.downgrade(database, "base")
    with connect(database, Login.OWNER) as connection:
        left = connection.scalars(
            text(
                "SELECT relname FROM pg_class "
                "WHERE relowner = 'anlan_owner'::regrole AND relkind IN ('r', 'S')"
            )
        ).all()
        assert left == ["alembic_version"]
    migrate.upgrade(database)
    assert snapshot(database) == first
    engine.dispose()


def test_every_version_is_raised_by_a_trigger(connection: Connection) -> None:
    versioned = {name for name, table in metadata.tables.items() if "version" in table.c}
    triggered = connection.scalars(
        text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'raise_version'")
    ).all()
    assert set(triggered) == versioned


def test_every_table_but_those_of_one_key_has_a_primary_key_and_codes_are_collated_for_ranges() -> None:
    for table in metadata.tables.values():
        assert list(table.primary_key.columns)
        for column in table.c:
            if column.name in {"area_code", "code"}:
                assert column.type.collation == "C", f"{table.name}.{column.name}"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "shape",
    [
        "POINT EMPTY",
        "POINT(NaN 27)",
        "POINT(111 91)",
        "POINT(Infinity 27)",
        "POINT Z (111 27 5)",
        "MULTIPOINT(111 27)",
        None,
    ],
)
def test_a_point_that_is_none_is_refused_by_the_table(connection: Connection, shape: str | None) -> None:
    connection.execute(text("INSERT INTO area (code, name, level) VALUES ('4305', '市', 'prefecture')"))
    with pytest.raises(DBAPIError):
        connection.execute(
            text(
                "INSERT INTO station (code, area_code, geom) "
                "VALUES ('S', '4305', ST_GeomFromText(CAST(:shape AS text), 4490))"
            ),
            {"shape": shape},
        )


@pytest.mark.parametrize(
    "shape",
    ["POLYGON((0 0, 1 1, 1 0, 0 1, 0 0))", "GEOMETRYCOLLECTION(POINT(1 1))", "MULTILINESTRING((0 0, 1 1))"],
)
def test_a_water_of_another_shape_is_refused_by_the_table(connection: Connection, shape: str) -> None:
    connection.execute(text("INSERT INTO area (code, name, level) VALUES ('4305', '市', 'prefecture')"))
    with pytest.raises(DBAPIError):
        connection.execute(
            text(
                "INSERT INTO water (code, name, kind, area_code, geom) "
                "VALUES ('W', '塘', 'pond', '4305', ST_GeomFromText(:shape, 4490))"
            ),
            {"shape": shape},
        )


def test_a_statement_that_changes_rows_moves_the_data_version_and_one_that_does_not_leaves_it(
    connection: Connection,
) -> None:
    version = text("SELECT data_version FROM data_change WHERE table_name = 'area'")
    connection.execute(text("INSERT INTO area (code, name, level) VALUES ('4305', '市', 'prefecture')"))
    first = connection.scalar(version)
    connection.execute(text("UPDATE area SET name = 'x' WHERE code = 'none'"))
    connection.execute(text("DELETE FROM area WHERE code = 'none'"))
    assert connection.scalar(version) == first
    connection.execute(text("UPDATE area SET name = 'x'"))
    second = connection.scalar(version)
    assert second > first
    assert connection.execute(text("SELECT version FROM area")).scalar_one() == 2
    connection.execute(text("DELETE FROM area"))
    assert connection.scalar(version) > second


BEFORE_WHO_PLACED = """
INSERT INTO area (code, name, level) VALUES ('4305', '市', 'prefecture');
INSERT INTO account (id, login, display_name, password_hash)
VALUES (7, 'a', 'x', 'x'), (8, 'b', 'x', 'x');
INSERT INTO import_batch (id, kind, file_name, file_sha256, account_id)
VALUES (3, 'hazards', 'x', 'x', 8);
INSERT INTO hazard (code, title, domain, grade, area_code, geom, found_on, reported_by, batch_id, verified_at)
SELECT code, 'x', 'S', 'general', '4305', ST_SetSRID(ST_Point(111, 27), 4490), '2026-06-01', reporter,
batch, '2026-06-01 20:00+00'
FROM (VALUES ('R', 7, NULL), ('I', NULL, 3), ('M', NULL, NULL)) AS given (code, reporter, batch)
"""


def test_who_reported_a_hazard_is_known_as_who_placed_it_and_its_word_is_asked_for_anew(
    database: Settings,
) -> None:
    migrate.downgrade(database, "0025")
    with connect(database, Login.OWNER) as connection:
        for statement in BEFORE_WHO_PLACED.split(";"):
            connection.exec_driver_sql(statement)
    migrate.upgrade(database)
    with connect(database, Login.OWNER, readonly=True) as connection:
        found = connection.execute(text("SELECT code, drawn_by, verified_at FROM hazard ORDER BY code")).all()
    # What the machine loaded keeps its day, told in Beijing time.
    assert [tuple(row) for row in found] == [("I", 8, None), ("M", None, dt.date(2026, 6, 2)), ("R", 7, None)]


def test_words_about_who_looks_after_a_child_are_gone_from_the_disk_too(
    database: Settings, server: Settings
) -> None:
    canary = "金丝雀随外祖父母生活"
    migrate.downgrade(database, BEFORE_NOTE_WENT)
    scope = Scope("4305", None, "importer")
    with connect(database, Login.IMPORTER, scope) as connection:
        connection.execute(
            text("INSERT INTO area (code, name, level) VALUES ('4305', '市', 'prefecture')"),
        )
        connection.execute(
            text(
                "INSERT INTO child (code, area_code, category, birth_month, guardianship_note) "
                "VALUES ('C1', '4305', 'other', '2018-05-01', :note)"
            ),
            {"note": canary},
        )
    with connect(database, Login.CHILD, Scope("4305", None, "civil")) as connection:
        connection.execute(
            text(
                "INSERT INTO learned_header (sender, kind, word, column_name) "
                "VALUES ('局', 'children', '监护情况', 'guardianship_note')"
            )
        )
    assert held_by_file(database, server, canary), "what looks for it finds it"
    migrate.upgrade(database)
    assert not held_by_file(database, server, canary)
    with connect(database, Login.IMPORTER, scope, readonly=True) as connection:
        assert connection.execute(text("SELECT code FROM child")).scalars().all() == ["C1"]
        assert connection.execute(text("SELECT column_name FROM learned_header")).scalars().all() == [""]
    engine.dispose()


def held_by_file(database: Settings, server: Settings, wanted: str) -> bool:
    """Return whether the file of the table of children holds some text."""
    name = make_url(database.url(Login.OWNER)).database or ""
    with cluster.superuser_connection(server, name) as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute("SELECT pg_read_binary_file(pg_relation_filepath('child'))").fetchone()
    assert row is not None
    return wanted.encode() in bytes(row[0])
