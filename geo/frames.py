"""The contracts of the tables that travel between folders, each written once.

A contract is checked at two borders: out of the database, into the map. `check` gathers every fault of a
frame into one error, so that a keeper repairs a file once and not fault by fault.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas.array import GeometryArray

from geo.crs import geographic_fault, metric_fault

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping

Kind = Literal["integer", "number", "text", "date"]
CrsKind = Literal["metric", "geographic"]


class FrameError(ValueError):
    """A frame breaks its contract; `faults` lists every way in which it does."""

    def __init__(self, name: str, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(f"{name}: " + "; ".join(self.faults))


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: what it holds, whether it may be empty, which it may choose from."""

    name: str
    kind: Kind
    nullable: bool = False
    choices: frozenset[str] = frozenset()
    minimum: float = -np.inf


@dataclass(frozen=True, kw_only=True)
class FrameContract:
    """Columns, index, geometry types and kind of CRS of one sort of frame."""

    name: str
    columns: tuple[Column, ...]
    index: Kind | None = "integer"
    geometry_types: frozenset[str] = frozenset()
    crs: CrsKind = "metric"

    def geographic(self) -> FrameContract:
        """Return the same contract for a frame in the system of storage."""
        return replace(self, crs="geographic")

    def check(self, frame: pd.DataFrame) -> None:
        """Raise `FrameError` with every fault of the frame, if it has any."""
        faults = [*self._index_faults(frame), *self._column_faults(frame), *self._geometry_faults(frame)]
        if faults:
            raise FrameError(self.name, faults)

    def _index_faults(self, frame: pd.DataFrame) -> Iterator[str]:
        if self.index is None:
            return
        if frame.index.has_duplicates:
            yield f"the index repeats {frame.index.duplicated().sum()} value(s)"
        if frame.index.hasnans:
            yield "the index has empty values"
        elif self.index == "integer" and frame.index.dtype == np.int64:
            return
        elif len(frame) and not _of_kind(frame.index.to_series(), self.index):
            yield f"the index is {frame.index.dtype}, expected {self.index}"

    def _column_faults(self, frame: pd.DataFrame) -> Iterator[str]:
        for column in self.columns:
            if column.name not in frame.columns:
                yield f"column {column.name} is absent"
            elif len(frame) and not _plainly_right(frame[column.name], column):
                yield from _value_faults(frame[column.name], column)

    def _geometry_faults(self, frame: pd.DataFrame) -> Iterator[str]:
        if not self.geometry_types:
            return
        if not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name is None:
            yield "there is no geometry column"
            return
        fault = metric_fault(frame.crs) if self.crs == "metric" else geographic_fault(frame.crs)
        if fault is not None:
            yield f"the coordinate system {fault}, expected {self.crs}"
        yield from _shape_faults(np.asarray(frame.geometry.array, dtype=object), self.geometry_types)


def _of_kind(series: pd.Series[Any], kind: Kind) -> bool:
    dtype = series.dtype
    if kind == "integer":
        return pd.api.types.is_integer_dtype(dtype)
    if kind == "number":
        return pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype)
    if kind == "text":
        if isinstance(dtype, pd.StringDtype):
            return True
        return pd.api.types.infer_dtype(series, skipna=True) in {"string", "empty", "categorical"}
    known = {"date", "datetime", "datetime64", "empty"}
    return pd.api.types.infer_dtype(series, skipna=True) in known


def _plainly_right(series: pd.Series[Any], column: Column) -> bool:
    """Return whether a column is one of plain numbers and all of them may be: most are, and soon told."""
    if column.kind not in {"number", "integer"} or series.dtype not in (np.int64, np.float64):
        return False
    numbers = series.to_numpy()
    if series.dtype == np.float64 and (column.kind == "integer" or not np.isfinite(numbers).all()):
        return False
    return not len(numbers) or numbers.min() >= column.minimum


