"""Which node of the code tree a record belongs to: by what its row says, else by where it lies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from data.importers.rows import Fault, RowError

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from data.importers.rows import Record, Row

STEPS: Final = (("_county", "county"), ("_township", "township"), ("_village", "village"))
POINT: Final = 0
"""Type of a point in shapely."""
NEAR_DEG: Final = 0.02
"""A village further away (about 2 km) says nothing about the township of a point."""


@dataclass(kw_only=True)
class Tree:
    """The stored areas below the root of the deployment, their outlines, and where villages lie."""

    root: str
    areas: pd.DataFrame
    outlines: gpd.GeoDataFrame
    villages: gpd.GeoDataFrame
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the indexes, outlines from the large to the small."""
        by_size = self.outlines.assign(digits=self.outlines.index.str.len()).sort_values("digits")
        self._codes: NDArray[Any] = by_size.index.to_numpy(dtype=object)
        self._outlines: NDArray[Any] = np.asarray(by_size.geometry.array, dtype=object)
        self._village_codes: NDArray[Any] = self.villages.index.to_numpy(dtype=object)
        self._villages = shapely.STRtree(np.asarray(self.villages.geometry.array, dtype=object))
        codes = [str(code) for code in self.areas.index]
        self._names: dict[str, Any] = dict(zip(codes, self.areas["name"], strict=True))
        self._levels: dict[str, Any] = dict(zip(codes, self.areas["level"], strict=True))
        self._parents: dict[str, Any] = dict(zip(codes, self.areas["parent_code"], strict=True))
        self._by_name: dict[tuple[str, str], list[str]] = {}
        for code in codes:
            self._by_name.setdefault((self._levels[code], self._names[code]), []).append(code)

    def looked_up(self, records: list[Record]) -> list[Record]:
        """Return the records with the outline that holds each (`_lying`) and the villages next to it."""
        shapes = np.array([record.get("geom") for record in records], dtype=object)
        # A river along the border: its middle lies across, some of it within.
        extended = np.flatnonzero(shapely.get_type_id(shapes) > POINT)
        inside = shapes.copy()
        inside[extended] = shapely.point_on_surface(shapes[extended])
        lying = self._smallest(inside)
        lying[extended] = np.where(lying[extended] < 0, self._smallest(shapes[extended]), lying[extended])
        near: list[tuple[str, ...]] = [()] * len(records)
        if len(self._village_codes):
            mine, theirs = self._villages.query_nearest(inside, max_distance=NEAR_DEG)
            for at, village in zip(mine.tolist(), theirs.tolist(), strict=True):
                near[at] += (str(self._village_codes[village]),)
        codes = [*self._codes.tolist(), None]
        return [
            record | {"_lying": codes[found], "_near": villages}
            for record, found, villages in zip(records, lying.tolist(), near, strict=True)
        ]

    def _smallest(self, shapes: NDArray[Any]) -> NDArray[np.int64]:
        """Return the position of the smallest outline that touches each shape, -1 where none does."""
        found = np.full(len(shapes), -1, dtype=np.int64)
        # Asked this way round each outline is prepared once, not met vertex by vertex by every point.
        theirs, mine = shapely.STRtree(shapes).query(self._outlines, predicate="intersects")
        np.maximum.at(found, mine, theirs)
        return found

    def locate(self, record: Record) -> str:
        """Return the area code of a record that was looked up.

        Raises
        ------
        RowError
            If the stated area is unknown or ambiguous, or the place lies outside the deployment's area.
        """
        row: Row | None = record.get("_row")
        shape, lying = record.get("geom"), record["_lying"]
        if shape is not None and len(self._codes) and lying is None:
            raise _refusal(record, "坐标", f"落在 {self._name(self.root)} 范围之外", "请核对坐标和坐标系")
        stated = self._stated(record)
        if stated is None:
            return self._nearest_township(record["_near"], lying or self.root)
        if lying is not None and not (stated.startswith(lying) or lying.startswith(stated)):
            self.warnings.append(
                f"{_place(row)}：填写的是{self._name(stated)}，坐标落在{self._name(lying)}，请核对（已按填写的区划写入）。"
            )
        return stated

    def _stated(self, record: Record) -> str | None:
        code = record.get("_area_code", "")
        if code:
            if code not in self._names:
                raise _refusal(record, "area_code", f"没有区划代码 {code}", "请先导入行政区，或改正代码")
            return str(code)
        found: str | None = None
        for column, level in STEPS:
            name = record.get(column, "")
            if name:
                found = self._named(record, column, level, found or self.root)
        return found

    def _named(self, record: Record, column: str, level: str, within: str) -> str:
        name = record[column]
        codes = [code for code in self._by_name.get((level, name), ()) if code.startswith(within)]
        if len(codes) == 1:
            return codes[0]
        if not codes:
            raise _refusal(
                record, column[1:], f"在{self._name(within)}没有叫“{name}”的区划", "请改正，或填区划代码"
            )
        raise _refusal(
            record, column[1:], f"在{self._name(within)}有 {len(codes)} 个同名区划", "请加填上级或区划代码"
        )

    def _nearest_township(self, near: tuple[str, ...], within: str) -> str:
        if self._levels.get(within) in {"township", "village"}:
            return within
        for code in near:
            parent = self._parents.get(code)
            if code.startswith(within) and isinstance(parent, str) and parent.startswith(within):
                return parent
        return within

    def _name(self, code: str) -> str:
        name = self._names.get(code)
        return f"{name}（{code}）" if isinstance(name, str) else code


def _place(row: Row | None) -> str:
    return "" if row is None else row.error().place


def _refusal(record: Record, column: str, reason: str, remedy: str) -> RowError:
    row: Row | None = record.get("_row")
    if row is not None:
        return row.error(row.fault(column, reason, remedy))
    fault = Fault(header=column, value="", reason=reason, remedy=remedy)
    return RowError(str(record.get("code", "")), None, (fault,))
