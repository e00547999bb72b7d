"""Identity fields: sealed in their own row, found by a keyed hash, and never read without a record."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data.engine import Login, Scope, connect
from data.identity_fields import IdentityError
from data.keyring import KeyringError, keyring
from data.schema.tables import metadata
from data.storage.children import upsert_children
from data.storage.faults import RecordNotFoundError
from data.storage.identities import Access, find_child, read_identities, write_identities
from data.upserting import ids_by_code

if TYPE_CHECKING:
    from pathlib import Path

    from data.settings import Settings

CIVIL = Scope("4305", None, "civil")
VILLAGE = "430502001200"
NUMBER = "999999201501010012"
"""Of no region: nobody's."""


@pytest.fixture
def house(stored_county: Settings, tmp_path: Path) -> Settings:
    """Two children in a database and a state folder of the test's own."""
    with connect(stored_county, Login.IMPORTER, CIVIL) as connection:
        upsert_children(
            connection,
            pd.DataFrame(
                {
                    "code": ["E-1", "E-2"],
                    "area_code": VILLAGE,
                    "category": "orphan",
                    "birth_month": pd.Timestamp("2015-01-01"),
                    "institution_id": pd.array([None, None], dtype="Int64"),
                }
            ),
        )
    return stored_county.model_copy(update={"state": tmp_path, "key_file": None})


def children(house: Settings) -> tuple[int, int]:
    with connect(house, Login.IMPORTER, CIVIL) as connection:
        ids = ids_by_code(connection, metadata.tables["child"])
    return int(ids["E-1"]), int(ids["E-2"])


def access(house: Settings, actor: Scope = CIVIL) -> Access:
    return Access(keys=keyring(house), actor=actor, purpose="家访核对")


def write_as(house: Settings, child_id: int, actor: Scope, values: dict[str, str]) -> None:
    with connect(house, Login.CHILD, actor) as connection:
        write_identities(connection, access(house, actor), child_id, values)


def write(house: Settings, child_id: int, **values: str) -> None:
    write_as(house, child_id, CIVIL, values)


def read(house: Settings, *ids: int, actor: Scope = CIVIL) -> dict[int, dict[str, str]]:
    with connect(house, Login.CHILD, actor) as connection:
        return read_identities(connection, access(house, actor), ids)


def find(house: Settings, field: str, value: str, actor: Scope = CIVIL) -> list[int]:
    with connect(house, Login.CHILD, actor) as connection:
        return find_child(connection, access(house, actor), field, value)


def acts(house: Settings) -> list[tuple[str, str, list[str], int]]:
    with connect(house, Login.BACKUP, readonly=True) as connection:
        rows = connection.execute(
            text("SELECT action, purpose, object_ids, row_count FROM audit ORDER BY id")
        )
        return [tuple(row) for row in rows]


def change(house: Settings, statement: str, **given: object) -> None:
    with connect(house, Login.IMPORTER, CIVIL) as connection:
        assert connection.execute(text(statement), given).rowcount == 1


def test_what_was_written_is_read_and_both_are_acts_with_their_purpose(house: Settings) -> None:
    one, two = children(house)
    write(house, one, name="金丝雀甲", id_number=NUMBER, guardian_phone="0739-000 0001")
    assert read(house, one, two) == {
        one: {"name": "金丝雀甲", "id_number": NUMBER, "guardian_phone": "07390000001"}
    }
    assert acts(house) == [
        ("save.identities", "家访核对", [str(one)], 1),
        ("read.identities", "家访核对", [str(one)], 1),
    ]


def test_an_empty_value_removes_its_field_and_a_new_one_replaces_it(house: Settings) -> None:
    one, _ = children(house)
    write(house, one, name="金丝雀甲", phone="10000000001")
    write(house, one, name="金丝雀乙", phone=" ")
    assert read(house, one) == {one: {"name": "金丝雀乙"}}
    assert find(house, "name", "金丝雀甲") == []


def test_what_cannot_be_recorded_is_not_read(house: Settings) -> None:
    one, _ = children(house)
    write(house, one, name="金丝雀甲")
    with connect(house, Login.CHILD, CIVIL, readonly=True) as connection, pytest.raises(DBAPIError):
        read_identities(connection, access(house), [one])
    with pytest.raises(IdentityError, match="用途"):
        replace(access(house), purpose=" ")


