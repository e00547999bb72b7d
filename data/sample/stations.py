"""Stations along the banks near people, their items in every state of disrepair, and the checks before."""

# ruff: noqa: PLR2004 - shares and sizes of an invented county, each used once

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from data.sample.chance import stream
from data.sample.dry import points

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from data.sample.basin import Basin
    from data.sample.settlements import Settlements

    Floats = NDArray[np.float64]

KINDS: Final = ("sign", "lifebuoy", "rope", "pole")
CONDITIONS: Final = {"valid": 0.48, "lapsed": 0.16, "broken": 0.23, "unverified": 0.07, "old": 0.06}
"""Complete and verified; complete, but long ago; items gone; never verified; items past their date."""
STEP_M: Final = 105.0
"""Between places where a keeper might put a set."""
NEAR_M: Final = 420.0
BESIDE_M: Final = 2.0
OFF_BANK_SHARE: Final = 0.015
LIFEJACKET_SHARE: Final = 0.17
CHECKED_DAYS: Final = 540
EARLIER_CHECKS: Final = (1, 4)
WILLING: Final = {
    "pond": 0.55, "reservoir": 0.8, "reach": 0.52, "ditch": 0.16, "lake": 0.8, "park": 0.9, "pool": 0.5,
    "well": 0.35, "wharf": 0.95, "ferry": 0.95,
}  # fmt: skip
"""Chance of a set where the village is fully diligent."""


def stations(
    ground: Basin, people: Settlements, waters: pd.DataFrame, homes: Floats, as_of: dt.date
) -> dict[str, pd.DataFrame]:
    """Return station, station_item and item_check of one county; `homes` is n × 2 in metres."""
    rng = stream(ground.seed, people.county, "stations")
    spots = pd.concat(
        [_on_lines(rng, waters), _on_rings(rng, waters), _at_points(rng, waters)], ignore_index=True
    )
    villages = shapely.get_coordinates(people.villages["geom"].to_numpy())
    where = spots[["x", "y"]].to_numpy()
    home_m, _ = cKDTree(np.concatenate([homes, villages])).query(where)
    _, village = cKDTree(villages).query(where)
    kind = waters["kind"].to_numpy()[spots["water"]]
    wish = np.array([WILLING[one] for one in kind]) * people.villages["diligence"].to_numpy()[village] ** 0.8
    chosen = rng.random(len(spots)) < wish * np.exp(-((home_m / NEAR_M) ** 2))
    spots, village, where = spots[chosen].reset_index(drop=True), village[chosen], where[chosen]
    off = rng.random(len(spots)) < OFF_BANK_SHARE
    where = where + np.where(off[:, None], rng.uniform(45, 110, (len(spots), 2)), 0.0)
    count = len(spots)
    water = waters.iloc[spots["water"].to_numpy()]
    code = people.villages["code"].to_numpy()[village]
    station = pd.DataFrame(
        {
            "id": np.arange(1, count + 1),
            "code": [f"{people.county}-S-{one:05d}" for one in range(1, count + 1)],
            "name": water["name"].to_numpy(dtype=object) + _numbers(spots["water"]),
            "area_code": code,
            "water_id": water["id"].to_numpy(),
            "geom": points(where),
            "installed_on": np.datetime64(as_of, "D") - rng.integers(200, 1500, count),
            "responsible_unit": water["manager"].to_numpy(dtype=object),
            "position_method": "invented",
        }
    )
    item = _items(rng, count, as_of)
    return {"station": station, "station_item": item, "item_check": _checks(rng, item, as_of)}


def _numbers(water: pd.Series[int]) -> NDArray[np.object_]:
    order = water.groupby(water).cumcount().to_numpy() + 1
    return np.array([f"{one}号点" for one in order], dtype=object)


def _on_lines(rng: np.random.Generator, waters: pd.DataFrame) -> pd.DataFrame:
    """Return places along reaches and ditches, a step beyond the water's edge; mostly on one side."""
    rows = np.flatnonzero(shapely.get_type_id(waters["geom"].to_numpy()) == shapely.GeometryType.LINESTRING)
    shapes, half = waters["geom"].to_numpy()[rows], waters["width_m"].to_numpy()[rows] / 2
    length = shapely.length(shapes)
    steps = np.maximum((length / STEP_M).astype(int), 1)
    which = np.repeat(np.arange(len(rows)), steps)
    along = (np.concatenate([np.arange(one) for one in steps]) + rng.uniform(0.2, 0.8, len(which))) * STEP_M
    along = np.minimum(along, length[which] - 1.0)
    here = shapely.get_coordinates(shapely.line_interpolate_point(shapes[which], along))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(shapes[which], along + 1.0))
    normal = np.column_stack([here[:, 1] - ahead[:, 1], ahead[:, 0] - here[:, 0]])
    normal /= np.maximum(np.hypot(*normal.T), 1e-9)[:, None]
    usual = rng.choice([-1.0, 1.0], len(rows))[which]
    side = np.where(rng.random(len(which)) < 0.78, usual, -usual)
    where = here + normal * (side * (half[which] + BESIDE_M))[:, None]
    return pd.DataFrame({"water": rows[which], "x": where[:, 0], "y": where[:, 1]})


