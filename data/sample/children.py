"""Children as numbers only (no name, no identity): homes in hamlets around their village, school, visits."""

# ruff: noqa: PLR2004 - shares and sizes of an invented county, each used once

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from data.sample.chance import stream
from data.sample.dry import points
from data.sample.institutions import dry_near

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from data.sample.basin import Basin
    from data.sample.settlements import Settlements

    Floats = NDArray[np.float64]

SHARES: Final = {
    "left_behind": 0.72, "low_income": 0.12, "ill_or_disabled": 0.06, "de_facto_unsupported": 0.055,
    "orphan": 0.02, "other": 0.024, "vagrant": 0.001,
}  # fmt: skip
AGE_WEIGHTS: Final = (4, 5, 6, 6, 7, 7, 7, 7, 7, 7, 7, 7, 6.5, 6, 4, 2.5, 1.8, 1.2)
"""By year of age 0 to 17: about 89 % are under 14."""
HAMLETS: Final = (4, 10)
SCHOOL_AGE: Final = (6, 16)
KINDERGARTEN_AGE: Final = (3, 6)
BOARDING_AGE: Final = 11
HAMLET_SPREAD_M: Final = 620.0
HOME_SPREAD_M: Final = 55.0


def children(  # noqa: PLR0913, PLR0917 - a child needs all of them
    ground: Basin, people: Settlements, waters: pd.DataFrame, institutions: pd.DataFrame,
    as_of: dt.date, thin: float,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Return child, home and child_visit of one county."""
    rng = stream(ground.seed, people.county, "children")
    number = np.maximum(1, np.round(people.villages["children_expected"].to_numpy() / thin)).astype(int)
    places, village = _homes(rng, ground, people, waters, number)
    count = len(places)
    month = _birth_months(rng, count, as_of)
    age = (np.datetime64(as_of, "M") - month).astype(int) // 12
    school, boarding = _schools(rng, places, age, institutions)
    area = people.villages["code"].to_numpy()[village]
    child = pd.DataFrame(
        {
            "id": np.arange(1, count + 1),
            "code": [f"C{people.county}-{one:06d}" for one in range(1, count + 1)],
            "area_code": area,
            "category": rng.choice(list(SHARES), count, p=list(SHARES.values())),
            "birth_month": month.astype("datetime64[D]"),
            "boarding": boarding,
            "institution_id": school,
            "position_method": "invented",
        }
    )
    # Over 16 nobody counts as left behind.
    child.loc[(age >= SCHOOL_AGE[1]) & (child["category"] == "left_behind"), "category"] = "low_income"
    home = pd.DataFrame(
        {
            "child_id": child["id"],
            "area_code": area,
            "geom": points(places),
            "precision": rng.choice(["exact", "group"], count, p=[0.86, 0.14]),
            "position_method": "invented",
        }
    )
    return {"child": child, "home": home, "child_visit": _visits(rng, child, as_of)}


def _homes(
    rng: np.random.Generator,
    ground: Basin,
    people: Settlements,
    waters: pd.DataFrame,
    number: NDArray[np.int64],
) -> tuple[Floats, NDArray[np.int64]]:
    """Return a dry place for each child and the row of its village; siblings share a house."""
    outline = ground.counties[people.county]
    villages = shapely.get_coordinates(people.villages["geom"].to_numpy())
    hamlets = np.minimum(rng.integers(*HAMLETS, len(villages)), np.maximum(number, 1))
    of_village = np.repeat(np.arange(len(villages)), hamlets)
    # Tighter where villages are dense, so that a hamlet stays nearer to its own village than to the next.
    distance, _ = cKDTree(villages).query(villages, k=2)
    spread = np.minimum(HAMLET_SPREAD_M, np.maximum(distance[:, 1] * 0.45, 120.0))[of_village]
    centres = dry_near(rng, villages[of_village], spread, waters, outline)
    start = np.r_[0, np.cumsum(hamlets)[:-1]]
    village = np.repeat(np.arange(len(villages)), number)
    house = rng.random(len(village)) ** 1.6  # the first hamlets are the larger
    hamlet = start[village] + (house * hamlets[village]).astype(int)
    places = dry_near(rng, centres[hamlet], np.full(len(village), HOME_SPREAD_M), waters, outline)
    sibling = (rng.random(len(village)) < 0.22) & np.r_[False, hamlet[1:] == hamlet[:-1]]
    before = np.maximum.accumulate(np.where(sibling, 0, np.arange(len(village))))
    return places[before], village


def _birth_months(rng: np.random.Generator, count: int, as_of: dt.date) -> NDArray[np.datetime64]:
    weight = np.array(AGE_WEIGHTS, dtype=float)
    months = rng.choice(18, count, p=weight / weight.sum()) * 12 + rng.integers(0, 12, count)
    return np.datetime64(as_of, "M") - months


def _schools(
    rng: np.random.Generator, places: Floats, age: NDArray[np.int64], institutions: pd.DataFrame
) -> tuple[pd.arrays.IntegerArray, NDArray[np.bool_]]:
    school = np.zeros(len(places), dtype=np.int64)
    boarding = np.zeros(len(places), dtype=bool)
    for kind, (youngest, oldest), share in (
        ("school", SCHOOL_AGE, 0.97),
        ("kindergarten", KINDERGARTEN_AGE, 0.8),
    ):
        found = institutions[institutions["kind"] == kind]
        pupils = np.flatnonzero((age >= youngest) & (age < oldest) & (rng.random(len(age)) < share))
        if len(found) and len(pupils):
            _, nearest = cKDTree(shapely.get_coordinates(found["geom"].to_numpy())).query(places[pupils])
            school[pupils] = found["id"].to_numpy()[nearest]
            boards = found["boarders"].to_numpy()[nearest] > 0
            boarding[pupils] = boards & (age[pupils] >= BOARDING_AGE) & (rng.random(len(pupils)) < 0.6)
    return pd.arrays.IntegerArray(school, school == 0), boarding


def _visits(rng: np.random.Generator, child: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """Return the latest contact (due monthly) and visit at home (every three months); some are overdue."""
    frames = []
    for kind, due_days, kept in (("contact", 31, 0.95), ("home_visit", 92, 0.88), ("file_check", 365, 0.35)):
        done = np.flatnonzero(rng.random(len(child)) < kept)
        late = np.where(rng.random(len(done)) < 0.82, 1.0, 2.1)
        days = 1 + (rng.random(len(done)) * due_days * late).astype(int)
        frames.append(
            pd.DataFrame(
                {
                    "child_id": child["id"].to_numpy()[done],
                    "area_code": child["area_code"].to_numpy()[done],
                    "kind": kind,
                    "visited_on": np.datetime64(as_of, "D") - days,
                }
            )
        )
    visits = pd.concat(frames, ignore_index=True)
    visits["id"] = np.arange(1, len(visits) + 1)
    return visits
