"""The one seam between this screen and storage: read and change as the login of accounts, recorded."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, TypeVar

from data.engine import Login, connect
from data.passwords import hash_password
from data.storage import areas, audit, grant_desk, links
from data.storage.audit import Action
from pages.shell.deployment import deployment
from pages.shell.frames import require

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    import pandas as pd

    from data.storage.grant_desk import Proposal
    from pages.door.desk import Viewer

Answer = TypeVar("Answer")


def people(viewer: Viewer) -> pd.DataFrame:
    """Return accounts."""
    return _read(viewer, "accounts", grant_desk.people)


def grants(viewer: Viewer) -> pd.DataFrame:
    """Return grants with their history."""
    return _read(viewer, "accounts", grant_desk.grants)


def sessions(viewer: Viewer) -> pd.DataFrame:
    """Return who is signed in."""
    return _read(viewer, "accounts", grant_desk.sessions)


def requests(viewer: Viewer) -> pd.DataFrame:
    """Return what was asked for in the viewer's area."""
    found = _read(viewer, "child_grants", grant_desk.requests)
    return found[found["area_code"].str.startswith(viewer.area_code)]


def tree(viewer: Viewer) -> pd.DataFrame:
    """Return the areas that the viewer may give."""
    with opened(viewer, readonly=True) as connection:
        return areas.tree(connection, viewer.area_code)


def open_account(viewer: Viewer, login: str, name: str, bureau: str) -> str:
    """Make an account and return its first password, which is stored nowhere."""
    password = secrets.token_urlsafe(12)
    hashed = hash_password(password)
    _change(
        viewer,
        Action.OPEN_ACCOUNT,
        lambda connection: grant_desk.open_account(
            connection,
            login=login.strip(),
            display_name=name.strip(),
            bureau=bureau.strip(),
            password_hash=hashed,
        ),
        None,
    )
    return password


def reset(viewer: Viewer, account_id: int, *, forget_factor: bool) -> tuple[str, int]:
    """Return a new first password and how many grants now wait for civil affairs."""
    password = secrets.token_urlsafe(12)
    hashed = hash_password(password)
    waiting = _change(
        viewer,
        Action.RESET_ACCOUNT,
        lambda connection: grant_desk.reset(connection, account_id, hashed, forget_factor=forget_factor),
        account_id,
    )
    return password, waiting


def disable(viewer: Viewer, account_id: int, *, wish: bool) -> None:
    """Close an account, or open it again."""
    action = Action.DISABLE_ACCOUNT if wish else Action.ENABLE_ACCOUNT
    _change(viewer, action, lambda c: grant_desk.disable(c, account_id, wish=wish), account_id)


def unlock(viewer: Viewer, account_id: int) -> None:
    """Forget failed attempts."""
    _change(viewer, Action.UNLOCK_ACCOUNT, lambda c: grant_desk.unlock(c, account_id), account_id)


def link(viewer: Viewer, account_id: int, subject: str) -> int:
    """Link an account to a person of the provider; return how many grants now wait for civil affairs."""
    person = links.Person(
        issuer=deployment().oidc_issuer or "", claim=deployment().oidc_claim, subject=subject.strip()
    )
    with opened(viewer, readonly=False) as connection:
        waiting = links.link(connection, account_id, person)
        made = links.held(connection, account_id)
        _record_link(connection, viewer, Action.LINK_ACCOUNT, made.id if made else 0, account_id)
    return waiting


def unlink(viewer: Viewer, account_id: int) -> None:
    """End the link of an account."""
    with opened(viewer, readonly=False) as connection:
        ended = links.unlink(connection, account_id)
        _record_link(connection, viewer, Action.UNLINK_ACCOUNT, ended, account_id)


def give(viewer: Viewer, proposal: Proposal) -> bool:
    """Give a grant; False where civil affairs must approve it first."""
    return _change(viewer, Action.GIVE_GRANT, lambda c: grant_desk.give(c, proposal), proposal.account_id)


def end(viewer: Viewer, grant_id: int) -> None:
    """End a grant."""
    _change(viewer, Action.END_GRANT, lambda c: grant_desk.end(c, grant_id), grant_id, kind="account_grant")


def decide(viewer: Viewer, request_id: int, *, approve: bool) -> None:
    """Approve or decline."""
    action = Action.APPROVE_GRANT if approve else Action.DECLINE_GRANT
    _change(
        viewer,
        action,
        lambda c: grant_desk.decide(c, request_id, approve=approve),
        request_id,
        kind="grant_request",
    )


def end_session(viewer: Viewer, session_id: int) -> None:
    """End somebody's session."""
    _change(
        viewer,
        Action.END_OTHERS_SESSION,
        lambda c: grant_desk.end_session(c, session_id),
        session_id,
        kind="session",
    )


def opened(viewer: Viewer, *, readonly: bool) -> AbstractContextManager[Any]:
    """Open a transaction of the login of accounts in which the database knows who acts."""
    return connect(deployment(), Login.ACCOUNTS, viewer.scope, readonly=readonly)


def _record_link(
    connection: Any,  # noqa: ANN401 - a transaction, as `opened` gives it
    viewer: Viewer,
    action: Action,
    number: int,
    account_id: int,
) -> None:
    # The number tells links of one account apart; whom the provider means stands in no act.
    named = [number, account_id]
    audit.record(connection, action, viewer.scope, object_kind="account_link", object_ids=named, row_count=1)


def _read(viewer: Viewer, dataset: str, reading: Callable[[Any], pd.DataFrame]) -> pd.DataFrame:
    require(viewer, dataset)
    with opened(viewer, readonly=True) as connection:
        return reading(connection)


def _change(
    viewer: Viewer,
    action: Action,
    work: Callable[[Any], Answer],
    number: int | None,
    *,
    kind: str = "account",
) -> Answer:
    with opened(viewer, readonly=False) as connection:
        answer = work(connection)
        made = answer if number is None else number
        audit.record(connection, action, viewer.scope, object_kind=kind, object_ids=[made], row_count=1)
    return answer
