"""What a register says of each water: key, name, depth, the three duties, chief, class and incidents."""

# ruff: noqa: PLR2004 - shares and sizes of an invented county, each used once

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from data.sample.naming import committee, pond_names, short, town_office

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from data.sample.settlements import Settlements

    Floats = NDArray[np.float64]

ENDINGS: Final = {
    "pond": "山塘",
    "pool": "潭",
    "well": "公用水井",
    "reservoir": "水库",
    "lake": "湖",
    "park": "公园湖",
}
DEPTHS_M: Final = {
    "pond": (1.2, 3.5), "pool": (1.5, 5.0), "ditch": (0.4, 1.6), "lake": (2.0, 6.0), "reservoir": (5.0, 28.0),
    "wharf": (1.5, 5.0), "ferry": (2.0, 6.0), "well": (3.0, 9.0), "park": (1.0, 2.5),
}  # fmt: skip


def described(rng: np.random.Generator, frame: pd.DataFrame, people: Settlements) -> pd.DataFrame:
    """Return the table's columns: keys, names, depth, the three duties, the chief, class and incidents."""
    count = len(frame)
    middle = shapely.get_coordinates(shapely.point_on_surface(frame["geom"].to_numpy()))
    homes = shapely.get_coordinates(people.villages["geom"].to_numpy())
    _, nearest = cKDTree(homes).query(middle)
    village = people.villages.iloc[nearest].reset_index(drop=True)
    town = _townships(people, village["code"])
    kind = frame["kind"].to_numpy()
    frame = frame.assign(
        id=np.arange(1, count + 1),
        code=[f"{people.county}-W-{number:05d}" for number in range(1, count + 1)],
        area_code=village["code"].to_numpy(),
        name=_named(rng, frame, village, town),
        depth_m=_depths(rng, frame),
    )
    of_village = np.isin(kind, ["pond", "well", "ditch", "pool"])
    village_unit = np.array([committee(name) for name in village["name"]], dtype=object)
    town_unit = np.array([town_office(name) for name in town], dtype=object)
    frame["owner"] = np.where(of_village, village_unit, "县级水行政主管部门")
    frame["user_unit"] = np.where(of_village, village_unit, town_unit)
    frame["manager"] = np.where(
        kind == "reservoir", "水库管理所（演示）", np.where(of_village, village_unit, town_unit)
    )
    frame["river_chief"] = np.where(
        np.isin(kind, ["reach", "reservoir", "lake"]),
        np.where(frame["width_m"].fillna(60) > 40, "县级河长（演示）", "乡级河长（演示）"),
        "村级河长（演示）",
    )
    frame["incidents"] = (rng.random(count) < 0.006) * rng.integers(1, 3, count)
    raised = rng.random(count) < 0.004
    frame["class_override"] = pd.Series(rng.choice(["A", "B"], count), dtype=object).where(raised, None)
    frame["class_reason"] = np.where(raised, "暑期常有儿童前来游泳，经会商调整（演示）", "")
    frame["position_method"] = "invented"
    return frame


def _townships(people: Settlements, village_codes: pd.Series[Any]) -> NDArray[np.object_]:
    by_code = people.townships.set_index("code")["name"]
    return by_code.loc[village_codes.str[:9]].to_numpy(dtype=object)


def _named(
    rng: np.random.Generator, frame: pd.DataFrame, village: pd.DataFrame, town: NDArray[np.object_]
) -> NDArray[np.object_]:
    kind, given = frame["kind"].to_numpy(), frame["name"].to_numpy(dtype=object)
    named = np.empty(len(frame), dtype=object)
    for each, ending in ENDINGS.items():
        rows = kind == each
        named[rows] = pond_names(rng, village["name"].to_numpy(dtype=object)[rows], ending)
    for each, ending in (("reach", "段"), ("wharf", "码头"), ("ferry", "渡口")):
        rows = kind == each
        named[rows] = given[rows] + np.array([short(name) for name in town[rows]], dtype=object) + ending
    rows = kind == "ditch"
    named[rows] = np.array([f"{short(name)}水渠" for name in village["name"][rows]], dtype=object)
    return named


def _depths(rng: np.random.Generator, frame: pd.DataFrame) -> Floats:
    kind = frame["kind"].to_numpy()
    depth = np.clip(0.5 + 0.05 * frame["width_m"].fillna(0).to_numpy(), 0.4, 6.0) * rng.uniform(
        0.7, 1.4, len(frame)
    )
    for each, (low, high) in DEPTHS_M.items():
        rows = kind == each
        depth[rows] = rng.uniform(low, high, int(rows.sum()))
    return np.round(depth, 1)
