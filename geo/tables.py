"""Tables as plain arrays: what the assessment computes with, where a frame would take longer than the work.

A missing whole number is `MISSING`, a missing text None, number NaN, date NaT. Frames come in by `Table.of`
and go out by `frame`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyproj import CRS

    from geo.intervals import Flags, Ints

Column = NDArray[Any]

MISSING: Final = -1
"""No id and no count of ours is negative."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """Columns of one length by name; `ids` (n,) names the rows; `shapes` (n,), if there are any, in `crs`."""

    ids: Column
    columns: Mapping[str, Column] = field(default_factory=dict)
    shapes: Column = field(default_factory=lambda: np.empty(0, dtype=object))
    crs: CRS | None = None

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.ids)

    def __getitem__(self, name: str) -> Column:
        """Return a column."""
        return self.columns[name]

    def __contains__(self, name: str) -> bool:
        """Return whether there is such a column."""
        return name in self.columns

    def take(self, choice: Flags | Ints) -> Table:
        """Return the chosen rows (flags or positions), in that order."""
        return replace(
            self,
            ids=self.ids[choice],
            columns={name: values[choice] for name, values in self.columns.items()},
            shapes=self.shapes[choice] if self.crs is not None else self.shapes,
        )

    def having(self, **columns: Column) -> Table:
        """Return the table with further columns, or others in the place of its own."""
        return replace(self, columns={**self.columns, **columns})

    @cached_property
    def _order(self) -> Ints:
        return np.argsort(self.ids, kind="stable")

    def rows_of(self, wanted: Column) -> Ints:
        """Return the position of the row of each id, -1 where there is none."""
        if not len(self) or not len(wanted):
            return np.full(len(wanted), -1, np.int64)
        at = np.searchsorted(self.ids, wanted, sorter=self._order)
        row = self._order[np.minimum(at, len(self) - 1)]
        found: Ints = np.where(self.ids[row] == wanted, row, -1)
        return found

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Table:
        """Return the table of a frame; its shapes, if it has any, are those of the active geometry."""
        if not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name is None:
            columns = {str(name): _plain(series) for name, series in frame.items()}
            return cls(ids=frame.index.to_numpy(), columns=columns)
        shape = frame.active_geometry_name
        return cls(
            ids=frame.index.to_numpy(),
            columns={str(name): _plain(series) for name, series in frame.items() if name != shape},
            shapes=np.asarray(frame.geometry.array, dtype=object),
            crs=frame.crs,
        )

    def frame(self, index: str | None = None) -> Any:  # noqa: ANN401 - a GeoDataFrame where there are shapes
        """Return the table as a frame, whose index may be given a name."""
        at = pd.Index(self.ids, name=index)
        columns = dict(self.columns)
        if self.crs is None:
            return pd.DataFrame(columns, index=at)
        return gpd.GeoDataFrame(columns, geometry=self.shapes, crs=self.crs, index=at)


def _plain(series: pd.Series[Any]) -> Column:
    """Return a column of a frame as an array."""
    dtype = series.dtype
    if isinstance(dtype, pd.DatetimeTZDtype):
        return np.asarray(series.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy())
    if isinstance(dtype, np.dtype) and dtype.kind in "iufbM":
        return np.asarray(series.to_numpy())
    if pd.api.types.is_integer_dtype(dtype):
        return np.asarray(series.to_numpy(dtype=np.int64, na_value=MISSING))
    if pd.api.types.infer_dtype(series, skipna=True) in {"date", "datetime"}:
        return np.asarray(pd.to_datetime(series).to_numpy())
    values = series.to_numpy(dtype=object).copy()
    values[pd.isna(values)] = None
    return values
