"""A long csv file in blocks: each is read, placed and parsed while the one before it is stored.

Memory then does not grow with the file beyond its own bytes. What only the whole file shows is asked for
beforehand: rows that share their code stand together in the last block.
"""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from data.importers import kinds, placing, sheets
from data.importers.cells import plain
from data.importers.rows import IntakeError, NoRowsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from data.importers.orders import Order
    from data.importers.rows import Parsed
    from data.importers.sheets import Sheet
    from data.settings import Settings

KINDS: Final = frozenset({"stations", "institutions", "cameras"})
"""Kinds whose rows need no other row of the file but those with the same code."""
LONG_BYTES: Final = 4 * 1024 * 1024
ROWS: Final = 40_000
CODE: Final = "code"
NO_CODE: Final = hash("")


def is_long(order: Order, form: str) -> bool:
    """Return whether a file that was let in is taken in by blocks."""
    return form == "csv" and order.kind in KINDS and order.path.stat().st_size > LONG_BYTES


def pieces(settings: Settings, order: Order, rows: int | None = None) -> Iterator[Parsed]:
    """Return the records of a csv file, `rows` of it (`ROWS`) at a time.

    Raises
    ------
    IntakeError
        As `placing.settled`; also if the doctor finds other systems in one block than in another.
    """
    # What may be stored twice is proposed on the page alone.
    ground = replace(placing.ground_of(settings, order), stored=None)
    crs, silent = "", []
    empty = NoRowsError(f"{order.path.name} 里没有可导入的行：表头下面没有内容。")
    for sheet in blocks(order, rows or ROWS):
        found = kinds.Opened(path=order.path, form="csv", sheets=[sheet])
        try:
            placed = placing.place(settings, order, found, ground=ground)
        except NoRowsError as fault:
            empty = fault
            continue
        parsed = placing.settled(placed, order)
        if not parsed.crs and not crs:
            # Without a coordinate so far: the batch is written down under the system of those to come.
            silent.append(parsed)
            continue
        if crs and parsed.crs not in {"", crs}:
            raise IntakeError(
                f"{order.path.name} 前后各段的坐标系不同（{crs}、{parsed.crs}），未写入任何内容："
                "请按坐标系拆成几份。"
            )
        crs = crs or parsed.crs
        yield from (replace(one, crs=crs) for one in (*silent, parsed))
        silent.clear()
    if not crs and not silent:
        raise empty
    yield from silent


def blocks(order: Order, rows: int) -> Iterator[Sheet]:
    """Return the sheet of a csv file, cut after every `rows` lines; each part has the header of the whole."""
    lines, encoding = sheets.csv_lines(order.path)
    top = list(itertools.islice(lines, sheets.HEADER_ROWS_MAX + sheets.HEADER_SPAN_MAX))
    whole = sheets.Sheet(name="", first_row=1, cells=top, encoding=encoding)
    header = sheets.find_header(whole, order.kind, order.learned)
    if header is None or CODE not in header.words:
        yield sheets.from_csv(order.path)
        return
    head = top[: header.last_row + 1]
    column = next(at for at, name in header.columns.items() if name == CODE)
    shared = _shared(itertools.chain(top[len(head) :], lines), column)
    lines, _ = sheets.csv_lines(order.path)
    aside: dict[int, Sequence[str]] = {}
    start = len(head)
    after = itertools.islice(lines, start, None)
    while block := list(itertools.islice(after, rows)):
        for at, line in enumerate(block if shared else ()):
            if len(line) > column and hash(plain(line[column])) in shared:
                aside[start + at], block[at] = line, []
        yield sheets.Sheet(
            name="", first_row=1, cells=[*head, *block], skipped=start - len(head), encoding=encoding
        )
        start += len(block)
    if aside:
        spread = [aside.get(at, ()) for at in range(len(head), start)]
        yield sheets.Sheet(name="", first_row=1, cells=[*head, *spread], encoding=encoding)


def _shared(lines: Iterator[Sequence[str]], column: int) -> frozenset[int]:
    """Return the hashes of the codes that stand on several lines; that of a stranger does no harm."""
    codes = (hash(plain(line[column])) if len(line) > column else NO_CODE for line in lines)
    found, times = np.unique(np.fromiter(codes, dtype=np.int64), return_counts=True)
    # A row without a code is refused wherever it stands.
    return frozenset(found[(times > 1) & (found != NO_CODE)].tolist())


def ahead(made: Iterator[Parsed]) -> Iterator[Parsed]:
    """Return the same, the next one being made while the caller works on this one."""
    with ThreadPoolExecutor(1) as maker:
        coming = maker.submit(next, made, None)
        while (piece := coming.result()) is not None:
            coming = maker.submit(next, made, None)
            yield piece
