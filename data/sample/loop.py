"""Hazards of one county in every state of the loop (发现 to 销号), with its history."""

# ruff: noqa: PLR2004 - shares and sizes of an invented county, each used once

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely

from data.sample.chance import stream
from data.sample.checklist import checklist
from data.sample.dry import points
from data.sample.institutions import dry_near
from data.sample.settlements import scatter

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from data.sample.basin import Basin
    from data.sample.settlements import Settlements

STATES: Final = ("found", "registered", "assigned", "rectified", "rechecked", "closed")
STATE_SHARES: Final = (0.08, 0.11, 0.2, 0.12, 0.07, 0.42)
NOTES: Final = (
    "现场发现",
    "登记建档",
    "交办责任单位并限期整改",
    "整改完成，已上传前后照片",
    "复查合格",
    "销号归档",
)
FROM_ITEMS: Final = 0.28
"""Share of abnormal items from which a hazard is registered here; the rest were settled on the spot."""
FROM_STATIONS: Final = 0.05
REGISTERED_A_TOWNSHIP: Final = 4.0
REGISTER: Final = (
    ("S", "屋后山体滑坡隐患点"), ("S", "崩塌危岩隐患点"), ("S", "泥石流沟隐患点"), ("S", "地面塌陷隐患点"),
    ("S", "切坡建房边坡"), ("R", "河岸崩岸险段"), ("R", "山洪危险区"), ("D", "村内排水沟淤塞"),
    ("P", "漫水桥无护栏"),
)  # fmt: skip
ROUND_DAYS: Final = 300
LONGEST_DAYS: Final = 70
DEADLINE_DAYS: Final = (7, 45)


