"""Records of a file that may be stored already under another code: proposed, never merged.

The natural key comes first: a row whose code is stored is an update, not a duplicate. Of the others those are
proposed that lie within `NEAR_M` of a stored one of the same kind and whose names are alike or missing, or
that lie on the very spot. A port really keeps 725 buoys at 400 places, so nothing is decided here.
"""

from __future__ import annotations

import re
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from rapidfuzz import fuzz

from data.importers import synonyms
from data.importers.matching import bare
from data.importers.unplaced import ROUGH
from geo.crs import project

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import geopandas as gpd

    from data.importers.rows import Row
    from geo.intervals import Floats

NEAR_M: Final = 60.0
SPOT_M: Final = 5.0
ALIKE: Final = 70.0
SHOWN: Final = 300
TOLD: Final = 10
"""Pairs within a file that are named one by one."""
NUMBER: Final = re.compile(r"\d+|[一二三四五六七八九十]+(?=[号#])")


def proposals(
    rows: list[Row], stored: gpd.GeoDataFrame, metric_crs: str, values: str | None = None
) -> list[list[Any]]:
    """Return sheet, row, code and name of a row, code and name of what may be the same, and metres apart.

    `stored` has code, name and geometry in EPSG:4490, and kind where `values` names the words for kinds.
    What stands at its village for want of a place lies near everything there and is not compared.
    """
    held = _new(rows, stored)
    if "position_method" in stored:
        stored = stored[~stored["position_method"].isin(ROUGH)]
    if not held or not len(stored) or any(row.private for row in held[:1]):
        return []
    there = _points(np.asarray(stored.geometry.array, dtype=object), metric_crs)
    here = _points(np.array([row.shape for row in held], dtype=object), metric_crs)
    mine, theirs = shapely.STRtree(there).query(here, predicate="dwithin", distance=NEAR_M)
    apart = shapely.distance(here[mine], there[theirs])
    codes, names = stored["code"].to_numpy(), stored["name"].to_numpy()
    kinds = stored["kind"].to_numpy() if values else None
    found = []
    for at, other, distance in zip(mine.tolist(), theirs.tolist(), apart.tolist(), strict=True):
        row = held[at]
        name, kind = _named(row), _kind(row, values)
        if kinds is not None and kind is not None and kind != kinds[other]:
            continue
        if not alike(name, str(names[other]), distance):
            continue
        own = str(row.cells.get("code", ""))
        found.append(
            [
                row.sheet,
                row.number,
                own,
                bare(name, "water"),
                str(codes[other]),
                str(names[other]),
                round(distance, 1),
            ]
        )
    found.sort(key=lambda line: (line[6], line[0], line[1] or 0))
    return found[:SHOWN]


def among(rows: list[Row], stored: gpd.GeoDataFrame, metric_crs: str, values: str | None = None) -> list[str]:
    """Return sentences on rows of the file itself that may be one record under two codes.

    Each is compared with its nearest neighbour, and where several lie on one point with the first of them: a
    file of which every row stands on one spot takes no longer than any other.
    """
    held = _new(rows, stored)
    if not held or any(row.private for row in held[:1]):
        return []
    places = np.array([row.shape for row in held], dtype=object)
    found = [
        (held[a], held[b], distance_m)
        for a, b, distance_m in _neighbours(np.column_stack(_metres(places, metric_crs)))
        if _code(held[a]) != _code(held[b])
        and _kind(held[a], values) == _kind(held[b], values)
        and alike(_named(held[a]), _named(held[b]), distance_m)
    ]
    told = [
        f"{one.error().place}（{_code(one)} {_named(one)}）与"
        f"{other.error().place}（{_code(other)} {_named(other)}）相距 {distance_m:.1f} 米，可能是同一处："
        "如是，请在文件中改用同一编号；写入后也可在“疑似重复”中判定。"
        for one, other, distance_m in found[:TOLD]
    ]
    rest = len(found) - TOLD
    return [*told, *([f"文件内另有 {rest} 对相近的记录可能是同一处。"] if rest > 0 else [])]


