"""The diagnosis of a file: a system and a notation for every row, the evidence, and the places that follow.

The rows fall into two parts by the size of their numbers: angular (degrees) and grid (metres). Each part is
decided by itself (deciding.py), since metres say nothing about whether degrees are GCJ-02. A row whose
numbers lie in the area in no reading is *outside*: it is never moved there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.doctor.deciding import ROW_CERTAIN, Confidence, Decision, decide
from geo.doctor.drift import Drift, drift_of
from geo.doctor.evidence import FIT_M, on_ground
from geo.doctor.systems import NOTATIONS, undo

if TYPE_CHECKING:
    from geo.doctor.evidence import Evidence
    from geo.doctor.systems import Floats, Part, Region, System

Texts = NDArray[np.object_]

OUTSIDE: Final = "outside"
UNDECIDED: Final = ""
DECLARED_FACTOR: Final = 4.0
"""A declaration is a hint: it makes its system four times as likely as it was, and no more."""
PACKED_CHANCE: Final = 0.6
"""Chance that two decimals of a plain number pass for minutes or seconds."""
SAMPLE_ROWS: Final = 600
MISFIT_SHARE: Final = 0.5


@dataclass(frozen=True, kw_only=True)
class Reading:
    """All rows read in one system: the notation that fits each, its place, and its log-likelihood."""

    system: System
    notation: Texts
    lon: Floats
    lat: Floats
    likelihood: Floats
    distances: dict[str, Floats]


@dataclass(frozen=True, kw_only=True)
class PartVerdict:
    """What one part of the file is: its rows, its systems in the order of `decision`, and a drift if any."""

    part: Part
    rows: NDArray[np.int64]
    systems: tuple[System, ...]
    decision: Decision
    confidence: Confidence
    drift: Drift | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the chosen systems, the largest share first."""
        order = sorted(self.decision.chosen, key=lambda at: -self.decision.shares[at])
        return tuple(self.systems[at].key for at in order)


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """The verdict over a file.

    `system` and `notation` name each row's reading ("" undecided, "outside"); `confidence` is the
    probability of that system for the row; `lon`, `lat` [degrees, EPSG:4490] are NaN where nothing is
    proposed. `table` holds one line a system: what the evidence says if the file were in it.
    """

    parts: tuple[PartVerdict, ...]
    system: Texts
    notation: Texts
    confidence: Floats
    lon: Floats
    lat: Floats
    misfit: NDArray[np.bool_]
    table: pd.DataFrame
    readings: dict[str, Reading]
    declared: str | None = None
    overridden: NDArray[np.bool_]

    @property
    def verdict(self) -> str:
        """`mixed`, `insufficient`, `outside`, or the key of the one system of the file."""
        if not self.parts:
            return OUTSIDE
        main = max(self.parts, key=lambda part: len(part.rows))
        if main.confidence == "none":
            return "insufficient"
        if len(main.keys) > 1 or self._second_part():
            return "mixed"
        return main.keys[0]

    def _second_part(self) -> bool:
        total = sum(len(part.rows) for part in self.parts)
        return len(self.parts) > 1 and min(len(part.rows) for part in self.parts) >= max(0.1 * total, 2)

    @property
    def certainty(self) -> Confidence:
        """How sure the verdict is: the least sure part that holds a tenth of the rows."""
        total = sum(len(part.rows) for part in self.parts)
        held = [part.confidence for part in self.parts if len(part.rows) >= 0.1 * total]
        order: tuple[Confidence, ...] = ("none", "likely", "certain")
        return min(held, key=order.index) if held else "none"

    @property
    def contradicts(self) -> bool:
        """Whether the declared system is not what the evidence says."""
        if self.declared is None or self.verdict in {"insufficient", OUTSIDE}:
            return False
        return self.verdict != self.declared

    @property
    def drift(self) -> Drift | None:
        """A rigid shift that is left under the verdict: the datum is uncertain."""
        main = max(self.parts, key=lambda part: len(part.rows), default=None)
        return main.drift if main is not None else None

    @property
    def datum_proven(self) -> bool:
        """Whether exact statements (waters) were there to tell CGCS2000 from its look-alikes, and did."""
        main = max(self.parts, key=lambda part: len(part.rows), default=None)
        return main is not None and main.drift is not None and not main.drift.found and main.drift.sharp


