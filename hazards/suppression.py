"""Which cells of a table of counts are withheld, so that none can be worked out from those that are told.

A table is numbers with equations between them: a total less its parts is nought. Cells below a limit are
withheld first, then further ones, until for every withheld cell there are two whole tables, both true to
everything told and without negative numbers, in which it differs by the width asked for. These tables are
found by integer programs (HiGHS through scipy), so that no reader who solves the equations gets closer.

The further cells are those of the cheapest change of the table that moves the cell by the width: the
network heuristic of Cox (1995) and Kelly, Golden and Assad (1992), with integers in place of flows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array, csr_array, hstack

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Wholes = NDArray[np.int64]
    Floats = NDArray[np.float64]

DEAR: Final = 1e-3
"""What moving a cell costs that is withheld already: little, and enough for the shortest way through."""
CLOSE_ENOUGH: Final = 0.02
"""How much dearer than the cheapest a change may be: it decides how much is told, not whether it is safe."""
MANY: Final = 25
"""Unproven cells from which on it is quicker to look for tables that serve many of them."""
OUT_OF_TIME: Final = 1
"""Status of `scipy.optimize.milp`."""


class SuppressionError(ValueError):
    """The cells do not fulfil their equations, nothing more can be withheld, or time ran out."""


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Counts in n cells with m equations between them."""

    values: Wholes
    """(n,) whole and not negative."""
    equations: csr_array
    """(m, n): 1 for a total, -1 for each of its parts."""
    dear: Floats
    """(n,) above 0: how much is lost by withholding a cell."""
    told: Flags
    """(n,) cells that a reader knows already."""
    solver_s: float = np.inf
    """Seconds that the solver gets for one table."""

    def __post_init__(self) -> None:
        """Raise `SuppressionError` where a total is not the sum of its parts or a count is negative."""
        if (self.values < 0).any() or np.asarray(self.equations @ self.values).any():
            raise SuppressionError("a count is negative, or a total is not the sum of its parts")


def withheld_cells(cells: Cells, *, below: int, width: int, before: Flags | None = None) -> Flags:
    """Return (n,) which cells are withheld: values < below that are not told, those of `before`, and more.

    Of each of them no less than `width + 1` values stay possible. Nothing is withheld where nothing is
    small. The same cells give the same answer.

    Raises
    ------
    SuppressionError
        If cells told already leave no way to protect one, or the solver needs more than `solver_s`.
    """
    withheld = (cells.values < below) & ~cells.told
    if before is not None:
        withheld |= before & ~cells.told
    proved = Proof(cells.values)
    while True:
        _widen_together(cells, withheld, width, proved)
        open_cells = [int(at) for at in np.flatnonzero(withheld) if proved.width(int(at)) < width]
        if not open_cells:
            return withheld
        for at in sorted(open_cells, key=lambda one: (int(cells.values[one]), one)):
            if proved.width(at) >= width:
                continue
            _widen(cells, withheld, at, width, proved)
            if proved.width(at) < width:
                withheld = _extended(cells, withheld, at, width, proved)
                if len(open_cells) > MANY:
                    break  # what opens one of them mostly opens others


class Proof:
    """The least and the greatest value of each cell in the tables found so far, each true to what is told."""

    def __init__(self, values: Wholes) -> None:
        self.low = values.copy()
        self.high = values.copy()

    def add(self, table: Wholes) -> None:
        """Take in one more table."""
        np.minimum(self.low, table, out=self.low)
        np.maximum(self.high, table, out=self.high)

    def width(self, at: int) -> int:
        """Return how far apart the values of a cell are."""
        return int(self.high[at] - self.low[at])


def possible(cells: Cells, withheld: Flags, at: int, *, reach: int) -> tuple[int, int]:
    """Return the least and greatest value that a withheld cell can have, up to `reach` from its value."""
    proved = Proof(cells.values)
    for sign in (1, -1):
        table = _furthest(cells, withheld, at, sign, reach)
        proved.add(table)
    return int(proved.low[at]), int(proved.high[at])


def _widen_together(cells: Cells, withheld: Flags, width: int, proved: Proof) -> None:
    """Look for tables that each set many withheld cells as far apart as asked, while they find some."""
    free = np.flatnonzero(withheld)
    equations, values = _among(cells.equations, free), cells.values[free].astype(np.float64)
    for sign in (1.0, -1.0):
        left = len(free) + 1
        while (short := (proved.high - proved.low)[free] < width).any() and int(short.sum()) < left:
            left = int(short.sum())
            low, high = -values, np.full(len(free), np.inf)
            if sign > 0:
                high[short] = (proved.low[free] + width - values)[short]
            else:
                low[short] = np.maximum(low[short], (proved.high[free] - width - values)[short])
            goal = np.where(short, -sign, 0.0)
            moved = _solved(goal, equations, (low, high), gap=CLOSE_ENOUGH, most_s=cells.solver_s)
            if moved is not None:
                table = cells.values.copy()
                table[free] += moved
                proved.add(table)


