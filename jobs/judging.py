"""From what was seen to what is stored: places, the pure assessment, codes and names of the records."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from data.storage.findings_writing import Findings
from geo.tables import Table
from hazards.assessment import Found, World, found_of
from hazards.parameters import to_mapping
from hazards.presence import home_weights
from hazards.profiles import age_profiles
from hazards.proximity import proximity
from hazards.sharing import banded_weight, bands, grades, mesh_points
from jobs.seen import far_from_bank_m

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from data.storage.finding_part import Part
    from jobs.seen import Snapshot


def judge(seen: Snapshot, as_of: dt.date) -> Found:
    """Return what the rules say of what was seen, as of a day."""
    world = World(
        waters=seen.waters.having(trusted=verified(seen.waters, as_of)),
        stations=seen.stations,
        items=seen.items,
        places=places_of(seen, as_of),
        barriers=seen.barriers,
        cameras=seen.cameras,
        patrols=seen.patrols,
        routes=routes_of(seen),
    )
    return found_of(world, seen.parameters, as_of, sharing=seen.parameters.sharing)


def verified(waters: Table, as_of: dt.date) -> NDArray[np.bool_]:
    """Return which waters, or hazards, a second person verified at least a day before.

    Those alone tell of homes.
    """
    return np.asarray(waters["verified_at"] < np.datetime64(as_of, "D"), dtype=np.bool_)


def places_of(seen: Snapshot, as_of: dt.date) -> Table:
    """Return homes, institutions and villages as the places that expose a bank; villages keep their code."""
    weights, homes = seen.parameters.place_weight, seen.shared_homes
    pupils = seen.institutions["headcount"].astype(np.float64)
    parts = (
        ("home", homes, home_weights(homes["boarding"], weights)),
        ("school", seen.institutions, np.maximum(pupils * weights.pupil, weights.home)),
        ("village", seen.villages, np.full(len(seen.villages), weights.village)),
    )
    kinds = np.array([kind for kind, _, _ in parts], dtype=object)
    count = [len(table) for _, table, _ in parts]
    others = np.full(count[1] + count[2], None)
    return Table(
        ids=np.arange(sum(count)),
        columns={
            "kind": np.repeat(kinds, count),
            "weight": np.concatenate([weight for _, _, weight in parts]),
            "age_profile": np.concatenate([age_profiles(homes["birth_month"], as_of), others]),
        },
        shapes=np.concatenate([table.shapes for _, table, _ in parts]),
        crs=seen.waters.crs,
    )


def routes_of(seen: Snapshot) -> Table:
    """Return the ways to school with what their walkers weigh, at least as much as one home."""
    weights = seen.parameters.place_weight
    walkers = seen.routes["pupils"].astype(np.float64) * weights.pupil
    return seen.routes.having(weight=np.maximum(walkers, weights.home))


def to_store(
    seen: Snapshot,
    result: Found,
    as_of: dt.date,
    started_at: dt.datetime,
    *,
    near: bool = True,
) -> Findings:
    """Return the findings as storage takes them; without `near`, who lives near what is left as stored."""
    homes = schools = shared = shared_hazards = None
    if near:
        banks = replace(result.banks, ids=result.banks["water_id"])
        within_m = seen.parameters.exposure_m.home
        schools = _near(seen.institutions, banks, seen.hazards, within_m, "institution_id")
        homes = near_homes(seen.homes, banks, seen.hazards, within_m)
        told = seen.waters.take(verified(seen.waters, as_of))
        shared = _shared(seen, told, banks)
        shared_hazards = _shared_hazards(seen, as_of)
    return Findings(
        data_version=seen.data_version,
        tables=seen.tables,
        as_of=as_of,
        started_at=started_at,
        parameters=to_mapping(seen.parameters),
        banks=result.banks,
        bank_findings=result.bank_findings,
        station_findings=_stations(seen, result),
        stretches=result.covered,
        gaps=_gaps(seen, result),
        exposure=shared,
        hazard_exposure=shared_hazards,
        institution_proximity=schools,
        proximity=homes,
    )


def of_part(part: Part, seen: Snapshot, result: Found) -> Found:
    """Return the findings of the part's own waters and stations alone."""
    waters = np.array(part.waters, dtype=np.int64)
    mine = np.isin(result.banks["water_id"], waters)
    return Found(
        banks=result.banks.take(mine),
        station_findings=result.station_findings.take(seen.stations["mine"]),
        bank_findings=result.bank_findings.take(mine),
        gaps=result.gaps.take(mine[result.gaps["bank"]]),
        covered=result.covered.take(mine[result.covered["bank"]]),
        water_classes=result.water_classes.take(np.isin(result.water_classes.ids, waters)),
    )


