"""The assessment: from waters, stations, places and rules to findings, in one pure call."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.banks import banks_of
from geo.crs import CrsError
from geo.frames import BARRIERS, CAMERAS, PATROLS, PLACES, STATIONS, WATERS
from geo.intervals import Intervals, concat, difference, empty, intersection, join_over_start, totals, union
from geo.measures import substrings
from hazards.closing import barrier_advised, beyond_rope, what_closes
from hazards.completeness import completeness
from hazards.coverage import behind_barriers, covered, whole
from hazards.gaps import Standing, gap_frame, gap_intervals, nearest_village, reasons, weights
from hazards.ground import Ground, ground_of, stand
from hazards.layers import NAMES, Layers, counted, seen_by_cameras, walked
from hazards.profiles import factors, weights_by_part
from hazards.sharing import shared_exposure
from hazards.water_class import water_classes

if TYPE_CHECKING:
    import datetime as dt

    from geo.intervals import Flags
    from hazards.parameters import Parameters, Sharing


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
        Index `bank`: `water_class`, `exposed_m`, and of the exposed metres `covered_m` (by the layers that
        close a gap), `gap_m`, `physical_m`, `technical_m`, `personal_m` (within each layer) and
        `physical_only_m`, `technical_only_m`, `personal_only_m` (within that layer alone).
    gaps
        Index 0 … n-1, by bank and chainage: `bank`, `water_id`, `side`, `from_m`, `to_m`, `length_m`,
        `water_class`, `reason`, `weight` [m × weight of the places near it] and its parts `weight_t`,
        `weight_p`, `weight_y`, `weight_school`, `weight_village` (those of the ages tell of children),
        `what_closes` (verify, complete_set, new_set), `new_sets`, `beyond_rope`, `barrier_advised`,
        `nearest_place`, `nearest_distance_m`, geometry.
    covered
        `bank`, `layer` (physical, technical, personal), `from_m`, `to_m`, geometry: every covered stretch,
        exposed or not, layer by layer.
    water_classes
        Index of the waters: `water_class`, `why`.
    """

    banks: gpd.GeoDataFrame
    station_findings: pd.DataFrame
    bank_findings: pd.DataFrame
    gaps: gpd.GeoDataFrame
    covered: gpd.GeoDataFrame
    water_classes: pd.DataFrame


def assess(  # noqa: PLR0913, PLR0917 - the inputs of the question
    waters: gpd.GeoDataFrame,
    stations: gpd.GeoDataFrame,
    items: pd.DataFrame,
    places: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    parameters: Parameters,
    as_of: dt.date,
    *,
    cameras: gpd.GeoDataFrame | None = None,
    patrols: gpd.GeoDataFrame | None = None,
    sharing: Sharing | None = None,
) -> Findings:
    """Return the findings of the given state of the world as of a date; no argument is changed.

    Parameters
    ----------
    waters, stations, items, places, barriers, cameras, patrols
        Frames as `geo.frames` describes them, all in one metric CRS. Barriers are those in good state;
        cameras and patrols are judged here.
    sharing
        How homes count in findings that readers without child rights see; None: each home, exactly.

    Raises
    ------
    FrameError, CrsError
        Where a frame breaks its contract or the coordinate systems differ.
    """
    given = _Given(
        waters=waters,
        stations=stations,
        items=items,
        places=places,
        barriers=barriers,
        parameters=parameters,
        as_of=as_of,
        cameras=cameras,
        patrols=patrols,
    )
    given.check()
    banks = banks_of(waters, parameters.crossing_limit_m, parameters.well_diameter_m)
    classes = water_classes(waters, banks, places, parameters.class_distance_m)
    ground = ground_of(banks, classes, parameters)
    found = _station_findings(given, ground)
    standing = _standing(stations, found, ground)
    layers = _layers(given, standing, ground)
    limits = {kind: getattr(parameters.exposure_m, kind) for kind in ("home", "school", "village")}
    radius = places["kind"].map(limits).to_numpy(np.float64)
    points = np.column_stack([places.geometry.x, places.geometry.y])
    home = (places["kind"] == "home").to_numpy()
    threatened = shared_exposure(ground.table, points, radius, home, sharing)
    return Findings(
        banks=banks,
        station_findings=found,
        bank_findings=_bank_findings(threatened, layers, ground),
        gaps=_gaps(given, threatened, layers, standing, ground),
        covered=_stretches(layers, ground),
        water_classes=classes,
    )


@dataclass(frozen=True, kw_only=True)
class _Given:
    """The arguments of the question."""

    waters: gpd.GeoDataFrame
    stations: gpd.GeoDataFrame
    items: pd.DataFrame
    places: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    parameters: Parameters
    as_of: dt.date
    cameras: gpd.GeoDataFrame | None
    patrols: gpd.GeoDataFrame | None

    def check(self) -> None:
        """Hold every frame to its contract, and all to one coordinate system."""
        frames = (
            (WATERS, self.waters),
            (STATIONS, self.stations),
            (PLACES, self.places),
            (BARRIERS, self.barriers),
            (CAMERAS, self.cameras),
            (PATROLS, self.patrols),
        )
        for contract, frame in frames:
            if frame is None:
                continue
            contract.check(frame)
            if frame.crs != self.waters.crs:
                raise CrsError(
                    f"{contract.name} and waters are in different coordinate systems; bring all to one."
                )


