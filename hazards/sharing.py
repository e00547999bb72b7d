"""What other bureaus may know of children near waters and hazards: a grade, a band, banks of many homes.

The end of a stretch that one home exposes lies exactly the exposure distance from that home: two such ends
are the home's address. So homes count together or not at all: between marks of the chainage that are the same
whoever lives there, and only where enough of them expose the whole stretch between two marks. Places that
everybody knows (schools, settlements) are exact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geo.intervals import Intervals, concat, expand, union
from hazards.exposure import exposed_by, weigher

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.intervals import Flags, Floats
    from geo.measures import MeasureTable
    from hazards.parameters import Sharing

BAND_STARTS = (0, 5, 10, 20)
BANDS = np.array(["<5", "5-9", "10-19", "20+"])
WEIGHT_STARTS = np.array([1.0, 5.0, 10.0, 20.0, 50.0, 100.0])
"""Of the bands of weight a metre; all below five is the first."""
MESH_M = 200.0
"""Of the mesh at whose points children near hazards are counted: two hazards between the same lines tell the
same. No parameter, since who could set it could sweep it."""
GRADES = np.array(["C", "B", "B", "A"])
"""Of each band. Zero and one to four share a band, so that an empty bank is not told from a single child."""


def bands(children: NDArray[Any]) -> NDArray[Any]:
    """Return the band of each number of children."""
    return BANDS[_position(children)]


def grades(children: NDArray[Any]) -> NDArray[Any]:
    """Return the grade of each number of children: A from 20, B from 5, else C."""
    return GRADES[_position(children)]


def mesh_points(xy: Floats) -> Floats:
    """Return the middle of the mesh's square that each place (n, 2) [m] lies in.

    Whoever puts hazards where they like gets one answer a square, and no distance to any home: hazards of one
    square tell the same, and the next square is a step of the whole mesh away.
    """
    return np.asarray((np.floor(xy / MESH_M) + 0.5) * MESH_M, dtype=np.float64)


def _position(children: NDArray[Any]) -> NDArray[np.int64]:
    return np.searchsorted(np.array(BAND_STARTS), np.asarray(children), side="right") - 1


def banded_weight(weight: NDArray[Any], length_m: NDArray[Any]) -> NDArray[Any]:
    """Return the weight of gaps as others may know it: metres × the start of the band of weight a metre.

    The exact weight counts the homes within reach of a bank; below five they are not told apart.
    """
    weight, length_m = np.asarray(weight, np.float64), np.asarray(length_m, np.float64)
    density = np.divide(weight, length_m, out=np.zeros_like(weight), where=length_m > 0.0)
    band = np.searchsorted(WEIGHT_STARTS[1:], density, side="right")
    return np.asarray(WEIGHT_STARTS[band] * length_m)


def shared_exposure(  # noqa: PLR0913, PLR0917 - what exposes, and to whom it is told
    table: MeasureTable,
    xy: Floats,
    radius_m: Floats,
    home: Flags,
    sharing: Sharing | None,
    trusted: Flags | None = None,
) -> Intervals:
    """Return the exposed stretches that may be shown to whoever may see a bank.

    What places other than homes expose is exact. Homes expose the stretch between two marks, `sharing.step_m`
    apart from the start of the bank, where on the average of its metres at least `sharing.homes_at_least` of
    them lie within their radius. Without `sharing` homes, too, are exact: for who may see them.

    Parameters
    ----------
    xy, radius_m, home
        Places: (n, 2) [m], (n,) [m], and which of them are homes of children.
    trusted
        Which banks tell of homes at all: those of verified waters; None: each.
    """
    if sharing is None:
        return exposed_by(table, xy, radius_m)
    public = exposed_by(table, xy[~home], radius_m[~home])
    return union(concat(public, settled(table, xy[home], radius_m[home], sharing, trusted)))


def settled(
    table: MeasureTable, xy: Floats, radius_m: Floats, sharing: Sharing, trusted: Flags | None = None
) -> Intervals:
    """Return the stretches between two marks that enough of the given homes expose, on trusted banks alone.

    A water that somebody has just drawn would be a ruler laid to any home.
    """
    marked = _between_marks(exposed_by(table, xy, radius_m), table, sharing.step_m)
    if trusted is not None:
        marked = marked.take(trusted[marked.group])
    weigh = weigher(table, xy, radius_m, np.ones(len(xy)))
    return marked.take(weigh(marked) >= sharing.homes_at_least * marked.length_m)


def _between_marks(stretches: Intervals, table: MeasureTable, step_m: float) -> Intervals:
    """Return every stretch between two neighbouring marks that the given ones touch, sorted, each once."""
    first = np.floor(stretches.start / step_m).astype(np.int64)
    beyond = np.ceil(stretches.stop / step_m).astype(np.int64)
    row, mark = expand(first, beyond)
    pairs = np.unique(np.column_stack([stretches.group[row], mark]), axis=0)
    group, mark = pairs[:, 0], pairs[:, 1]
    stop = np.minimum((mark + 1).astype(np.float64) * step_m, table.length_m[group])
    marked = Intervals(group, mark.astype(np.float64) * step_m, stop)
    return marked.take(marked.length_m > 0.0)
