"""The second person's word that a water is there as drawn: only then does it tell of homes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection


def verify_batch(connection: Connection, batch_id: int) -> tuple[list[str], int]:
    """Verify the waters of an import that are not yet; return their codes and how many the actor drew.

    The actor is that of the transaction's scope; what the actor drew waits for somebody else. A trigger holds
    to it, whoever asks.
    """
    actor = "nullif(current_setting('app.account', true), '')::bigint"
    own = connection.scalar(
        text(
            "SELECT count(*) FROM water WHERE batch_id = :batch AND verified_at IS NULL "  # noqa: S608 - our own text
            f"AND drawn_by = {actor}"
        ),
        {"batch": batch_id},
    )
    codes = connection.scalars(
        text(
            "UPDATE water SET verified_at = current_date WHERE batch_id = :batch AND verified_at IS NULL "  # noqa: S608 - our own text
            f"AND drawn_by IS DISTINCT FROM {actor} RETURNING code"
        ),
        {"batch": batch_id},
    )
    return sorted(codes), int(own or 0)