def strangers(part: Part, seen: Snapshot, result: Found) -> set[int]:
    """Return the waters outside the part on whose banks its stations stand."""
    bank = result.station_findings["bank"][seen.stations["mine"]]
    return {*result.banks["water_id"][bank[bank >= 0]].tolist()} - {*part.waters}


def nearness_of_part(part: Part, stored: Findings) -> Findings:
    """Return the findings with those pairs and bands alone that the part replaces."""
    if stored.exposure is None:
        return stored
    return replace(
        stored,
        exposure=_told(stored.exposure, part.waters),
        hazard_exposure=_told(stored.hazard_exposure, part.hazards),
        institution_proximity=_pairs(stored.institution_proximity, "institution_id", part.institutions, part),
        proximity=_pairs(stored.proximity, "child_id", part.children, part),
    )


def _told(exposure: Table | None, ids: Sequence[int]) -> Table | None:
    return None if exposure is None else exposure.take(np.isin(exposure.ids, np.array(ids, dtype=np.int64)))


def _pairs(pairs: Table | None, name: str, people: Sequence[int], part: Part) -> Table | None:
    if pairs is None:
        return None
    mine = np.isin(pairs[name], np.array(people, dtype=np.int64))
    mine |= np.isin(pairs["target_id"], np.array(part.hazards, dtype=np.int64))
    return pairs.take(mine | (pairs["target_kind"] == "water"))


def _stations(seen: Snapshot, result: Found) -> Table:
    """Return the findings of the stations; of one far from any bank no more is said than that."""
    found = result.station_findings
    free = seen.stations["water_id"][seen.stations.rows_of(found.ids)] < 0
    lost = free & ~(found["distance_m"] <= far_from_bank_m(seen.parameters))
    return found.having(
        distance_m=np.where(lost, np.nan, found["distance_m"]),
        missing=np.where(lost, "", found["missing"]),
        expires_on=np.where(lost, np.datetime64("NaT"), found["expires_on"]),
    )


def near_homes(homes: Table, banks: Table, hazards: Table, within_m: float) -> Table:
    """Return the waters and hazards within a distance of each home; `banks` under the ids of their waters."""
    near = _near(homes, banks, hazards, within_m, "child_id")
    return near.having(area_code=homes["area_code"][homes.rows_of(near["child_id"])])


def _near(places: Table, banks: Table, hazards: Table, within_m: float, name: str) -> Table:
    near = [proximity(places, targets, within_m) for targets in (banks, hazards)]
    count = [len(pairs["place"]) for pairs in near]
    place, target, distance_m = (
        np.concatenate([pairs[column] for pairs in near]) for column in ("place", "water_id", "distance_m")
    )
    kinds = np.repeat(np.array(["water", "hazard"], dtype=object), count)
    columns = {name: place, "target_kind": kinds, "target_id": target, "distance_m": distance_m}
    return Table(ids=np.arange(sum(count)), columns=columns)


def _gaps(seen: Snapshot, result: Found) -> Table:
    """Return the gaps with area and nearest village by code."""
    gaps, villages = result.gaps, seen.villages.ids
    known = gaps["nearest_place"] != np.array(None)
    code = np.full(len(gaps), None)
    before = len(seen.shared_homes) + len(seen.institutions)
    code[known] = villages[gaps["nearest_place"][known].astype(np.int64) - before]
    return gaps.having(
        area_code=seen.waters["area_code"][seen.waters.rows_of(gaps["water_id"])],
        nearest_village_code=code,
        nearest_village_m=gaps["nearest_distance_m"],
        weight=banded_weight(gaps["weight"], gaps["length_m"]),
    )


def _shared(seen: Snapshot, told: Table, targets: Table) -> Table:
    """Return grade and band of those that are told of: all that other bureaus may know of the children.

    `targets`: what the distance is measured to, under the ids of `told`.
    """
    near = proximity(seen.shared_homes, targets, seen.parameters.exposure_m.home)
    row = told.rows_of(near["water_id"])
    counts = np.bincount(row[row >= 0], minlength=len(told))
    columns = {"grade": grades(counts).astype(object), "children_band": bands(counts).astype(object)}
    return Table(ids=told.ids, columns=columns)


def _shared_hazards(seen: Snapshot, as_of: dt.date) -> Table:
    """Return grade and band of each verified open hazard, counted around a point of the mesh."""
    told = seen.hazards.take(verified(seen.hazards, as_of))
    points = shapely.points(mesh_points(shapely.get_coordinates(told.shapes)))
    return _shared(seen, told, replace(told, shapes=np.asarray(points, dtype=object)))
