"""Workbooks and csv files into rows, with positions from their coordinate columns where they have any."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from data.importers import child, positions, sheets
from data.importers.cells import CellError, coordinate, plain
from data.importers.rows import CrsUnknownError, Fault, NoRowsError, Row, Sheaf

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from data.importers.guards import Limits
    from data.importers.positions import Reference


def opened(path: Path, form: str, limits: Limits) -> list[sheets.Sheet]:
    """Return the sheets of a workbook or csv file."""
    return [sheets.from_csv(path)] if form == "csv" else _workbook(path, limits)


def read(
    path: Path,
    listed: list[sheets.Sheet],
    kind: str,
    declared: str | None,
    learned: Mapping[str, str] | None = None,
) -> Sheaf:
    """Return the rows of every visible sheet with how the file was understood.

    Raises
    ------
    NoRowsError
        If no sheet has a row under a header.
    CrsUnknownError
        If there are coordinates and nobody said in which system.
    """
    sheaf = Sheaf(rows=[])
    for sheet in listed:
        found, layout = sheets.rows(sheet, kind, learned)
        sheaf.rows += found
        sheaf.layouts.append(layout)
        sheaf.notes += sheets.told(layout)
    if not sheaf.rows:
        said = " ".join(sheaf.notes)
        raise NoRowsError(f"{path.name} 里没有可导入的行：请检查表头是否与模板一致。{said}")
    if not any("lon" in row.cells or "lat" in row.cells for row in sheaf.rows):
        return sheaf
    if declared is None:
        raise CrsUnknownError(f"{path.name} 有坐标但没有说明坐标系：{positions.REMEDY}。", sheaf)
    reference = positions.reference(declared)
    return replace(sheaf, rows=drawn(place(sheaf.rows, reference), reference), crs=reference.name)


def drawn(rows: list[Row], reference: Reference) -> list[Row]:
    """Return the rows; those that name an end as well get the line to it."""
    lined = [n for n, row in enumerate(rows) if "end_lon" in row.cells or "end_lat" in row.cells]
    if not lined:
        return rows
    ends = place([_to_end(rows[n]) for n in lined], reference)
    result = list(rows)
    for n, end in zip(lined, ends, strict=True):
        row = rows[n]
        if row.shape is None or end.shape is None:
            result[n] = row.but(shape=None, faults=(*row.faults, *end.faults))
            continue
        line = shapely.LineString([row.shape.coords[0], end.shape.coords[0]])
        raw = f"{row.raw_position} → {end.raw_position}"
        result[n] = row.but(shape=line, raw_position=raw)
    return result


def _to_end(row: Row) -> Row:
    cells = {name: row.cells[f"end_{name}"] for name in ("lon", "lat") if f"end_{name}" in row.cells}
    words = {name: row.headers.get(f"end_{name}", name) for name in ("lon", "lat")}
    return row.but(cells=cells, headers=words, shape=None, faults=())


def _workbook(path: Path, limits: Limits) -> list[sheets.Sheet]:
    return [
        sheets.Sheet(
            name=sheet["name"],
            first_row=sheet["first_row"],
            cells=[[child.told(cell) for cell in line] for line in sheet["cells"]],
            visible=sheet["visible"],
        )
        for sheet in child.parse("sheets", path, limits)
    ]


def place(rows: list[Row], reference: Reference) -> list[Row]:
    """Return the rows with their points in EPSG:4490; a row without coordinates keeps none."""
    result = list(rows)
    pairs = np.full((len(rows), 2), np.nan)
    given = []
    for at, row in enumerate(rows):
        if "lon" not in row.cells and "lat" not in row.cells:
            continue
        pair, faults = _pair(row)
        if faults:
            result[at] = row.but(faults=(*row.faults, *faults))
        else:
            pairs[at] = pair
            given.append(at)
    fits = positions.in_range(pairs[given, 0], pairs[given, 1], reference)
    for at in np.array(given, dtype=np.int64)[~fits].tolist():
        reason = positions.range_fault(pairs[at, 0], pairs[at, 1], reference) or ""
        fault = rows[at].fault("lon", reason, "请核对坐标和坐标系")
        result[at] = rows[at].but(faults=(*rows[at].faults, fault))
    kept = np.array(given, dtype=np.int64)[fits]
    drawn = np.asarray(shapely.points(pairs[kept]), dtype=object).reshape(-1)
    shapes = positions.to_stored(drawn, reference) if len(kept) else drawn
    method = reference.method
    for at, shape in zip(kept.tolist(), shapes, strict=True):
        cells = rows[at].cells
        raw = f"{plain(cells['lon'])},{plain(cells['lat'])} {reference.name}"
        result[at] = rows[at].but(shape=shape, raw_position=raw, position_method=method)
    return result


def _pair(row: Row) -> tuple[list[float], list[Fault]]:
    """Return the numbers of a row's place, and what is wrong with its cells."""
    faults: list[Fault] = []
    pair: list[float] = []
    for column in ("lon", "lat"):
        if column not in row.cells:
            faults.append(row.fault(column, "只填了另一个坐标", "请补上"))
            continue
        try:
            pair.append(coordinate(row.cells[column]))
        except CellError as error:
            faults.append(row.fault(column, error.reason, error.remedy))
    return pair, faults
