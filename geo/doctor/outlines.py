"""In which system the outlines of a file are, asked of places whose area is known.

An outline of a Chinese web map names EPSG:4326, or nothing, and is in GCJ-02. The places of villages are
stored and their codes say in which outline each belongs: written in the right system they lie within, in a
wrong one those near a border fall out. The density is that of a stated area (evidence.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geo import datum
from geo.doctor.deciding import Confidence, decide
from geo.doctor.evidence import DENSITIES, FIT_M

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geo.doctor.systems import Floats, Pair

METRES_A_DEGREE: Final = 111_320.0
PRIORS: Final = {"cgcs2000": 0.5, "gcj02": 0.4, "bd09": 0.1}
_THERE: Final[dict[str, Callable[[Floats, Floats], Pair]]] = {
    "cgcs2000": lambda lon, lat: (lon, lat),
    "gcj02": datum.wgs84_to_gcj02,
    "bd09": datum.wgs84_to_bd09,
}


@dataclass(frozen=True, kw_only=True)
class OutlineVerdict:
    """The system of outlines: `system` is `insufficient` where places cannot tell; counts by system."""

    system: str
    confidence: Confidence
    margin: float
    outside: dict[str, int]
    """Places that fall out of their own outline by more than the accuracy of outlines, by system."""
    places: int


def diagnose_outlines(
    outlines: NDArray[Any], own: NDArray[np.int64], lon: Floats, lat: Floats
) -> OutlineVerdict:
    """Return the system of outlines in degrees, as they were written.

    `own` holds for each place (lon, lat in EPSG:4490) the position of the outline it belongs to, -1 for none.
    """
    held = np.flatnonzero(own >= 0)
    made = DENSITIES["area"]
    columns, outside = [], {}
    for system, there in _THERE.items():
        x, y = there(lon[held], lat[held])
        out_m = _outside_m(outlines[own[held]], x, y)
        outside[system] = int((out_m > FIT_M["area"]).sum())
        columns.append(np.log((1.0 - made.wrong) * np.exp(-out_m / made.core_m) + made.wrong))
    if not len(held):
        return OutlineVerdict(system="insufficient", confidence="none", margin=0.0, outside=outside, places=0)
    decision = decide(np.column_stack(columns), np.array(list(PRIORS.values())))
    single = decision.confidence != "none" and len(decision.chosen) == 1
    return OutlineVerdict(
        system=list(PRIORS)[decision.chosen[0]] if single else "insufficient",
        confidence=decision.confidence if single else "none",
        margin=decision.margin,
        outside=outside,
        places=len(held),
    )


def _outside_m(shapes: NDArray[Any], lon: Floats, lat: Floats) -> Floats:
    """Return how far places lie outside their shapes [m], to a hundredth: enough to weigh 200 m."""
    shapely.prepare(shapes)
    outside = ~shapely.contains_xy(shapes, lon, lat)
    found = np.zeros(len(lon))
    if outside.any():
        wide = np.cos(np.radians(lat.mean()))
        squeezed = shapely.transform(shapes[outside], lambda xy: xy * (wide, 1.0))
        points = shapely.points(lon[outside] * wide, lat[outside])
        found[outside] = shapely.distance(points, squeezed) * METRES_A_DEGREE
    return found
