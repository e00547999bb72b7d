"""The assessment: everything read in one snapshot, judged in metres, stored with the data version it saw."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from data.engine import Login, connect
from data.storage import barriers, children, findings, institutions, stations, villages, waters
from data.storage import hazards as stored_hazards
from data.storage.findings_writing import Findings, write_findings
from data.storage.parameters import read_parameters
from geo.crs import to_geographic, to_metric
from hazards import findings as judged
from hazards.parameters import Parameters, from_mapping, to_mapping
from hazards.proximity import proximity
from hazards.sharing import bands, grades

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

    from data.settings import Settings

    Progress = Callable[[float, str], None]


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What one transaction saw; frames in the deployment's metric CRS, indexed by record id."""

    data_version: int
    parameters: Parameters
    waters: gpd.GeoDataFrame
    stations: gpd.GeoDataFrame
    items: pd.DataFrame
    barriers: gpd.GeoDataFrame
    villages: gpd.GeoDataFrame
    institutions: gpd.GeoDataFrame
    homes: gpd.GeoDataFrame
    hazards: gpd.GeoDataFrame


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """What a run stored, and where its seconds went."""

    assessment_id: int
    data_version: int
    as_of: dt.date
    figures: Mapping[str, float]
    seconds: Mapping[str, float]


def refresh(
    settings: Settings, *, as_of: dt.date | None = None, progress: Progress | None = None
) -> Refreshed:
    """Read, judge and store; return what was stored.

    The read is one repeatable-read snapshot, the write one transaction: a power cut leaves the findings of
    the run before. A change made between the two is not lost: the stored data version is the snapshot's.
    """
    as_of = as_of or dt.datetime.now(tz=dt.UTC).astimezone().date()
    report = progress or _silent
    started_at = dt.datetime.now(tz=dt.UTC)
    clock = {"start": time.perf_counter()}
    report(0.05, "读取数据")
    with connect(settings, Login.WORKER, readonly=True) as connection:
        seen = snapshot(connection, settings.metric_crs)
    clock["read"] = time.perf_counter()
    report(0.3, "计算岸线缺口")
    places = places_of(seen)
    result = judged.assess(
        waters=seen.waters,
        stations=seen.stations,
        items=seen.items,
        places=places,
        barriers=seen.barriers,
        parameters=seen.parameters,
        as_of=as_of,
    )
    report(0.6, "计算儿童与水域的接近关系")
    stored = to_store(seen, result, places, as_of, started_at)
    clock["judge"] = time.perf_counter()
    report(0.8, "保存结果")
    with connect(settings, Login.WORKER) as connection:
        number = write_findings(connection, stored)
    clock["store"] = time.perf_counter()
    report(1.0, "完成")
    return Refreshed(
        assessment_id=number,
        data_version=seen.data_version,
        as_of=as_of,
        figures={name: float(str(value)) for name, value in stored.figures.items()},
        seconds={
            "read": clock["read"] - clock["start"],
            "judge": clock["judge"] - clock["read"],
            "store": clock["store"] - clock["judge"],
        },
    )


def _silent(share: float, words: str) -> None:
    del share, words


