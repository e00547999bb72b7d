"""Storing what the assessment decided: all in one transaction, or none; unchanged rows stay as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from data.copying import upsert
from data.schema.children import gap_weight, proximity
from data.schema.columns import SRID
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
from data.storage.findings_settling import Extent, as_lists, delete, fitting, rows_of, settle, stored_rows
from geo.crs import to_geographic

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from sqlalchemy import Connection

    from data.storage.finding_part import Part

BANK_KEY: Final = ("water_id", "side", "part")
SHORTEST_M: Final = 0.001
WEIGHTS: Final = tuple(column.name for column in gap_weight.columns)


@dataclass(frozen=True, kw_only=True)
class Findings:
    """The result of one assessment; geometry in any declared system, further columns are left out.

    `bank` in a frame means the index of `banks`. Columns:

    banks: water_id, side, part, start_m, length_m. bank_findings (index as banks): water_class, exposed_m,
    covered_m, gap_m, those of each layer. station_findings (index station id): bank, m, distance_m, status,
    missing (list, or text with commas), expires_on. stretches: bank, layer, from_m, to_m. gaps: bank,
    water_id, area_code, side, from_m, to_m, length_m, water_class, reason, nearest_village_code,
    nearest_village_m, weight and its parts, what_closes, new_sets, beyond_rope, barrier_advised.
    exposure (index water id): grade, children_band. institution_proximity: institution_id, target_kind,
    target_id, distance_m. proximity: child_id, area_code, target_kind, target_id, distance_m.
    The last three are None where nothing that they depend on has changed: what is stored stays.
    """

    data_version: int
    tables: Mapping[str, int]
    as_of: dt.date
    started_at: dt.datetime
    parameters: Mapping[str, object]
    banks: gpd.GeoDataFrame
    bank_findings: pd.DataFrame
    station_findings: pd.DataFrame
    stretches: gpd.GeoDataFrame
    gaps: gpd.GeoDataFrame
    exposure: pd.DataFrame | None
    institution_proximity: pd.DataFrame | None
    proximity: pd.DataFrame | None


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
    waters = None if part is None else Extent(column="water_id", ids=part.waters)
    ids, redrawn = _write_banks(connection, findings.banks, waters)
    banks = None if part is None else [Extent(column="bank_id", ids=[*map(int, ids), *redrawn])]
    found = findings.bank_findings.assign(bank_id=ids)
    settle(connection, bank_finding, found, key=("bank_id",), extents=banks)
    # In degrees the ends of a shorter one may be the same point: no line.
    drawn = findings.stretches["to_m"] - findings.stretches["from_m"] >= SHORTEST_M
    stretches = _on_banks(findings.stretches[drawn.to_numpy(bool)], ids)
    settle(
        connection,
        covered_stretch,
        stretches,
        key=("bank_id", "layer", "from_m"),
        extents=banks,
        redrawn=redrawn,
    )
    lengths = dict(zip(ids.tolist(), findings.banks["length_m"].tolist(), strict=True))
    gaps = gap_ledger.numbered(connection, _on_banks(findings.gaps, ids), lengths, banks)
    settle(connection, gap, gaps, key=("bank_id", "from_m"), extents=banks, redrawn=redrawn)
    _write_weights(connection, gaps, banks)
    gap_ledger.record(connection, gaps, findings.as_of, None if part is None else [*part.waters, *part.gone])
    _write_stations(connection, findings, ids, part)
    _write_nearness(connection, findings, part)
    return _write_assessment(connection, findings, part)


def _write_weights(connection: Connection, gaps: pd.DataFrame, banks: Sequence[Extent] | None) -> None:
    """Write what the weight of each gap is made of; that of a gap which is gone went with it."""
    ids: dict[str, int] = {row[0]: row[1] for row in stored_rows(connection, gap, ["number", "id"], banks)}
    weights = pd.DataFrame(gaps.drop(columns="geometry", errors="ignore"))
    weights = weights.assign(gap_id=weights["number"].map(ids).astype("Int64"))[list(WEIGHTS)]
    extents = None if banks is None else [Extent(column="gap_id", ids=weights["gap_id"].tolist())]
    settle(connection, gap_weight, weights, key=("gap_id",), extents=extents)


def _on_banks(frame: Any, ids: pd.Series[int]) -> Any:  # noqa: ANN401 - a frame of either kind
    return frame.assign(bank_id=frame["bank"].map(ids).astype("Int64"))


def _write_stations(
    connection: Connection, findings: Findings, ids: pd.Series[int], part: Part | None
) -> None:
    stations = _on_banks(findings.station_findings, ids)
    stations = stations.assign(
        station_id=stations.index,
        missing=pd.Series(as_lists(stations["missing"]), index=stations.index, dtype="object"),
    )
    extents = None
    if part is not None:
        extents = [Extent(column="station_id", ids=[*part.stations, *stations.index.tolist()])]
    settle(connection, station_finding, stations, key=("station_id",), extents=extents)


def _write_nearness(connection: Connection, findings: Findings, part: Part | None) -> None:
    if findings.exposure is not None:
        extents = None if part is None else [Extent(column="water_id", ids=part.waters)]
        exposure = findings.exposure.assign(water_id=findings.exposure.index)
        settle(connection, water_exposure, exposure, key=("water_id",), extents=extents)
    for table, frame, who in (
        (institution_proximity, findings.institution_proximity, "institution_id"),
        (proximity, findings.proximity, "child_id"),
    ):
        if frame is None:
            continue
        extents = None
        if part is not None:
            people = part.institutions if who == "institution_id" else part.children
            extents = [
                Extent(column="target_id", ids=[*part.waters, *part.gone], more=[("target_kind", "water")]),
                Extent(column="target_id", ids=part.hazards, more=[("target_kind", "hazard")]),
                Extent(column=who, ids=people, more=[("target_kind", "hazard")]),
            ]
        settle(connection, table, frame, key=(who, "target_kind", "target_id"), extents=extents)


def _write_banks(
    connection: Connection, banks: gpd.GeoDataFrame, waters: Extent | None
) -> tuple[pd.Series[int], set[int]]:
    """Write the banks; return the stored id of each, on the index of `banks`, and those ids redrawn."""
    banks = to_geographic(banks)
    shapes = shapely.to_wkb(shapely.set_srid(np.asarray(banks.geometry.array, dtype=object), SRID),
                            include_srid=True)  # fmt: skip
    extents = None if waters is None else [waters]
    columns = ["id", *BANK_KEY, "length_m", "start_m"]
    held = {row[1:4]: row for row in stored_rows(connection, bank, columns, extents)}
    drawn = _shapes(connection, waters)
    changed = []
    keys = rows_of(bank, banks, [*BANK_KEY, "length_m", "start_m"])
    for position, (row, shape) in enumerate(zip(keys, shapes, strict=True)):
        found = held.get(row[:3])
        if found is None or found[4:] != row[3:] or drawn[found[0]] != shape:
            changed.append(position)
    redrawn = {held[keys[position][:3]][0] for position in changed if keys[position][:3] in held}
    kept = {row[:3] for row in keys}
    delete(connection, bank, ["id"], [(row[0],) for key, row in held.items() if key not in kept])
    if changed:
        upsert(connection, bank, fitting(bank, banks.iloc[changed]), key=BANK_KEY)
        held = {row[1:4]: row for row in stored_rows(connection, bank, columns, extents)}
    ids = [held[row[:3]][0] for row in keys]
    return pd.Series(ids, index=banks.index, dtype="int64"), redrawn


def _shapes(connection: Connection, waters: Extent | None) -> dict[int, bytes]:
    where = "" if waters is None else "WHERE water_id = ANY(:waters)"
    found = connection.execute(
        text(f"SELECT id, ST_AsEWKB(geom) FROM bank {where}"),  # noqa: S608 - our own text
        {} if waters is None else {"waters": list(waters.ids)},
    )
    return {number: bytes(shape) for number, shape in found}


FIGURES: Final = """
SELECT b.*, g.gaps, s.* FROM
    (SELECT coalesce(sum(b.length_m), 0) AS bank_m, coalesce(sum(f.exposed_m), 0) AS exposed_m,
            coalesce(sum(f.covered_m), 0) AS covered_m, coalesce(sum(f.gap_m), 0) AS gap_m
     FROM bank b JOIN bank_finding f ON f.bank_id = b.id) b,
    (SELECT count(*) AS gaps FROM gap) g,
    (SELECT count(*) AS stations, count(*) FILTER (WHERE status = 'valid') AS valid_stations
     FROM station_finding) s
"""


def figures_of(connection: Connection) -> dict[str, float]:
    """Return the sums of all that is stored: metres of bank, gaps, stations."""
    row = connection.execute(text(FIGURES)).mappings().one()
    return {name: float(value) for name, value in row.items()}


def _write_assessment(connection: Connection, findings: Findings, part: Part | None) -> Written:
    figures = figures_of(connection)
    number = write_assessment(
        connection,
        {
            "data_version": findings.data_version,
            "tables": dict(findings.tables),
            "as_of": findings.as_of,
            "parameters": dict(findings.parameters),
            "figures": figures,
            "kind": "full" if part is None else "part",
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