@pytest.mark.parametrize(
    ("field", "typed"),
    [("name", " 金丝雀甲 "), ("id_number", "９９９９９９ 20150101 001 2"), ("phone", "100-0000-0001")],
)
def test_a_child_is_found_by_an_exact_value_however_it_was_typed(
    house: Settings, field: str, typed: str
) -> None:
    one, two = children(house)
    write(house, one, name="金丝雀甲", id_number=NUMBER, phone="10000000001")
    write(house, two, name="金丝雀甲甲", guardian_name="金丝雀甲", guardian_phone="10000000001")
    assert find(house, field, typed) == [one]
    assert acts(house)[-1] == ("find.child", "家访核对", [str(one)], 1)


def test_a_search_that_finds_nobody_is_an_act_as_well(house: Settings) -> None:
    children(house)
    assert find(house, "name", "金丝雀丙") == []
    assert acts(house) == [("find.child", "家访核对", [], 0)]


@pytest.mark.parametrize(
    ("child", "field"), [("two", "name"), ("one", "guardian_name")], ids=["another child", "another field"]
)
def test_a_sealed_value_moved_elsewhere_is_refused_without_telling_it(
    house: Settings, child: str, field: str
) -> None:
    one, two = children(house)
    write(house, one, name="金丝雀甲")
    moved = two if child == "two" else one
    change(
        house,
        "INSERT INTO child_identity SELECT :to, area_code, :field, sealed_value, search_key, key_number "
        "FROM child_identity WHERE child_id = :from",
        **{"to": moved, "field": field, "from": one},
    )
    with pytest.raises(KeyringError, match=f"儿童记录 {moved} .*不符") as caught:
        read(house, moved)
    assert "金丝雀" not in str(caught.value)


def test_a_changed_value_is_refused(house: Settings) -> None:
    one, _ = children(house)
    write(house, one, name="金丝雀甲")
    change(
        house,
        "UPDATE child_identity "
        "SET sealed_value = set_byte(sealed_value, 20, 255 - get_byte(sealed_value, 20))",
    )
    with pytest.raises(KeyringError, match="不符"):
        read(house, one)


def test_equal_values_of_two_fields_have_nothing_in_common(house: Settings) -> None:
    one, _ = children(house)
    write(house, one, name="金丝雀甲", guardian_name="金丝雀甲")
    with connect(house, Login.IMPORTER, CIVIL) as connection:
        rows = connection.execute(text("SELECT sealed_value, search_key FROM child_identity")).all()
    assert len({row.search_key for row in rows}) == 2
    assert len({row.sealed_value for row in rows}) == 2


@pytest.mark.parametrize("login", [Login.GENERAL, Login.FIELD, Login.DOOR, Login.ACCOUNTS, Login.WORKER])
def test_other_logins_are_refused_by_the_database(house: Settings, login: Login) -> None:
    one, _ = children(house)
    write(house, one, name="金丝雀甲")
    with connect(house, login, CIVIL) as connection, pytest.raises(DBAPIError, match="permission denied"):
        read_identities(connection, access(house), [one])


def test_another_area_or_role_reads_finds_and_writes_nothing(house: Settings) -> None:
    one, _ = children(house)
    write(house, one, name="金丝雀甲")
    for actor in (Scope("430503", None, "civil"), Scope("4305", None, "water")):
        assert read(house, one, actor=actor) == {}
        assert find(house, "name", "金丝雀甲", actor=actor) == []
        with pytest.raises(RecordNotFoundError):
            write_as(house, one, actor, {"name": "金丝雀乙"})
    director = Scope(VILLAGE, None, "child_director")
    assert read(house, one, actor=director) == {one: {"name": "金丝雀甲"}}
    with pytest.raises(DBAPIError, match="row-level security"):
        write_as(house, one, director, {"name": "金丝雀乙"})
    assert read(house, one) == {one: {"name": "金丝雀甲"}}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id_number", "4.30502E+17"),
        ("id_number", "999999201501010000"),
        ("phone", "无"),
        ("name", "金" * 201),
    ],
)
def test_a_value_that_cannot_be_right_is_refused_whole_and_not_repeated(
    house: Settings, field: str, value: str
) -> None:
    one, _ = children(house)
    with pytest.raises(IdentityError) as caught:
        write(house, one, guardian_name="金丝雀乙", **{field: value})
    assert value not in str(caught.value)
    assert read(house, one) == {}
