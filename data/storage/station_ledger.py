"""The station ledger as it is stored: every field of a station and its items in one text each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from sqlalchemy import text

from data.ledgers.fields import ITEM_TITLES, canonical
from data.ledgers.pieces import counted
from data.reading import area_range, read
from data.storage.stations import items

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from data.ledgers.comparing import Values
    from data.ledgers.places import Places


def ledger_rows(connection: Connection, within: str) -> pd.DataFrame:
    """Return the stations in use below `within` in the order of a ledger, indexed by id, with their water."""
    return read(
        connection,
        "SELECT s.id, s.code, s.name, s.area_code, s.version, w.code AS water_code, w.name AS water_name, "
        "s.installed_on, s.responsible_unit, s.note, f.status, ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat "
        "FROM station s LEFT JOIN water w ON w.id = s.water_id "
        "LEFT JOIN station_finding f ON f.station_id = s.id "
        "WHERE s.retired_on IS NULL AND s.area_code >= :low AND s.area_code < :high "
        "ORDER BY s.area_code, w.code NULLS LAST, s.code",
        area_range(within),
    )


def ledger_values(connection: Connection, within: str, places: Places) -> dict[int, Values]:
    """Return every field that has a value, by station, in the order of a ledger."""
    held = ledger_items(connection, within)
    found: dict[int, Values] = {}
    rows: Iterator[Any] = ledger_rows(connection, within).itertuples()
    for row in rows:
        number = int(row.Index)
        told = _station(row, places) | _items(held.get(number, {}))
        found[number] = {name: said for name, said in told.items() if said}
    return found


def ledger_items(connection: Connection, within: str) -> dict[int, dict[str, dict[str, Any]]]:
    """Return state, day and note of the items, by station and kind."""
    frame = items(connection, within)
    found: dict[int, dict[str, dict[str, Any]]] = {}
    rows: Iterator[Any] = frame.itertuples()
    for row in rows:
        seen = None if pd.isna(row.verified_on) else row.verified_on.date()
        found.setdefault(int(row.station_id), {})[str(row.kind)] = {
            "state": str(row.state),
            "verified_on": seen,
            "note": str(row.note),
        }
    return found


def lock_stations(connection: Connection, ids: Sequence[int]) -> None:
    """Hold stations and their items until the end of the transaction, in one order."""
    for statement in (
        "SELECT id FROM station WHERE id = ANY(:ids) ORDER BY id FOR UPDATE",
        "SELECT id FROM station_item WHERE station_id = ANY(:ids) ORDER BY station_id, kind FOR UPDATE",
    ):
        connection.execute(text(statement), {"ids": list(ids)})


def taken_codes(connection: Connection, codes: Sequence[str]) -> set[str]:
    """Return which of the codes stand for a station already, retired ones included."""
    rows = connection.scalars(
        text("SELECT code FROM station WHERE code = ANY(:codes)"), {"codes": list(codes)}
    )
    return set(rows)


def rename_stations(connection: Connection, renamed: Mapping[int, str]) -> None:
    """Give stations new codes."""
    if renamed:
        connection.execute(
            text("UPDATE station SET code = :code WHERE id = :id"),
            [{"id": number, "code": code} for number, code in renamed.items()],
        )


def _station(row: Any, places: Places) -> dict[str, str]:  # noqa: ANN401 - a named tuple of the frame
    named = places.names(str(row.area_code))
    told = {
        "code": row.code,
        "name": row.name,
        "water_code": row.water_code,
        "water_name": row.water_name,
        "lon": row.lon,
        "lat": row.lat,
        "installed_on": None if pd.isna(row.installed_on) else row.installed_on.date(),
        "responsible_unit": row.responsible_unit,
        "note": row.note,
        "status": row.status,
    }
    return named | {name: canonical(name, None if pd.isna(cell) else cell) for name, cell in told.items()}


def _items(held: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    days = [item["verified_on"] for item in held.values() if item["verified_on"] is not None]
    found = {"verified_on": min(days).isoformat() if days else ""}
    for kind in ITEM_TITLES:
        item = held.get(kind)
        found[kind] = str(item["state"]) if item else ""
        found[f"{kind}_count"] = counted(str(item["state"]), str(item["note"])) if item else ""
    return found
