"""Role x data set x verb in the services behind the pages: what they allow is what the file says."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from data import passwords, rights
from data.engine import Login, Scope, connect
from data.schema.accounts import GIVEN, ROLES
from data.storage import accounts
from data.storage.child_exports import Request
from jobs import export
from pages.accounts import acts
from pages.door.desk import Viewer
from pages.shell import child_exports, frames
from tests.rights.counting import COUNTED

if TYPE_CHECKING:
    from data.settings import Settings

FILE: dict[str, Any] = tomllib.loads(rights.FILE.read_text("utf-8"))


def viewer(role: str) -> Viewer:
    return Viewer(
        account_id=1,
        login=role,
        display_name=role,
        bureau="",
        grants=(),
        role=role,
        area_code="4305",
        area_name="市",
    )


@pytest.mark.parametrize("role", ROLES)
def test_a_page_may_what_the_file_says_and_reads_nothing_else(role: str) -> None:
    for dataset, verbs in FILE["roles"][role]["may"].items():
        for verb in ("read", "write", "export"):
            expected = verb in verbs
            assert viewer(role).may(dataset, verb) is expected
            if expected:
                frames.require(viewer(role), dataset, verb)
            else:
                with pytest.raises(frames.NoRightError):
                    frames.require(viewer(role), dataset, verb)
            COUNTED["service"] += 1


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"administrator", "auditor"}))
def test_lists_of_accounts_grants_and_sessions_open_to_administrators_and_auditors_alone(role: str) -> None:
    for reading in (acts.people, acts.grants, acts.sessions):
        with pytest.raises(frames.NoRightError):
            reading(viewer(role))
        COUNTED["service"] += 1


@pytest.mark.parametrize("role", ROLES)
def test_requests_for_exports_of_children_are_asked_decided_and_read_by_the_file_alone(role: str) -> None:
    verbs = FILE["roles"][role]["may"]["child_exports"]
    wanted = Request(area_code="4305", fields=(), format="xlsx", purpose="", list_reason="")
    person = viewer(role)
    for verb, work in (
        ("read", lambda: child_exports.seen(person)),
        ("propose", lambda: child_exports.ask(person, wanted)),
        ("propose", lambda: child_exports.start(person, 1)),
        ("propose", lambda: child_exports.count(person, "4305")),
        ("approve", lambda: child_exports.decide(person, 1, approve=True, words="")),
    ):
        if verb not in verbs:
            with pytest.raises(frames.NoRightError):
                work()
        COUNTED["service"] += 1
    assert verbs == {"civil": ["read", "propose", "approve"], "auditor": ["read"]}.get(role, [])


def test_urgent_sight_exports_nothing() -> None:
    assert not [name for name, verbs in FILE["roles"]["urgent"]["may"].items() if "export" in verbs]


@pytest.mark.parametrize("role", GIVEN)
def test_an_export_is_allowed_by_the_file_alone(prefecture: Settings, role: str) -> None:
    with connect(prefecture, Login.IMPORTER, Scope("4305", None, "founding")) as connection:
        number = accounts.create_account(
            connection,
            login=f"exports-{role}",
            display_name=role,
            bureau="",
            password_hash=passwords.hash_password("x"),
        )
        accounts.add_grant(connection, number, role, "4305")
        account = accounts.account_by_id(connection, number)
    assert account is not None
    for kind, ways in export.RIGHTS.items():
        held = [handout for dataset, verb, handout in ways if verb in FILE["roles"][role]["may"][dataset]]
        if held:
            assert export.permit_of(prefecture, account, kind).handout == held[0]
        else:
            with pytest.raises(export.ExportError):
                export.permit_of(prefecture, account, kind)
        COUNTED["service"] += 1
