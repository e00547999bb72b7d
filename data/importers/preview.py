"""What a file would do, as a document that a page can show: how it was understood, rows, faults, places."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from data.importers.cells import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.importers.kinds import Opened
    from data.importers.receipts import Receipt
    from data.importers.rows import Row, RowError, Sheaf

ROWS_SHOWN: Final = 200
"""Rows without fault in the table; those at fault are shown beside them, as many again."""
FAULTS_SHOWN: Final = 1000
SHAPES_SHOWN: Final = 3000
CELL_SHOWN: Final = 80
SIMPLER_DEG: Final = 0.0001
VERTICES_MAX: Final = 60_000


def document(
    found: Opened, sheaf: Sheaf | None, receipt: Receipt | None, proposals: Sequence[tuple[str, float]]
) -> dict[str, Any]:
    """Return the preview of a file; without a receipt its reference system is still to be said.

    Of private rows it holds numbers and faults, neither values nor places.
    """
    refused = {(error.sheet, error.number): error for error in receipt.refused} if receipt else {}
    rows = sheaf.rows if sheaf else []
    private = any(row.private for row in rows[:1])
    return {
        "form": found.form,
        "proposals": [[kind, score] for kind, score in proposals],
        "crs": sheaf.crs if sheaf else "",
        "needs_crs": receipt is None,
        "layouts": [asdict(layout) for layout in sheaf.layouts] if sheaf else [],
        "total": len(rows),
        "private": private,
        "refused": len(refused),
        "faults": _faults(list(refused.values())),
        "table": {"headers": [], "rows": []} if private else _table(rows, refused),
        "shapes": [] if private else _shapes(rows, refused),
        "already": receipt.already if receipt else None,
        "tables": receipt.document()["tables"] if receipt else {},
        "notes": (receipt.notes if receipt else sheaf.notes if sheaf else [])[:100],
    }


def _faults(errors: list[RowError]) -> list[list[Any]]:
    listed = [
        [error.sheet, error.number, fault.header, fault.value, fault.reason, fault.remedy]
        for error in errors
        for fault in error.faults
    ]
    return listed[:FAULTS_SHOWN]


def _table(rows: list[Row], refused: dict[Any, RowError]) -> dict[str, Any]:
    headers: dict[str, str] = {}
    for row in rows[: 2 * ROWS_SHOWN]:
        headers |= {name: word for name, word in row.headers.items() if name not in headers}
    bad = [row for row in rows if (row.sheet, row.number) in refused][:ROWS_SHOWN]
    good = [row for row in rows[: 4 * ROWS_SHOWN] if (row.sheet, row.number) not in refused][:ROWS_SHOWN]
    shown = sorted([*bad, *good], key=lambda row: (row.sheet, row.number or 0))
    return {
        "headers": list(headers.values()),
        "rows": [
            [
                row.sheet,
                row.number,
                str(refused[row.sheet, row.number].faults[0].reason)
                if (row.sheet, row.number) in refused
                else "",
                *(plain(row.cells.get(name))[:CELL_SHOWN] for name in headers),
            ]
            for row in shown
        ],
    }


def _shapes(rows: list[Row], refused: dict[Any, RowError]) -> list[list[Any]]:
    placed = [row for row in rows if row.shape is not None and not row.shape.is_empty]
    # Every row at fault, and of the others an even selection.
    bad = [row for row in placed if (row.sheet, row.number) in refused][:SHAPES_SHOWN]
    good = [row for row in placed if (row.sheet, row.number) not in refused]
    step = max(1, -(-len(good) // SHAPES_SHOWN))
    shown = [*bad, *good[::step]]
    shapes = np.array([row.shape for row in shown], dtype=object)
    thin = shapely.simplify(shapely.force_2d(shapes), SIMPLER_DEG)
    drawn, vertices = [], 0
    for row, shape in zip(shown, thin, strict=True):
        vertices += int(shapely.get_num_coordinates(shape))
        if vertices > VERTICES_MAX:
            break
        bad_row = (row.sheet, row.number) in refused
        label = plain(row.cells.get("name") or row.cells.get("code"))[:CELL_SHOWN]
        drawn.append([shapely.to_wkb(shape, hex=True), row.number, bad_row, label])
    return drawn