def _neighbours(xy: Floats) -> list[tuple[int, int, float]]:
    """Return pairs of places `xy` (n, 2) [m] that lie near each other, and how far apart; nearest first."""
    spots, first, spot = np.unique(xy, axis=0, return_index=True, return_inverse=True)
    spot = spot.ravel()
    again = np.flatnonzero(first[spot] != np.arange(len(xy)))
    pairs = {(int(first[spot[at]]), int(at)): 0.0 for at in again.tolist()}
    points = np.asarray(shapely.points(spots), dtype=object)
    tree = shapely.STRtree(points)
    one, other = tree.query_nearest(points, max_distance=NEAR_M, exclusive=True, all_matches=False)
    apart_m = shapely.distance(points[one], points[other])
    low, high = np.minimum(first[one], first[other]), np.maximum(first[one], first[other])
    pairs |= dict(zip(zip(low.tolist(), high.tolist(), strict=True), apart_m.tolist(), strict=True))
    return [(a, b, distance_m) for (a, b), distance_m in sorted(pairs.items(), key=itemgetter(1, 0))]


def _new(rows: list[Row], stored: gpd.GeoDataFrame) -> list[Row]:
    """Return the rows that have a place of their own and a code that is not stored."""
    known = set(stored["code"])
    return [
        row
        for row in rows
        if row.shape is not None and row.position_method not in ROUGH and _code(row) not in known
    ]


def _code(row: Row) -> str:
    return str(row.cells.get("code", "")).strip()


def _named(row: Row) -> str:
    return str(row.cells.get("name") or row.cells.get("title") or "")


def _kind(row: Row, values: str | None) -> str | None:
    return synonyms.value(values, row.cells.get("kind") or row.cells.get("domain")) if values else None


def alike(name: str, other: str, distance_m: float) -> bool:
    """Return whether two records of one kind may be one: near with like names or none, or on one spot.

    Names that differ in their numbers (1号点, 2号点) were given to tell two apart.
    """
    if distance_m > NEAR_M:
        return False
    one, two = bare(name, "water"), bare(other, "water")
    if distance_m <= SPOT_M or not one or not two:
        return True
    numbers, others = NUMBER.findall(one), NUMBER.findall(two)
    if numbers and others and numbers != others:
        return False
    return float(fuzz.ratio(one, two)) >= ALIKE


def settled(
    rows: list[Row], doubles: list[list[Any]], same: Iterable[str]
) -> tuple[list[Row], list[list[Any]], list[str]]:
    """Return the rows under the stored code where the keeper said "the same", the proposals, what to tell.

    `same` holds `sheet!number>code` (`key_of`); what was not proposed is passed over. Each proposal gets one
    more cell: whether it was said to be the same.
    """
    said = set(same)
    chosen = {(line[0], line[1]): line for line in doubles if key_of(line) in said}
    made, notes = [], []
    for row in rows if chosen else ():
        line = chosen.get((row.sheet, row.number))
        if line is not None:
            notes.append(f"{row.error().place}：{line[2]} 按核对结果并入已有的 {line[4]}，更新该记录。")
            row = row.but(cells=dict(row.cells) | {"code": line[4]})  # noqa: PLW2901 - the row as it goes on
        made.append(row)
    return (
        made if chosen else rows,
        [[*line, chosen.get((line[0], line[1])) is line] for line in doubles],
        notes,
    )


def key_of(line: Sequence[Any]) -> str:
    """Return the name of a proposal within its file."""
    return f"{line[0]}!{line[1]}>{line[4]}"


def _points(shapes: Any, metric_crs: str) -> Any:  # noqa: ANN401 - arrays of shapely
    return shapely.points(*_metres(shapes, metric_crs))


def _metres(shapes: Any, metric_crs: str) -> tuple[Any, Any]:  # noqa: ANN401 - arrays of shapely
    xy = shapely.get_coordinates(shapely.centroid(shapes))
    return project(xy[:, 0], xy[:, 1], metric_crs)
