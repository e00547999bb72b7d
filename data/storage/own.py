"""What a person changes of oneself; the database finds whose session the token is and decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text

from data.engine import Scope
from data.storage import audit, sessions
from data.storage.faults import refusals_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection


SELF: Final = "self"
"""Role under which one's own account is changed."""


@dataclass(frozen=True, kw_only=True)
class FactorAttempt:
    """An attempt at the second factor that was counted, with the sealed secrets to look at."""

    account_id: int
    secret: bytes | None
    draft: bytes | None
    last_step: int


def enter(
    connection: Connection,
    account_id: int,
    opening: sessions.Opening,
    *,
    area_code: str,
    absolute_minutes: int,
) -> str:
    """Open a session, whichever way its person came, record that way and return the token.

    Raises
    ------
    FlowUsedError
        If the flow through a provider opened a session before.
    """
    token = sessions.create(connection, account_id, opening, absolute_minutes=absolute_minutes)
    came = audit.Action.SIGN_IN_BY_PROVIDER if opening.state else audit.Action.SIGN_IN
    record(connection, area_code, came, account_id)
    return token


def change_password(connection: Connection, token: str, password_hash: str) -> None:
    """Store a new password and end every other session of its owner."""
    call(connection, "SELECT own_password(:token, :hash)", token=token, hash=password_hash)


def draft_factor(connection: Connection, token: str, sealed: bytes) -> None:
    """Keep a sealed secret until its first code confirms it."""
    call(connection, "SELECT own_factor_draft(:token, :sealed)", token=token, sealed=sealed)


def count_factor_attempt(connection: Connection, token: str) -> FactorAttempt | None:
    """Count an attempt before its code is looked at; None while locked after five failures."""
    row = call(connection, "SELECT * FROM own_factor_attempt(:token)", token=token)
    return None if row.account_id is None else FactorAttempt(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping


def pass_factor(connection: Connection, token: str, step: int) -> bool:
    """Mark the session as proven by the code of `step`; False if a code as new was taken before."""
    return bool(call(connection, "SELECT own_factor_pass(:token, :step)", token=token, step=step)[0])


def confirm_factor(connection: Connection, token: str, step: int, code_hashes: Sequence[bytes]) -> bool:
    """Put the drafted secret into use with new recovery codes."""
    statement = "SELECT own_factor_confirm(:token, :step, :codes)"
    return bool(call(connection, statement, token=token, step=step, codes=list(code_hashes))[0])


def recover(connection: Connection, token: str, code_hash: bytes) -> bool:
    """Use up a recovery code in the place of the second factor."""
    return bool(call(connection, "SELECT own_factor_recover(:token, :code)", token=token, code=code_hash)[0])


def choose_post(connection: Connection, token: str, grant_id: int) -> None:
    """Work under another of one's grants in this session."""
    call(connection, "SELECT own_post(:token, :grant)", token=token, grant=grant_id)


def end_session(connection: Connection, token: str, session_id: int) -> None:
    """End one of one's own sessions."""
    call(connection, "SELECT own_session_end(:token, :session)", token=token, session=session_id)


def record(
    connection: Connection, area_code: str, action: audit.Action, account_id: int, *, link: int | None = None
) -> None:
    """Record a change of one's own account, or of its link, whatever post one works under."""
    actor = Scope(area_code, account_id, SELF)
    kind, named = ("account", [account_id]) if link is None else ("account_link", [link, account_id])
    audit.record(connection, action, actor, object_kind=kind, object_ids=named, row_count=1)


def call(connection: Connection, statement: str, **values: object) -> Any:  # noqa: ANN401 - a row
    """Return the row of a function that decides by the session; its refusals come as sentences."""
    with refusals_in_words():
        return connection.execute(text(statement), values).one()
