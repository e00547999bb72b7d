"""Schools, kindergartens, welfare and protection institutions, and 儿童之家 of one county (all invented)."""

# ruff: noqa: PLR2004 - shares and sizes of an invented county, each used once

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely

from data.sample.chance import stream
from data.sample.dry import points, wet
from data.sample.naming import MARK, short, town_office

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from data.sample.basin import Basin
    from data.sample.settlements import Settlements

    Floats = NDArray[np.float64]

IN_TOWN: Final = (
    ("school", "中心小学", (320, 1400), 0.12),
    ("school", "初级中学", (260, 1500), 0.45),
    ("kindergarten", "中心幼儿园", (110, 360), 0.0),
)
"""One in each township: kind, ending of the name, headcount, share of boarders."""
IN_VILLAGE: Final = (
    ("school", "小学", (28, 210), 0.0, 0.28),
    ("kindergarten", "幼儿园", (18, 120), 0.0, 0.3),
    ("children_home", "儿童之家", (0, 30), 0.0, 0.0),
)
"""In some villages; the last number is the share, 儿童之家 stand where the village says so."""
IN_COUNTY: Final = (
    ("welfare", "儿童福利院", (20, 90), 1.0),
    ("welfare", "社会福利中心儿童部", (8, 40), 1.0),
    ("protection", "未成年人救助保护中心", (4, 20), 1.0),
)


def institutions(ground: Basin, people: Settlements, waters: pd.DataFrame) -> pd.DataFrame:
    """Return the institutions of one county with headcount and boarders, on dry ground near their village."""
    rng = stream(ground.seed, people.county, "institutions")
    frames = [_county(rng, people), _towns(rng, people), _villages(rng, people)]
    frame = pd.concat(frames, ignore_index=True)
    origin = frame.pop("x").to_numpy(), frame.pop("y").to_numpy()
    spread = frame.pop("spread_m").to_numpy()
    frame["geom"] = points(
        dry_near(rng, np.column_stack(origin), spread, waters, ground.counties[people.county])
    )
    count = len(frame)
    low, high = frame.pop("low").to_numpy(), frame.pop("high").to_numpy()
    frame["headcount"] = (low + (high - low) * rng.beta(1.3, 2.2, count)).round().astype(int)
    share = frame.pop("share").to_numpy() * rng.uniform(0.6, 1.0, count)
    frame["boarders"] = np.floor(frame["headcount"] * share).astype(int)
    frame["id"] = np.arange(1, count + 1)
    frame["code"] = [f"{people.county}-I-{number:04d}" for number in range(1, count + 1)]
    frame["position_method"] = "invented"
    return frame


def dry_near(
    rng: np.random.Generator,
    origin: Floats,
    spread_m: Floats,
    waters: pd.DataFrame,
    outline: BaseGeometry,
) -> Floats:
    """Return a place near each origin, inside the county and not in water; at the origin if none is found."""
    shapes = waters["geom"].to_numpy()
    margin = waters["width_m"].fillna(0).to_numpy() / 2 + 9.0
    shapely.prepare(outline)
    places = origin.copy()
    open_ = np.arange(len(origin))
    for _ in range(6):
        tried = origin[open_] + rng.standard_normal((len(open_), 2)) * spread_m[open_, None]
        good = shapely.contains_xy(outline, tried) & ~wet(tried, shapes, margin)
        places[open_[good]] = tried[good]
        open_ = open_[~good]
        if not len(open_):
            break
    return places


def _county(rng: np.random.Generator, people: Settlements) -> pd.DataFrame:
    town = people.townships.iloc[int(rng.integers(min(3, len(people.townships))))]
    return pd.DataFrame(
        [
            {
                "name": f"{people.name}{ending}{MARK}", "kind": kind, "area_code": town["code"],
                "x": town["x"], "y": town["y"], "spread_m": 700.0, "low": low, "high": high, "share": share,
                "contact_unit": f"{people.name}民政局",
            }
            for kind, ending, (low, high), share in IN_COUNTY
        ]
    )  # fmt: skip


def _towns(rng: np.random.Generator, people: Settlements) -> pd.DataFrame:
    frames = []
    for kind, ending, (low, high), share in IN_TOWN:
        towns = people.townships
        frames.append(
            pd.DataFrame(
                {
                    "name": [f"{short(name)}{ending}{MARK}" for name in towns["name"]], "kind": kind,
                    "area_code": towns["code"], "x": towns["x"], "y": towns["y"], "spread_m": 420.0,
                    "low": low, "high": high, "share": np.where(rng.random(len(towns)) < 0.8, share, 0.0),
                    "contact_unit": [town_office(name) for name in towns["name"]],
                }
            )
        )  # fmt: skip
    return pd.concat(frames)


def _villages(rng: np.random.Generator, people: Settlements) -> pd.DataFrame:
    frames = []
    places = shapely.get_coordinates(people.villages["geom"].to_numpy())
    town = people.townships.set_index("code")["name"].loc[people.villages["code"].str[:9]].to_numpy()
    for kind, ending, (low, high), share, some in IN_VILLAGE:
        there = rng.random(len(places)) < some
        if kind == "children_home":
            there = people.villages["has_children_home"].to_numpy()
        frames.append(
            pd.DataFrame(
                {
                    "name": [f"{short(name)}{ending}{MARK}" for name in people.villages["name"][there]],
                    "kind": kind, "area_code": people.villages["code"][there], "x": places[there, 0],
                    "y": places[there, 1], "spread_m": 140.0, "low": low, "high": high, "share": share,
                    "contact_unit": [town_office(name) for name in town[there]],
                }
            )
        )  # fmt: skip
    return pd.concat(frames)
