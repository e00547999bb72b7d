"""Barriers and covers, cameras and patrols of one county: what protects a bank beside stations."""

# ruff: noqa: PLR2004 - shares and sizes of an invented county, each used once

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely
from shapely.ops import substring

from data.sample.chance import stream

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from data.sample.basin import Basin
    from data.sample.settlements import Settlements

    Floats = NDArray[np.float64]

NEAR_VILLAGE_M: Final = 350.0
FENCED: Final = {"pond": 0.22, "reservoir": 0.35, "lake": 0.5, "park": 0.8, "reach": 0.12, "well": 0.5}
"""Share of the waters near a village that have a barrier, fence or cover."""
BESIDE_M: Final = 1.0
CAMERAS_A_TOWNSHIP: Final = 1.7
PATROLS_A_TOWNSHIP: Final = 7.0
PATROL_DAYS: Final = 60
PACE_M_S: Final = (0.7, 1.3)


def protection(
    ground: Basin, people: Settlements, waters: pd.DataFrame, as_of: dt.date, thin: float
) -> dict[str, pd.DataFrame]:
    """Return barrier, camera and patrol of one county."""
    rng = stream(ground.seed, people.county, "protection")
    near = _near_villages(people, waters)
    towns = max(1.0, len(people.townships) / thin)
    frames = {
        "barrier": _barriers(rng, near, as_of),
        "camera": _cameras(rng, near, round(CAMERAS_A_TOWNSHIP * towns)),
        "patrol": _patrols(rng, near, round(PATROLS_A_TOWNSHIP * towns), as_of),
    }
    for letter, frame in zip("BVP", frames.values(), strict=True):
        frame["id"] = np.arange(1, len(frame) + 1)
        frame["code"] = [f"{people.county}-{letter}-{one:04d}" for one in frame["id"]]
        frame["position_method"] = "invented"
    return frames


def _near_villages(people: Settlements, waters: pd.DataFrame) -> pd.DataFrame:
    tree = shapely.STRtree(people.villages["geom"].to_numpy())
    found, _ = tree.query(waters["geom"].to_numpy(), predicate="dwithin", distance=NEAR_VILLAGE_M)
    return waters.iloc[np.unique(found)].reset_index(drop=True)


def edge(water: BaseGeometry, width_m: float, side: float) -> shapely.LineString:
    """Return the line on which one walks along a water: beside a line, around a polygon, around a well."""
    if isinstance(water, shapely.LineString):
        beside = shapely.offset_curve(water.simplify(2.0), side * (width_m / 2 + BESIDE_M))
        # A sharp bend may swallow a short offset whole.
        longest = max(shapely.get_parts(beside), key=shapely.length, default=water)
        return shapely.LineString(longest.coords) if longest.length > 1.0 else water
    around = water.buffer(BESIDE_M, quad_segs=2)
    return shapely.LineString(shapely.get_parts(around)[0].exterior)


def _stretch(rng: np.random.Generator, line: shapely.LineString, length_m: float) -> shapely.LineString:
    start = rng.uniform(0, max(line.length - length_m, 0.0))
    cut = substring(line, start, min(start + length_m, line.length))
    return shapely.LineString(cut.coords)


def _barriers(rng: np.random.Generator, near: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    share = near["kind"].map(FENCED).fillna(0.0).to_numpy()
    chosen = near[rng.random(len(near)) < share]
    lines, kinds = [], []
    for kind, shape, width in zip(chosen["kind"], chosen["geom"], chosen["width_m"].fillna(2.0), strict=True):
        line = edge(shape, width, rng.choice([-1.0, 1.0]))
        whole = kind == "well" or rng.random() < 0.35
        lines.append(line if whole and kind != "reach" else _stretch(rng, line, rng.uniform(30, 260)))
        kinds.append("cover" if kind == "well" else "fence" if kind in {"pond", "park"} else "barrier")
    count = len(lines)
    return pd.DataFrame(
        {
            "water_id": chosen["id"].to_numpy(),
            "area_code": chosen["area_code"].to_numpy(),
            "kind": kinds,
            "state": rng.choice(
                ["good", "damaged", "missing", "unverified"], count, p=[0.74, 0.14, 0.04, 0.08]
            ),
            "geom": np.array(lines, dtype=object),
            "height_m": np.where(
                np.array(kinds) == "cover", np.nan, np.round(rng.uniform(0.9, 1.5, count), 2)
            ),
            "installed_on": np.datetime64(as_of, "D") - rng.integers(100, 2500, count),
        }
    )


def _cameras(rng: np.random.Generator, near: pd.DataFrame, count: int) -> pd.DataFrame:
    large = near[near["kind"].isin(["reach", "reservoir", "lake", "park"])]
    chosen = large.iloc[rng.choice(len(large), min(count, len(large)), replace=False)]
    places = []
    for shape, width in zip(chosen["geom"], chosen["width_m"].fillna(2.0), strict=True):
        line = edge(shape, width + 8.0, rng.choice([-1.0, 1.0]))
        places.append(line.interpolate(rng.uniform(0.05, 0.95), normalized=True))
    around = rng.random(len(places)) < 0.4
    return pd.DataFrame(
        {
            "area_code": chosen["area_code"].to_numpy(),
            "state": rng.choice(
                ["good", "damaged", "missing", "unverified"], len(places), p=[0.78, 0.14, 0.02, 0.06]
            ),
            "geom": np.array(places, dtype=object),
            "bearing_deg": np.where(around, 0.0, np.floor(rng.uniform(0, 360, len(places)))),
            "view_deg": np.where(around, 360.0, rng.choice([60.0, 75.0, 90.0, 110.0], len(places))),
            "reach_m": rng.choice([60.0, 80.0, 100.0, 150.0], len(places)),
        }
    )


def _patrols(rng: np.random.Generator, near: pd.DataFrame, count: int, as_of: dt.date) -> pd.DataFrame:
    """Return walks along banks; some too short or too quick to count, as in life."""
    walked = near[near["kind"].isin(["reach", "reservoir", "ditch", "lake", "pond"])]
    # Longer banks are walked more often.
    weight = shapely.length(walked["geom"].to_numpy())
    chosen = walked.iloc[rng.choice(len(walked), count, p=weight / weight.sum())]
    lines = []
    for shape, width in zip(chosen["geom"], chosen["width_m"].fillna(2.0), strict=True):
        line = edge(shape, width + 4.0, rng.choice([-1.0, 1.0]))
        lines.append(_stretch(rng, line, rng.lognormal(6.6, 0.6)))
    tracks = np.array(lines, dtype=object)
    length = shapely.length(tracks)
    seconds = length / rng.uniform(*PACE_M_S, count) + rng.uniform(0, 240, count)
    day = np.datetime64(as_of, "D") - rng.integers(1, PATROL_DAYS, count)
    # Daylight in China (UTC+8), stored in UTC.
    start = day.astype("datetime64[s]") + rng.integers(0, 9 * 3600, count).astype("timedelta64[s]")
    return pd.DataFrame(
        {
            "area_code": chosen["area_code"].to_numpy(),
            "water_id": chosen["id"].to_numpy(),
            "geom": tracks,
            "started_at": pd.to_datetime(start, utc=True),
            "ended_at": pd.to_datetime(start + seconds.astype("timedelta64[s]"), utc=True),
            "walked_m": np.round(length, 1),
        }
    )