def _widen(cells: Cells, withheld: Flags, at: int, width: int, proved: Proof) -> None:
    """Look for tables among the withheld cells that set one as far apart as asked."""
    for sign in (1, -1):
        if proved.width(at) < width:
            proved.add(_furthest(cells, withheld, at, sign, width))


def _furthest(cells: Cells, withheld: Flags, at: int, sign: int, reach: int) -> Wholes:
    """Return the table in which a cell is as high (sign 1) or low (-1) as the cells told allow."""
    free = _connected(cells.equations, withheld, at)
    equations, values = _among(cells.equations, free), cells.values[free].astype(np.float64)
    place = int(np.searchsorted(free, at))
    goal = np.zeros(len(free))
    goal[place] = -sign
    low, high = -values, np.full(len(free), np.inf)
    low[place], high[place] = max(low[place], -reach), reach
    moved = _solved(goal, equations, (low, high), gap=0.0, most_s=cells.solver_s)
    if moved is None:
        raise SuppressionError("the true table does not fulfil its own equations")
    table = cells.values.copy()
    table[free] += moved
    return table


def _extended(cells: Cells, withheld: Flags, at: int, width: int, proved: Proof) -> Flags:
    """Return the cells to withhold so that one is set as far apart as asked, upwards first.

    A cell that was told as withheld before may have no way up, or not far enough: what is told of it bounds
    it. The rest is made up downwards.
    """
    free = ~cells.told | withheld
    for sign in (1, -1):
        if proved.width(at) < width:
            end = int(_furthest(cells, free, at, sign, width)[at])
            wanted = (
                min(int(proved.low[at]) + width, end) if sign > 0 else max(int(proved.high[at]) - width, end)
            )
            table = _cheapest(cells, withheld, at, wanted)
            proved.add(table)
            withheld = withheld | (table != cells.values)
    if proved.width(at) < width:
        raise SuppressionError("what is told already leaves no way to protect a cell")
    return withheld


def _cheapest(cells: Cells, withheld: Flags, at: int, wanted: int) -> Wholes:
    """Return the table that sets a cell to `wanted` and moves what is cheapest to withhold besides."""
    free = np.flatnonzero(~cells.told | withheld)
    equations, values = _among(cells.equations, free), cells.values[free].astype(np.float64)
    cost = np.where(withheld[free], DEAR, cells.dear[free])
    step = float(wanted - int(cells.values[at]))
    up_high, down_high = np.full(len(free), np.inf), values.copy()
    up_low, down_low = np.zeros(len(free)), np.zeros(len(free))
    place = int(np.searchsorted(free, at))
    up_low[place] = up_high[place] = max(step, 0.0)
    down_low[place] = down_high[place] = max(-step, 0.0)
    moved = _solved(
        np.concatenate([cost, cost]),
        cast("csc_array", hstack([equations, -equations], format="csc")),
        (np.concatenate([up_low, down_low]), np.concatenate([up_high, down_high])),
        gap=CLOSE_ENOUGH,
        most_s=cells.solver_s,
    )
    if moved is None:
        raise SuppressionError("a table that was found is found no more")
    table = cells.values.copy()
    table[free] += moved[: len(free)] - moved[len(free) :]
    return table


def _solved(
    goal: Floats, equations: csc_array, bounds: tuple[Floats, Floats], *, gap: float, most_s: float
) -> Wholes | None:
    """Return the whole numbers of the least goal that fulfil the equations, None if there are none."""
    result: Any = milp(
        goal,
        integrality=np.ones(len(goal)),
        bounds=Bounds(*bounds),
        constraints=LinearConstraint(equations, 0.0, 0.0) if equations.shape[0] else (),
        options={"mip_rel_gap": gap, "time_limit": most_s},
    )
    if result.status == OUT_OF_TIME:
        # What it has by then depends on the machine: the same cells would not give the same answer.
        raise SuppressionError(f"the solver found no table within {most_s:g} s")
    if result.x is None:
        return None
    found: Wholes = np.rint(result.x).astype(np.int64)
    if np.asarray(equations @ found).any():
        raise SuppressionError("the solver's table does not fulfil the equations")
    return found


def _among(equations: csr_array, free: NDArray[np.int64]) -> csc_array:
    """Return the equations that any of the free cells stands in, of these cells alone."""
    part = csc_array(equations)[:, free].tocsr()
    return cast("csc_array", part[np.diff(part.indptr) > 0].tocsc())


def _connected(equations: csr_array, withheld: Flags, at: int) -> NDArray[np.int64]:
    """Return the withheld cells that stand in an equation with `at`, or with one that does, and so on."""
    incidence = abs(equations)
    cells = np.zeros(len(withheld), dtype=np.bool_)
    cells[at] = True
    while True:
        rows = np.asarray(incidence @ cells) > 0
        wider = (np.asarray(incidence.T @ rows) > 0) & withheld
        wider[at] = True
        if (wider == cells).all():
            return np.flatnonzero(cells)
        cells = wider
