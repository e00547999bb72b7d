"""Who acts on the command line: an account by its login, and the grant that allows the act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from data import rights
from data.engine import Login, Scope, connect
from data.storage import accounts

if TYPE_CHECKING:
    from data.settings import Settings
    from data.storage.accounts import Account, Grant

OPERATOR: Final = "operator"
"""Who owns the machine and names no account: recorded as such."""


class AccountError(Exception):
    """There is no such account, or it may not do this."""


def account_of(settings: Settings, login: str) -> Account:
    """Return the account that signs in as `login`.

    Raises
    ------
    AccountError
        If there is none, or it is disabled.
    """
    with connect(settings, Login.GENERAL, readonly=True) as connection:
        found = accounts.find_account(connection, login)
    if found is None or found.disabled:
        raise AccountError(f"没有可用的账号“{login[:40]}”：请核对登录名。")
    return found


def grants_of(settings: Settings, account_id: int) -> list[Grant]:
    """Return the grants of an account that are valid today."""
    with connect(settings, Login.GENERAL, readonly=True) as connection:
        return accounts.grants(connection, account_id)


def acting(settings: Settings, login: str | None, *needed: tuple[str, str]) -> Scope:
    """Return the scope of the account's widest grant that allows every pair; without a login, the operator.

    Raises
    ------
    AccountError
        If none of its grants allows them all.
    """
    if login is None:
        return Scope(settings.area_code, None, OPERATOR)
    account = account_of(settings, login)
    for grant in sorted(grants_of(settings, account.id), key=lambda grant: len(grant.area_code)):
        if all(rights.may(grant.role, *pair) for pair in needed):
            return Scope(grant.area_code, account.id, grant.role)
    raise AccountError(f"账号“{login}”的角色不能这样做：请由有权的账号办理。")
