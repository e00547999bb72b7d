"""From what was seen to what is stored: places, the pure assessment, codes and names of the records."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from data.storage.findings_writing import Findings
from geo.frames import shaped
from hazards import findings as judged
from hazards.parameters import to_mapping
from hazards.presence import home_weights
from hazards.profiles import age_profiles
from hazards.proximity import proximity
from hazards.sharing import banded_weight, bands, grades
from jobs.seen import far_from_bank_m

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from data.storage.finding_part import Part
    from jobs.seen import Snapshot


def judge(seen: Snapshot, as_of: dt.date) -> judged.Findings:
    """Return what the rules say of what was seen, as of a day."""
    return judged.assess(
        waters=seen.waters.assign(trusted=verified(seen.waters, as_of)),
        stations=seen.stations,
        items=seen.items,
        places=places_of(seen, as_of),
        barriers=seen.barriers,
        parameters=seen.parameters,
        as_of=as_of,
        cameras=seen.cameras,
        patrols=seen.patrols,
        sharing=seen.parameters.sharing,
    )


def verified(waters: gpd.GeoDataFrame, as_of: dt.date) -> NDArray[np.bool_]:
    """Return which waters a second person verified at least a day before: those alone tell of homes."""
    at = pd.to_datetime(waters["verified_at"])
    return np.asarray(at < pd.Timestamp(as_of), dtype=np.bool_)


def places_of(seen: Snapshot, as_of: dt.date) -> gpd.GeoDataFrame:
    """Return homes, institutions and villages as the places that expose a bank; villages keep their code."""
    weights = seen.parameters.place_weight
    pupils = seen.institutions["headcount"].to_numpy(dtype=np.float64)
    parts = [
        ("home", seen.shared_homes, home_weights(seen.shared_homes["boarding"].to_numpy(bool), weights)),
        ("school", seen.institutions, np.maximum(pupils * weights.pupil, weights.home)),
        ("village", seen.villages, np.full(len(seen.villages), weights.village)),
    ]
    others = len(seen.institutions) + len(seen.villages)
    ages = age_profiles(seen.shared_homes["birth_month"], as_of).to_numpy(dtype=object)
    return shaped(
        {
            "kind": np.repeat([kind for kind, _, _ in parts], [len(frame) for _, frame, _ in parts]),
            "weight": np.concatenate([weight for _, _, weight in parts]),
            "code": _codes(seen),
            "age_profile": np.concatenate([ages, np.full(others, None)]),
        },
        np.concatenate([np.asarray(frame.geometry.array, dtype=object) for _, frame, _ in parts]),
        seen.waters.crs,
    )


def _codes(seen: Snapshot) -> NDArray[np.object_]:
    """Return the code of each place: of villages alone."""
    nameless = np.full(len(seen.shared_homes) + len(seen.institutions), None)
    return np.concatenate([nameless, seen.villages.index.to_numpy(dtype=object)])


def to_store(
    seen: Snapshot,
    result: judged.Findings,
    as_of: dt.date,
    started_at: dt.datetime,
    *,
    near: bool = True,
) -> Findings:
    """Return the findings as storage takes them; without `near`, who lives near what is left as stored."""
    homes = _near(seen.homes, seen, result.banks, "child_id") if near else None
    if homes is not None:
        homes["area_code"] = seen.homes["area_code"].reindex(homes["child_id"]).to_numpy()
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
        exposure=_shared(seen, result.banks, as_of) if near else None,
        institution_proximity=_near(seen.institutions, seen, result.banks, "institution_id")
        if near
        else None,
        proximity=homes,
    )


def of_part(part: Part, seen: Snapshot, result: judged.Findings) -> judged.Findings:
    """Return the findings of the part's own waters and stations alone."""
    waters = list(part.waters)
    banks = result.banks[result.banks["water_id"].isin(waters)]
    mine = seen.stations.index[seen.stations["mine"].to_numpy(bool)]
    return judged.Findings(
        banks=banks,
        station_findings=result.station_findings.loc[mine],
        bank_findings=result.bank_findings.loc[banks.index],
        gaps=result.gaps[result.gaps["water_id"].isin(waters)],
        covered=result.covered[result.covered["bank"].isin(banks.index)],
        water_classes=result.water_classes.loc[result.water_classes.index.isin(waters)],
    )


