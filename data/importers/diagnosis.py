"""The coordinate doctor asked about the rows of a file, and its verdict told and applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from data.importers.cells import CellError, coordinate, plain
from data.importers.positions import reference
from geo.crs import crs_of, project
from geo.doctor.diagnosis import OUTSIDE, UNDECIDED, Diagnosis, diagnose, override
from geo.doctor.evidence import Evidence, Statement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from data.importers.rows import Row
    from data.importers.surroundings import Surroundings
    from geo.doctor.systems import Region

DOCTOR: Final = "doctor"
"""What stands for the reference system of a file where the keeper confirmed the diagnosis."""
ROWS_SHOWN: Final = 400
ROW_KEY: Final = "{sheet}!{number}"
SAME_M: Final = 1.0
DECLARED: Final = {
    "EPSG:4326": "cgcs2000", "EPSG:4490": "cgcs2000", "gcj02": "gcj02", "bd09": "bd09",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Examined:
    """The rows that carry a position, by position in the file, with the numbers they carry."""

    rows: list[Row]
    first: NDArray[np.float64]
    second: NDArray[np.float64]
    diagnosis: Diagnosis
    metric_crs: str

    def applied(self) -> list[Row]:
        """Return the rows with the places that the diagnosis proposes; the others are refused, with why."""
        return [self._applied(at, row) for at, row in enumerate(self.rows)]

    def _applied(self, at: int, row: Row) -> Row:
        if "lon" not in row.cells and "lat" not in row.cells:
            return row
        system = str(self.diagnosis.system[at])
        if system in {OUTSIDE, UNDECIDED}:
            if np.isfinite(self.first[at]) and np.isfinite(self.second[at]):
                reason = "按任何坐标系都不在本区域内" if system == OUTSIDE else "坐标系证据不足，不能确定位置"
                fault = row.fault("lon", reason, "请核对数字，或在坐标诊断里为这一行指定坐标系")
                return row.but(faults=(*row.faults, fault))
            return row.but(faults=(*row.faults, *_cell_faults(row)))
        notation = str(self.diagnosis.notation[at])
        how = "keeper" if self.diagnosis.overridden[at] else "doctor"
        name = system if notation == "plain" else f"{system}/{notation}"
        raw = f"{plain(row.cells['lon'])},{plain(row.cells['lat'])} {name} ({how})"
        plain_degrees = system == "cgcs2000" and notation == "plain"
        point = shapely.Point(
            round(float(self.diagnosis.lon[at]), 9), round(float(self.diagnosis.lat[at]), 9)
        )
        return row.but(
            shape=point,
            raw_position=raw,
            position_method="stated" if plain_degrees else "converted",
        )

    def document(self, *, applied: bool) -> dict[str, Any]:
        """Return the diagnosis as a page shows it; of private rows it tells counts alone."""
        found = self.diagnosis
        private = any(row.private for row in self.rows[:1])
        names, counts = np.unique(found.system.astype(str), return_counts=True)
        forms, many = np.unique(found.notation[found.notation != ""].astype(str), return_counts=True)
        drift = found.drift
        return {
            "verdict": found.verdict,
            "certainty": found.certainty,
            "declared": found.declared,
            "contradicts": found.contradicts,
            "applied": applied,
            "datum_proven": found.datum_proven,
            "drift": [drift.east_m, drift.north_m] if drift is not None and drift.found else None,
            "counts": dict(zip(names.tolist(), counts.tolist(), strict=True)),
            "notations": dict(zip(forms.tolist(), many.tolist(), strict=True)),
            "misfit": int(found.misfit.sum()),
            "overridden": int(found.overridden.sum()),
            "table": [
                {key: (None if isinstance(value, float) and not np.isfinite(value) else value)
                 for key, value in line.items()}
                for line in found.table.to_dict("records")
            ],
            "rows": [] if private else self._shown(),
        }  # fmt: skip

    def _shown(self) -> list[list[Any]]:
        found = self.diagnosis
        written = np.flatnonzero(np.isfinite(self.first) & np.isfinite(self.second))
        main = found.parts[0].keys[0] if found.parts else ""
        odd = (found.system != main) | found.misfit | (found.notation != "plain")
        order = written[np.argsort(~odd[written], kind="stable")][:ROWS_SHOWN]
        before_lon, before_lat = self._before()
        moved = _metres(before_lon, before_lat, found.lon, found.lat, self.metric_crs)
        return [
            [
                self.rows[at].sheet,
                self.rows[at].number,
                plain(self.rows[at].cells.get("name") or self.rows[at].cells.get("code"))[:60],
                f"{self.first[at]:.10g}, {self.second[at]:.10g}",
                str(found.system[at]),
                str(found.notation[at]),
                round(float(found.confidence[at]), 4),
                bool(found.misfit[at]),
                bool(found.overridden[at]),
                *(_number(values[at]) for values in (before_lon, before_lat, found.lon, found.lat, moved)),
            ]
            for at in order.tolist()
        ]

    def _before(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where rows would lie if their degrees were taken as they are written."""
        reading = self.diagnosis.readings["cgcs2000"]
        return reading.lon, reading.lat


