"""Parameters of judgement: values with source, and the record of their changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import text

from data.reading import read
from data.schema.parameters import parameter
from data.storage.faults import EditConflictError, RecordNotFoundError
from data.upserting import Tally, upsert

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy import Connection


def parameters_text(connection: Connection) -> str:
    """Return the value of every parameter, as JSON in the order of the keys: equal where no value differs."""
    statement = text(
        "SELECT CAST(coalesce(json_object_agg(key, value ORDER BY key), '{}') AS text) FROM parameter"
    )
    return str(connection.execute(statement).scalar_one())


def read_parameters(connection: Connection) -> dict[str, object]:
    """Return the value of every parameter, by key."""
    found: dict[str, object] = json.loads(parameters_text(connection))
    return found


def parameter_table(connection: Connection) -> pd.DataFrame:
    """Return value, unit, label, source and approval of every parameter, indexed by key."""
    return read(
        connection,
        "SELECT p.key, p.value, p.unit, p.label, p.source, p.source_date, p.proposal, "
        "a.display_name AS approved_by, p.approved_at, p.version "
        "FROM parameter p LEFT JOIN account a ON a.id = p.approved_by ORDER BY p.key",
        index="key",
    )


def parameter_changes(connection: Connection, key: str | None = None) -> pd.DataFrame:
    """Return the changes of one parameter or of all, newest first."""
    return read(
        connection,
        "SELECT c.changed_at, c.key, c.old_value, c.new_value, c.reason, a.display_name AS changed_by "
        "FROM parameter_change c LEFT JOIN account a ON a.id = c.changed_by "
        "WHERE c.key = coalesce(CAST(:key AS text), c.key) ORDER BY c.id DESC LIMIT 500",
        {"key": key},
    )


def add_missing_parameters(connection: Connection, frame: pd.DataFrame) -> int:
    """Insert the parameters that are not there yet; what somebody set stays. Needs the importer's login.

    Columns key, value, unit, label, source, source_date, proposal.
    """
    known = set(connection.scalars(text("SELECT key FROM parameter")))
    tally: Tally = upsert(connection, parameter, frame[~frame["key"].isin(known)], key=("key",))
    return tally.inserted


def save_parameter(  # noqa: PLR0913 - the facts of one change
    connection: Connection,
    key: str,
    value: object,
    *,
    reason: str,
    account_id: int | None,
    expected_version: int,
) -> None:
    """Set a parameter and record the change; the same value again changes nothing.

    Raises
    ------
    EditConflictError
        If the stored version is not `expected_version`.
    RecordNotFoundError
        If there is no such parameter.
    """
    held = (
        connection.execute(
            text("SELECT key, value, version FROM parameter WHERE key = :key FOR UPDATE"), {"key": key}
        )
        .mappings()
        .one_or_none()
    )
    if held is None:
        raise RecordNotFoundError
    if held["version"] != expected_version:
        raise EditConflictError(dict(held))
    if held["value"] == value:
        return
    values = {
        "key": key,
        "old": json.dumps(held["value"]),
        "new": json.dumps(value),
        "reason": reason,
        "account_id": account_id,
    }
    connection.execute(
        text(
            "UPDATE parameter SET value = CAST(:new AS jsonb), approved_by = :account_id, "
            "approved_at = now() WHERE key = :key"
        ),
        values,
    )
    connection.execute(
        text(
            "INSERT INTO parameter_change (key, old_value, new_value, reason, changed_by) "
            "VALUES (:key, CAST(:old AS jsonb), CAST(:new AS jsonb), :reason, :account_id)"
        ),
        values,
    )
