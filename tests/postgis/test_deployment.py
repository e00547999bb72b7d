"""What `anlan up` asks the database before it greets: is it empty, and who may try it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert

from data.schema.accounts import account, account_grant
from data.schema.areas import area
from data.storage.deployment import demo_sign_ins, is_empty

if TYPE_CHECKING:
    from sqlalchemy import Connection


def test_a_database_without_an_area_is_empty(connection: Connection) -> None:
    assert is_empty(connection)
    connection.execute(insert(area).values(code="4305", name="市", level="prefecture"))
    assert not is_empty(connection)


def test_only_demo_accounts_that_may_sign_in_are_listed_with_all_their_roles(connection: Connection) -> None:
    connection.execute(insert(area).values(code="4305", name="市", level="prefecture"))
    people = [("jia", True, False), ("yi", False, False), ("bing", True, True)]
    for login, demo, disabled in people:
        values = {"login": login, "display_name": "某人", "password_hash": "-", "demo": demo}
        key = connection.execute(
            insert(account).values(**values, disabled=disabled).returning(account.c.id)
        ).scalar_one()
        grants = [{"account_id": key, "role": role, "area_code": "4305"} for role in ("emergency", "water")]
        connection.execute(insert(account_grant), grants)
    assert demo_sign_ins(connection) == [("jia", "某人", "emergency、water")]
