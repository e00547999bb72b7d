"""The ways on which pupils of one county walk to school (all invented)."""

# ruff: noqa: PLR2004 - shares and sizes of an invented county, each used once

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely

from data.sample.chance import stream
from data.sample.naming import MARK, short

if TYPE_CHECKING:
    from data.sample.basin import Basin
    from data.sample.settlements import Settlements

VILLAGES_A_SCHOOL: Final = 3
WALKED_M: Final = (150.0, 3_000.0)
"""From which and to which distance pupils walk from the middle of a village; nobody starts at a home."""
CORNERS: Final = 9


def routes(ground: Basin, people: Settlements, institutions: pd.DataFrame) -> pd.DataFrame:
    """Return winding ways from the middles of the nearest villages to each school, with who walks them."""
    rng = stream(ground.seed, people.county, "routes")
    schools = institutions[institutions["kind"] == "school"]
    middles = shapely.get_coordinates(people.villages["geom"].to_numpy())
    ends = shapely.get_coordinates(schools["geom"].to_numpy())
    away = np.hypot(*(ends[:, None] - middles[None]).transpose(2, 0, 1))
    nearest = np.argsort(away, axis=1)[:, :VILLAGES_A_SCHOOL]
    distance = np.take_along_axis(away, nearest, axis=1)
    school, rank = np.nonzero((distance >= WALKED_M[0]) & (distance <= WALKED_M[1]))
    village, far = nearest[school, rank], distance[school, rank]
    share = np.linspace(0.0, 1.0, CORNERS)
    along = ends[school] - middles[village]
    aside = np.column_stack([-along[:, 1], along[:, 0]]) / far[:, None]
    swing = rng.uniform(-0.18, 0.18, (len(school), 2)) * far[:, None]
    bend = swing[:, :1] * np.sin(np.pi * share) + swing[:, 1:] * np.sin(2 * np.pi * share)
    ways = middles[village][:, None] + along[:, None] * share[:, None] + aside[:, None] * bend[:, :, None]
    pupils = (schools["headcount"].to_numpy()[school] * rng.uniform(0.05, 0.2, len(school))).astype(int)
    names = people.villages["name"].to_numpy()
    titles = schools["name"].str.removesuffix(MARK).to_numpy()
    count = len(school)
    return pd.DataFrame(
        {
            "id": np.arange(1, count + 1),
            "code": [f"{people.county}-R-{number:04d}" for number in range(1, count + 1)],
            "name": [
                f"{short(names[one])}至{titles[other]}{MARK}"
                for one, other in zip(village, school, strict=True)
            ],
            "area_code": people.villages["code"].to_numpy()[village],
            "institution_id": schools["id"].to_numpy()[school],
            "geom": shapely.linestrings(ways) if count else np.empty(0, dtype=object),
            "pupils": np.where(pupils < 3, 0, pupils),
            "position_method": "invented",
        }
    )