def diagnose(first: Floats, second: Floats, evidence: Evidence, declared: str | None = None) -> Diagnosis:
    """Return the diagnosis of pairs as they were written.

    `first` and `second` are the columns that stand for longitude (east) and latitude (north); numbers that
    are not finite belong to rows without coordinates and stay undecided. `declared` is a system key.
    """
    region = evidence.region
    readings = _read_part("angular", first, second, region)
    angular = _feasible(readings, "angular")
    flat = np.where(angular, np.nan, first)
    readings |= _read_part("grid", flat, second, region)
    grid = _feasible(readings, "grid")
    blank = _blank(first, second, evidence.rows)
    parts: list[PartVerdict] = []
    for part, held in (("angular", angular), ("grid", grid)):
        rows = np.flatnonzero(held)
        if len(rows):
            made = [reading for reading in readings.values() if reading.system.part == part]
            once = 1.0 / _copies(first[rows], second[rows])
            parts.append(_judge(made, rows, once, evidence, declared))
            _conclude(blank, parts[-1], readings, evidence)
    blank["system"][np.isfinite(first) & np.isfinite(second) & ~angular & ~grid] = OUTSIDE
    ordered = tuple(sorted(parts, key=lambda made: -len(made.rows)))
    return Diagnosis(
        parts=ordered, declared=declared, table=_table(ordered, readings), readings=readings, **blank
    )


def _blank(first: Floats, second: Floats, rows: int) -> dict[str, Any]:
    if not len(first) == len(second) == rows:
        raise ValueError(f"{len(first)} and {len(second)} numbers for evidence of {rows} rows")
    return {
        "system": np.full(rows, UNDECIDED, dtype=object),
        "notation": np.full(rows, "", dtype=object),
        "confidence": np.zeros(rows),
        "lon": np.full(rows, np.nan),
        "lat": np.full(rows, np.nan),
        "misfit": np.zeros(rows, dtype=bool),
        "overridden": np.zeros(rows, dtype=bool),
    }


def _read_part(part: Part, first: Floats, second: Floats, region: Region) -> dict[str, Reading]:
    systems = [system for system in region.systems if system.part == part]
    return {system.key: _read(system, first, second, region) for system in systems}


def _read(system: System, first: Floats, second: Floats, region: Region) -> Reading:
    """Return every row in `system`, in the first notation that puts it into the area."""
    notation = np.full(len(first), "", dtype=object)
    lon, lat = np.full(len(first), np.nan), np.full(len(first), np.nan)
    open_rows = np.isfinite(first) & np.isfinite(second)
    for name in NOTATIONS[system.part]:
        rows = np.flatnonzero(open_rows)
        if not len(rows):
            break
        x, y = undo(system, name, first[rows], second[rows], region)
        fits = region.inside(x, y)
        won = rows[fits]
        notation[won], lon[won], lat[won] = name, x[fits], y[fits]
        open_rows[won] = False
    return Reading(
        system=system, notation=notation, lon=lon, lat=lat, likelihood=np.zeros(len(first)), distances={}
    )


def _feasible(readings: dict[str, Reading], part: Part) -> NDArray[np.bool_]:
    found = [np.isfinite(reading.lon) for reading in readings.values() if reading.system.part == part]
    held: NDArray[np.bool_] = np.logical_or.reduce(found)
    return held


def _judge(
    readings: list[Reading],
    rows: NDArray[np.int64],
    weights: Floats,
    evidence: Evidence,
    declared: str | None,
) -> PartVerdict:
    # A system in which hardly a row lies in the area is out without further questions.
    shares = [float(np.isfinite(reading.lon[rows]).mean()) for reading in readings]
    least = min(0.02, max(shares))
    held = [reading for reading, share in zip(readings, shares, strict=True) if share >= least]
    for reading in held:
        _weigh(reading, rows, evidence)
    likelihoods = np.column_stack([reading.likelihood[rows] for reading in held])
    priors = np.array(
        [
            reading.system.prior * (DECLARED_FACTOR if reading.system.key == declared else 1.0)
            for reading in held
        ]
    )
    decision = decide(likelihoods * weights[:, None], priors)
    systems = tuple(reading.system for reading in held)
    made = PartVerdict(
        part=held[0].system.part,
        rows=rows,
        systems=systems,
        decision=decision,
        confidence=decision.confidence,
    )
    if decision.confidence == "none" or len(decision.chosen) > 1:
        return made
    chosen = held[decision.chosen[0]]
    drift = drift_of(chosen.lon[rows], chosen.lat[rows], rows, evidence)
    return replace(made, drift=drift, confidence="none" if _strange(chosen, rows) else made.confidence)


def _copies(first: Floats, second: Floats) -> Floats:
    """Return how often each row's pair occurs: a pair copied down a column is one observation."""
    _, back, counts = np.unique(first + 1j * second, return_inverse=True, return_counts=True)
    return counts[back.reshape(-1)].astype(np.float64)


