"""The second person's word that a water or a hazard is there as drawn: only then does it tell of homes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from data.storage.faults import EditConflictError, RecordNotFoundError
from data.storage.unplaced import ROUGH

if TYPE_CHECKING:
    from sqlalchemy import Connection

VERIFIED: Final = {"waters": "water", "hazards": "hazard"}
"""The table of each kind of import that a second person verifies; kinds are named as data sets are."""
STANDING: Final = {
    "water": "true",
    "hazard": f"state <> 'closed' AND position_method NOT IN {ROUGH}",
}
"""What can be confirmed: nobody can say that a guessed place is right."""
ACTOR: Final = "nullif(current_setting('app.account', true), '')::bigint"
"""Whose scope it is: what the actor drew waits for somebody else. A trigger holds to it."""


def verify_batch(connection: Connection, batch_id: int, kind: str = "waters") -> tuple[list[str], int]:
    """Verify what an import brought and is not yet; return the codes, and how many the actor drew."""
    table = VERIFIED[kind]
    own = connection.scalar(
        text(
            f"SELECT count(*) FROM {table} WHERE batch_id = :batch AND verified_at IS NULL "  # noqa: S608 - our own text
            f"AND {STANDING[table]} AND drawn_by = {ACTOR}"
        ),
        {"batch": batch_id},
    )
    codes = connection.scalars(
        text(
            f"UPDATE {table} SET verified_at = current_date WHERE batch_id = :batch "  # noqa: S608 - our own text
            f"AND verified_at IS NULL AND {STANDING[table]} "
            f"AND drawn_by IS DISTINCT FROM {ACTOR} RETURNING code"
        ),
        {"batch": batch_id},
    )
    return sorted(codes), int(own or 0)


def kind_of_batch(connection: Connection, batch_id: int) -> str | None:
    """Return what an import brought, None where there is no such batch."""
    found: str | None = connection.scalar(
        text("SELECT kind FROM import_batch WHERE id = :batch"), {"batch": batch_id}
    )
    return found


def verify_hazard(connection: Connection, hazard_id: int, *, version: int, holds: bool) -> int | None:
    """Say that a hazard is there as drawn, or take the word back; return its id, None where it stood so.

    Raises
    ------
    EditConflictError
        If somebody changed the hazard since `version`: what was looked at is not what would be confirmed.
    RecordNotFoundError
        If it is not there, is out of reach, stands at a guessed place, or was drawn by the actor.
    """
    found = connection.execute(
        text(
            "SELECT version, verified_at FROM hazard WHERE id = :id "  # noqa: S608 - our own text
            f"AND (NOT :holds OR {STANDING['hazard']} AND drawn_by IS DISTINCT FROM {ACTOR}) FOR UPDATE"
        ),
        {"id": hazard_id, "holds": holds},
    ).one_or_none()
    if found is None:
        raise RecordNotFoundError
    if found.version != version:
        raise EditConflictError({"version": found.version})
    if (found.verified_at is not None) is holds:
        return None
    day, who = ("current_date", ACTOR) if holds else ("NULL", "NULL")
    connection.execute(
        text(f"UPDATE hazard SET verified_at = {day}, verified_by = {who} WHERE id = :id"),  # noqa: S608 - our own text
        {"id": hazard_id},
    )
    return hazard_id