def snapshot(connection: Connection, metric_crs: str) -> Snapshot:
    """Return everything the assessment judges by, as one transaction sees it."""
    connection.execution_options(isolation_level="REPEATABLE READ")

    def metres(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return to_metric(frame, metric_crs)

    return Snapshot(
        data_version=findings.data_version(connection),
        parameters=from_mapping(read_parameters(connection)),
        waters=metres(waters.waters(connection)),
        stations=metres(stations.stations(connection)),
        items=stations.items(connection),
        barriers=metres(barriers.barriers(connection)),
        villages=metres(villages.villages(connection)),
        institutions=metres(institutions.institutions(connection)),
        homes=metres(children.homes_for_assessment(connection)),
        hazards=metres(stored_hazards.hazards(connection)),
    )


def places_of(seen: Snapshot) -> gpd.GeoDataFrame:
    """Return homes, institutions and villages as the places that expose a bank; villages keep their code."""
    weights = seen.parameters.place_weight
    pupils = seen.institutions["headcount"].to_numpy(dtype=np.float64)
    parts = [
        ("home", seen.homes, np.full(len(seen.homes), weights.home)),
        ("school", seen.institutions, np.maximum(pupils * weights.pupil, weights.home)),
        ("village", seen.villages, np.full(len(seen.villages), weights.village)),
    ]
    codes = np.concatenate([np.full(len(seen.homes) + len(seen.institutions), None), seen.villages.index])
    return gpd.GeoDataFrame(
        {
            "kind": np.repeat([kind for kind, _, _ in parts], [len(frame) for _, frame, _ in parts]),
            "weight": np.concatenate([weight for _, _, weight in parts]),
            "code": codes,
        },
        geometry=np.concatenate([frame.geometry.array for _, frame, _ in parts]),
        crs=seen.waters.crs,
    )


def to_store(
    seen: Snapshot,
    result: judged.Findings,
    places: gpd.GeoDataFrame,
    as_of: dt.date,
    started_at: dt.datetime,
) -> Findings:
    """Return the findings as storage takes them: geometry in degrees, codes and names of the records."""
    near_homes = _near(seen.homes, seen, result.banks).rename(columns={"place": "child_id"})
    near_institutions = _near(seen.institutions, seen, result.banks)
    near_institutions = near_institutions.rename(columns={"place": "institution_id"})
    near_homes["area_code"] = seen.homes["area_code"].reindex(near_homes["child_id"]).to_numpy()
    return Findings(
        data_version=seen.data_version,
        as_of=as_of,
        started_at=started_at,
        parameters=to_mapping(seen.parameters),
        figures=_figures(result),
        banks=to_geographic(result.banks),
        bank_findings=result.bank_findings,
        station_findings=result.station_findings,
        stretches=to_geographic(result.covered),
        gaps=to_geographic(_gaps(seen, result, places)),
        exposure=_shared(seen, near_homes),
        institution_proximity=near_institutions,
        proximity=near_homes,
    )


def _near(places: gpd.GeoDataFrame, seen: Snapshot, banks: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the waters (to their bank) and hazards within the exposure distance of each place."""
    within_m = seen.parameters.exposure_m.home
    pairs = {
        "water": proximity(places, banks.set_index("water_id"), within_m),
        "hazard": proximity(places, seen.hazards, within_m),
    }
    rows = [
        pair.assign(target_kind=kind).rename(columns={"water_id": "target_id"})
        for kind, pair in pairs.items()
    ]
    return pd.concat(rows, ignore_index=True)


def _gaps(seen: Snapshot, result: judged.Findings, places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the gaps with area, nearest village and priority (1 is the first to close)."""
    gaps = result.gaps
    order = gaps.sort_values(["weight", "length_m"], ascending=False, kind="stable").index
    return gaps.assign(
        area_code=seen.waters["area_code"].reindex(gaps["water_id"]).to_numpy(),
        nearest_village_code=places["code"].reindex(gaps["nearest_place"]).to_numpy(),
        nearest_village_m=gaps["nearest_distance_m"],
        priority=pd.Series(np.arange(1, len(gaps) + 1), index=order).reindex(gaps.index),
    )


def _shared(seen: Snapshot, near_homes: pd.DataFrame) -> pd.DataFrame:
    """Return grade and band of each verified water: all that other bureaus may know of the children."""
    near_waters = near_homes.loc[near_homes["target_kind"] == "water", "target_id"]
    verified = seen.waters.index[seen.waters["verified_at"].notna()]
    counts = near_waters.value_counts().reindex(verified, fill_value=0).to_numpy()
    return pd.DataFrame({"grade": grades(counts), "children_band": bands(counts)}, index=verified)


def _figures(result: judged.Findings) -> dict[str, float]:
    banks = result.bank_findings
    return {
        "bank_m": float(result.banks["length_m"].sum()),
        "exposed_m": float(banks["exposed_m"].sum()),
        "covered_m": float(banks["covered_m"].sum()),
        "gap_m": float(banks["gap_m"].sum()),
        "gaps": float(len(result.gaps)),
        "stations": float(len(result.station_findings)),
        "valid_stations": float((result.station_findings["status"] == "valid").sum()),
    }