def _strange(reading: Reading, rows: NDArray[np.int64]) -> bool:
    """Whether most rows disagree with what they state even under the best system: none of them fits."""
    for kind in ("water", "village", "area"):
        near = reading.distances.get(kind)
        if near is None:
            continue
        told = near[rows][np.isfinite(near[rows])]
        if len(told):
            return bool((told > FIT_M[kind]).mean() > MISFIT_SHARE)
    return False


def _weigh(reading: Reading, rows: NDArray[np.int64], evidence: Evidence) -> None:
    east, north = on_ground(reading.lon[rows], reading.lat[rows], evidence.region)
    placed = np.isfinite(east) & np.isfinite(north)
    for ground in evidence.grounds:
        near = ground.distance_m(east, north, rows)
        told = ground.which[rows] >= 0
        # Not in the area at all: as wrong as a statement can be.
        counted = np.where(told & ~placed, np.inf, near)
        reading.likelihood[rows] += ground.likelihood(counted, rows)
        kept = reading.distances.setdefault(ground.kind, np.full(evidence.rows, np.nan))
        kept[rows] = np.where(np.isfinite(near), near, kept[rows])
    if reading.system.key == "packed_dms":
        reading.likelihood[rows] += np.where(placed, -2.0 * np.log(PACKED_CHANCE), -5.0)


def _conclude(
    blank: dict[str, Any], made: PartVerdict, readings: dict[str, Reading], evidence: Evidence
) -> None:
    """Write the rows of one part into the arrays of the diagnosis."""
    rows, posterior = made.rows, made.decision.posterior
    best = posterior.argmax(axis=1)
    sure = posterior.max(axis=1) >= ROW_CERTAIN
    if made.confidence == "none":
        sure[:] = False
    blank["confidence"][rows] = posterior.max(axis=1)
    for at, system in enumerate(made.systems):
        reading, held = readings[system.key], rows[sure & (best == at)]
        blank["system"][held] = system.key
        for name, values in (("notation", reading.notation), ("lon", reading.lon), ("lat", reading.lat)):
            blank[name][held] = values[held]
        for ground in evidence.grounds:
            near = reading.distances[ground.kind][held]
            if ground.kind != "any_water":
                blank["misfit"][held] |= np.nan_to_num(near, nan=0.0) > FIT_M[ground.kind]


def _table(parts: tuple[PartVerdict, ...], readings: dict[str, Reading]) -> pd.DataFrame:
    lines = []
    for part in parts:
        for at, system in enumerate(part.systems):
            reading, rows = readings[system.key], part.rows
            line: dict[str, Any] = {
                "system": system.key,
                "part": part.part,
                "rows": len(rows),
                "score": float(part.decision.scores[at] - part.decision.scores.max()),
                "share": float(part.decision.shares[at]),
                "in_area": int(np.isfinite(reading.lon[rows]).sum()),
            }
            for kind, limit in FIT_M.items():
                near = reading.distances.get(kind)
                told = near[rows][np.isfinite(near[rows])] if near is not None else np.empty(0)
                line[f"{kind}_rows"] = len(told)
                line[f"{kind}_fit"] = int((told <= limit).sum())
                line[f"{kind}_median_m"] = float(np.median(told)) if len(told) else np.nan
            lines.append(line)
    made = pd.DataFrame(lines)
    return made if made.empty else made.sort_values(["rows", "score"], ascending=False, ignore_index=True)


def override(found: Diagnosis, system: str, rows: NDArray[np.bool_] | None = None) -> Diagnosis:
    """Return the diagnosis with the keeper's own word for the file or for some rows.

    Rows that lie outside the area in that system become `outside`.

    Raises
    ------
    KeyError
        If the deployment knows no such system.
    """
    reading = found.readings[system]
    written = np.logical_or.reduce([np.isfinite(made.lon) for made in found.readings.values()])
    chosen = (written if rows is None else rows & written) | (
        (found.system == OUTSIDE) & (True if rows is None else rows)
    )
    placed = chosen & np.isfinite(reading.lon)
    name = np.where(placed, system, np.where(chosen, OUTSIDE, found.system)).astype(object)
    return replace(
        found,
        system=name,
        notation=np.where(chosen, reading.notation, found.notation).astype(object),
        lon=np.where(chosen, reading.lon, found.lon),
        lat=np.where(chosen, reading.lat, found.lat),
        confidence=np.where(chosen, 1.0, found.confidence),
        overridden=found.overridden | chosen,
    )
