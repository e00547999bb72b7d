"""Sessions on the server and one-time export links; the database knows only the hash of a token."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from sqlalchemy import text

from data.reading import read

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import pandas as pd
    from sqlalchemy import Connection

TOKEN_BYTES: Final = 32
LINK_MINUTES: Final = 10


class FlowUsedError(Exception):
    """What a provider brought back is brought a second time."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """A living session and whose it is."""

    account_id: int
    login: str
    display_name: str
    bureau: str
    must_change_password: bool
    enrolled: bool
    """Whether the account has a second factor."""
    factor_shown: bool
    """Whether this session has shown it."""
    provider_factor: bool
    """Whether the provider of identities proved one of its own that counts here."""
    way: str
    """`password`, or `oidc`: by a provider of identities."""
    demo: bool
    post_id: int | None
    purpose: str
    expires_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class ExportLink:
    """What a one-time link stands for."""

    kind: str
    options: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Opening:
    """How a session is opened: by the password unless a provider brought back the state of a flow."""

    device: str = ""
    state: str = ""
    """Of the flow through a provider of identities; it opens one session and never another."""
    provider_factor: bool = False


def create(
    connection: Connection, account_id: int, opening: Opening | None = None, *, absolute_minutes: int
) -> str:
    """Open a session and return the token for the cookie.

    Raises
    ------
    FlowUsedError
        If the flow opened a session before.
    """
    token, how = secrets.token_urlsafe(TOKEN_BYTES), opening or Opening()
    made = connection.execute(
        text(
            "INSERT INTO session (token_hash, account_id, expires_at, device, way, flow_hash, "
            "provider_factor) VALUES (:hash, :account_id, now() + make_interval(mins => :minutes), :device, "
            ":way, :flow, :factor) ON CONFLICT (flow_hash) DO NOTHING"
        ),
        {
            "hash": hash_of(token),
            "account_id": account_id,
            "minutes": absolute_minutes,
            "device": how.device,
            "way": "oidc" if how.state else "password",
            "flow": hash_of(how.state) if how.state else None,
            "factor": how.provider_factor,
        },
    )
    if not made.rowcount:
        raise FlowUsedError
    return token


def find(connection: Connection, token: str, *, idle_minutes: int, touch: bool = True) -> Session | None:
    """Return the session of a token if it is neither ended, idle too long, revoked nor of a disabled account.

    With `touch` (not in a read-only transaction) the session counts as used now; noted once a minute.
    """
    row = connection.execute(
        text(
            "SELECT s.account_id, a.login, a.display_name, a.bureau, a.must_change_password, "
            "a.totp_secret IS NOT NULL AS enrolled, s.second_factor_at IS NOT NULL AS factor_shown, a.demo, "
            "s.provider_factor, s.way, s.post_id, s.purpose, s.expires_at "
            "FROM session s JOIN account a ON a.id = s.account_id "
            "WHERE s.token_hash = :hash AND s.revoked_at IS NULL AND s.expires_at > now() "
            "AND s.last_seen_at > now() - make_interval(mins => :idle) AND NOT a.disabled"
        ),
        {"hash": hash_of(token), "idle": idle_minutes},
    ).one_or_none()
    if row is None:
        return None
    if touch:
        connection.execute(
            text(
                "UPDATE session SET last_seen_at = now() "
                "WHERE token_hash = :hash AND last_seen_at < now() - interval '1 minute'"
            ),
            {"hash": hash_of(token)},
        )
    return Session(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping


def state_purpose(connection: Connection, token: str, purpose: str) -> None:
    """Keep what a living session is for; once said it stays until the session ends."""
    connection.execute(
        text(
            "UPDATE session SET purpose = :purpose WHERE token_hash = :hash AND revoked_at IS NULL "
            "AND purpose = ''"
        ),
        {"hash": hash_of(token), "purpose": purpose},
    )


def revoke(connection: Connection, token: str) -> bool:
    """End the session of a token; False if it had ended before."""
    ended = connection.execute(
        text("UPDATE session SET revoked_at = now() WHERE token_hash = :hash AND revoked_at IS NULL"),
        {"hash": hash_of(token)},
    )
    return ended.rowcount > 0


def revoke_all(connection: Connection, account_id: int) -> int:
    """End every session of an account and return how many there were."""
    ended = connection.execute(
        text("UPDATE session SET revoked_at = now() WHERE account_id = :id AND revoked_at IS NULL"),
        {"id": account_id},
    )
    return int(ended.rowcount)


def living(connection: Connection, account_id: int, token: str) -> pd.DataFrame:
    """Return the sessions of an account that have not ended; `mine` is the one of `token`."""
    return read(
        connection,
        "SELECT id, device, way, created_at, last_seen_at, expires_at, token_hash = :hash AS mine "
        "FROM session WHERE revoked_at IS NULL AND expires_at > now() AND account_id = :id "
        "ORDER BY last_seen_at DESC",
        {"id": account_id, "hash": hash_of(token)},
    )


def create_link(connection: Connection, account_id: int, kind: str, options: Mapping[str, object]) -> str:
    """Return the token of a link that serves one export to one account, once, within ten minutes."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    connection.execute(
        text(
            "INSERT INTO export_link (token_hash, account_id, kind, options, expires_at) "
            "VALUES (:hash, :account_id, :kind, :options, now() + make_interval(mins => :minutes))"
        ),
        {
            "hash": hash_of(token),
            "account_id": account_id,
            "kind": kind,
            "options": json.dumps(dict(options), ensure_ascii=False),
            "minutes": LINK_MINUTES,
        },
    )
    return token


def use_link(connection: Connection, token: str, account_id: int) -> ExportLink | None:
    """Use up a link: None if it was used, has expired, or belongs to another account."""
    row = connection.execute(
        text(
            "UPDATE export_link SET used_at = now() WHERE token_hash = :hash AND account_id = :account_id "
            "AND used_at IS NULL AND expires_at > now() RETURNING kind, options"
        ),
        {"hash": hash_of(token), "account_id": account_id},
    ).one_or_none()
    if row is None:
        return None
    return ExportLink(kind=row.kind, options=cast("dict[str, object]", json.loads(row.options)))


def hash_of(token: str) -> bytes:
    """Return what the database keeps of a token: 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).digest()


def factor_draft(connection: Connection, token: str) -> bytes | None:
    """Return the sealed secret that this session was shown less than ten minutes ago."""
    held = connection.scalar(
        text(
            "SELECT a.totp_draft FROM session s JOIN account a ON a.id = s.account_id "
            "AND a.totp_draft_session = s.id WHERE s.token_hash = :hash "
            "AND a.totp_draft_at > now() - interval '10 minutes'"
        ),
        {"hash": hash_of(token)},
    )
    return None if held is None else bytes(held)