def _value_faults(series: pd.Series[Any], column: Column) -> Iterator[str]:
    empty = series.isna()
    if empty.any() and not column.nullable:
        yield f"column {column.name} has {int(empty.sum())} empty value(s)"
    if empty.all():
        return
    filled = series[~empty]
    if not _of_kind(filled, column.kind):
        yield f"column {column.name} is {series.dtype}, expected {column.kind}"
        return
    if column.choices:
        strange = sorted(set(filled.unique()) - column.choices)
        if strange:
            yield f"column {column.name} has unknown value(s) {', '.join(map(str, strange[:5]))}"
    if column.kind in {"number", "integer"}:
        numbers = filled.to_numpy(dtype=np.float64)
        if not np.isfinite(numbers).all():
            yield f"column {column.name} has values that are not finite"
        if (numbers < column.minimum).any():
            yield f"column {column.name} has values below {column.minimum:g}"


def _shape_faults(shapes: np.ndarray[Any, Any], types: frozenset[str]) -> Iterator[str]:
    absent = shapely.is_missing(shapes)
    if absent.any():
        yield f"{int(absent.sum())} geometry value(s) are absent"
    shapes = shapes[~absent]
    hollow = shapely.is_empty(shapes)
    if hollow.any():
        yield f"{int(hollow.sum())} geometry value(s) are empty"
    numbers = np.unique(shapely.get_type_id(shapes))
    found = {shapely.GeometryType(number).name for number in numbers.tolist()}
    strange = sorted(found - {kind.upper() for kind in types})
    if strange:
        yield f"geometry of type {', '.join(strange)}, expected {', '.join(sorted(types))}"
    if not np.isfinite(shapely.get_coordinates(shapes)).all():
        yield "geometry has coordinates that are not finite"


def shaped(
    columns: Mapping[str, Any],
    shapes: np.ndarray[Any, Any],
    crs: Any,  # noqa: ANN401 - whatever geopandas takes
    index: pd.Index[Any] | None = None,
) -> gpd.GeoDataFrame:
    """Return a GeoDataFrame of columns and shapes.

    The geometry goes in as an array of its own type: the constructor then neither guesses nor copies, and
    takes a third of its time, which counts where a frame holds ten rows.
    """
    frame = pd.DataFrame({**columns, "geometry": GeometryArray(shapes, crs=crs)}, index=index)
    return gpd.GeoDataFrame(frame, geometry="geometry")


def as_dates(series: pd.Series[Any]) -> np.ndarray[Any, np.dtype[np.datetime64]]:
    """Return a column of dates (Python dates, timestamps, empty) as datetime64[D]; empty is NaT."""
    return pd.to_datetime(series).to_numpy().astype("datetime64[D]")


def as_day(day: dt.date) -> np.datetime64:
    """Return one date as datetime64[D]."""
    return np.datetime64(day, "D")


SIDES = frozenset({"left", "right", "single", "ring"})
CLASSES = frozenset({"A", "B", "C"})
STATUSES = frozenset({"valid", "incomplete", "expired", "off_bank", "unplaced"})
REASONS = frozenset({"no_station", "incomplete", "expired", "other_bank"})
ITEM_KINDS = frozenset({"sign", "lifebuoy", "rope", "pole", "lifejacket"})
ITEM_STATES = frozenset({"good", "damaged", "missing", "expired", "unverified"})
PLACE_KINDS = frozenset({"home", "school", "village"})
WHAT_CLOSES = frozenset({"verify", "complete_set", "new_set"})
LAYERS = frozenset({"physical", "technical", "personal"})
LINES = frozenset({"LineString"})
POINTS = frozenset({"Point"})

