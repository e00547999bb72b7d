"""A rigid shift that is left after the verdict: Beijing-54, Xi'an-80, a local grid, a badly set instrument.

Look-alikes of CGCS2000 differ from it by some 30-150 m, the same for the whole file. They can be told apart
only by exact statements: the shift t that maximises Σ_i l(p_i + t) over a polar grid is taken as real if it
beats t = 0 by `DRIFT_MIN` nats (the search over the grid costs log of its size). No transformation of these
datums is public to the metre, so the shift is told and the datum is marked uncertain; nothing is moved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geo.doctor.evidence import on_ground

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.doctor.evidence import Evidence
    from geo.doctor.systems import Floats

DRIFT_MIN: Final = 8.0
RADII_M: Final = (20.0, 40.0, 60.0, 80.0, 100.0, 130.0, 160.0, 200.0)
BEARINGS: Final = 12
SAMPLE: Final = 160
SHARP_ROWS: Final = 8
SHARP_NATS: Final = 8.0
"""The datum is proven only if a shift of 60 m in any direction would fit worse by this."""
LOOK_ALIKE_M: Final = 60.0


@dataclass(frozen=True, kw_only=True)
class Drift:
    """The best rigid shift [m] of rows, how much better it fits, and whether a shift could be told."""

    east_m: float
    north_m: float
    gain: float
    rows: int
    sharp: bool

    @property
    def found(self) -> bool:
        """Whether the shift is real."""
        return self.gain >= DRIFT_MIN and self.length_m > 0.0

    @property
    def length_m(self) -> float:
        """Length of the shift [m]."""
        return float(np.hypot(self.east_m, self.north_m))


def drift_of(lon: Floats, lat: Floats, rows: NDArray[np.int64], evidence: Evidence) -> Drift | None:
    """Return the shift of rows against the waters that they state, or None where they state none."""
    grounds = [ground for ground in evidence.grounds if ground.kind in {"water", "any_water"}]
    placed = np.isfinite(lon) & np.isfinite(lat)
    told = np.zeros(len(rows), dtype=bool)
    for ground in grounds:
        told |= placed & (ground.which[rows] >= 0)
    held = np.flatnonzero(told)
    if not len(held):
        return None
    if len(held) > SAMPLE:
        # By place and not by chance: the same rows in any order give the same sample.
        order = np.lexsort((lat[held], lon[held]))
        held = held[order][np.linspace(0, len(held) - 1, SAMPLE).astype(np.int64)]
    east, north = on_ground(lon[held], lat[held], evidence.region)
    asked = rows[held]

    def score(dx: float, dy: float) -> float:
        return sum(
            float(ground.likelihood(ground.distance_m(east + dx, north + dy, asked), asked).sum())
            for ground in grounds
        )

    unmoved = score(0.0, 0.0)
    turns = np.arange(BEARINGS) * 2.0 * np.pi / BEARINGS
    tried = [(r * np.cos(turn), r * np.sin(turn), r) for r in RADII_M for turn in turns]
    scores = np.array([score(dx, dy) for dx, dy, _ in tried])
    best = int(np.argmax(scores))
    around = scores[[r == LOOK_ALIKE_M for _, _, r in tried]]
    return Drift(
        east_m=float(tried[best][0]),
        north_m=float(tried[best][1]),
        gain=float(scores[best] - unmoved - np.log(len(tried))),
        rows=len(held),
        sharp=len(held) >= SHARP_ROWS and bool(unmoved - around.max() >= SHARP_NATS),
    )