def _on_rings(rng: np.random.Generator, waters: pd.DataFrame) -> pd.DataFrame:
    """Return places around ponds and reservoirs, just outside the ring."""
    rows = np.flatnonzero(shapely.get_type_id(waters["geom"].to_numpy()) == shapely.GeometryType.POLYGON)
    rings = shapely.get_exterior_ring(shapely.buffer(waters["geom"].to_numpy()[rows], BESIDE_M, quad_segs=2))
    length = shapely.length(rings)
    steps = np.maximum(np.ceil(length / (1.6 * STEP_M)).astype(int), 1)
    which = np.repeat(np.arange(len(rows)), steps)
    share = (np.concatenate([np.arange(one) for one in steps]) + rng.uniform(0.0, 0.6, len(which))) / steps[
        which
    ]
    where = shapely.get_coordinates(shapely.line_interpolate_point(rings[which], share, normalized=True))
    return pd.DataFrame({"water": rows[which], "x": where[:, 0], "y": where[:, 1]})


def _at_points(rng: np.random.Generator, waters: pd.DataFrame) -> pd.DataFrame:
    rows = np.flatnonzero(shapely.get_type_id(waters["geom"].to_numpy()) == shapely.GeometryType.POINT)
    where = shapely.get_coordinates(waters["geom"].to_numpy()[rows]) + rng.uniform(-3, 3, (len(rows), 2))
    return pd.DataFrame({"water": rows, "x": where[:, 0], "y": where[:, 1]})


def _items(rng: np.random.Generator, count: int, as_of: dt.date) -> pd.DataFrame:
    """Return the items of each station by its condition; a broken one lacks one to three of the four."""
    names = list(CONDITIONS)
    condition = rng.choice(names, count, p=list(CONDITIONS.values()))
    kinds = [*KINDS, "lifejacket"]
    state = np.full((count, 5), "good", dtype=object)
    broken = (rng.random((count, 4)) < 0.42) & (condition == "broken")[:, None]
    sure = np.flatnonzero(condition == "broken")
    broken[sure, rng.integers(0, 4, len(sure))] = True
    worn = rng.choice(["missing", "damaged"], (count, 4), p=[0.6, 0.4])
    state[:, :4] = np.where(broken, worn, state[:, :4])
    old = (condition == "old")[:, None] & np.isin(np.array(kinds), ["lifebuoy", "rope"])[None]
    state = np.where(old, "expired", state)
    state[condition == "unverified"] = "unverified"
    days = rng.integers(1, 6, count)
    days = np.where(condition == "lapsed", rng.integers(100, 420, count), days)
    days = np.where(np.isin(condition, ["broken", "old"]), rng.integers(1, 130, count), days)
    verified = np.repeat((np.datetime64(as_of, "D") - days)[:, None], 5, axis=1)
    verified[condition == "unverified"] = np.datetime64("NaT")
    has = np.ones((count, 5), dtype=bool)
    has[:, 4] = rng.random(count) < LIFEJACKET_SHARE
    station, kind = np.nonzero(has)
    return pd.DataFrame(
        {
            "id": np.arange(1, len(station) + 1),
            "station_id": station + 1,
            "kind": np.array(kinds, dtype=object)[kind],
            "state": state[has],
            "verified_on": verified[has],
        }
    )


def _checks(rng: np.random.Generator, item: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """Return the check that each item shows, and a few before it within eighteen months."""
    shown = item[item["verified_on"].notna()]
    latest = shown[["station_id", "kind", "state"]].assign(checked_on=shown["verified_on"])
    times = rng.integers(*EARLIER_CHECKS, len(shown))
    before = shown[["station_id", "kind"]].iloc[np.repeat(np.arange(len(shown)), times)].copy()
    last = shown["verified_on"].to_numpy().astype("datetime64[D]")[np.repeat(np.arange(len(shown)), times)]
    earliest = np.datetime64(as_of, "D") - CHECKED_DAYS
    span = (last - earliest).astype(int)
    before["state"] = rng.choice(["good", "damaged", "missing"], len(before), p=[0.88, 0.07, 0.05])
    before["checked_on"] = last - 1 - (rng.random(len(before)) * (span - 1)).astype(int)
    checks = pd.concat([before, latest]).sort_values(["station_id", "checked_on"], ignore_index=True)
    checks["id"] = np.arange(1, len(checks) + 1)
    return checks
