"""Changing the record of a water: class, duties and incidents, with a history in which a change is undone."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text

from data.reading import read
from data.storage.faults import EditConflictError, RecordNotFoundError, RecordTakenError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from sqlalchemy import Connection

FIELDS: Final = ("class_override", "class_reason", "owner", "user_unit", "manager", "river_chief")
"""What the record form holds; `incidents` (how many) and `incident` (one with its day) stand beside it."""


@dataclass(frozen=True, kw_only=True)
class WaterRecord:
    """The record of a water as a form holds it; no `class_override`: the class follows the rule."""

    class_override: str | None
    class_reason: str
    owner: str
    user_unit: str
    manager: str
    river_chief: str


class DayTakenError(RecordTakenError):
    """An incident of that day is on record already."""

    def __init__(self) -> None:
        super().__init__("这一天的事故已经登记：请核对日期，或先撤销原来的登记。")


UPDATE: Final = """
UPDATE water SET class_override = :class_override, class_reason = :class_reason, owner = :owner,
    user_unit = :user_unit, manager = :manager, river_chief = :river_chief, incidents = :incidents
WHERE id = :id
"""
HELD: Final = f"SELECT id, version, incidents, {', '.join(FIELDS)} FROM water WHERE id = :id FOR UPDATE"  # noqa: S608 - a constant
ADD_INCIDENT: Final = """
INSERT INTO water_incident (water_id, happened_on, note) VALUES (:id, :day, :note)
ON CONFLICT (water_id, happened_on) DO NOTHING RETURNING id
"""
DROP_INCIDENT: Final = """
DELETE FROM water_incident WHERE water_id = :id AND happened_on = :day RETURNING note
"""


def save_record(
    connection: Connection, water_id: int, form: WaterRecord, *, version: int, account_id: int | None
) -> int | None:
    """Write the record of a water and return the number of the change; None where nothing differs.

    Raises
    ------
    EditConflictError
        If the stored version is not `version`; `theirs` is the record as it is now.
    RecordNotFoundError
        If there is no such water, or it lies outside the scope's area.
    """
    held = _held(connection, water_id)
    if held["version"] != version:
        raise EditConflictError(held)
    return _apply(connection, held, asdict(form), account_id)


def add_incident(  # noqa: PLR0913 - the facts of one incident
    connection: Connection,
    water_id: int,
    day: dt.date,
    note: str,
    *,
    counted: bool,
    account_id: int | None,
) -> int | None:
    """Record a drowning at a water; `counted` if its number of incidents holds this one already.

    Raises
    ------
    DayTakenError
        If an incident of that day is on record.
    RecordNotFoundError
        If there is no such water, or it lies outside the scope's area.
    """
    held = _held(connection, water_id)
    dated = int(connection.scalar(_COUNT, {"id": water_id}) or 0)
    number = max(held["incidents"] + (0 if counted else 1), dated + 1)
    incident = {"day": day.isoformat(), "note": note}
    return _apply(connection, held, {"incidents": number, "incident": incident}, account_id)


_COUNT: Final = text("SELECT count(*) FROM water_incident WHERE water_id = :id")


def undo(connection: Connection, water_id: int, change_id: int, *, account_id: int | None) -> int | None:
    """Put back what a change replaced and return the number of the new change.

    Raises
    ------
    EditConflictError
        If one of its fields was changed again, or the change was undone already; nothing was written.
    DayTakenError
        If the incident that would come back has meanwhile been entered anew.
    RecordNotFoundError
        If there is no such change of this water, or it lies outside the scope's area.
    """
    held = _held(connection, water_id)
    change = (
        connection.execute(
            text("SELECT was, became FROM water_change WHERE id = :change AND water_id = :id"),
            {"id": water_id, "change": change_id},
        )
        .mappings()
        .one_or_none()
    )
    if change is None:
        raise RecordNotFoundError
    undone = connection.scalar(
        text("SELECT id FROM water_change WHERE undoes = :change"), {"change": change_id}
    )
    put, became = dict(change["was"]), dict(change["became"])
    if undone is not None or any(held[name] != value for name, value in became.items() if name in held):
        raise EditConflictError(held)
    return _apply(connection, held, put, account_id, undoes=change_id, gone=became.get("incident"))


def changes(connection: Connection, water_id: int, limit: int = 50) -> pd.DataFrame:
    """Return the changes of a water, newest first: when, by whom, what it was and became, whether undone."""
    return read(
        connection,
        "SELECT c.id, c.changed_at, coalesce(a.display_name, '') AS person, c.was, c.became, c.undoes, "
        "EXISTS (SELECT FROM water_change u WHERE u.undoes = c.id) AS undone "
        "FROM water_change c LEFT JOIN account a ON a.id = c.changed_by "
        "WHERE c.water_id = :id ORDER BY c.id DESC LIMIT :limit",
        {"id": water_id, "limit": limit},
    )


def _held(connection: Connection, water_id: int) -> dict[str, Any]:
    # FOR UPDATE asks for the right to update: a water of elsewhere is not there.
    row = connection.execute(text(HELD), {"id": water_id}).mappings().one_or_none()
    if row is None:
        raise RecordNotFoundError
    return dict(row)


def _apply(  # noqa: PLR0913 - one change with where it came from
    connection: Connection,
    held: Mapping[str, Any],
    put: Mapping[str, Any],
    account_id: int | None,
    *,
    undoes: int | None = None,
    gone: Mapping[str, str] | None = None,
) -> int | None:
    """Write what of `put` differs, and the change; `gone` is an incident that is taken back."""
    fresh = {name: value for name, value in put.items() if name in held and held[name] != value}
    was = {name: held[name] for name in fresh}
    came = put.get("incident")
    one = {"id": held["id"]}
    if gone is not None:
        connection.execute(text(DROP_INCIDENT), one | {"day": dt.date.fromisoformat(gone["day"])})
    if came is not None:
        added = one | {"day": dt.date.fromisoformat(came["day"]), "note": came["note"]}
        if connection.scalar(text(ADD_INCIDENT), added) is None:
            raise DayTakenError
    if came is not None or gone is not None:
        was["incident"], fresh["incident"] = gone, came
    if not fresh:
        return None
    connection.execute(text(UPDATE), {**held, **fresh})
    return int(
        connection.execute(
            text(
                "INSERT INTO water_change (water_id, changed_by, was, became, undoes) "
                "VALUES (:id, :account, CAST(:was AS jsonb), CAST(:became AS jsonb), :undoes) RETURNING id"
            ),
            one
            | {"account": account_id, "undoes": undoes, "was": json.dumps(was), "became": json.dumps(fresh)},
        ).scalar_one()
    )
