"""Storing what the assessment decided: all in one transaction, or none; unchanged rows stay as they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from data.reading import driver
from data.schema.children import gap_weight, proximity
from data.schema.findings import (
    assessment,
    bank_finding,
    covered_stretch,
    gap,
    hazard_exposure,
    institution_proximity,
    station_finding,
    water_exposure,
)
from data.schema.waters import bank
from data.storage import gap_ledger
from data.storage.findings_figures import Summed, exchanged, figures_of
from data.storage.findings_settling import Sheet, as_lists, delete, settle
from data.storage.findings_stored import BANK_COLUMNS, BANK_KEY, Extent, Question, Rows, Stored, questions
from data.upserting import upsert
from geo.crs import GEOGRAPHIC, to_geographic

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection
    from sqlalchemy import Table as Kind

    from data.storage.finding_part import Part
    from data.storage.findings import Assessment
    from geo.intervals import Ints
    from geo.tables import Table

SHORTEST_M: Final = 0.001
WEIGHTS: Final = tuple(column.name for column in gap_weight.columns)


@dataclass(frozen=True, kw_only=True)
class Findings:
    """The result of one assessment; geometry in any declared system, further columns are left out.

    `bank` in a table means the id in `banks`, which may be MISSING. Columns:

    banks: water_id, side, part, start_m, length_m. bank_findings (ids as banks): water_class, exposed_m,
    covered_m, gap_m, those of each layer. station_findings (ids of stations): bank, m, distance_m, status,
    missing (text with commas), expires_on. stretches: bank, layer, from_m, to_m. gaps: bank,
    water_id, area_code, side, from_m, to_m, length_m, water_class, reason, nearest_village_code,
    nearest_village_m, weight and its parts, what_closes, new_sets, beyond_rope, barrier_advised.
    exposure (ids of waters), hazard_exposure (ids of hazards): grade, children_band.
    institution_proximity: institution_id, target_kind, target_id, distance_m.
    proximity: child_id, area_code, target_kind, target_id, distance_m.
    The last four are None where nothing that they depend on has changed: what is stored stays.
    """

    data_version: int
    tables: Mapping[str, int]
    as_of: dt.date
    started_at: dt.datetime
    parameters: Mapping[str, object]
    banks: Table
    bank_findings: Table
    station_findings: Table
    stretches: Table
    gaps: Table
    exposure: Table | None
    hazard_exposure: Table | None
    institution_proximity: Table | None
    proximity: Table | None


def one_writer(connection: Connection) -> None:
    """Wait until no other assessment writes; held until the transaction ends.

    Taken on a connection of its own, before the snapshot that is assessed: it then holds what the last
    writer stored.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('anlan.findings'))"))


@dataclass(frozen=True, kw_only=True)
class Written:
    """The recorded run, and the sums of all that is now stored."""

    assessment_id: int
    figures: Mapping[str, float]