WATERS = FrameContract(
    name="waters",
    columns=(
        Column(name="kind", kind="text"),
        Column(name="width_m", kind="number", nullable=True, minimum=0.0),
        Column(name="class_override", kind="text", nullable=True, choices=CLASSES),
        Column(name="incidents", kind="integer"),
    ),
    geometry_types=frozenset({"Point", "LineString", "MultiLineString", "Polygon", "MultiPolygon"}),
)
STATIONS = FrameContract(
    name="stations",
    columns=(Column(name="water_id", kind="integer", nullable=True),),
    geometry_types=POINTS,
)
ITEMS = FrameContract(
    name="items",
    index=None,
    columns=(
        Column(name="station_id", kind="integer"),
        Column(name="kind", kind="text", choices=ITEM_KINDS),
        Column(name="state", kind="text", choices=ITEM_STATES),
        Column(name="verified_on", kind="date", nullable=True),
    ),
)
PLACES = FrameContract(
    name="places",
    index=None,
    columns=(
        Column(name="kind", kind="text", choices=PLACE_KINDS),
        Column(name="weight", kind="number", minimum=0.0),
    ),
    geometry_types=POINTS,
)
ROUTES = FrameContract(
    name="routes",
    index=None,
    columns=(Column(name="weight", kind="number", minimum=0.0),),
    geometry_types=LINES,
)
BARRIERS = FrameContract(
    name="barriers",
    index=None,
    columns=(
        Column(name="water_id", kind="integer"),
        Column(name="kind", kind="text", choices=frozenset({"barrier", "fence", "cover"})),
    ),
    geometry_types=LINES,
)
DEVICE_STATES = frozenset({"good", "damaged", "missing", "unverified"})
CAMERAS = FrameContract(
    name="cameras",
    index=None,
    columns=(
        Column(name="state", kind="text", choices=DEVICE_STATES),
        Column(name="bearing_deg", kind="number", minimum=0.0),
        Column(name="view_deg", kind="number", minimum=0.0),
        Column(name="reach_m", kind="number", minimum=0.0),
    ),
    geometry_types=POINTS,
)
PATROLS = FrameContract(
    name="patrols",
    index=None,
    columns=(
        Column(name="water_id", kind="integer", nullable=True),
        Column(name="started_at", kind="date"),
        Column(name="ended_at", kind="date"),
        Column(name="walked_m", kind="number", minimum=0.0),
    ),
    geometry_types=LINES,
)
BANKS = FrameContract(
    name="banks",
    columns=(
        Column(name="water_id", kind="integer"),
        Column(name="side", kind="text", choices=SIDES),
        Column(name="part", kind="integer"),
        Column(name="start_m", kind="number", minimum=0.0),
        Column(name="length_m", kind="number", minimum=0.0),
    ),
    geometry_types=LINES,
)
STRETCHES = FrameContract(
    name="stretches",
    index=None,
    columns=(
        Column(name="bank", kind="integer"),
        Column(name="from_m", kind="number", minimum=0.0),
        Column(name="to_m", kind="number", minimum=0.0),
    ),
    geometry_types=LINES,
)
COVERED = FrameContract(
    name="covered",
    index=None,
    columns=(*STRETCHES.columns, Column(name="layer", kind="text", choices=LAYERS)),
    geometry_types=LINES,
)
GAPS = FrameContract(
    name="gaps",
    columns=(
        *STRETCHES.columns,
        Column(name="water_id", kind="integer"),
        Column(name="side", kind="text", choices=SIDES),
        Column(name="length_m", kind="number", minimum=0.0),
        Column(name="water_class", kind="text", choices=CLASSES),
        Column(name="reason", kind="text", choices=REASONS),
        Column(name="weight", kind="number", minimum=0.0),
        Column(name="weight_t", kind="number", minimum=0.0),
        Column(name="weight_p", kind="number", minimum=0.0),
        Column(name="weight_y", kind="number", minimum=0.0),
        Column(name="weight_school", kind="number", minimum=0.0),
        Column(name="weight_village", kind="number", minimum=0.0),
        Column(name="what_closes", kind="text", choices=WHAT_CLOSES),
        Column(name="new_sets", kind="integer", minimum=0.0),
        Column(name="nearest_distance_m", kind="number", nullable=True, minimum=0.0),
    ),
    geometry_types=LINES,
)
STATION_FINDINGS = FrameContract(
    name="station findings",
    columns=(
        Column(name="bank", kind="integer", nullable=True),
        Column(name="m", kind="number", nullable=True, minimum=0.0),
        Column(name="distance_m", kind="number", nullable=True, minimum=0.0),
        Column(name="status", kind="text", choices=STATUSES),
        Column(name="missing", kind="text"),
        Column(name="expires_on", kind="date", nullable=True),
    ),
)
