"""Accounts and grants as administrators, civil affairs and auditors work with them.

Each change is a function of the database that decides by the actor of the transaction (`Scope`): the login
of these pages may write no table of them itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from data.reading import read
from data.storage.faults import refusals_in_words

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd
    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A grant as it is asked for."""

    account_id: int
    role: str
    area_code: str
    valid_from: dt.date
    valid_until: dt.date | None
    reason: str


def open_account(
    connection: Connection, *, login: str, display_name: str, bureau: str, password_hash: str
) -> int:
    """Make an account without any grant, whose first sign-in sets the password; return its id."""
    return int(
        _call(
            connection,
            "account_open(:login, :name, :bureau, :hash)",
            login=login,
            name=display_name,
            bureau=bureau,
            hash=password_hash,
        )
    )


def disable(connection: Connection, account_id: int, *, wish: bool) -> None:
    """Close an account and end its sessions, or open it again."""
    _call(connection, "account_disable(:account, :wish)", account=account_id, wish=wish)


def unlock(connection: Connection, account_id: int) -> None:
    """Forget failures."""
    _call(connection, "account_unlock(:account)", account=account_id)


def reset(connection: Connection, account_id: int, password_hash: str, *, forget_factor: bool) -> int:
    """Give a first password; return how many grants that show children now wait for a new approval."""
    statement = "account_reset(:account, :hash, :forget)"
    return int(_call(connection, statement, account=account_id, hash=password_hash, forget=forget_factor))


def give(connection: Connection, proposal: Proposal) -> bool:
    """Give a grant; False where it shows children and now waits for civil affairs."""
    outcome = _call(
        connection,
        "grant_give(:account, :role, :area, :since, :until, :reason)",
        account=proposal.account_id,
        role=proposal.role,
        area=proposal.area_code,
        since=proposal.valid_from,
        until=proposal.valid_until,
        reason=proposal.reason,
    )
    return bool(outcome == "granted")


def decide(connection: Connection, request_id: int, *, approve: bool) -> None:
    """Approve or decline what was asked for."""
    _call(connection, "grant_decide(:request, :wish)", request=request_id, wish=approve)


def end(connection: Connection, grant_id: int) -> int:
    """End a grant and return whose it was."""
    return int(_call(connection, "grant_end(:grant)", grant=grant_id))


def end_session(connection: Connection, session_id: int) -> int:
    """End somebody's session and return whose it was."""
    return int(_call(connection, "session_end(:session)", session=session_id))


def people(connection: Connection) -> pd.DataFrame:
    """Return accounts indexed by id: sign-in name, names, state, last use, link; no secret."""
    return read(
        connection,
        "SELECT a.id, a.login, a.display_name, a.bureau, a.disabled, a.must_change_password, a.demo, "
        "coalesce(greatest(a.locked_until, a.factor_locked_until) > now(), false) AS locked, "
        "(SELECT max(s.last_seen_at) FROM session s WHERE s.account_id = a.id) AS last_seen_at, "
        "(SELECT count(*) FROM session s WHERE s.account_id = a.id AND s.revoked_at IS NULL "
        "AND s.expires_at > now()) AS sessions, coalesce(l.issuer, '') AS issuer, "
        "coalesce(l.claim, '') AS claim, coalesce(l.subject, '') AS subject, "
        "l.confirmed_at IS NOT NULL AS confirmed "
        "FROM account a LEFT JOIN account_link l ON l.account_id = a.id ORDER BY a.login",
    )


def grants(connection: Connection) -> pd.DataFrame:
    """Return every grant that stands or stood, newest first, with who gave, approved and ended it.

    `state` is standing, coming, over (run out) or ended (undone).
    """
    return read(
        connection,
        "SELECT g.id, g.account_id, a.login, a.display_name, g.role, g.area_code, r.name AS area_name, "
        "g.valid_from, g.valid_until, g.reason, g.created_at, g.ended_at, b.display_name AS granted_by, "
        "c.display_name AS approved_by, d.display_name AS ended_by, "
        "CASE WHEN g.ended_at IS NOT NULL THEN 'ended' "
        "WHEN g.valid_until < current_date OR g.expires_at <= now() THEN 'over' "
        "WHEN g.valid_from > current_date THEN 'coming' "
        "ELSE 'standing' END AS state FROM account_grant g JOIN account a ON a.id = g.account_id "
        "JOIN area r ON r.code = g.area_code LEFT JOIN account b ON b.id = g.granted_by "
        "LEFT JOIN account c ON c.id = g.approved_by LEFT JOIN account d ON d.id = g.ended_by "
        "ORDER BY (g.ended_at IS NULL) DESC, g.id DESC",
    )


def requests(connection: Connection) -> pd.DataFrame:
    """Return what was asked for, undecided first, with the account's link to a provider, by whom and when."""
    return read(
        connection,
        "SELECT q.id, q.account_id, a.login, a.display_name, a.bureau, q.role, q.area_code, "
        "r.name AS area_name, q.valid_from, q.valid_until, q.reason, q.requested_at, "
        "q.requested_by AS asker, b.display_name AS requested_by, q.decided_at, "
        "c.display_name AS decided_by, q.approved, coalesce(l.subject, '') AS subject, "
        "l.confirmed_at IS NOT NULL AS confirmed, l.linked_at, d.display_name AS linked_by "
        "FROM grant_request q JOIN account a ON a.id = q.account_id JOIN area r ON r.code = q.area_code "
        "LEFT JOIN account_link l ON l.account_id = a.id LEFT JOIN account d ON d.id = l.linked_by "
        "LEFT JOIN account b ON b.id = q.requested_by LEFT JOIN account c ON c.id = q.decided_by "
        "ORDER BY (q.decided_at IS NULL) DESC, q.id DESC",
    )


def sessions(connection: Connection) -> pd.DataFrame:
    """Return living sessions of everybody, the last used first; nothing of their tokens."""
    return read(
        connection,
        "SELECT s.id, s.account_id, a.login, a.display_name, s.device, s.way, s.created_at, s.last_seen_at, "
        "s.expires_at FROM session s JOIN account a ON a.id = s.account_id "
        "WHERE s.revoked_at IS NULL AND s.expires_at > now() ORDER BY s.last_seen_at DESC",
    )


def _call(connection: Connection, statement: str, **values: object) -> Any:  # noqa: ANN401 - each caller names the type
    with refusals_in_words():
        return connection.execute(text(f"SELECT {statement}"), values).scalar_one()
