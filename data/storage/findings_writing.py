"""Storing what the assessment decided: all of it in one transaction, or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from data.copying import copy_frame, upsert
from data.schema.children import proximity
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

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from sqlalchemy import Connection, Table

BANK_KEY: Final = ("water_id", "side", "part")
REPLACED: Final = (
    proximity,
    institution_proximity,
    water_exposure,
    gap,
    covered_stretch,
    station_finding,
    bank_finding,
)


@dataclass(frozen=True, kw_only=True)
class Findings:
    """The result of one assessment; geometry in EPSG:4490, further columns are left out.

    `bank` in a frame means the index of `banks`. Columns:

    banks: water_id, side, part, length_m. bank_findings (index as banks): water_class, exposed_m, covered_m,
    gap_m. station_findings (index station id): bank, m, distance_m, status, missing (list, or text with
    commas), expires_on. stretches: bank, from_m, to_m. gaps: bank, water_id, area_code, side, from_m, to_m,
    length_m, water_class, reason, nearest_village_code, nearest_village_m, weight, priority.
    exposure (index water id): grade, children_band. institution_proximity: institution_id, target_kind,
    target_id, distance_m. proximity: child_id, area_code, target_kind, target_id, distance_m.
    """

    data_version: int
    as_of: dt.date
    started_at: dt.datetime
    parameters: Mapping[str, object]
    figures: Mapping[str, object]
    banks: gpd.GeoDataFrame
    bank_findings: pd.DataFrame
    station_findings: pd.DataFrame
    stretches: gpd.GeoDataFrame
    gaps: gpd.GeoDataFrame
    exposure: pd.DataFrame
    institution_proximity: pd.DataFrame
    proximity: pd.DataFrame


def write_findings(connection: Connection, findings: Findings) -> int:
    """Replace all stored findings and return the id of the assessment. Needs the worker's login.

    Banks keep their ids where water, side and part stay; one writer at a time.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('anlan.findings'))"))
    for table in REPLACED:
        connection.execute(table.delete())
    ids = _write_banks(connection, findings.banks)
    _put(connection, bank_finding, findings.bank_findings.assign(bank_id=findings.bank_findings.index), ids)
    stations = findings.station_findings.assign(station_id=findings.station_findings.index)
    _put(connection, station_finding, stations.assign(missing=_lists(stations["missing"])), ids)
    _put(connection, covered_stretch, findings.stretches, ids)
    _put(connection, gap, findings.gaps, ids)
    _put(connection, water_exposure, findings.exposure.assign(water_id=findings.exposure.index), ids)
    _put(connection, institution_proximity, findings.institution_proximity, ids)
    _put(connection, proximity, findings.proximity, ids)
    return _write_assessment(connection, findings)


def _write_banks(connection: Connection, banks: gpd.GeoDataFrame) -> pd.Series[int]:
    """Write the banks and return the stored id of each, on the index of `banks`."""
    upsert(connection, bank, _fitting(bank, banks), key=BANK_KEY)
    rows = connection.execute(text("SELECT id, water_id, side, part FROM bank")).all()
    stored = pd.DataFrame(rows, columns=["id", *BANK_KEY]).set_index(list(BANK_KEY))["id"]
    ids = stored.reindex(pd.MultiIndex.from_frame(banks[list(BANK_KEY)])).set_axis(banks.index)
    gone = stored[~stored.isin(ids)].tolist()
    if gone:
        connection.execute(text("DELETE FROM bank WHERE id = ANY(:gone)"), {"gone": gone})
    return ids.astype("int64")


def _put(connection: Connection, table: Table, frame: pd.DataFrame, ids: pd.Series[int]) -> None:
    if frame.empty:
        return
    for name in {"bank", "bank_id"} & set(frame.columns):
        frame = frame.assign(bank_id=frame[name].map(ids)).astype({"bank_id": "Int64"})
    copy_frame(connection, table, _fitting(table, frame))


def _fitting(table: Table, frame: Any) -> Any:  # noqa: ANN401 - a frame of either kind
    """Return the columns that the table has, the geometry among them."""
    shape = frame.active_geometry_name if isinstance(frame, gpd.GeoDataFrame) else None
    return frame[[name for name in frame.columns if name in table.c or name == shape]]


def _lists(missing: pd.Series[Any]) -> pd.Series[Any]:
    parts = [
        [part for part in value.split(",") if part] if isinstance(value, str) else list(value)
        for value in missing
    ]
    return pd.Series(parts, index=missing.index, dtype="object")


def _write_assessment(connection: Connection, findings: Findings) -> int:
    statement = (
        insert(assessment)
        .values(
            data_version=findings.data_version,
            as_of=findings.as_of,
            parameters=dict(findings.parameters),
            figures=dict(findings.figures),
            started_at=findings.started_at,
            finished_at=text("clock_timestamp()"),
        )
        .returning(assessment.c.id)
    )
    return int(connection.execute(statement).scalar_one())
