"""The record of acts is one chain: whatever is done to it past the program is found."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from data import engine
from data.engine import Login, Scope, connect
from data.server import cluster
from data.storage import audit, audit_chain
from jobs.audit_trail import heads_file, verify, write_head

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from data.settings import Settings

ACTOR = Scope("4305", None, "importer")
HOSTILE = "用途：12:x\n{{7*7}} 𠮷 '引号' — \u061c"


def act(settings: Settings, number: int, purpose: str = "") -> None:
    with connect(settings, Login.IMPORTER, ACTOR) as connection:
        audit.record(
            connection,
            audit.Action.IMPORT,
            ACTOR,
            object_kind="stations",
            object_ids=[f"批{number}", "", "7"],
            row_count=number,
            purpose=purpose,
        )


@pytest.fixture
def chained(database: Settings, tmp_path: Path) -> Iterator[Settings]:
    """Eight acts, a head outside the database after the sixth."""
    settings = database.model_copy(update={"state": tmp_path})
    for number in range(1, 9):
        act(settings, number, HOSTILE if number == 2 else "")
        if number == 6:
            write_head(settings)
    yield settings
    engine.dispose()


def tamper(server: Settings, settings: Settings, *statements: str) -> None:
    """Do as the owner of the machine would: with every trigger and right switched off."""
    name = make_url(settings.url(Login.OWNER)).database or ""
    with cluster.superuser_connection(server, name) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(statement)


def test_an_untouched_record_holds_and_so_does_the_head_outside(chained: Settings) -> None:
    found = verify(chained)
    assert (found.acts, found.heads, found.faults) == (8, 1, ())


def at(position: int, statement: str) -> str:
    """Return `statement`, for the act at a place of the chain."""
    return f"{statement} WHERE id = (SELECT audit_id FROM audit_chain WHERE position = {position})"  # noqa: S608 - our own text


ALTERED = {
    "edited": ([at(3, "UPDATE audit SET purpose = 'x'")], "第 3 条"),
    "another person": ([at(5, "UPDATE audit SET role = 'water'")], "第 5 条"),
    "ids moved between fields": (
        [at(4, "UPDATE audit SET object_ids = '{批4,7,\"\"}'")],
        "第 4 条",
    ),
    "removed": ([at(4, "DELETE FROM audit")], "已被删除"),
    "removed with its link": (
        [
            at(4, "DELETE FROM audit"),
            "DELETE FROM audit_chain WHERE position = 4",
        ],
        "缺失",
    ),
    "removed and closed up": (
        [
            at(4, "DELETE FROM audit"),
            "DELETE FROM audit_chain WHERE position = 4",
            "UPDATE audit_chain SET position = position - 1 WHERE position > 4",
        ],
        "第 4 条",
    ),
    "reordered": (
        [
            (
                "UPDATE audit_chain c SET audit_id = o.audit_id FROM audit_chain o "
                "WHERE o.position = 5 - c.position AND c.position IN (2, 3)"
            )
        ],
        "调换",
    ),
    "cut": (
        [
            "DELETE FROM audit WHERE id IN (SELECT audit_id FROM audit_chain WHERE position > 5)",
            "DELETE FROM audit_chain WHERE position > 5",
        ],
        "截断",
    ),
    "all of it": (["DELETE FROM audit", "DELETE FROM audit_chain"], "截断"),
    "written past the trigger": (
        [
            (
                "INSERT INTO audit (action, role, area_code, object_kind, row_count) "
                "VALUES ('export', 'water', '4305', 'gaps', 1)"
            )
        ],
        "不在链上",
    ),
}


@pytest.mark.parametrize(("done", "told"), ALTERED.values(), ids=list(ALTERED))
def test_what_is_done_to_the_record_past_the_program_is_found(
    server: Settings, chained: Settings, done: list[str], told: str
) -> None:
    tamper(server, chained, "ALTER TABLE audit_chain DROP CONSTRAINT uq_audit_chain_audit_id CASCADE", *done)
    assert any(told in fault for fault in verify(chained).faults)


def test_a_record_rewritten_whole_with_a_new_chain_is_found_by_the_head_outside(
    server: Settings, chained: Settings
) -> None:
    tamper(
        server,
        chained,
        at(3, "UPDATE audit SET row_count = 99"),
        """DO $$ DECLARE l audit_chain; last bytea := ''; a audit; BEGIN
        FOR l IN SELECT * FROM audit_chain ORDER BY position LOOP
            SELECT * INTO a FROM audit WHERE id = l.audit_id;
            last := audit_hash(l.position, last, a);
            UPDATE audit_chain SET hash = last WHERE position = l.position;
        END LOOP; END $$""",
    )
    assert verify(chained).faults == ("第 6 条与库外链头不符：此前的记录被整体改写。",)


def test_a_head_that_was_changed_outside_is_found(chained: Settings) -> None:
    path = heads_file(chained)
    path.write_text(path.read_text("ascii") + "scribble\n", "ascii")
    assert verify(chained).faults == ("链头文件第 2 行无法识别。",)


def test_acts_at_the_same_time_make_one_chain_and_a_broken_off_one_leaves_no_hole(
    chained: Settings,
) -> None:
    def many(first: int) -> None:
        for number in range(first, first + 15):
            act(chained, number)

    threads = [threading.Thread(target=many, args=(100 * k,)) for k in range(1, 5)]
    for thread in threads:
        thread.start()
    with connect(chained, Login.IMPORTER, ACTOR) as connection:
        audit.record(connection, audit.Action.IMPORT, ACTOR, object_kind="osm", row_count=0)
        connection.rollback()
    for thread in threads:
        thread.join()
    found = verify(chained)
    assert (found.acts, found.faults) == (68, ())


def test_an_act_waits_for_no_transaction_that_works_on(chained: Settings) -> None:
    with connect(chained, Login.IMPORTER, ACTOR) as working:
        audit.record(working, audit.Action.IMPORT, ACTOR, object_kind="osm", row_count=1)
        act(chained, 9)
        with connect(chained, Login.GENERAL, readonly=True) as connection:
            head = audit_chain.head(connection)
    assert head is not None
    assert head.position == 9
    assert verify(chained).acts == 10


@pytest.mark.parametrize("table", ["audit", "audit_chain"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = 1", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize("login", list(Login))
def test_no_login_changes_or_takes_away_an_act_not_even_the_owner(
    chained: Settings, table: str, statement: str, login: Login
) -> None:
    column = {"audit": "row_count", "audit_chain": "position"}[table]
    with (
        pytest.raises(DBAPIError, match=r"permission denied|only added to"),
        connect(chained, login, ACTOR) as connection,
    ):
        connection.execute(text(statement.format(table, column)))
    assert verify(chained).faults == ()


def test_no_page_writes_an_act_in_another_person_s_name_or_a_link(chained: Settings) -> None:
    with connect(chained, Login.OWNER) as connection:
        connection.execute(
            text("INSERT INTO account (id, login, display_name, password_hash) VALUES (5, 'x', 'x', 'x')")
        )
    mine, theirs = Scope("4305", None, "water"), Scope("4305", 5, "water")
    for login in engine.PAGES:
        with (
            pytest.raises(DBAPIError, match="row-level security"),
            connect(chained, login, mine) as connection,
        ):
            audit.record(connection, audit.Action.EXPORT, theirs, object_kind="gaps", row_count=1)
        with pytest.raises(DBAPIError, match="permission denied"), connect(chained, login) as connection:
            connection.execute(text("INSERT INTO audit_chain VALUES (99, 1, '')"))


def test_the_hash_is_sha_256_of_the_hash_before_and_the_fields_with_their_lengths() -> None:
    link = audit_chain.Link(position=1, audit_id=7, hash=b"", fields=("7", None, "塘"))
    assert link.expected(b"\x01") == hashlib.sha256(b"\x01" + "1:11:7-3:塘".encode()).digest()


def test_of_a_great_reading_the_number_is_kept_and_no_list(chained: Settings) -> None:
    with connect(chained, Login.IMPORTER, ACTOR) as connection:
        for count in (audit.LISTED, audit.LISTED + 1):
            audit.record(
                connection,
                audit.Action.READ_HOMES,
                ACTOR,
                object_kind="child",
                object_ids=range(count),
                row_count=count,
            )
    with connect(chained, Login.BACKUP) as connection:
        kept = connection.execute(
            text("SELECT cardinality(object_ids), row_count FROM audit ORDER BY id DESC LIMIT 2")
        ).all()
    assert [tuple(row) for row in kept] == [(0, 1001), (1000, 1000)]


def failures(settings: Settings) -> list[tuple[object, ...]]:
    with connect(settings, Login.BACKUP, readonly=True) as connection:
        rows = connection.execute(
            text(
                "SELECT account_id, role, object_kind, object_ids, row_count, purpose FROM audit "
                "WHERE action = 'verify.failed' ORDER BY id"
            )
        )
        return [tuple(row) for row in rows]


def test_a_verification_that_fails_is_an_act_itself_and_looking_again_adds_none(
    server: Settings, chained: Settings
) -> None:
    assert verify(chained).faults == ()
    assert failures(chained) == []
    tamper(server, chained, at(3, "UPDATE audit SET purpose = 'x'"))
    auditor = Scope("4305", None, "auditor")
    assert len(verify(chained, auditor).faults) == 1
    assert len(verify(chained).faults) == 1
    assert failures(chained) == [(None, "auditor", "audit", [], 1, "")]
    tamper(server, chained, at(4, "UPDATE audit SET purpose = 'x'"))
    assert len(verify(chained).faults) == 2
    assert failures(chained)[1:] == [(None, "operator", "audit", [], 2, "")]
    with connect(chained, Login.GENERAL, Scope("4305", 999, "auditor"), readonly=True) as connection:
        assert list(audit.acts(connection, limit=1)["action"]) == ["verify.failed"]
