"""Where the main rivers of Shaoyang run, roughly: past which towns, so that the invented net resembles it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Valley:
    """A main river by waypoints from source to mouth (degrees, to about 2 km), named after itself.

    `inflow_km2` is the catchment above its first waypoint; `leaves` says that it leaves the prefecture.
    """

    name: str
    course: tuple[tuple[float, float], ...]
    inflow_km2: float = 0.0
    leaves: bool = False


MAIN: Final[dict[str, tuple[Valley, ...]]] = {
    "4305": (
        Valley(
            name="资水",
            course=((111.25, 27.03), (111.29, 27.1), (111.39, 27.22), (111.46, 27.25), (111.45, 27.33),
                    (111.39, 27.36), (111.36, 27.45), (111.42, 27.55), (111.46, 27.66)),
            leaves=True,
        ),
        Valley(
            name="夫夷水",
            course=((110.68, 26.12), (110.75, 26.25), (110.81, 26.37), (110.87, 26.47), (110.95, 26.6),
                    (111.08, 26.71), (111.12, 26.83), (111.22, 26.88), (111.25, 27.03)),
            inflow_km2=1300.0,
        ),
        Valley(
            name="赧水",
            course=((110.48, 26.45), (110.46, 26.56), (110.54, 26.68), (110.63, 26.73), (110.71, 26.82),
                    (110.77, 26.96), (110.84, 27.06), (110.93, 27.13), (111.03, 27.1), (111.12, 27.02),
                    (111.25, 27.03)),
        ),
        Valley(
            name="巫水",
            course=((110.36, 26.16), (110.33, 26.29), (110.25, 26.38), (110.25, 26.5), (110.15, 26.58),
                    (110.07, 26.68), (110.0, 26.8), (109.9, 26.9)),
            leaves=True,
        ),
        Valley(
            name="平溪",
            course=((110.46, 27.34), (110.44, 27.2), (110.5, 27.1), (110.58, 27.06), (110.72, 27.09),
                    (110.84, 27.06)),
        ),
        Valley(
            name="邵水",
            course=((111.87, 27.13), (111.8, 27.22), (111.74, 27.26), (111.65, 27.22), (111.55, 27.22),
                    (111.46, 27.25)),
        ),
        Valley(
            name="辰水",
            course=((110.85, 27.5), (110.93, 27.38), (110.98, 27.25), (111.03, 27.1)),
        ),
        Valley(
            name="石马江",
            course=((111.05, 27.45), (111.15, 27.42), (111.27, 27.4), (111.36, 27.45)),
        ),
        Valley(
            name="蓼水",
            course=((110.35, 26.83), (110.45, 26.9), (110.58, 26.92), (110.77, 26.96)),
        ),
    ),
}  # fmt: skip
"""By prefecture; one that is not listed drains over the lowest place of its border."""

SEATS: Final[dict[str, tuple[float, float]]] = {
    "430502": (111.495, 27.235), "430503": (111.455, 27.22), "430511": (111.452, 27.25),
    "430522": (111.459, 27.321), "430523": (111.274, 26.99), "430524": (111.032, 27.114),
    "430525": (110.576, 27.06), "430527": (110.156, 26.582), "430528": (110.857, 26.434),
    "430529": (110.32, 26.38), "430581": (110.632, 26.727), "430582": (111.744, 27.259),
}  # fmt: skip
"""County towns, to about 1 km; elsewhere the seat is chosen on the county's main river."""
