"""The assessment: from waters, stations, places and rules to findings, in one pure call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.banks import banks_of
from geo.crs import CrsError
from geo.frames import BARRIERS, PLACES, STATIONS, WATERS
from geo.intervals import Intervals, difference, intersection, join_over_start, totals
from geo.measures import substrings
from hazards.completeness import completeness
from hazards.coverage import behind_barriers, covered, whole
from hazards.exposure import exposure
from hazards.gaps import Standing, gap_frame, gap_intervals, nearest_village, reasons, weights
from hazards.ground import Ground, ground_of, stand
from hazards.water_class import water_classes

if TYPE_CHECKING:
    import datetime as dt

    from hazards.exposure import Exposure
    from hazards.parameters import Parameters


@dataclass(frozen=True)
class Findings:
    """What the assessment decided.

    Attributes
    ----------
    banks
        Index `bank` 0 … n-1: `water_id`, `side`, `part`, `start_m`, `length_m`, geometry.
    station_findings
        Index of the stations: `bank`, `m`, `distance_m`, `status`, `missing`, `expires_on`.
    bank_findings
        Index `bank`: `water_class`, `exposed_m`, `covered_m` (of the exposed metres), `gap_m`.
    gaps
        Index 0 … n-1, by bank and chainage: `bank`, `water_id`, `side`, `from_m`, `to_m`, `length_m`,
        `water_class`, `reason`, `weight` [m × weight of the places that expose it], `nearest_place`,
        `nearest_distance_m`, geometry.
    covered
        `bank`, `from_m`, `to_m`, geometry: every covered stretch, exposed or not.
    water_classes
        Index of the waters: `water_class`, `why`.
    """

    banks: gpd.GeoDataFrame
    station_findings: pd.DataFrame
    bank_findings: pd.DataFrame
    gaps: gpd.GeoDataFrame
    covered: gpd.GeoDataFrame
    water_classes: pd.DataFrame


def assess(  # noqa: PLR0913, PLR0917 - the seven inputs of the question, none of them optional
    waters: gpd.GeoDataFrame,
    stations: gpd.GeoDataFrame,
    items: pd.DataFrame,
    places: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    parameters: Parameters,
    as_of: dt.date,
) -> Findings:
    """Return the findings of the given state of the world as of a date; no argument is changed.

    Parameters
    ----------
    waters, stations, items, places, barriers
        Frames as `geo.frames` describes them, all in one metric CRS. Barriers are those in good state.

    Raises
    ------
    FrameError, CrsError
        Where a frame breaks its contract or the coordinate systems differ.
    """
    for frame, contract in ((waters, WATERS), (stations, STATIONS), (places, PLACES), (barriers, BARRIERS)):
        contract.check(frame)
        if frame.crs != waters.crs:
            raise CrsError(
                f"{contract.name} and waters are in different coordinate systems; bring all to one."
            )
    banks = banks_of(waters, parameters.crossing_limit_m, parameters.well_diameter_m)
    classes = water_classes(waters, banks, places, parameters.class_distance_m)
    ground = ground_of(banks, classes, parameters)
    place = stand(stations, waters, banks, parameters.snap_m.station)
    found = _station_findings(place, items, barriers, ground, parameters, as_of)
    standing = _standing(stations, found, ground)
    safe = _protection(standing, barriers, ground, parameters)
    limits = {kind: getattr(parameters.exposure_m, kind) for kind in ("home", "school", "village")}
    radius = places["kind"].map(limits).to_numpy(np.float64)
    points = np.column_stack([places.geometry.x, places.geometry.y])
    threat = exposure(ground.table, points, radius, places["weight"].to_numpy(np.float64))
    return Findings(
        banks=banks,
        station_findings=found,
        bank_findings=_bank_findings(threat.stretches, safe, ground),
        gaps=_gaps(threat, safe, standing, places, ground, parameters),
        covered=_stretches(safe, ground),
        water_classes=classes,
    )


def _station_findings(  # noqa: PLR0913, PLR0917 - the parts of one question
    place: pd.DataFrame,
    items: pd.DataFrame,
    barriers: gpd.GeoDataFrame,
    ground: Ground,
    parameters: Parameters,
    as_of: dt.date,
) -> pd.DataFrame:
    off = place["too_far"].to_numpy(bool)
    bank = place["bank"].fillna(0).to_numpy(np.int64)
    known = place["bank"].notna().to_numpy(bool)
    stands = pd.DataFrame({"water_class": "A", "small": False, "covered": False}, index=place.index)
    if len(ground.banks):
        water = ground.banks["water_id"].to_numpy()[bank]
        stands["water_class"] = np.where(known, ground.water_class[bank], "A")
        stands["small"] = known & ground.small[bank]
        stands["covered"] = known & np.isin(water, barriers["water_id"].to_numpy())
    found = completeness(stands, items, parameters, as_of)
    return pd.DataFrame(
        {
            "bank": place["bank"].mask(off),
            "m": place["m"].mask(off),
            "distance_m": place["distance_m"],
            "status": np.where(off, "off_bank", found["status"]),
            "missing": found["missing"],
            "expires_on": found["expires_on"],
        },
        index=place.index,
    )


def _standing(stations: gpd.GeoDataFrame, found: pd.DataFrame, ground: Ground) -> Standing:
    on = (found["status"] != "off_bank").to_numpy(bool)
    bank = found["bank"][on].to_numpy(np.int64)
    return Standing(
        bank=bank,
        m=found["m"].to_numpy(np.float64)[on],
        reach_m=ground.reach_m[bank],
        status=found["status"].to_numpy(dtype=object)[on],
        point=np.asarray(stations.geometry.array, dtype=object)[on],
    )


def _protection(
    standing: Standing, barriers: gpd.GeoDataFrame, ground: Ground, parameters: Parameters
) -> Intervals:
    valid = standing.take(standing.status == "valid")
    lids = barriers["water_id"].to_numpy()[(barriers["kind"] == "cover").to_numpy()]
    return covered(
        ground.within_reach(valid),
        behind_barriers(ground.table, ground.banks, barriers, parameters.snap_m.barrier),
        whole(ground.table, ground.small & np.isin(ground.banks["water_id"].to_numpy(), lids)),
    )


def _bank_findings(threatened: Intervals, safe: Intervals, ground: Ground) -> pd.DataFrame:
    count = len(ground.banks)
    return pd.DataFrame(
        {
            "water_class": ground.water_class,
            "exposed_m": totals(threatened, count),
            "covered_m": totals(intersection(threatened, safe), count),
            "gap_m": totals(difference(threatened, safe), count),
        },
        index=ground.banks.index,
    )


def _gaps(  # noqa: PLR0913, PLR0917 - the parts of one question
    threat: Exposure,
    safe: Intervals,
    standing: Standing,
    places: gpd.GeoDataFrame,
    ground: Ground,
    parameters: Parameters,
) -> gpd.GeoDataFrame:
    open_m = gap_intervals(threat.stretches, safe, ground.table, parameters.min_gap_m)
    frame = gap_frame(open_m, ground.banks, ground.water_class, ground.table)
    frame["reason"] = reasons(open_m, standing, ground)
    frame["weight"] = weights(open_m, threat.weigh, ground.table)
    village = nearest_village(frame, places)
    frame["nearest_place"] = village["nearest_place"]
    frame["nearest_distance_m"] = village["nearest_distance_m"]
    return frame


def _stretches(safe: Intervals, ground: Ground) -> gpd.GeoDataFrame:
    whole_parts = join_over_start(safe, ground.table.length_m, ground.table.ring)
    return gpd.GeoDataFrame(
        {
            "bank": ground.banks.index.to_numpy()[whole_parts.group],
            "from_m": whole_parts.start,
            "to_m": whole_parts.stop,
        },
        geometry=substrings(ground.table, whole_parts.group, whole_parts.start, whole_parts.stop),
        crs=ground.banks.crs,
    )
