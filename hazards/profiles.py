"""Whom a bank endangers: what its metres weigh by age profile, by school and by settlement.

T (0–4, at home): nested distances, each nearer one adds to the weight. P (5–11): any water near home.
Y (12–16): rivers, reservoirs and waters with an incident. The weight of a stretch is Σ over places of its
metres within the distance × the weight of the place × the weight of the profile. A way to school counts with
the schools, by its metres within `profile_p.route_m`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from hazards.exposure import weigher, weights

if TYPE_CHECKING:
    import datetime as dt

    from geo.intervals import Flags, Floats, Intervals
    from geo.tables import Column, Table
    from hazards.exposure import Hits
    from hazards.ground import Ground
    from hazards.parameters import Parameters

PARTS = ("t", "p", "y", "school", "village")
FLOWING = ("reach", "reservoir", "wharf", "ferry")
"""Kinds of water of the Y profile: rivers, reservoirs and the landing places on them."""
PUPIL_FROM, YOUTH_FROM = 5, 12
"""Full years from which a child counts as P and as Y."""


def age_profiles(birth_month: Column, as_of: dt.date) -> Column:
    """Return T (up to 4 full years), P (5–11) or Y (12 and more) of each; an unknown month counts as P.

    A child is as old as on the first day of its month of birth.
    """
    born = birth_month.astype("datetime64[M]")
    months = (as_of.year - 1970) * 12 + as_of.month - 1 - born.astype(np.int64).astype(np.float64)
    years = np.where(np.isnat(born), PUPIL_FROM * 12.0, months) // 12
    return np.select([years < PUPIL_FROM, years < YOUTH_FROM], ["T", "P"], "Y").astype(object)


@dataclass(frozen=True)
class _Circles:
    xy: Floats
    radius_m: Floats
    weight: Floats


def weights_by_part(  # noqa: PLR0913 - whom the stretches endanger, and by what they count
    stretches: Intervals,
    *,
    places: Table,
    ways: tuple[Hits, Floats],
    ground: Ground,
    factor: Factors,
    parameters: Parameters,
) -> dict[str, Floats]:
    """Return for each of `PARTS` the weight of every stretch; disjoint, sorted, none over a ring's start.

    `ways`: what the ways to school run beside, and the weight of each.
    """
    found = {}
    for part, circles in _circles(places, parameters).items():
        weigh = weigher(ground.table, circles.xy, circles.radius_m, circles.weight)
        scale = factor.youth if part == "y" else factor.any
        scaled = scale[stretches.group]
        some = scaled > 0.0
        found[part] = np.zeros(len(stretches))
        found[part][some] = weigh(stretches.take(some)) * scaled[some]
    found["school"] += weights(stretches, *ways) * parameters.profile_p.weight * factor.any[stretches.group]
    return found


@dataclass(frozen=True)
class Factors:
    """By what the weight of each bank is multiplied: for anybody, and for the Y profile."""

    any: Floats
    youth: Floats


def factors(waters: Table, barriers: Table, ground: Ground, parameters: Parameters) -> Factors:
    """Return the factors: a ring whose water has a cover or fence counts by `cover_factor`.

    A river fenced somewhere is as dangerous elsewhere; a pond with a fence is not. The Y profile asks for
    flowing water, a reservoir or an incident, and an incident multiplies it.
    """
    water = ground.banks["water_id"]
    held = (barriers["kind"] == "cover") | (barriers["kind"] == "fence")
    ring = ground.banks["side"] == "ring"
    fenced: Flags = ring & np.isin(water, barriers["water_id"][held])
    anybody = np.where(fenced, parameters.cover_factor, 1.0)
    row = waters.rows_of(water)
    incident = waters["incidents"][row] > 0
    flowing = np.logical_or.reduce([waters["kind"][row] == name for name in FLOWING])
    youth = anybody * (flowing | incident)
    return Factors(anybody, np.where(incident, youth * parameters.profile_y.incident_factor, youth))


def _circles(places: Table, parameters: Parameters) -> dict[str, _Circles]:
    kind, weight = places["kind"], places["weight"]
    xy = shapely.get_coordinates(places.shapes)
    home = kind == "home"
    toddler = youth = np.zeros(len(places), np.bool_)
    if "age_profile" in places:
        toddler, youth = (home & (places["age_profile"] == name) for name in "TY")
    pupil = home & ~toddler & ~youth
    steps = np.array(parameters.profile_t.distances_m)
    # Nested: the weight at a distance is the sum of the steps of all circles that still hold it.
    rises = -np.diff(np.append(parameters.profile_t.weights, 0.0))
    many = int(toddler.sum())
    found = {
        "t": _Circles(
            np.repeat(xy[toddler], len(steps), axis=0),
            np.tile(steps, many),
            np.repeat(weight[toddler], len(steps)) * np.tile(rises, many),
        )
    }
    within = (
        ("p", pupil, parameters.profile_p.distance_m, parameters.profile_p.weight),
        ("y", youth, parameters.profile_y.distance_m, parameters.profile_y.weight),
        ("school", kind == "school", parameters.exposure_m.school, 1.0),
        ("village", kind == "village", parameters.exposure_m.village, 1.0),
    )
    for part, chosen, distance_m, scale in within:
        found[part] = _Circles(xy[chosen], np.full(int(chosen.sum()), distance_m), weight[chosen] * scale)
    return found
