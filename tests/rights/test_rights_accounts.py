"""Nobody becomes somebody else by the database login of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from data import rights
from data.engine import Login, Scope, connect

if TYPE_CHECKING:
    from data.settings import Settings

BECOMING = (
    "INSERT INTO account_grant (account_id, role, area_code) VALUES (1, 'civil', '4305')",
    "UPDATE account_grant SET role = 'civil'",
    "INSERT INTO account (login, display_name, password_hash) VALUES ('x', 'x', 'x')",
    "UPDATE account SET password_hash = 'x'",
    "UPDATE session SET account_id = 1",
    "UPDATE session SET provider_factor = true",
    "INSERT INTO account_link (account_id, issuer, claim, subject) VALUES (1, 'x', 'sub', 'x')",
    "UPDATE account_link SET subject = 'x'",
    "UPDATE account_link SET confirmed_at = now()",
    "DELETE FROM account_link",
)
PEEPING = (
    "SELECT password_hash FROM account",
    "SELECT totp_secret FROM account",
    "SELECT * FROM account",
    "SELECT token_hash FROM session",
    "INSERT INTO session (token_hash, account_id, expires_at) VALUES ('x', 1, now())",
    "SELECT * FROM export_link",
    "INSERT INTO export_link (token_hash, account_id, kind, expires_at) VALUES ('x', 1, 'gaps', now())",
    "UPDATE account SET failures = 0",
)
PAGE = [(login, statement) for login in (Login.GENERAL, Login.CHILD) for statement in (*BECOMING, *PEEPING)]
DOOR = [(Login.DOOR, statement) for statement in BECOMING]


@pytest.mark.parametrize(("login", "statement"), PAGE + DOOR)
def test_no_page_takes_a_session_a_grant_or_a_password_and_the_door_gives_none(
    prefecture: Settings, login: Login, statement: str
) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        connect(prefecture, login, Scope("4305", None, "water")) as connection,
    ):
        connection.execute(text(statement))


def test_the_door_reaches_accounts_and_areas_and_nothing_else() -> None:
    reached = {name for name, table in rights.tables().items() if table.verbs[Login.DOOR]}
    assert reached == {"account", "account_grant", "account_link", "area", "audit", "export_link", "session"}
