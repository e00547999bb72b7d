"""Records of a file that may be stored already under another code: proposed, never merged.

The natural key comes first: a row whose code is stored is an update, not a duplicate. Of the others those are
proposed that lie within `NEAR_M` of a stored one of the same kind and whose names are alike or missing, or
that lie on the very spot. A port really keeps 725 buoys at 400 places, so nothing is decided here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from rapidfuzz import fuzz

from data.importers.matching import bare
from geo.crs import project

if TYPE_CHECKING:
    import geopandas as gpd

    from data.importers.rows import Row

NEAR_M: Final = 60.0
SPOT_M: Final = 5.0
ALIKE: Final = 70.0
SHOWN: Final = 300


def proposals(rows: list[Row], stored: gpd.GeoDataFrame, metric_crs: str) -> list[list[Any]]:
    """Return sheet, row, code and name of a row, code and name of what may be the same, and metres apart.

    `stored` has code, name and geometry in EPSG:4490, and kind where rows have one.
    """
    known = set(stored["code"])
    held = [
        row for row in rows if row.shape is not None and str(row.cells.get("code", "")).strip() not in known
    ]
    if not held or not len(stored) or any(row.private for row in held[:1]):
        return []
    shapes = np.asarray(stored.geometry.array, dtype=object)
    there = shapely.points(*_metres(shapes, metric_crs))
    here = shapely.points(*_metres(np.array([row.shape for row in held], dtype=object), metric_crs))
    mine, theirs = shapely.STRtree(there).query(here, predicate="dwithin", distance=NEAR_M)
    apart = shapely.distance(here[mine], there[theirs])
    codes, names = stored["code"].to_numpy(), stored["name"].to_numpy()
    found = []
    for at, other, distance in zip(mine.tolist(), theirs.tolist(), apart.tolist(), strict=True):
        row, name = held[at], bare(held[at].cells.get("name"), "water")
        likeness = fuzz.ratio(name, bare(names[other], "water")) if name and names[other] else None
        if distance > SPOT_M and likeness is not None and likeness < ALIKE:
            continue
        own = str(row.cells.get("code", ""))
        found.append(
            [row.sheet, row.number, own, name, str(codes[other]), str(names[other]), round(distance, 1)]
        )
    found.sort(key=lambda line: (line[6], line[0], line[1] or 0))
    return found[:SHOWN]


def _metres(shapes: Any, metric_crs: str) -> tuple[Any, Any]:  # noqa: ANN401 - arrays of shapely
    xy = shapely.get_coordinates(shapely.centroid(shapes))
    return project(xy[:, 0], xy[:, 1], metric_crs)
