"""What speaks for a place: where the row says it is, and how near to it the numbers fall.

A statement of a row (its water, its village, its township) makes a density of places on the ground. The
log-likelihood of a candidate place p is taken relative to a place drawn blindly in the deployment's area A:

    l(p) = Σ_e w_e · log( (1 − ε_e) · f_e(d_e(p)) · |A| + ε_e )

with d_e the distance to what is stated [m], ε_e the share of statements that are simply wrong (which bounds
what one row can say against a place), and w_e a weight below one where many rows lean on one statement:
twenty stations of one village share the error of that village's point, so they count as
n / (1 + (n − 1)·ρ_e) rows (the design effect of cluster sampling, Kish 1965, *Survey Sampling*, §5.4).

Densities f_e:

- water: stations stand at the water: exponential in the distance to the stated water, core 25 m, tail 200 m,
  normalised over the strip along its length L and its own surface;
- any water: the same for the nearest of all registered waters, asked where no water is stated;
- village: exponential in the distance to the village's point, 700 m and 2 km;
- area: uniform in the stated county or township, with a fringe of 200 m, as outlines are that good.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import project
from geo.doctor.systems import to_ground

if TYPE_CHECKING:
    from geo.doctor.systems import Floats, Region

Kind = Literal["water", "any_water", "village", "area"]
Rows = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Density:
    """Scales [m] and shares of a density of places; `wrong` = ε, `shared` = ρ of the module's docstring."""

    core_m: float
    tail_m: float
    tail_share: float
    wrong: float
    shared: float


