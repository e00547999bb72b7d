"""The record of acts: written in the transaction of the act, never changed, never with values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from data.reading import read

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from sqlalchemy import Connection

    from data.engine import Scope


def record(  # noqa: PLR0913 - the facts of one act
    connection: Connection,
    action: str,
    actor: Scope,
    *,
    object_kind: str,
    row_count: int,
    object_ids: Iterable[object] = (),
    purpose: str = "",
) -> None:
    """Record that `actor` did `action` with `row_count` objects of a kind."""
    connection.execute(
        text(
            "INSERT INTO audit "
            "(action, account_id, role, area_code, purpose, object_kind, object_ids, row_count) VALUES "
            "(:action, :account_id, :role, :area_code, :purpose, :object_kind, :object_ids, :row_count)"
        ),
        {
            "action": action,
            "account_id": actor.account_id,
            "role": actor.role,
            "area_code": actor.area_code,
            "purpose": purpose,
            "object_kind": object_kind,
            "object_ids": [str(value) for value in object_ids],
            "row_count": row_count,
        },
    )


def recent(connection: Connection, account_id: int | None = None, limit: int = 200) -> pd.DataFrame:
    """Return the latest acts, of one account or of all, newest first."""
    return read(
        connection,
        "SELECT u.id, u.happened_at, u.action, a.display_name, u.role, u.area_code, u.purpose, "
        "u.object_kind, u.row_count FROM audit u LEFT JOIN account a ON a.id = u.account_id "
        "WHERE u.account_id IS NOT DISTINCT FROM coalesce(CAST(:id AS bigint), u.account_id) "
        "ORDER BY u.id DESC LIMIT :limit",
        {"id": account_id, "limit": limit},
    )
