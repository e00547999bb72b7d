"""What other bureaus may know of the children near a water: a grade and a band, never a count or a place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BAND_STARTS = (0, 5, 10, 20)
BANDS = np.array(["<5", "5-9", "10-19", "20+"])
GRADES = np.array(["C", "B", "B", "A"])
"""Of each band. Zero and one to four share a band, so that an empty bank is not told from a single child."""


def bands(children: NDArray[Any]) -> NDArray[Any]:
    """Return the band of each number of children."""
    return BANDS[_position(children)]


def grades(children: NDArray[Any]) -> NDArray[Any]:
    """Return the grade of each number of children: A from 20, B from 5, else C."""
    return GRADES[_position(children)]


def _position(children: NDArray[Any]) -> NDArray[np.int64]:
    return np.searchsorted(np.array(BAND_STARTS), np.asarray(children), side="right") - 1
