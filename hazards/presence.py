"""How much of the year a child is at home: boarders on weekends and in holidays alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from geo.intervals import Flags, Floats
    from hazards.parameters import PlaceWeight


def home_weights(boarding: Flags, weights: PlaceWeight) -> Floats:
    """Return the weight of each home: `home`, and of a boarder `home` × `boarder_share`.

    The share of the days of a year stands in it, not the day of the question: what is most urgent must not
    change from Friday to Monday. A boarder's home exposes its bank like any other: the child is there.
    """
    found: Floats = np.where(np.asarray(boarding, np.bool_), weights.boarder_share, 1.0) * weights.home
    return found
