"""The assessment: from waters, stations, places and rules to findings, in one pure call."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from geo.banks import banks_of
from geo.crs import CrsError
from geo.frames import BARRIERS, CAMERAS, PATROLS, PLACES, STATIONS, WATERS, shaped
from geo.intervals import Intervals, concat, difference, empty, intersection, join_over_start, totals, union
from geo.measures import measure, substrings
from hazards.closing import barrier_advised, beyond_rope, what_closes
from hazards.completeness import completeness
from hazards.coverage import behind_barriers, covered, whole
from hazards.gaps import Standing, gap_frame, gap_intervals, nearest_village, reasons, weights
from hazards.ground import Ground, ground_of, stand
from hazards.layers import NAMES, Layers, counted, seen_by_cameras, walked
from hazards.profiles import factors, weights_by_part
from hazards.sharing import settled, shared_exposure
from hazards.water_class import water_classes

if TYPE_CHECKING:
    import datetime as dt

    import geopandas as gpd

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
    waters
        Where it has a column `trusted`, the others tell of no home.
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
    trusted = _trusted(waters, banks)
    classes = water_classes(
        waters, banks, places, parameters.class_distance_m, _settled(given, banks, sharing, trusted)
    )
    ground = ground_of(banks, classes, parameters)
    fences = behind_barriers(ground.table, banks, barriers, parameters.snap_m.barrier)
    found = _station_findings(given, ground, fences)
    standing = _standing(stations, found, ground)
    layers = _layers(given, standing, ground, fences)
    limits = {kind: getattr(parameters.exposure_m, kind) for kind in ("home", "school", "village")}
    kind = places["kind"].to_numpy(dtype=object)
    radius = np.select([kind == name for name in limits], list(limits.values())).astype(np.float64)
    points = shapely.get_coordinates(np.asarray(places.geometry.array, dtype=object))
    home = kind == "home"
    threatened = shared_exposure(ground.table, points, radius, home, sharing, trusted)
    return Findings(
        banks=banks,
        station_findings=found,
        bank_findings=_bank_findings(threatened, layers, ground),
        gaps=_gaps(given, threatened, layers, standing, ground),
        covered=_stretches(layers, ground),
        water_classes=classes,
    )


def _trusted(waters: gpd.GeoDataFrame, banks: gpd.GeoDataFrame) -> Flags | None:
    """Return which banks may tell of homes; None: the waters do not say, each may."""
    if "trusted" not in waters.columns:
        return None
    return np.asarray(waters["trusted"].reindex(banks["water_id"]), dtype=np.bool_)


def _settled(
    given: _Given, banks: gpd.GeoDataFrame, sharing: Sharing | None, trusted: Flags | None
) -> Flags | None:
    """Return which banks lie near homes as others may know of it; None: exactly, as the class asks itself."""
    if sharing is None:
        return None
    homes = given.places[(given.places["kind"] == "home").to_numpy(bool)]
    xy = shapely.get_coordinates(np.asarray(homes.geometry.array, dtype=object))
    table = measure(np.asarray(banks.geometry.array, dtype=object))
    limit_m = np.full(len(xy), given.parameters.class_distance_m.home)
    found = np.zeros(len(banks), np.bool_)
    found[settled(table, xy, limit_m, sharing, trusted).group] = True
    return found


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
            if frame.crs is not self.waters.crs and frame.crs != self.waters.crs:
                raise CrsError(
                    f"{contract.name} and waters are in different coordinate systems; bring all to one."
                )


def _station_findings(given: _Given, ground: Ground, fences: Intervals) -> pd.DataFrame:
    limit_m = given.parameters.snap_m.station
    foot = stand(given.stations, given.waters, ground.banks, limit_m)
    off, known = foot.too_far(limit_m), foot.bank >= 0
    bank = foot.bank[known]
    stands = {"water_class": np.full(len(known), "A", dtype=object)}
    stands |= {name: np.zeros(len(known), np.bool_) for name in ("small", "covered")}
    stands["water_class"][known] = ground.water_class[bank]
    stands["small"][known] = ground.small[bank]
    stands["covered"][known] = _guarded(given, ground, fences)[bank]
    index = given.stations.index
    found = completeness(pd.DataFrame(stands, index=index), given.items, given.parameters, given.as_of)
    return pd.DataFrame(
        {
            "bank": pd.arrays.IntegerArray(np.where(off, 0, foot.bank), off.copy()),
            "m": np.where(off, np.nan, foot.m),
            "distance_m": foot.distance_m,
            "status": np.where(off, "off_bank", found["status"].to_numpy(dtype=object)),
            "missing": found["missing"],
            "expires_on": found["expires_on"],
        },
        index=index,
    )


def _guarded(given: _Given, ground: Ground, fences: Intervals) -> Flags:
    """Return which banks have a lid, or barriers along nearly all of their length."""
    lids = given.barriers["water_id"].to_numpy()[(given.barriers["kind"] == "cover").to_numpy()]
    fenced_m = totals(union(fences), len(ground.banks))
    round_it = fenced_m >= given.parameters.small_ring.fenced_share * ground.table.length_m
    return round_it | np.isin(ground.banks["water_id"].to_numpy(), lids)


def _standing(stations: gpd.GeoDataFrame, found: pd.DataFrame, ground: Ground) -> Standing:
    status = found["status"].to_numpy(dtype=object)
    on = status != "off_bank"
    bank = found["bank"].to_numpy(np.int64, na_value=-1)[on]
    return Standing(
        bank=bank,
        m=found["m"].to_numpy(np.float64)[on],
        reach_m=ground.reach_m[bank],
        status=status[on],
        point=np.asarray(stations.geometry.array, dtype=object)[on],
    )


def _layers(given: _Given, standing: Standing, ground: Ground, fences: Intervals) -> Layers:
    barriers, snap_m = given.barriers, given.parameters.snap_m
    lids = barriers["water_id"].to_numpy()[(barriers["kind"] == "cover").to_numpy()]
    equipment = covered(
        ground.within_reach(standing.take(standing.status == "valid")),
        fences,
        whole(ground.table, ground.small & np.isin(ground.banks["water_id"].to_numpy(), lids)),
    )
    walks = seen = empty()
    if given.cameras is not None and len(given.cameras):
        seen = seen_by_cameras(ground.table, given.cameras)
    if given.patrols is not None and len(given.patrols):
        valid = given.patrols[counted(given.patrols, given.parameters.patrol, given.as_of)]
        walks = walked(ground.table, ground.banks, valid, snap_m.patrol)
    return Layers(
        physical=equipment,
        technical=seen,
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
    reason = reasons(gaps, standing, ground)
    scale = factors(given.waters, given.barriers, ground, given.parameters)
    weigh = partial(
        weights_by_part, places=given.places, ground=ground, factor=scale, parameters=given.parameters
    )
    parts = weights(gaps, weigh, ground.table)
    closing = what_closes(gaps, reason, standing, ground, given.parameters.min_gap_m)
    village = nearest_village(frame, given.places)
    columns: dict[str, Any] = {name: frame[name] for name in frame.columns if name != "geometry"}
    columns |= {"reason": reason, "weight": np.sum(list(parts.values()), axis=0)}
    columns |= {f"weight_{name}": part for name, part in parts.items()}
    columns |= {name: closing[name] for name in closing.columns}
    columns |= {
        "beyond_rope": beyond_rope(given.waters, frame["water_id"], given.parameters.equipment.rope_m),
        "barrier_advised": barrier_advised(frame, given.places, ground, given.parameters.barrier),
        "nearest_place": village["nearest_place"],
        "nearest_distance_m": village["nearest_distance_m"],
    }
    return shaped(columns, np.asarray(frame.geometry.array, dtype=object), frame.crs)


def _stretches(layers: Layers, ground: Ground) -> gpd.GeoDataFrame:
    parts = [join_over_start(layer, ground.table.length_m, ground.table.ring) for layer in layers.each()]
    layer = np.repeat(np.array(NAMES, dtype=object), [len(part) for part in parts])
    every = concat(*parts)
    order = np.lexsort((every.start, every.group))
    every, layer = every.take(order), layer[order]
    return shaped(
        {
            "bank": ground.banks.index.to_numpy()[every.group],
            "layer": layer,
            "from_m": every.start,
            "to_m": every.stop,
        },
        substrings(ground.table, every.group, every.start, every.stop),
        ground.banks.crs,
    )
