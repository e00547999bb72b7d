"""Rows of a station ledger into stations and their items: 四个一, five kinds, each with its state."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from data.importers import cells
from data.importers.cells import CellError
from data.importers.reading import Reading

if TYPE_CHECKING:
    from data.importers.registers import Tables
    from data.importers.rows import Record, Row

KINDS: Final = ("sign", "lifebuoy", "rope", "pole", "lifejacket")
REQUIRED: Final = KINDS[:4]


def station(row: Row, today: date | None = None) -> Tables:
    """Return the station of a row and its items.

    An item that is present takes the state of its own column, else of the row's, else 完好 where the row
    says when it was checked, else 未核. A required item that the ledger is silent about is 缺失 where the
    ledger has any item column, and so is not counted as installed.
    """
    reading = Reading(row)
    geom, method = reading.point()
    day = today or date.today()  # noqa: DTZ011 - the office's own calendar
    code = reading.code()
    record: Record = {"code": code, "geom": geom}
    if "name" in row.headers:
        record["name"] = reading.name(required=False)
    for column in ("installed_on",):
        if column in row.headers:
            record[column] = reading.day(column, today=day)
    for column in ("responsible_unit", "note"):
        if column in row.headers:
            record[column] = reading.name(column, required=False)
    record |= {
        "_water_code": reading.code("water_code", required=False),
        "_water_name": reading.name("water_name", required=False),
    }
    items = _items(reading, code, reading.day("verified_on", today=day))
    record |= reading.places() | reading.provenance(method)
    # Two rows with one number are the same only if their items are.
    record["_items"] = [(item["kind"], item["state"], item["verified_on"]) for item in items]
    reading.finish(record)
    return {"station": [record], "station_item": items}


def _items(reading: Reading, code: str, verified_on: date | None) -> list[Record]:
    row = reading.row
    named = [kind for kind in KINDS if kind in row.headers or f"{kind}_state" in row.headers]
    if not named:
        return []
    general = reading.cell("state", cells.state)
    listed = [kind for kind in KINDS if kind in REQUIRED or kind in named]
    items = []
    for kind in listed:
        state, note = _state(reading, kind, general, verified_on)
        seen = verified_on if state != "unverified" and kind in named else None
        items.append(
            {
                "_station_code": code,
                "kind": kind,
                "state": state,
                "verified_on": seen,
                "note": note,
            }
        )
    return items


def _state(reading: Reading, kind: str, general: str | None, verified_on: date | None) -> tuple[str, str]:
    own: str | None = reading.cell(f"{kind}_state", cells.state)
    if kind not in reading.row.headers:
        return (own or "missing"), ""
    present, note = _presence(reading, kind)
    if present is not None and present != "unverified":
        return present, note
    if own is not None:
        return own, note
    if present == "unverified":
        return present, note
    return general or ("good" if verified_on else "unverified"), note


def _presence(reading: Reading, kind: str) -> tuple[Any, str]:
    value = reading.row.cells.get(kind)
    try:
        return cells.presence(value)
    except CellError as error:
        reading.refuse(kind, error.reason, error.remedy)
        return "unverified", ""