DENSITIES: Final[dict[Kind, Density]] = {
    "water": Density(core_m=25.0, tail_m=200.0, tail_share=0.2, wrong=0.1, shared=0.1),
    "any_water": Density(core_m=25.0, tail_m=200.0, tail_share=0.2, wrong=0.35, shared=0.1),
    "village": Density(core_m=700.0, tail_m=2000.0, tail_share=0.3, wrong=0.05, shared=0.5),
    "area": Density(core_m=200.0, tail_m=2000.0, tail_share=0.02, wrong=0.05, shared=0.02),
}
"""Proposals, held against the generated files of docs/doctor.md; they bound how sharp the doctor may be."""
FIT_M: Final[dict[Kind, float]] = {"water": 100.0, "any_water": 100.0, "village": 3000.0, "area": 200.0}
"""A row agrees with a statement if its distance <= this."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What rows state of one kind: `shapes` in EPSG:4490, and for each row its position there, -1 for none.

    For `any_water` every row is asked for the nearest shape and `which` is 0 where it applies, else -1.
    """

    kind: Kind
    shapes: NDArray[Any]
    which: Rows


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All statements of the rows of a file, within a region."""

    region: Region
    statements: tuple[Statement, ...] = ()
    rows: int = field(kw_only=True)

    def __post_init__(self) -> None:
        """Refuse statements of another number of rows or of shapes that are not there."""
        for made in self.statements:
            if len(made.which) != self.rows:
                raise ValueError(f"{made.kind}: {len(made.which)} statements for {self.rows} rows")
            if len(made.which) and int(made.which.max()) >= len(made.shapes):
                raise ValueError(f"{made.kind}: a row points past the {len(made.shapes)} shapes")

    @cached_property
    def grounds(self) -> tuple[Ground, ...]:
        """The statements in metres; rows without a county or township have the area of the deployment."""
        made = [
            Ground(statement, self.region) for statement in self.statements if (statement.which >= 0).any()
        ]
        stated = np.zeros(self.rows, dtype=bool)
        for statement in self.statements:
            if statement.kind == "area":
                stated |= statement.which >= 0
        if not stated.all():
            whole = Statement(
                kind="area",
                shapes=np.array([self.region.outline], dtype=object),
                which=np.where(stated, -1, 0).astype(np.int64),
            )
            made.append(Ground(whole, self.region))
        return tuple(made)


class Ground:
    """One statement in the metric CRS, with what its densities need."""

    def __init__(self, statement: Statement, region: Region) -> None:
        self.kind = statement.kind
        self.which = statement.which
        self.region = region
        self.density = DENSITIES[statement.kind]
        used = np.unique(self.which[self.which >= 0])
        if self.kind == "any_water":
            self.shapes = to_ground(statement.shapes, region.metric_crs)
            self.tree = shapely.STRtree(self.shapes)
        else:
            # Only what is stated is brought to metres: a file names few of 50,000 waters.
            self.shapes = to_ground(statement.shapes[used], region.metric_crs)
            self.which = np.where(self.which >= 0, np.searchsorted(used, self.which), -1)
            shapely.prepare(self.shapes)
        self.length_m = np.asarray(shapely.length(self.shapes), dtype=np.float64)
        self.surface_m2 = np.asarray(shapely.area(self.shapes), dtype=np.float64)
        self.weights = self._weights()

    def _weights(self) -> Floats:
        held = self.which >= 0
        if self.kind == "any_water":
            return held.astype(np.float64)
        counts = np.bincount(self.which[held], minlength=len(self.shapes))
        alike = np.where(held, counts[np.maximum(self.which, 0)], 1)
        return np.where(held, 1.0 / (1.0 + (alike - 1) * self.density.shared), 0.0)

    def distance_m(self, east: Floats, north: Floats, rows: Rows) -> Floats:
        """Return the distance of places [m] to what the rows `rows` state; NaN where they state nothing."""
        found = np.full(len(rows), np.nan)
        held = np.flatnonzero((self.which[rows] >= 0) & np.isfinite(east) & np.isfinite(north))
        if not len(held):
            return found
        x, y, at = east[held], north[held], self.which[rows[held]]
        if self.kind == "any_water":
            _, near = self.tree.query_nearest(shapely.points(x, y), return_distance=True, all_matches=False)
            found[held] = near
            return found
        shapes = self.shapes[at]
        if self.kind == "village":
            anchors = shapely.get_coordinates(shapely.centroid(self.shapes))[at]
            found[held] = np.hypot(x - anchors[:, 0], y - anchors[:, 1])
            return found
        if self.kind == "area":
            outside = ~shapely.contains_xy(shapes, x, y)
            near = np.zeros(len(held))
            near[outside] = shapely.distance(shapely.points(x[outside], y[outside]), shapes[outside])
            found[held] = near
            return found
        found[held] = shapely.distance(shapely.points(x, y), shapes)
        return found

    def likelihood(self, distance_m: Floats, rows: Rows) -> Floats:
        """Return the log-likelihood of the rows by this statement, weighted; 0 where they state nothing."""
        made = self.density
        at = np.maximum(self.which[rows], 0)
        if self.kind == "any_water":
            length = np.full(len(rows), self.length_m.sum())
            surface = np.full(len(rows), self.surface_m2.sum())
        else:
            length, surface = self.length_m[at], self.surface_m2[at]
        with np.errstate(invalid="ignore", over="ignore", under="ignore"):
            core = np.exp(-distance_m / made.core_m) / _reach(made.core_m, length, surface)
            tail = np.exp(-distance_m / made.tail_m) / _reach(made.tail_m, length, surface)
            ratio = ((1.0 - made.tail_share) * core + made.tail_share * tail) * self.region.area_m2
            log = np.log((1.0 - made.wrong) * ratio + made.wrong)
        return np.where(np.isnan(log), 0.0, log) * self.weights[rows]


def _reach(scale_m: float, length_m: Floats, surface_m2: Floats) -> Floats:
    """Return ∫ exp(−d/scale) [m²] around a shape: a polygon's border has one side, a line two."""
    sides = np.where(surface_m2 > 0.0, 1.0, 2.0)
    return surface_m2 + sides * length_m * scale_m + 2.0 * np.pi * scale_m**2


def on_ground(lon: Floats, lat: Floats, region: Region) -> tuple[Floats, Floats]:
    """Return east and north [m] of places in the region's metric CRS."""
    with np.errstate(invalid="ignore"):
        return project(lon, lat, region.metric_crs)