def strangers(part: Part, seen: Snapshot, result: judged.Findings) -> set[int]:
    """Return the waters outside the part on whose banks its stations stand."""
    mine = result.station_findings[seen.stations["mine"].to_numpy(bool)]
    banks = mine["bank"].dropna().astype("int64").unique()
    return {*map(int, result.banks.loc[banks, "water_id"])} - {*part.waters}


def nearness_of_part(part: Part, stored: Findings) -> Findings:
    """Return the findings with those pairs and bands alone that the part replaces."""
    if stored.exposure is None:
        return stored
    return replace(
        stored,
        exposure=stored.exposure[stored.exposure.index.isin(part.waters)],
        institution_proximity=_pairs(stored.institution_proximity, "institution_id", part.institutions, part),
        proximity=_pairs(stored.proximity, "child_id", part.children, part),
    )


def _pairs(pairs: pd.DataFrame | None, name: str, people: Sequence[int], part: Part) -> pd.DataFrame | None:
    if pairs is None:
        return None
    to_water = pairs["target_kind"] == "water"
    return pairs[to_water | pairs[name].isin(people) | pairs["target_id"].isin(part.hazards)]


def _stations(seen: Snapshot, result: judged.Findings) -> pd.DataFrame:
    """Return the findings of the stations; of one far from any bank no more is said than that."""
    found = result.station_findings
    free = seen.stations["water_id"].reindex(found.index).isna()
    near = (found["distance_m"] <= far_from_bank_m(seen.parameters)).to_numpy(bool)
    lost = free.to_numpy(bool) & ~near
    return found.assign(
        distance_m=found["distance_m"].mask(lost),
        missing=found["missing"].mask(lost, ""),
        expires_on=found["expires_on"].mask(lost),
    )


def _near(places: gpd.GeoDataFrame, seen: Snapshot, banks: gpd.GeoDataFrame, name: str) -> pd.DataFrame:
    """Return the waters (to their bank) and hazards within the exposure distance of each place."""
    within_m = seen.parameters.exposure_m.home
    pairs = {
        "water": proximity(places, banks.set_index("water_id"), within_m),
        "hazard": proximity(places, seen.hazards, within_m),
    }
    rows = [
        pair.assign(target_kind=kind).rename(columns={"water_id": "target_id", "place": name})
        for kind, pair in pairs.items()
    ]
    return pd.concat(rows, ignore_index=True)


def _gaps(seen: Snapshot, result: judged.Findings) -> gpd.GeoDataFrame:
    """Return the gaps with area and nearest village by code."""
    gaps = result.gaps
    codes = pd.Series(_codes(seen))
    return gaps.assign(
        area_code=seen.waters["area_code"].reindex(gaps["water_id"]).to_numpy(),
        nearest_village_code=codes.reindex(gaps["nearest_place"]).to_numpy(),
        nearest_village_m=gaps["nearest_distance_m"],
        weight=banded_weight(gaps["weight"].to_numpy(), gaps["length_m"].to_numpy()),
    )


def _shared(seen: Snapshot, banks: gpd.GeoDataFrame, as_of: dt.date) -> pd.DataFrame:
    """Return grade and band of each verified water: all that other bureaus may know of the children."""
    near = proximity(seen.shared_homes, banks.set_index("water_id"), seen.parameters.exposure_m.home)
    told = seen.waters.index[verified(seen.waters, as_of)]
    counts = near["water_id"].value_counts().reindex(told, fill_value=0).to_numpy()
    return pd.DataFrame({"grade": grades(counts), "children_band": bands(counts)}, index=told)
