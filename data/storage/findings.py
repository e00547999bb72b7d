"""What the assessment decided, as the pages read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from data.reading import area_range, read, read_shapes

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd
    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """One run of the job: what it saw, when, under which parameters."""

    id: int
    data_version: int
    as_of: dt.date
    parameters: Mapping[str, object]
    figures: Mapping[str, object]
    kind: str
    tables: Mapping[str, int]
    started_at: dt.datetime
    finished_at: dt.datetime


def data_version(connection: Connection) -> int:
    """Return the number of the last change of anything that the findings depend on; 0 before the first."""
    return int(
        connection.execute(text("SELECT coalesce(max(data_version), 0) FROM data_change")).scalar_one()
    )


def is_current(connection: Connection, as_of: dt.date) -> bool:
    """Return whether the stored findings are those of a day and of the data as they are."""
    return bool(connection.execute(text(CURRENT), {"as_of": as_of}).scalar_one())


CURRENT: Final = """
SELECT NOT EXISTS (SELECT FROM finding_queue) AND coalesce((
    SELECT as_of = :as_of AND data_version = (SELECT coalesce(max(data_version), 0) FROM data_change)
    FROM assessment ORDER BY id DESC LIMIT 1), false)
"""


def latest_assessment(connection: Connection) -> Assessment | None:
    """Return the run whose findings are stored, None before the first; older than the data if its
    `data_version` is below `data_version(connection)`.
    """  # noqa: D205 - one sentence
    row = connection.execute(
        text(
            "SELECT id, data_version, as_of, parameters, figures, kind, tables, started_at, finished_at "
            "FROM assessment ORDER BY id DESC LIMIT 1"
        )
    ).one_or_none()
    return None if row is None else Assessment(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping


RANKED: Final = (
    "SELECT *, row_number() OVER (ORDER BY weight DESC, length_m DESC, number) AS priority FROM gap"
)
"""The gaps with their priority, 1 the first to close: ranked when read, so a change rewrites no others."""


def gaps(connection: Connection, within: str | None = None) -> gpd.GeoDataFrame:
    """Return the gaps with water and nearest village by name, first to close first, indexed by id."""
    return read_shapes(
        connection,
        "SELECT g.id, g.bank_id, g.water_id, w.code AS water_code, w.name AS water_name, "  # noqa: S608 - our own text
        "w.kind AS water_kind, g.area_code, a.name AS area_name, g.side, g.from_m, g.to_m, g.length_m, "
        "g.water_class, g.reason, g.nearest_village_code, v.name AS nearest_village, "
        "g.nearest_village_m, g.weight, g.number, g.what_closes, g.new_sets, g.beyond_rope, "
        "g.barrier_advised, b.start_m, g.priority, ST_AsBinary(g.geom) AS geometry "
        f"FROM ({RANKED}) g JOIN bank b ON b.id = g.bank_id "
        "JOIN water w ON w.id = g.water_id JOIN area a ON a.code = g.area_code "
        "LEFT JOIN area v ON v.code = g.nearest_village_code "
        "WHERE g.area_code >= :low AND g.area_code < :high ORDER BY g.priority, g.id",
        area_range(within),
    )


def covered(connection: Connection, within: str | None = None) -> gpd.GeoDataFrame:
    """Return the covered stretches of bank, indexed by id."""
    return read_shapes(
        connection,
        "SELECT c.id, c.bank_id, b.water_id, b.side, c.layer, c.from_m, c.to_m, "
        "ST_AsBinary(c.geom) AS geometry FROM covered_stretch c "
        "JOIN bank b ON b.id = c.bank_id JOIN water w ON w.id = b.water_id "
        "WHERE w.area_code >= :low AND w.area_code < :high ORDER BY c.id",
        area_range(within),
    )


def bank_findings(connection: Connection, within: str | None = None) -> gpd.GeoDataFrame:
    """Return the banks with exposed, covered and gap metres, indexed by bank id."""
    return read_shapes(
        connection,
        "SELECT b.id, b.water_id, w.code AS water_code, w.name AS water_name, w.kind AS water_kind, "
        "w.area_code, b.side, b.part, b.start_m, b.length_m, f.water_class, f.exposed_m, f.covered_m, "
        "f.gap_m, f.physical_m, f.technical_m, f.personal_m, f.physical_only_m, f.technical_only_m, "
        "f.personal_only_m, "
        "ST_AsBinary(b.geom) AS geometry FROM bank b JOIN bank_finding f ON f.bank_id = b.id "
        "JOIN water w ON w.id = b.water_id WHERE w.area_code >= :low AND w.area_code < :high ORDER BY b.id",
        area_range(within),
    )


def exposure(connection: Connection, within: str | None = None) -> gpd.GeoDataFrame:
    """Return grade and band of each assessed water with a point on it, indexed by water id."""
    return read_shapes(
        connection,
        "SELECT w.id, w.code, w.name, w.kind, w.area_code, e.grade, e.children_band, "
        "ST_AsBinary(ST_PointOnSurface(w.geom)) AS geometry FROM water_exposure e "
        "JOIN water w ON w.id = e.water_id WHERE w.area_code >= :low AND w.area_code < :high ORDER BY w.id",
        area_range(within),
    )


def hazard_exposure(connection: Connection, within: str | None = None, *, band: bool) -> pd.DataFrame:
    """Return grade, and with the right to it the `band`, of each verified open hazard, indexed by its id."""
    told = "e.grade, e.children_band" if band else "e.grade"
    return read(
        connection,
        f"SELECT h.id, {told} FROM hazard_exposure e JOIN hazard h ON h.id = e.hazard_id "  # noqa: S608 - our own text
        # A word that was just taken back is not told of until the worker comes by.
        "WHERE h.verified_at IS NOT NULL AND h.state <> 'closed' "
        "AND h.area_code >= :low AND h.area_code < :high ORDER BY h.id",
        area_range(within),
        index="id",
    )


HEADLINE = """
SELECT b.banks, b.bank_m, b.exposed_m, b.covered_m, b.gap_m, g.gaps, s.stations, s.stations_valid,
       s.stations_incomplete, s.stations_expired, s.stations_off_bank, w.waters, n.institutions,
       n.headcount, h.hazards_open, h.hazards_major, h.hazards_overdue