def hazards(  # noqa: PLR0913, PLR0917 - a hazard has three origins
    ground: Basin, people: Settlements, institutions: pd.DataFrame, inspected: dict[str, pd.DataFrame],
    equipped: dict[str, pd.DataFrame], as_of: dt.date, thin: float,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Return hazard and hazard_event of one county."""
    rng = stream(ground.seed, people.county, "hazards")
    frame = pd.concat(
        [
            _from_items(rng, institutions, inspected),
            _from_stations(rng, equipped, as_of),
            _register(
                rng, ground, people, as_of, round(REGISTERED_A_TOWNSHIP * len(people.townships) / thin)
            ),
        ],
        ignore_index=True,
    )
    count = len(frame)
    state = rng.choice(len(STATES), count, p=STATE_SHARES)
    frame["id"] = np.arange(1, count + 1)
    frame["code"] = [f"{people.county}-{as_of.year}-{one:05d}" for one in range(1, count + 1)]
    frame["grade"] = rng.choice(["general", "major"], count, p=[0.9, 0.1])
    frame["state"] = np.array(STATES, dtype=object)[state]
    found = frame["found_on"].to_numpy().astype("datetime64[D]")
    due = pd.Series(found + rng.integers(*DEADLINE_DAYS, count))
    frame["deadline"] = due.where(state >= STATES.index("assigned"))
    events = _events(rng, state, found, as_of)
    last = events.groupby("hazard_id")["happened_at"].last().dt.tz_convert("Asia/Shanghai").dt.date
    closed = (frame["state"] == "closed").to_numpy()
    frame["closed_on"] = last.reindex(frame["id"]).reset_index(drop=True).where(closed)
    confirmed = (state >= 1) & (rng.random(count) < 0.8)
    second = events[events["position"] == 2].set_index("hazard_id")["happened_at"]
    second = second.dt.tz_convert("Asia/Shanghai").dt.date.reindex(frame["id"]).reset_index(drop=True)
    frame["verified_at"] = second.where(confirmed)
    frame["responsible_person"] = "值班责任人（演示）"
    frame["position_method"] = "invented"
    for key in ("institution_id", "water_id", "station_id", "inspection_item_id"):
        frame[key] = frame[key].astype("Int64")
    return {"hazard": frame, "hazard_event": events}


def _from_items(
    rng: np.random.Generator, institutions: pd.DataFrame, inspected: dict[str, pd.DataFrame]
) -> pd.DataFrame:
    items = inspected["inspection_item"]
    bad = items[(items["finding"] == "abnormal") & (rng.random(len(items)) < FROM_ITEMS)]
    visit = inspected["inspection"].set_index("id").loc[bad["inspection_id"]]
    place = institutions.set_index("id").loc[visit["institution_id"]]
    question = checklist().set_index("code").loc[bad["item_code"]]
    return pd.DataFrame(
        {
            "title": place["name"].to_numpy(dtype=object)
            + "检查异常："
            + question["question"].to_numpy(dtype=object),
            "domain": question["domain"].to_numpy(),
            "origin": "inspection",
            "area_code": place["area_code"].to_numpy(),
            "geom": place["geom"].to_numpy(),
            "institution_id": visit["institution_id"].to_numpy(),
            "water_id": pd.NA,
            "station_id": pd.NA,
            "inspection_item_id": bad["id"].to_numpy(),
            "responsible_unit": place["contact_unit"].to_numpy(),
            "found_on": visit["done_on"].to_numpy().astype("datetime64[D]"),
        }
    )


def _from_stations(
    rng: np.random.Generator, equipped: dict[str, pd.DataFrame], as_of: dt.date
) -> pd.DataFrame:
    item = equipped["station_item"]
    broken = item[item["state"].isin(["missing", "damaged"])].drop_duplicates("station_id")
    broken = broken[rng.random(len(broken)) < FROM_STATIONS * 4]
    station = equipped["station"].set_index("id").loc[broken["station_id"]]
    return pd.DataFrame(
        {
            "title": station["name"].to_numpy(dtype=object) + "救生设施不完整",
            "domain": "R",
            "origin": "station",
            "area_code": station["area_code"].to_numpy(),
            "geom": station["geom"].to_numpy(),
            "institution_id": pd.NA,
            "water_id": station["water_id"].to_numpy(),
            "station_id": broken["station_id"].to_numpy(),
            "inspection_item_id": pd.NA,
            "responsible_unit": station["responsible_unit"].to_numpy(),
            "found_on": np.minimum(
                broken["verified_on"].to_numpy().astype("datetime64[D]"), np.datetime64(as_of, "D")
            ),
        }
    )


def _register(
    rng: np.random.Generator, ground: Basin, people: Settlements, as_of: dt.date, count: int
) -> pd.DataFrame:
    """Return geological and flood hazards of the register: near villages, or out on the slopes."""
    outline = ground.counties[people.county]
    villages = shapely.get_coordinates(people.villages["geom"].to_numpy())
    row = rng.integers(len(villages), size=count)
    places = dry_near(rng, villages[row], np.full(count, 380.0), _nothing(), outline)
    out = rng.random(count) < 0.12
    places = np.where(out[:, None], scatter(rng, outline, max(count, 1))[:count], places)
    _, nearest = shapely.STRtree(people.villages["geom"].to_numpy()).query_nearest(
        points(places), all_matches=False
    )
    what = rng.integers(len(REGISTER), size=count)
    village = people.villages.iloc[nearest]
    return pd.DataFrame(
        {
            "title": village["name"].to_numpy(dtype=object)
            + np.array([REGISTER[one][1] for one in what], dtype=object),
            "domain": [REGISTER[one][0] for one in what],
            "origin": rng.choice(["register", "report", "warning"], count, p=[0.7, 0.22, 0.08]),
            "area_code": village["code"].to_numpy(),
            "geom": points(places),
            "institution_id": pd.NA,
            "water_id": pd.NA,
            "station_id": pd.NA,
            "inspection_item_id": pd.NA,
            "responsible_unit": "自然资源所（演示）",
            "found_on": np.datetime64(as_of, "D") - rng.integers(2, ROUND_DAYS, count),
        }
    )


def _nothing() -> pd.DataFrame:
    return pd.DataFrame({"geom": np.array([], dtype=object), "width_m": np.array([], dtype=float)})


def _events(
    rng: np.random.Generator, state: NDArray[np.int64], found: NDArray[np.datetime64], as_of: dt.date
) -> pd.DataFrame:
    """Return one row for every step that each hazard has taken, in order of time."""
    times = state + 1
    which = np.repeat(np.arange(len(state)), times)
    position = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    room = np.minimum((np.datetime64(as_of, "D") - found).astype(int) * 86_400, LONGEST_DAYS * 86_400)
    share = rng.uniform(0.35, 0.95, len(state))[which] * position / np.maximum(state[which], 1)
    # From nine in the morning in China (UTC+8), stored in UTC.
    when = found[which].astype("datetime64[s]") + 3_600 + (room[which] * share).astype(int)
    names = np.array(STATES, dtype=object)
    return pd.DataFrame(
        {
            "id": np.arange(1, len(which) + 1),
            "hazard_id": which + 1,
            "position": position + 1,
            "from_state": np.where(position > 0, names[np.maximum(position - 1, 0)], None),
            "to_state": names[position],
            "happened_at": pd.to_datetime(when, utc=True),
            "note": np.array(NOTES, dtype=object)[position] + "（演示）",
        }
    )