def _station_findings(given: _Given, ground: Ground) -> pd.DataFrame:
    place = stand(given.stations, given.waters, ground.banks, given.parameters.snap_m.station)
    off = place["too_far"].to_numpy(bool)
    bank = place["bank"].fillna(0).to_numpy(np.int64)
    known = place["bank"].notna().to_numpy(bool)
    stands = pd.DataFrame({"water_class": "A", "small": False, "covered": False}, index=place.index)
    if len(ground.banks):
        stands["water_class"] = np.where(known, ground.water_class[bank], "A")
        stands["small"] = known & ground.small[bank]
        stands["covered"] = known & _guarded(given, ground)[bank]
    found = completeness(stands, given.items, given.parameters, given.as_of)
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


def _guarded(given: _Given, ground: Ground) -> Flags:
    """Return which banks have a lid, or barriers along nearly all of their length."""
    lids = given.barriers["water_id"].to_numpy()[(given.barriers["kind"] == "cover").to_numpy()]
    fences = behind_barriers(ground.table, ground.banks, given.barriers, given.parameters.snap_m.barrier)
    fenced_m = totals(union(fences), len(ground.banks))
    round_it = fenced_m >= given.parameters.small_ring.fenced_share * ground.table.length_m
    return round_it | np.isin(ground.banks["water_id"].to_numpy(), lids)


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


def _layers(given: _Given, standing: Standing, ground: Ground) -> Layers:
    barriers, snap_m = given.barriers, given.parameters.snap_m
    lids = barriers["water_id"].to_numpy()[(barriers["kind"] == "cover").to_numpy()]
    equipment = covered(
        ground.within_reach(standing.take(standing.status == "valid")),
        behind_barriers(ground.table, ground.banks, barriers, snap_m.barrier),
        whole(ground.table, ground.small & np.isin(ground.banks["water_id"].to_numpy(), lids)),
    )
    walks = empty()
    if given.patrols is not None:
        valid = given.patrols[counted(given.patrols, given.parameters.patrol, given.as_of)]
        walks = walked(ground.table, ground.banks, valid, snap_m.patrol)
    return Layers(
        physical=equipment,
        technical=empty() if given.cameras is None else seen_by_cameras(ground.table, given.cameras),
        personal=walks,
        closes=given.parameters.closes,
    )


def _bank_findings(threatened: Intervals, layers: Layers, ground: Ground) -> pd.DataFrame:
    count, safe = len(ground.banks), layers.closing()
    return pd.DataFrame(
        {
            "water_class": ground.water_class,
            "exposed_m": totals(threatened, count),
            "covered_m": totals(intersection(threatened, safe), count),
            "gap_m": totals(difference(threatened, safe), count),
            **layers.metres(threatened, count),
        },
        index=ground.banks.index,
    )


def _gaps(
    given: _Given, threatened: Intervals, layers: Layers, standing: Standing, ground: Ground
) -> gpd.GeoDataFrame:
    gaps = gap_intervals(threatened, layers.closing(), ground.table, given.parameters.min_gap_m)
    frame = gap_frame(gaps, ground.banks, ground.water_class, ground.table)
    frame["reason"] = reasons(gaps, standing, ground)
    scale = factors(given.waters, given.barriers, ground, given.parameters)
    weigh = partial(
        weights_by_part, places=given.places, ground=ground, factor=scale, parameters=given.parameters
    )
    parts = weights(gaps, weigh, ground.table)
    frame["weight"] = np.sum(list(parts.values()), axis=0)
    frame[[f"weight_{name}" for name in parts]] = np.column_stack(list(parts.values()))
    closing = what_closes(
        gaps, frame["reason"].to_numpy(dtype=object), standing, ground, given.parameters.min_gap_m
    )
    frame[list(closing.columns)] = closing
    frame["beyond_rope"] = beyond_rope(given.waters, frame["water_id"], given.parameters.equipment.rope_m)
    frame["barrier_advised"] = barrier_advised(frame, given.places, ground, given.parameters.barrier)
    village = nearest_village(frame, given.places)
    frame["nearest_place"] = village["nearest_place"]
    frame["nearest_distance_m"] = village["nearest_distance_m"]
    return frame


def _stretches(layers: Layers, ground: Ground) -> gpd.GeoDataFrame:
    parts = [join_over_start(layer, ground.table.length_m, ground.table.ring) for layer in layers.each()]
    layer = np.repeat(np.array(NAMES, dtype=object), [len(part) for part in parts])
    every = concat(*parts)
    order = np.lexsort((every.start, every.group))
    every, layer = every.take(order), layer[order]
    return gpd.GeoDataFrame(
        {
            "bank": ground.banks.index.to_numpy()[every.group],
            "layer": layer,
            "from_m": every.start,
            "to_m": every.stop,
        },
        geometry=substrings(ground.table, every.group, every.start, every.stop),
        crs=ground.banks.crs,
    )
