"""Children whose time is over go on the day, with every trace, all or none, and by the right hand alone."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from data.engine import Login, Scope, connect
from data.importers.intake import take_in
from data.importers.orders import Order
from data.schema.children import PROTECTED
from data.schema.tables import metadata
from data.storage import accounts, retention
from data.storage.retention import RetentionError, Term
from data.upserting import ids_by_code
from jobs import retention as job
from jobs.assess import refresh

if TYPE_CHECKING:
    from pathlib import Path

    from data.settings import Settings

OPERATOR = Scope("4305", None, "operator")
LEFT = dt.date(2026, 3, 31)
DAY = dt.date(2026, 9, 30)
"""Six months after: September has no 31st."""
HEADER = "儿童编号,区划代码,类别,出生年月,经度,纬度\n"
CANARY = "金丝雀7号"
PLACE = "111.0023457"


def add(settings: Settings, code: str, *, born: str = "2018-05-01", left: dt.date | None = None) -> None:
    with connect(settings, Login.IMPORTER, OPERATOR) as connection:
        connection.execute(
            text(
                "INSERT INTO child (code, area_code, category, birth_month, left_on, sealed) "
                "VALUES (:code, '430502001200', 'other', CAST(:born AS date), :left, starts_with(:code, 'S'))"
            ),
            {"code": code, "born": born, "left": left},
        )


def codes(settings: Settings) -> set[str]:
    with connect(settings, Login.WORKER, readonly=True) as connection:
        return set(connection.scalars(text("SELECT code FROM child")))


def purge(settings: Settings, actor: Scope = OPERATOR, day: dt.date = DAY) -> dict[str, int]:
    with connect(settings, Login.IMPORTER, actor) as connection:
        return retention.purge(connection, Term(day=day, months=6))


def acts(settings: Settings) -> list[tuple[object, ...]]:
    with connect(settings, Login.OWNER, readonly=True) as connection:
        rows = connection.execute(
            text(
                "SELECT role, area_code, object_kind, object_ids, row_count, purpose FROM audit "
                "WHERE action = 'purge.children' ORDER BY id"
            )
        )
        return [tuple(row) for row in rows]


def opened(settings: Settings, role: str, area: str = "4305") -> Scope:
    with connect(settings, Login.IMPORTER, OPERATOR) as connection:
        number = accounts.create_account(
            connection,
            login=role,
            display_name=role,
            bureau="",
            password_hash="none",  # noqa: S106 - no password
        )
        accounts.add_grant(connection, number, role, area)
    return Scope(area, number, role)


@pytest.mark.parametrize(("days", "gone"), [(-1, 0), (0, 1), (1, 1)])
def test_who_left_the_register_goes_on_the_day_and_not_before(
    stored_county: Settings, days: int, gone: int
) -> None:
    add(stored_county, "C1", left=LEFT)
    add(stored_county, "C2")
    purge(stored_county, day=DAY + dt.timedelta(days=days))
    assert codes(stored_county) == ({"C2"} if gone else {"C1", "C2"})


@pytest.mark.parametrize(("day", "gone"), [("2026-11-30", 0), ("2026-12-01", 1), ("2026-12-02", 1)])
def test_who_turned_18_goes_six_months_after_the_month_of_birth_is_over(
    stored_county: Settings, day: str, gone: int
) -> None:
    add(stored_county, "C1", born="2008-05-01")
    purge(stored_county, day=dt.date.fromisoformat(day))
    assert codes(stored_county) == (set() if gone else {"C1"})


def test_a_sealed_child_follows_the_same_rule(stored_county: Settings) -> None:
    add(stored_county, "S1", left=LEFT)
    assert purge(stored_county)["child"] == 1
    assert codes(stored_county) == set()


def test_the_act_holds_counts_and_area_and_names_nobody(stored_county: Settings) -> None:
    add(stored_county, "C1", left=LEFT)
    add(stored_county, "C2", born="2001-01-01")
    purge(stored_county)
    purge(stored_county)  # nobody is due any more: nothing to record
    told = "保存期满：离开登记 1 名，年满 18 周岁 1 名"
    assert acts(stored_county) == [("operator", "4305", "child", [], 2, told)]


def test_the_counts_are_by_township_and_reason(stored_county: Settings) -> None:
    add(stored_county, "C1", left=LEFT)
    add(stored_county, "C2", left=LEFT)
    add(stored_county, "C3", born="2001-01-01")
    with connect(stored_county, Login.IMPORTER, OPERATOR, readonly=True) as connection:
        found = retention.due_by_township(connection, Term(day=DAY, months=6))
    assert found[["township", "township_name", "reason", "children"]].to_numpy().tolist() == [
        ["430502001", "乙镇", "left", 2],
        ["430502001", "乙镇", "adult", 1],
    ]


def test_all_or_nothing_where_one_cannot_go(stored_county: Settings) -> None:
    add(stored_county, "C1", left=LEFT)
    add(stored_county, "C2", left=LEFT)
    with connect(stored_county, Login.OWNER) as connection:
        connection.execute(text("CREATE TABLE held (child_id bigint REFERENCES child (id))"))
    with connect(stored_county, Login.WORKER, readonly=True) as connection:
        number = ids_by_code(connection, metadata.tables["child"])["C2"]
    with connect(stored_county, Login.OWNER) as connection:
        connection.execute(text("INSERT INTO held VALUES (:id)"), {"id": int(number)})
    with pytest.raises(IntegrityError):
        purge(stored_county)
    assert codes(stored_county) == {"C1", "C2"}
    assert acts(stored_county) == []


def test_whatever_points_at_a_child_goes_with_it() -> None:
    child = metadata.tables["child"]
    kept = [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.c
        for key in column.foreign_keys
        if key.column.table is child and key.ondelete != "CASCADE"
    ]
    assert kept == []


@pytest.mark.parametrize("role", ["child_director", "water", "administrator", "education", "auditor"])
def test_only_civil_affairs_and_the_owner_of_the_machine_may(stored_county: Settings, role: str) -> None:
    add(stored_county, "C1", left=LEFT)
    actor = opened(stored_county, role)
    with pytest.raises(RetentionError, match="民政"):
        purge(stored_county, actor)
    with pytest.raises(RetentionError, match="民政"):
        job.foresee(stored_county, actor, DAY)
    # The database itself: the statement past the program reaches no row.
    with connect(stored_county, Login.IMPORTER, actor) as connection:
        assert connection.execute(text("DELETE FROM child")).rowcount == 0
    assert codes(stored_county) == {"C1"}


def test_civil_affairs_reach_their_own_area_alone(stored_county: Settings) -> None:
    add(stored_county, "C1", left=LEFT)
    stranger = opened(stored_county, "civil", "430502001")
    elsewhere = Scope("430503", stranger.account_id, "civil")
    assert purge(stored_county, elsewhere) == {}
    assert codes(stored_county) == {"C1"}
    assert purge(stored_county, stranger)["child"] == 1
    assert acts(stored_county)[0][:2] == ("civil", "430502001")


def test_ids_are_told_to_who_may_see_them_and_nothing_of_the_sealed(stored_county: Settings) -> None:
    add(stored_county, "C1", left=LEFT)
    add(stored_county, "S1", left=LEFT)
    found = job.foresee(stored_county, opened(stored_county, "civil"), DAY)
    assert found.children == 1
    assert found.named is not None
    assert list(found.named["code"]) == ["C1"]
    whole = job.foresee(stored_county, OPERATOR, DAY)
    assert (whole.children, whole.named) == (2, None)


def everything(settings: Settings) -> dict[str, str]:
    """Return every table with all its rows as text, as the backup and the owner read them."""
    found = {}
    for name in metadata.tables:
        login = Login.OWNER if name == "import_file" else Login.BACKUP
        with connect(settings, login, readonly=True) as connection:
            whole = f"SELECT string_agg(t::text, E'\\n') FROM {name} t"  # noqa: S608 - our own tables
            found[name] = str(connection.scalar(text(whole)) or "")
    return found


def holding(settings: Settings, *words: str) -> set[str]:
    return {name for name, rows in everything(settings).items() if any(word in rows for word in words)}


def test_no_table_holds_a_trace_and_the_findings_have_caught_up(
    stored_county: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "h.csv"
    lines = [
        f"{CANARY},430502001200,其他,2018-05,{PLACE},27.0001",
        "C2,430502001200,其他,2018-05,111.003,27.0001",
    ]
    lines.append(f"{CANARY},430502999,{CANARY}类,二〇一八,{PLACE},27.0001")  # refused
    file.write_text(HEADER + "\n".join(lines) + "\n", "utf-8")
    receipt = take_in(stored_county, Order(kind="homes", path=file, crs="EPSG:4490", area_code="4305"))
    assert receipt.refused
    # Once more with another place: what an update notes must go, too.
    file.write_text(HEADER + lines[0].replace("27.0001", "27.0002") + "\n", "utf-8")
    take_in(stored_county, Order(kind="homes", path=file, crs="EPSG:4490", area_code="4305"))
    with connect(stored_county, Login.IMPORTER, OPERATOR) as connection:
        number = int(ids_by_code(connection, metadata.tables["child"])[CANARY])
        home = str(connection.scalar(text("SELECT id FROM home WHERE child_id = :id"), {"id": number}))
        shape = str(
            connection.scalar(text("SELECT geom::text FROM home WHERE child_id = :id"), {"id": number})
        )
        values = {"id": number, "note": CANARY, "left": LEFT}
        for statement in (
            "UPDATE child SET left_on = :left, source_sheet = :note WHERE id = :id",
            (
                "INSERT INTO child_identity (child_id, area_code, field, sealed_value, key_number) "
                "VALUES (:id, '430502001200', 'name', convert_to(:note, 'UTF8'), 1)"
            ),
            (
                "INSERT INTO child_visit (child_id, area_code, kind, visited_on, note) "
                "VALUES (:id, '430502001200', 'contact', '2026-01-05', :note)"
            ),
            (
                "INSERT INTO import_refusal (batch_id, value, reason) "
                "SELECT max(id), :note, 'x' FROM import_batch"
            ),
        ):
            connection.execute(text(statement), values)
    # As an earlier release, whose assessment counted the child, left it.
    refresh(stored_county, as_of=DAY)
    with connect(stored_county, Login.WORKER) as connection:
        connection.execute(
            text(
                "INSERT INTO shared_home SELECT child_id, area_code, geom FROM home WHERE child_id = :id "
                "ON CONFLICT DO NOTHING"
            ),
            {"id": number},
        )
        connection.execute(
            text(
                "INSERT INTO proximity (child_id, target_kind, target_id, area_code, distance_m) "
                "SELECT :id, 'water', min(id), '430502001200', 3 FROM water ON CONFLICT DO NOTHING"
            ),
            {"id": number},
        )
    before = holding(stored_county, CANARY, shape, home)
    assert {"child", "home", "shared_home", "child_visit", "import_refusal", "import_insert"} <= before
    done = job.purge(stored_county, OPERATOR, DAY)
    assert done == {"child": 1, "home": 1, "child_identity": 1, "child_visit": 1}
    assert holding(stored_county, CANARY, CANARY.encode().hex(), shape, home, PLACE) == set()
    with connect(stored_county, Login.BACKUP, readonly=True) as connection:
        for table in PROTECTED:
            if "child_id" in metadata.tables[table].c:
                hanging = f"SELECT count(*) FROM {table} WHERE child_id = :id"  # noqa: S608 - our own tables
                assert connection.scalar(text(hanging), {"id": number}) == 0, table
        assert connection.scalar(text("SELECT count(*) FROM finding_queue")) == 0
        noted = "SELECT record_keys FROM import_insert WHERE table_name = 'child'"
        assert [len(keys) for keys in connection.scalars(text(noted))] == [1]
    assert codes(stored_county) == {"C2"}
