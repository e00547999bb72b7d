"""Saving a station and the checks of its items, without overwriting what somebody else saved meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from data.storage.faults import EditConflictError, RecordNotFoundError
from data.storage.stations import station_facts

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True)
class StationForm:
    """A station as the form holds it; `id` is None for a new one. Degrees in EPSG:4490."""

    id: int | None
    code: str
    name: str
    area_code: str
    water_id: int | None
    lon: float
    lat: float
    installed_on: dt.date | None
    responsible_unit: str
    note: str
    position_method: str


@dataclass(frozen=True, kw_only=True)
class ItemCheck:
    """What was found of one item; `expected_version` None if the station had no such item."""

    kind: str
    state: str
    note: str = ""
    expected_version: int | None = None


POINT: Final = "ST_SetSRID(ST_MakePoint(:lon, :lat), 4490)"
INSERT: Final = f"""
INSERT INTO station
    (code, name, area_code, water_id, geom, installed_on, responsible_unit, note, position_method)
VALUES
    (:code, :name, :area_code, :water_id, {POINT}, :installed_on, :responsible_unit, :note, :position_method)
RETURNING id
"""  # noqa: S608 - a constant
UPDATE: Final = f"""
UPDATE station SET code = :code, name = :name, area_code = :area_code, water_id = :water_id, geom = {POINT},
    installed_on = :installed_on, responsible_unit = :responsible_unit, note = :note,
    position_method = :position_method
WHERE id = :id AND version = :version
RETURNING id
"""  # noqa: S608 - a constant
# A check that was made before the one on record (a phone that was offline) goes into the history alone.
SAVE_ITEM: Final = """
INSERT INTO station_item AS held (station_id, kind, state, verified_on, note)
VALUES (:station_id, :kind, :state, :verified_on, :note)
ON CONFLICT (station_id, kind) DO UPDATE
SET state = excluded.state, note = excluded.note,
    verified_on = coalesce(excluded.verified_on, held.verified_on)
WHERE held.verified_on IS NULL OR held.verified_on <= :checked_on
"""
SAVE_CHECK: Final = """
INSERT INTO item_check (station_id, kind, state, checked_on, checked_by, note)
VALUES (:station_id, :kind, :state, :checked_on, :checked_by, :note)
"""


def save_station(connection: Connection, form: StationForm, expected_version: int | None) -> int:
    """Insert or update a station and return its id.

    Raises
    ------
    EditConflictError
        If the stored version is not `expected_version`.
    RecordNotFoundError
        If there is no such station, or it lies outside the scope's area.
    """
    values = {name: getattr(form, name) for name in form.__dataclass_fields__}
    try:
        if form.id is None:
            return int(connection.execute(text(INSERT), values).scalar_one())
        saved = connection.scalar(text(UPDATE), values | {"version": expected_version})
    except ProgrammingError as fault:
        if isinstance(fault.orig, InsufficientPrivilege):
            raise RecordNotFoundError from fault
        raise
    if saved is None:
        theirs = station_facts(connection, form.id)
        if theirs is None or theirs["version"] == expected_version:
            raise RecordNotFoundError
        raise EditConflictError(theirs)
    return int(saved)


def save_items(
    connection: Connection,
    station_id: int,
    checks: Sequence[ItemCheck],
    *,
    checked_on: dt.date,
    account_id: int | None,
) -> None:
    """Write what was found at a station on one day: the state of each item, and the history.

    Raises
    ------
    EditConflictError
        If somebody saved one of the items meanwhile; `theirs` maps each kind to its state and version.
    RecordNotFoundError
        If there is no such station, or it lies outside the scope's area.
    """
    # Locked in one order, so that two savers wait for each other instead of colliding.
    lock = text("SELECT id FROM station WHERE id = :id FOR NO KEY UPDATE")
    if connection.scalar(lock, {"id": station_id}) is None:
        raise RecordNotFoundError
    rows = connection.execute(
        text(
            "SELECT kind, state, verified_on, note, version FROM station_item WHERE station_id = :id "
            "ORDER BY kind FOR UPDATE"
        ),
        {"id": station_id},
    ).mappings()
    held = {cast("str", row["kind"]): dict(row) for row in rows}
    changed = [
        check.kind
        for check in checks
        if check.kind in held and held[check.kind]["version"] != check.expected_version
    ]
    if changed:
        raise EditConflictError({kind: held[kind] for kind in changed})
    for check in sorted(checks, key=lambda check: check.kind):
        values = {
            "station_id": station_id,
            "kind": check.kind,
            "state": check.state,
            "note": check.note,
            "checked_on": checked_on,
            "checked_by": account_id,
            "verified_on": None if check.state == "unverified" else checked_on,
        }
        connection.execute(text(SAVE_ITEM), values)
        connection.execute(text(SAVE_CHECK), values)
