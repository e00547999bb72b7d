"""Water classes: A key, B general, C remote (domain.md §4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo.tables import Table
from hazards import sweep

if TYPE_CHECKING:
    from geo.intervals import Flags, Floats
    from geo.measures import MeasureTable
    from hazards.parameters import ClassDistances


def water_classes(  # noqa: PLR0913, PLR0917 - what decides
    waters: Table,
    banks: Table,
    table: MeasureTable,
    places: Table,
    limits: ClassDistances,
    settled: Flags | None = None,
) -> Table:
    """Return `water_class` and `why` of each of the `waters`; `table` measures the banks.

    An override wins. Else A if a school or settlement lies within its distance of a bank (distance_m <=
    limit) or a child drowned there before; else B if a home does; else C. `settled` says of each bank whether
    homes do as others may know of it, None: exactly. `why` is `override`, `incident`,
    `school`, `village`, `home` or `remote`.
    """
    kinds, xy = places["kind"], shapely.get_coordinates(places.shapes)
    row = waters.rows_of(banks["water_id"])
    near = {}
    for kind in ("school", "village", "home"):
        near[kind] = np.zeros(len(waters), np.bool_)
        told = kind == "home" and settled is not None
        banked = settled if told else _near(table, xy[kinds == kind], getattr(limits, kind))
        near[kind][row[banked]] = True
    override = waters["class_override"]
    reasons: list[tuple[Flags, str, Any]] = [
        (override != np.array(None), "override", override),
        (waters["incidents"] > 0, "incident", "A"),
        (near["school"], "school", "A"),
        (near["village"], "village", "A"),
        (near["home"], "home", "B"),
    ]
    holds = [flag for flag, _, _ in reasons]
    return Table(
        ids=waters.ids,
        columns={
            "water_class": np.select(holds, [grade for _, _, grade in reasons], "C").astype(object),
            "why": np.select(holds, [why for _, why, _ in reasons], "remote"),
        },
    )


def _near(table: MeasureTable, xy: Floats, limit_m: float) -> Flags:
    """Return the banks within `limit_m` of a place."""
    if not len(xy) or not len(table.first) - 1:
        return np.zeros(len(table.first) - 1, np.bool_)
    return sweep.touched(table, sweep.grid_of(xy, np.full(len(xy), limit_m)))
