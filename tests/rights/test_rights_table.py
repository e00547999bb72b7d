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


@pytest.mark.parametrize("role", ROLES)
def test_only_pages_of_civil_affairs_and_child_directors_use_the_login_that_sees_children(role: str) -> None:
    expected = Login.CHILD if role in {"civil", "child_director"} else Login.GENERAL
    assert rights.login_of(role) is expected


@pytest.mark.parametrize("dataset", ["children", "homes", "proximity"])
@pytest.mark.parametrize("role", sorted(set(ROLES) - {"civil", "child_director"}))
def test_no_other_role_may_read_children(role: str, dataset: str) -> None:
    assert not rights.may(role, dataset, "read")


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
