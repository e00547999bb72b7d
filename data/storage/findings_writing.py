"""Storing what the assessment decided: all in one transaction, or none; unchanged rows stay as they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from data.copying import upsert
from data.schema.children import gap_weight, proximity
from data.schema.findings import (
    assessment,
    bank_finding,
    covered_stretch,
    gap,
    institution_proximity,
    station_finding,
    water_exposure,
)
from data.schema.waters import bank
from data.storage import gap_ledger
from data.storage.findings_figures import figures_after, sums_of_part
from data.storage.findings_settling import Extent, Sheet, as_lists, delete, settle, stored_rows
from geo.crs import GEOGRAPHIC, to_geographic

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection
    from sqlalchemy import Table as Stored

    from data.storage.finding_part import Part
    from geo.intervals import Ints
    from geo.tables import Table

BANK_KEY: Final = ("water_id", "side", "part")
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
    exposure (ids of waters): grade, children_band. institution_proximity: institution_id, target_kind,
    target_id, distance_m. proximity: child_id, area_code, target_kind, target_id, distance_m.
    The last three are None where nothing that they depend on has changed: what is stored stays.
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


def write_findings(connection: Connection, findings: Findings, part: Part | None = None) -> Written:
    """Make the stored findings those given and record the run. Needs the worker's login.

    With a part, only the findings of its records are replaced. Banks keep their ids where water, side and
    part stay, gaps their numbers where they overlap. The caller holds `one_writer`, reads in the same
    repeatable-read transaction, and takes off the queue what it has dealt with.
    """
    before = None if part is None else sums_of_part(connection, findings.station_findings, part)
    write_rows(connection, findings, part)
    figures = figures_after(connection, findings.station_findings, part, before)
    return _write_assessment(connection, findings, figures, "full" if part is None else "part")


def write_rows(connection: Connection, findings: Findings, part: Part | None) -> None:
    """Make the stored findings (of the part, or all) those given, without recording a run."""
    waters = None if part is None else [Extent(column="water_id", ids=part.waters)]
    ids, redrawn = _write_banks(connection, findings.banks, waters)
    banks = None if part is None else [Extent(column="bank_id", ids=[*map(int, ids), *redrawn])]
    found = {"bank_id": ids, **findings.bank_findings.columns}
    settle(connection, Sheet(table=bank_finding, columns=found), key=("bank_id",), extents=banks)
    # In degrees the ends of a shorter one may be the same point: no line.
    drawn = findings.stretches["to_m"] - findings.stretches["from_m"] >= SHORTEST_M
    stretches = _drawn_sheet(covered_stretch, findings.stretches.take(drawn), ids, findings.banks)
    settle(connection, stretches, key=("bank_id", "layer", "from_m"), extents=banks, redrawn=redrawn)
    gaps = _drawn_sheet(gap, findings.gaps, ids, findings.banks)
    lengths = dict(zip(ids.tolist(), findings.banks["length_m"].tolist(), strict=True))
    numbers = gap_ledger.numbered(connection, gaps.columns, lengths, banks)
    gaps = replace(gaps, columns={**gaps.columns, "number": numbers})
    settle(connection, gaps, key=("bank_id", "from_m"), extents=banks, redrawn=redrawn)
    _write_weights(connection, gaps, banks)
    gap_ledger.record(connection, gaps, findings.as_of, None if part is None else [*part.waters, *part.gone])
    _write_stations(connection, findings, ids, part)
    _write_nearness(connection, findings, part)


def _drawn_sheet(table: Stored, found: Table, ids: Ints, banks: Table) -> Sheet:
    """Return what is drawn on banks as rows of a table, each with the stored id of its bank."""
    on = ids[banks.rows_of(found["bank"])]
    return Sheet(table=table, columns={"bank_id": on, **found.columns}, shapes=found.shapes, crs=_crs(found))


def _crs(table: Table) -> str:
    return GEOGRAPHIC if table.crs is None else str(table.crs.srs)


def _write_weights(connection: Connection, gaps: Sheet, banks: Sequence[Extent] | None) -> None:
    """Write what the weight of each gap is made of; that of a gap which is gone went with it."""
    ids: dict[str, int] = dict(stored_rows(connection, gap, ["number", "id"], banks))
    on = np.array([ids[number] for number in gaps.columns["number"]], dtype=np.int64)
    columns = {"gap_id": on} | {name: gaps.columns[name] for name in WEIGHTS if name != "gap_id"}
    extents = None if banks is None else [Extent(column="gap_id", ids=on.tolist())]
    settle(connection, Sheet(table=gap_weight, columns=columns), key=("gap_id",), extents=extents)


def _write_stations(connection: Connection, findings: Findings, ids: Ints, part: Part | None) -> None:
    found = findings.station_findings
    at = findings.banks.rows_of(found["bank"])
    columns = {
        **found.columns,
        "station_id": found.ids,
        "bank_id": [int(ids[row]) if row >= 0 else None for row in at.tolist()],
        "missing": as_lists(found["missing"]),
    }
    extents = None
    if part is not None:
        extents = [Extent(column="station_id", ids=[*part.stations, *found.ids.tolist()])]
    settle(connection, Sheet(table=station_finding, columns=columns), key=("station_id",), extents=extents)


def _write_nearness(connection: Connection, findings: Findings, part: Part | None) -> None:
    if findings.exposure is not None:
        extents = None if part is None else [Extent(column="water_id", ids=part.waters)]
        columns = {"water_id": findings.exposure.ids, **findings.exposure.columns}
        settle(connection, Sheet(table=water_exposure, columns=columns), key=("water_id",), extents=extents)
    for table, found, who in (
        (institution_proximity, findings.institution_proximity, "institution_id"),
        (proximity, findings.proximity, "child_id"),
    ):
        if found is None:
            continue
        extents = None
        if part is not None:
            people = part.institutions if who == "institution_id" else part.children
            extents = [
                Extent(column="target_id", ids=[*part.waters, *part.gone], more=[("target_kind", "water")]),
                Extent(column="target_id", ids=part.hazards, more=[("target_kind", "hazard")]),
                Extent(column=who, ids=people, more=[("target_kind", "hazard")]),
            ]
        sheet = Sheet(table=table, columns=found.columns)
        settle(connection, sheet, key=(who, "target_kind", "target_id"), extents=extents)


def _write_banks(
    connection: Connection, banks: Table, extents: Sequence[Extent] | None
) -> tuple[Ints, set[int]]:
    """Write the banks; return the stored id of each, and those ids redrawn."""
    names = [*BANK_KEY, "length_m", "start_m"]
    sheet = Sheet(table=bank, columns=banks.columns, shapes=banks.shapes, crs=_crs(banks))
    rows, shapes = sheet.rows(names), sheet.drawn(range(len(banks)))
    held = {row[1:4]: row for row in stored_rows(connection, bank, ["id", *names, "geom"], extents)}
    changed = [
        position
        for position, (row, shape) in enumerate(zip(rows, shapes, strict=True))
        if (found := held.get(row[:3])) is None or found[4:6] != row[3:] or not _same_shape(found[6], shape)
    ]
    redrawn = {held[rows[position][:3]][0] for position in changed if rows[position][:3] in held}
    kept = {row[:3] for row in rows}
    delete(connection, bank, ["id"], [(row[0],) for key, row in held.items() if key not in kept])
    if changed:
        upsert(connection, bank, to_geographic(banks.take(np.array(changed)).frame()), key=BANK_KEY)
        held = {row[1:4]: row for row in stored_rows(connection, bank, ["id", *BANK_KEY], extents)}
    return np.array([held[row[:3]][0] for row in rows], dtype=np.int64), redrawn


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