def write_findings(
    connection: Connection, findings: Findings, part: Part | None = None, last: Assessment | None = None
) -> Written:
    """Make the stored findings those given and record the run. Needs the worker's login.

    With a part, only the findings of its records are replaced, and the sums of the `last` run are brought up
    to date. Banks keep their ids where water, side and part stay, gaps their numbers where they overlap. The
    caller holds `one_writer`, reads in the same repeatable-read transaction, and takes off the queue what it
    has dealt with.
    """
    change = write_rows(connection, findings, part)
    figures: Mapping[str, float]
    # What hung on a deleted record went with it, before anybody could subtract it.
    if part is None or last is None or part.gone or change.vanished:
        figures = figures_of(connection)
    else:
        figures = exchanged(last.figures, change.before, change.after)
    return _write_assessment(connection, findings, figures, "full" if part is None else "part")


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a run replaced and by what; `vanished`: a station of the part is no more."""

    before: Summed
    after: Summed
    vanished: bool


def write_rows(connection: Connection, findings: Findings, part: Part | None) -> Change:
    """Make the stored findings (of the part, or all) those given, without recording a run."""
    standing, near = findings.station_findings.ids.tolist(), findings.exposure is not None
    stored = Stored(connection, questions(part, standing, near=near), together=part is not None)
    held_banks = stored.rows("bank")
    ids, redrawn = _write_banks(connection, findings.banks, held_banks)
    held_found, held_gaps, held_stations = (
        stored.rows(name) for name in ("bank_finding", "gap", "station_finding")
    )
    columns = {"bank_id": ids, **findings.bank_findings.columns}
    found, _ = settle(connection, Sheet(table=bank_finding, columns=columns), held_found, key=("bank_id",))
    # In degrees the ends of a shorter one may be the same point: no line.
    drawn = findings.stretches["to_m"] - findings.stretches["from_m"] >= SHORTEST_M
    stretches = _drawn_sheet(covered_stretch, findings.stretches.take(drawn), ids, findings.banks)
    held = stored.rows("covered_stretch")
    settle(connection, stretches, held, key=("bank_id", "layer", "from_m"), redrawn=redrawn)
    gaps = _drawn_sheet(gap, findings.gaps, ids, findings.banks)
    lengths = dict(zip(ids.tolist(), findings.banks["length_m"].tolist(), strict=True))
    numbers = gap_ledger.numbered(connection, gaps.columns, lengths, held_gaps)
    gaps = replace(gaps, columns={**gaps.columns, "number": numbers})
    held_weights = stored.rows("gap_weight")
    now, fresh = settle(connection, gaps, held_gaps, key=("bank_id", "from_m"), redrawn=redrawn)
    _write_weights(connection, gaps, held_gaps, held_weights, [numbers[position] for position in fresh])
    gap_ledger.record(connection, gaps, findings.as_of, stored.rows("gap_history"))
    stations = _write_stations(connection, findings, ids, held_stations)
    _write_nearness(connection, findings, stored)
    lengths_m = Rows(("length_m",), [(length_m,) for length_m in lengths.values()])
    return Change(
        before=Summed(banks=held_banks, bank_findings=held_found, gaps=held_gaps, stations=held_stations),
        after=Summed(banks=lengths_m, bank_findings=found, gaps=now, stations=stations),
        vanished=part is not None and len(stored.rows("station").rows) < len(part.stations),
    )


def _drawn_sheet(table: Kind, found: Table, ids: Ints, banks: Table) -> Sheet:
    """Return what is drawn on banks as rows of a table, each with the stored id of its bank."""
    on = ids[banks.rows_of(found["bank"])]
    return Sheet(table=table, columns={"bank_id": on, **found.columns}, shapes=found.shapes, crs=_crs(found))


def _crs(table: Table) -> str:
    return GEOGRAPHIC if table.crs is None else str(table.crs.srs)


def _write_weights(
    connection: Connection, gaps: Sheet, held: Rows, weights: Rows, fresh: Sequence[str]
) -> None:
    """Write what the weight of each gap is made of; that of a gap which is gone went with it."""
    ids: dict[str, int] = dict(held.of("number", "id"))
    if fresh:
        asked = Question(table=gap, extents=[Extent(column="number", ids=fresh)], columns=("number", "id"))
        ids |= dict(driver(connection).execute(*asked.asked()).fetchall())
    on = np.array([ids[number] for number in gaps.columns["number"]], dtype=np.int64)
    columns = {"gap_id": on} | {name: gaps.columns[name] for name in WEIGHTS if name != "gap_id"}
    settle(connection, Sheet(table=gap_weight, columns=columns), weights, key=("gap_id",))


def _write_stations(connection: Connection, findings: Findings, ids: Ints, held: Rows) -> Rows:
    found = findings.station_findings
    at = findings.banks.rows_of(found["bank"])
    columns = {
        **found.columns,
        "station_id": found.ids,
        "bank_id": [int(ids[row]) if row >= 0 else None for row in at.tolist()],
        "missing": as_lists(found["missing"]),
    }
    now, _ = settle(connection, Sheet(table=station_finding, columns=columns), held, key=("station_id",))
    return now


def _write_nearness(connection: Connection, findings: Findings, stored: Stored) -> None:
    for table, found, what in (
        (water_exposure, findings.exposure, "water_id"),
        (hazard_exposure, findings.hazard_exposure, "hazard_id"),
    ):
        if found is not None:
            sheet = Sheet(table=table, columns={what: found.ids, **found.columns})
            settle(connection, sheet, stored.rows(table.name), key=(what,))
    for table, found, who in (
        (institution_proximity, findings.institution_proximity, "institution_id"),
        (proximity, findings.proximity, "child_id"),
    ):
        if found is not None:
            sheet = Sheet(table=table, columns=found.columns)
            settle(connection, sheet, stored.rows(table.name), key=(who, "target_kind", "target_id"))


def write_homes(connection: Connection, children: Sequence[int], found: Table) -> None:
    """Make what some children live near that which was found, without recording a run."""
    asked = Question(table=proximity, extents=[Extent(column="child_id", ids=children)])
    held = Rows(asked.names, driver(connection).execute(*asked.asked()).fetchall())
    sheet = Sheet(table=proximity, columns=found.columns)
    settle(connection, sheet, held, key=("child_id", "target_kind", "target_id"))


def _write_banks(connection: Connection, banks: Table, stored: Rows) -> tuple[Ints, set[int]]:
    """Write the banks; return the stored id of each, and those ids redrawn."""
    sheet = Sheet(table=bank, columns=banks.columns, shapes=banks.shapes, crs=_crs(banks))
    rows, shapes = sheet.rows(BANK_COLUMNS), sheet.drawn(range(len(banks)))
    held = {row[1:4]: row for row in stored.rows}
    changed = [
        position
        for position, (row, shape) in enumerate(zip(rows, shapes, strict=True))
        if (found := held.get(row[:3])) is None or found[4:6] != row[3:] or not _same_shape(found[6], shape)
    ]
    redrawn = {held[rows[position][:3]][0] for position in changed if rows[position][:3] in held}
    kept = {row[:3] for row in rows}
    delete(connection, bank, ["id"], [(row[0],) for key, row in held.items() if key not in kept])
    ids = {key: row[0] for key, row in held.items()}
    if changed:
        upsert(connection, bank, to_geographic(banks.take(np.array(changed)).frame()), key=BANK_KEY)
        waters = [Extent(column="water_id", ids={rows[position][0] for position in changed})]
        asked = Question(table=bank, extents=waters, columns=("id", *BANK_KEY))
        ids |= {row[1:]: row[0] for row in driver(connection).execute(*asked.asked())}
    return np.array([ids[row[:3]] for row in rows], dtype=np.int64), redrawn


def _same_shape(stored: Any, shape: bytes) -> bool:  # noqa: ANN401 - EWKB, in bytes or in hexadecimal digits
    return (bytes.fromhex(stored) if isinstance(stored, str) else bytes(stored)) == shape


def _write_assessment(
    connection: Connection, findings: Findings, figures: Mapping[str, float], kind: str
) -> Written:
    number = write_assessment(
        connection,
        {
            "data_version": findings.data_version,
            "tables": dict(findings.tables),
            "as_of": findings.as_of,
            "parameters": dict(findings.parameters),
            "figures": dict(figures),
            "kind": kind,
            "started_at": findings.started_at,
        },
    )
    return Written(assessment_id=number, figures=figures)


def write_assessment(connection: Connection, facts: Mapping[str, object]) -> int:
    """Record a run and return its id: what it saw, under which parameters, and the sums it left."""
    statement = (
        insert(assessment).values(**facts, finished_at=text("clock_timestamp()")).returning(assessment.c.id)
    )
    return int(connection.execute(statement).scalar_one())
