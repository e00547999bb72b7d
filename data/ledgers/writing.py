"""What the keeper confirmed of a ledger, as records that an import stores."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import shapely

from data.importers import ledger, positions
from data.importers.cells import CellError
from data.importers.positions import Reference
from data.importers.rows import Fault, Parsed, Record, Row, RowError
from data.ledgers.fields import FIELDS, ITEM_TITLES, PLACES
from data.ledgers.pieces import noted, settled
from geo.crs import GEOGRAPHIC

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from data.ledgers.comparing import Comparison, Line, Values
    from data.ledgers.places import Places

STATED: Final = Reference(GEOGRAPHIC)
TEXTS: Final = ("name", "responsible_unit", "note")
HEADERS: Final = {name: entry.title for name, entry in FIELDS.items()}


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What is confirmed: cells as (station, field), new rows by number, stations to take out of use."""

    cells: frozenset[tuple[int, str]] = frozenset()
    added: frozenset[int] = frozenset()
    retired: frozenset[int] = frozenset()

    @property
    def nothing(self) -> bool:
        """Whether nothing is confirmed."""
        return not (self.cells or self.added or self.retired)


@dataclass(frozen=True, kw_only=True)
class Stored:
    """The ledger as it is stored: rows and items as records, and every field as its one text."""

    rows: pd.DataFrame
    items: Mapping[int, Mapping[str, Mapping[str, Any]]]
    texts: Mapping[int, Values]
    places: Places
    area_code: str


@dataclass(kw_only=True)
class Draft:
    """Records to store, stations to rename first, and what cannot be written."""

    parsed: Parsed = field(default_factory=lambda: Parsed(kind="stations", crs=GEOGRAPHIC))
    renamed: dict[int, str] = field(default_factory=dict)

    def add(self, table: str, *records: Record) -> None:
        """Add records to a table."""
        self.parsed.tables.setdefault(table, []).extend(records)


def drafted(found: Comparison, choice: Choice, stored: Stored, sheet: str, today: date) -> Draft:
    """Return the records of what is confirmed; what cannot be written is among the refused rows."""
    draft = Draft()
    edits: dict[int, tuple[int, Values]] = {}
    for change in found.changes:
        if (change.id, change.field) in choice.cells:
            edits.setdefault(change.id, (change.row, {}))[1][change.field] = change.yours
    for number, (row, edited) in edits.items():
        _edit(draft, stored, number, Row(sheet=sheet, number=row, cells=edited, headers=HEADERS), today)
    for line in found.added:
        if line.number in choice.added:
            _added(draft, line, sheet, today)
    for removal in found.removed:
        if removal.id in choice.retired:
            place = _standing(stored, removal.id, {})
            draft.add("station", place | {"code": stored.rows.loc[removal.id, "code"], "retired_on": today})
    return draft


def _edit(draft: Draft, stored: Stored, number: int, row: Row, today: date) -> None:
    edited: Values = dict(row.cells)
    try:
        place = _standing(stored, number, edited)
    except CellError as error:
        column = next(name for name in (*PLACES, "lon", "lat") if name in edited)
        draft.parsed.refused.append(row.error(row.fault(column, error.reason, error.remedy)))
        return
    if faults := [row.fault(name, "晚于今天") for name in _after(edited, today)]:
        draft.parsed.refused.append(row.error(*faults))
        return
    code = edited.get("code", str(stored.rows.loc[number, "code"]))
    if "code" in edited:
        draft.renamed[number] = code
    record = place | {"code": code, "source_sheet": row.sheet, "source_row": row.number, "_row": row}
    record |= {name: edited[name] for name in TEXTS if name in edited}
    if "installed_on" in edited:
        record["installed_on"] = _day(edited["installed_on"])
    if "water_code" in edited:
        record |= {"_water_code": edited["water_code"]} if edited["water_code"] else {"water_id": None}
    draft.add("station", record)
    draft.add("station_item", *_items(code, stored, number, edited))


def _after(edited: Values, today: date) -> list[str]:
    days = ((name, _day(edited[name])) for name in ("verified_on", "installed_on") if name in edited)
    return [name for name, day in days if day is not None and day > today]


def _standing(stored: Stored, number: int, edited: Values) -> Record:
    """Return area and point of a station; untouched, its point is the stored one to the last bit."""
    row = stored.rows.loc[number]
    area = str(row["area_code"])
    if any(name in edited for name in PLACES):
        names = stored.places.names(area)
        area = stored.places.code({name: edited.get(name, names[name]) for name in PLACES}, stored.area_code)
    lon, lat = (float(edited[name] if name in edited else str(row[name])) for name in ("lon", "lat"))
    record: Record = {"geom": shapely.Point(lon, lat), "_area_code": area}
    if "lon" in edited or "lat" in edited:
        if reason := positions.range_fault(lon, lat, STATED):
            raise CellError(reason, "请核对坐标，台账里的坐标为 CGCS2000 经纬度")
        record |= {"raw_position": f"{lon},{lat} {STATED.name}", "position_method": STATED.method}
    return record


def _items(code: str, stored: Stored, number: int, edited: Values) -> list[Record]:
    values, held = stored.texts[number], stored.items.get(number, {})
    row_day = edited.get("verified_on", values.get("verified_on", ""))
    records: list[Record] = []
    for kind in ITEM_TITLES:
        count, state = edited.get(f"{kind}_count"), edited.get(kind)
        touched = count is not None or state is not None
        if not touched and not ("verified_on" in edited and kind in held):
            continue
        now = held.get(kind, {"state": "", "verified_on": None, "note": ""})
        found, note = str(now["state"]), str(now["note"])
        if touched:
            found, pieces = settled((found, values.get(f"{kind}_count", "")), count, state)
            note = noted(note, pieces)
        day = _day(row_day) if "verified_on" in edited else now["verified_on"] or _day(row_day)
        records.append(
            {
                "_station_code": code,
                "kind": kind,
                "state": found,
                "verified_on": None if found == "unverified" else day,
                "note": note,
            }
        )
    return records


def _added(draft: Draft, line: Line, sheet: str, today: date) -> None:
    cells: dict[str, Any] = {name: text for name, text in line.cells.items() if text}
    for kind in ITEM_TITLES:
        state, count = cells.pop(kind, None), cells.pop(f"{kind}_count", None)
        if state is not None:
            cells[f"{kind}_state"] = state
        if state is not None or count is not None:
            cells[kind] = count if count is not None else ("0" if state == "missing" else "1")
    cells.pop("number", None)
    shape, raw, faults = None, None, []
    if "lon" in cells and "lat" in cells:
        lon, lat = float(cells["lon"]), float(cells["lat"])
        raw = f"{lon},{lat} {STATED.name}"
        if reason := positions.range_fault(lon, lat, STATED):
            faults.append(Fault(header="经度", value=cells["lon"], reason=reason, remedy="请核对坐标"))
        else:
            shape = shapely.Point(lon, lat)
    row = Row(
        sheet=sheet,
        number=line.number,
        cells=cells,
        headers=HEADERS | {name: name for name in cells if name not in HEADERS},
        shape=shape,
        raw_position=raw,
        faults=tuple(faults),
    )
    try:
        for table, records in ledger.station(row, today).items():
            draft.add(table, *records)
    except RowError as error:
        draft.parsed.refused.append(error)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