def examine(
    rows: list[Row],
    around: Surroundings,
    kind: str,
    *,
    declared: str | None = None,
    said: Mapping[str, Any] | None = None,
) -> Examined | None:
    """Return the examination of rows as they were written; None where there is nothing to judge them by.

    `said` holds the keeper's own word: `file` a system for all rows, `rows` a system by `sheet!number`.
    """
    region = around.region
    first, second = numbers(rows)
    if region is None or not (np.isfinite(first) & np.isfinite(second)).any():
        return None
    evidence = Evidence(region=region, statements=statements(rows, around, kind), rows=len(rows))
    found = diagnose(first, second, evidence, _key(declared, region) if declared else None)
    for mask, system in _said(rows, said or {}):
        if system in found.readings:
            found = override(found, system, mask)
    return Examined(rows=rows, first=first, second=second, diagnosis=found, metric_crs=region.metric_crs)


def _key(declared: str, region: Region) -> str:
    """Return the doctor's key of a reference system that somebody names; its name where it has none."""
    name = reference(declared).name
    if name in DECLARED:
        return DECLARED[name]
    same = (one.key for one in region.systems if one.crs and crs_of(one.crs) == crs_of(name))
    return next(same, name)


def numbers(rows: list[Row]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the pairs of rows as they were written, DMS text as degrees; NaN where a cell is not a number.

    A feature of a layer gives a point of its shape, as its declared system puts it.
    """
    first, second = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    for at, row in enumerate(rows):
        if "lon" in row.cells and "lat" in row.cells:
            try:
                first[at], second[at] = coordinate(row.cells["lon"]), coordinate(row.cells["lat"])
            except CellError:
                first[at] = second[at] = np.nan
        elif row.shape is not None and not row.shape.is_empty and row.position_method != "village":
            first[at], second[at] = shapely.get_coordinates(row.shape.representative_point())[0]
    return first, second


def statements(rows: list[Row], around: Surroundings, kind: str) -> tuple[Statement, ...]:
    """Return what rows say of where they lie: water, village, township or county."""
    names = around.gazetteer
    water, village, area = (np.full(len(rows), -1, dtype=np.int64) for _ in range(3))
    for at, row in enumerate(rows):
        stated = names.area(row.cells).key
        own = plain(row.cells.get("code")) if kind == "waters" else None
        key = own if own in around.water_at else names.water(row.cells, stated).key
        water[at] = around.water_at.get(key or "", -1)
        if stated is None:
            continue
        village[at] = around.village_at.get(stated, -1)
        held = [stated[:size] for size in range(len(stated), 5, -1) if stated[:size] in around.outline_at]
        area[at] = around.outline_at[held[0]] if held else -1
    made = [
        Statement(kind="water", shapes=around.water_shapes, which=water),
        Statement(kind="area", shapes=np.asarray(around.outlines.geometry.array, dtype=object), which=area),
    ]
    if kind != "villages":
        points = np.asarray(around.villages.geometry.array, dtype=object)
        made.append(Statement(kind="village", shapes=points, which=village))
    return tuple(made)


def _said(rows: list[Row], said: Mapping[str, Any]) -> list[tuple[NDArray[np.bool_] | None, str]]:
    found: list[tuple[NDArray[np.bool_] | None, str]] = []
    if said.get("file"):
        found.append((None, str(said["file"])))
    words = dict(said.get("rows") or {})
    for system in sorted(set(map(str, words.values()))):
        keys = {key for key, value in words.items() if value == system}
        found.append((np.array([row_key(row) in keys for row in rows]), system))
    return found


def row_key(row: Row) -> str:
    """Return the name of a row within its file."""
    return ROW_KEY.format(sheet=row.sheet, number=row.number)


def _cell_faults(row: Row) -> list[Any]:
    faults = []
    for column in ("lon", "lat"):
        if column not in row.cells:
            faults.append(row.fault(column, "只填了另一个坐标", "请补上"))
            continue
        try:
            coordinate(row.cells[column])
        except CellError as error:
            faults.append(row.fault(column, error.reason, error.remedy))
    return faults


def _metres(*values: Any) -> NDArray[np.float64]:  # noqa: ANN401 - four arrays and the metric CRS
    lon0, lat0, lon1, lat1, metric = values
    with np.errstate(invalid="ignore"):
        one, other = project(lon0, lat0, metric), project(lon1, lat1, metric)
        return np.hypot(one[0] - other[0], one[1] - other[1])


def _number(value: float) -> float | None:
    return round(float(value), 8) if np.isfinite(value) else None
