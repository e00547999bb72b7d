from __future__ import annotations

import pytest

from data import rights
from data.engine import Login
from data.rights import RightsError
from data.schema.accounts import ROLES
from data.schema.children import PROTECTED
from data.schema.tables import metadata


def test_every_table_has_an_entry_and_no_entry_lacks_a_table() -> None:
    assert set(rights.tables()) == {*metadata.tables, "alembic_version"}


def test_every_role_has_a_cell_for_every_data_set() -> None:
    datasets = {frozenset(role.may) for role in rights.roles().values()}
    assert set(rights.roles()) == set(ROLES)
    assert len(datasets) == 1


@pytest.mark.parametrize(("role", "dataset"), [("mayor", "waters"), ("water", "treasure")])
def test_an_unknown_cell_is_a_fault_not_a_refusal(role: str, dataset: str) -> None:
    with pytest.raises(RightsError):
        rights.may(role, dataset, "read")


LOGINS = {
    "civil": Login.CHILD,
    "child_director": Login.CHILD,
    "education": Login.SCHOOL,
    "urgent": Login.URGENT,
} | dict.fromkeys(("water", "emergency"), Login.GENERAL)


@pytest.mark.parametrize("role", ROLES)
def test_only_pages_of_civil_affairs_and_child_directors_use_the_login_that_sees_homes(role: str) -> None:
    assert rights.login_of(role) is LOGINS.get(role, Login.FIELD)


@pytest.mark.parametrize("dataset", ["children", "categories", "identities", "homes", "visits", "proximity"])
@pytest.mark.parametrize("role", sorted(set(ROLES) - {"civil", "child_director", "education", "urgent"}))
def test_no_other_role_may_read_children(role: str, dataset: str) -> None:
    assert not rights.may(role, dataset, "read")


def test_education_reads_pupils_without_home_and_category() -> None:
    assert rights.rule("education", "children") == rights.rule("education", "identities") == "school"
    assert not any(
        rights.may("education", dataset, "read") for dataset in ("categories", "homes", "visits", "proximity")
    )
    columns = rights.tables()["child"].columns[Login.SCHOOL, "select"]
    assert not {"category", "sealed"} & set(columns)


def test_urgent_sight_reads_homes_with_age_and_nothing_else_of_a_child() -> None:
    of_a_child = ("children", "categories", "identities", "homes", "visits", "proximity")
    assert [name for name in of_a_child if rights.may("urgent", name, "read")] == ["children", "homes"]
    verbs = ("write", "export", "purge", "seal")
    assert not any(rights.may("urgent", name, verb) for name in of_a_child for verb in verbs)
    shown = rights.tables()["child"].columns[Login.URGENT, "select"]
    assert not {"category", "sealed", "institution_id"} & set(shown)
    assert "raw_position" not in rights.tables()["home"].columns[Login.URGENT, "select"]
    assert rights.roles_that_may("urgent", "open") == ("emergency", "civil")


def test_every_table_belongs_to_a_data_set_and_every_data_set_but_views_of_columns_has_a_table() -> None:
    held = {table.set for table in rights.tables().values()}
    assert held == set(rights.sets()) - {"categories"}


def test_nobody_administers_users_and_exports_the_record_of_acts() -> None:
    both = [
        role
        for role in ROLES
        if rights.may(role, "accounts", "write") and rights.may(role, "audit", "export")
    ]
    assert both == []


@pytest.mark.parametrize("table", PROTECTED)
def test_child_tables_stand_under_forced_row_security_and_general_has_no_grant(table: str) -> None:
    entry = rights.tables()[table]
    assert entry.rows == "child"
    assert entry.verbs[Login.GENERAL] == ()


def test_no_login_may_change_or_delete_a_record_of_an_act() -> None:
    for verbs in rights.tables()["audit"].verbs.values():
        assert not {"update", "delete"} & set(verbs)
