"""What would close a gap: verify, complete, add sets; where a rope is too short; where to put a barrier."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.intervals import Intervals, difference, join_over_start, overlaps, split_over_start, union

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.intervals import Flags, Floats, Ints
    from geo.tables import Column, Table
    from hazards.gaps import Standing
    from hazards.ground import Ground
    from hazards.protection_rules import BarrierRule

WHAT = {"incomplete": "complete_set", "expired": "verify"}
"""What to do first about the reason of a gap; every other reason asks for a new set."""
ROUNDING_M = 1e-6


def what_closes(
    gaps: Intervals, reason: NDArray[np.object_], standing: Standing, ground: Ground, min_gap_m: float
) -> dict[str, Column]:
    """Return `what_closes` and `new_sets` of each gap.

    `verify` if verifying the expired sets closes it; else `complete_set` if completing the incomplete ones
    as well does. Else `new_sets` >= 1 more are needed for what is left, ⌈length / (2 · reach)⌉ a stretch of
    at least `min_gap_m`, and the first step is that of the reason.
    """
    parts, owner = split_over_start(gaps, ground.table.length_m)
    expired = union(ground.within_reach(standing.take(standing.status == "expired")))
    unfit = standing.take((standing.status == "expired") | (standing.status == "incomplete"))
    faulty = union(ground.within_reach(unfit))
    left_verified = _left(gaps, parts, owner, expired, ground, min_gap_m)
    left = _left(gaps, parts, owner, faulty, ground, min_gap_m)
    first = np.select([reason == name for name in WHAT], list(WHAT.values()), "new_set").astype(object)
    return {
        "what_closes": np.select([left_verified == 0, left == 0], ["verify", "complete_set"], first),
        "new_sets": left,
    }


def _left(  # noqa: PLR0913, PLR0917 - the parts of one question
    gaps: Intervals, parts: Intervals, owner: Ints, mended: Intervals, ground: Ground, min_gap_m: float
) -> Ints:
    """Return how many sets each gap still asks for once `mended` is covered."""
    open_ = join_over_start(difference(parts, mended), ground.table.length_m, ground.table.ring)
    open_ = open_.take(open_.length_m >= max(min_gap_m, ROUNDING_M))
    needed = np.ceil((open_.length_m - ROUNDING_M) / (2.0 * ground.reach_m[open_.group]))
    pieces, of = split_over_start(open_, ground.table.length_m)
    piece, part, _ = overlaps(pieces, parts)
    row, once = np.unique(of[piece], return_index=True)
    found = np.zeros(len(gaps), np.int64)
    np.add.at(found, owner[part[once]], needed[row].astype(np.int64))
    return found


def breadth_m(waters: Table) -> Floats:
    """Return how wide each water is [m]: as recorded, else of a surface 4 · area / perimeter, else empty.

    The latter is the diameter of a round pond and at most twice the breadth of a long one: it errs towards
    saying that a rope is too short.
    """
    shape = waters.shapes
    area, edge = shapely.area(shape), shapely.length(shape)
    round_ = np.divide(4.0 * area, edge, out=np.full(len(shape), np.nan), where=area > 0.0)
    known = waters["width_m"].astype(np.float64)
    found: Floats = np.where(known > 0.0, known, round_)
    return found


def beyond_rope(waters: Table, water_id: Ints, rope_m: float) -> Flags:
    """Return where no rope reaches mid-channel from either bank: breadth_m > 2 · `rope_m`."""
    return np.asarray((breadth_m(waters) > 2.0 * rope_m)[waters.rows_of(water_id)])


def barrier_advised(gaps: Table, places: Table, ground: Ground, rule: BarrierRule) -> Flags:
    """Return where a barrier is advised 建议: people live or learn so near that a fall comes before a rescue.

    A school, a settlement or at least `homes` homes with distance_m <= `place_m`; and every small ring. Fewer
    homes say nothing: the advice is read by bureaus that must not learn where a child lives.
    """
    found = ground.small[gaps["bank"]]
    tree = shapely.STRtree(places.shapes)
    gap, place = tree.query(gaps.shapes, predicate="dwithin", distance=rule.place_m)
    public = places["kind"][place] != "home"
    homes = np.bincount(gap[~public], minlength=len(gaps))
    found = found | (homes >= rule.homes)
    found[gap[public]] = True
    return np.asarray(found, dtype=np.bool_)