FROM (SELECT count(*) AS banks, coalesce(sum(b.length_m), 0) AS bank_m,
             coalesce(sum(f.exposed_m), 0) AS exposed_m, coalesce(sum(f.covered_m), 0) AS covered_m,
             coalesce(sum(f.gap_m), 0) AS gap_m
      FROM bank b JOIN bank_finding f ON f.bank_id = b.id JOIN water w ON w.id = b.water_id
      WHERE w.area_code >= :low AND w.area_code < :high) b,
     (SELECT count(*) AS gaps FROM gap WHERE area_code >= :low AND area_code < :high) g,
     (SELECT count(*) AS stations, count(*) FILTER (WHERE f.status = 'valid') AS stations_valid,
             count(*) FILTER (WHERE f.status = 'incomplete') AS stations_incomplete,
             count(*) FILTER (WHERE f.status = 'expired') AS stations_expired,
             count(*) FILTER (WHERE f.status = 'off_bank') AS stations_off_bank
      FROM station s LEFT JOIN station_finding f ON f.station_id = s.id
      WHERE s.retired_on IS NULL AND s.area_code >= :low AND s.area_code < :high) s,
     (SELECT count(*) AS waters FROM water WHERE area_code >= :low AND area_code < :high) w,
     (SELECT count(*) AS institutions, coalesce(sum(headcount), 0) AS headcount
      FROM institution WHERE area_code >= :low AND area_code < :high) n,
     (SELECT count(*) AS hazards_open, count(*) FILTER (WHERE grade = 'major') AS hazards_major,
             count(*) FILTER (WHERE deadline < current_date) AS hazards_overdue
      FROM hazard WHERE state <> 'closed' AND area_code >= :low AND area_code < :high) h
"""


def headline(connection: Connection, within: str | None = None) -> dict[str, float]:
    """Return the figures of an area: counts, and metres of bank (…_m), under the names of the query."""
    row = connection.execute(text(HEADLINE), area_range(within)).mappings().one()
    return {name: float(value) if name.endswith("_m") else int(value) for name, value in row.items()}
