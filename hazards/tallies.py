"""Counts of children by township, as others may read them: every quarter, with small cells withheld.

A row (a township, its county, the prefecture) holds the total and three ways to divide it. What was told of
earlier quarters stays known to whoever kept it, so a new quarter is withheld together with all before it: a
row that did not change is the same unknowns, told twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from hazards.suppression import Cells, withheld_cells

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from hazards.parameters import Tables

    Wholes = NDArray[np.int64]
    Row = tuple[str, dt.date]

TOTAL: Final = "all"
NEAR_M: Final = (100.0, 500.0)
"""Distances of the third division: where most under five and most of 1 to 14 years drowned."""
CATEGORY_OF: Final = {
    "left_behind": "left_behind",
    "orphan": "orphan",
    "de_facto_unsupported": "unsupported",
    "low_income": "low_income",
    "ill_or_disabled": "ill",
    "vagrant": "other",
    "other": "other",
}
"""Column of each category; those on the road are too few anywhere to stand alone."""
DIVISIONS: Final = {
    "age": ("age_t", "age_p", "age_y"),
    "category": tuple(dict.fromkeys(CATEGORY_OF.values())),
    "near": ("near_100", "near_500", "far"),
}
LEAVES: Final = tuple(column for columns in DIVISIONS.values() for column in columns)
COLUMNS: Final = (TOTAL, *LEAVES)
TOWNSHIP, COUNTY, PREFECTURE = 9, 6, 4
"""Digits of a code."""
UPPER: Final = 4.0
"""How much dearer a cell of a county is than one of a township, and of the prefecture than of a county."""


def columns_of(children: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of each child by division, on its index; profile, category, water_m in."""
    bounds = np.searchsorted(NEAR_M, children["water_m"].fillna(np.inf).to_numpy(np.float64))
    return pd.DataFrame(
        {
            "age": "age_" + children["profile"].str.lower(),
            "category": children["category"].map(CATEGORY_OF),
            "near": np.array(DIVISIONS["near"])[bounds],
        },
        index=children.index,
    )


def counted(children: pd.DataFrame, townships: Sequence[str]) -> pd.DataFrame:
    """Return the counts of each township: `COLUMNS` on the sorted codes, zeros included.

    children: area_code, profile (T, P, Y), category, water_m (NaN: none near). Who is in none of them, say
    known by county alone, is not counted.
    """
    rows = pd.Index(sorted(townships), name="area_code")
    placed = children[children["area_code"].str[:TOWNSHIP].isin(rows)]
    township = placed["area_code"].str[:TOWNSHIP]
    columns = columns_of(placed)
    parts = [
        pd.crosstab(township, columns[name]).reindex(index=rows, columns=list(listed), fill_value=0)
        for name, listed in DIVISIONS.items()
    ]
    found = pd.concat(parts, axis=1).astype(np.int64)
    found.insert(0, TOTAL, found[list(DIVISIONS["age"])].sum(axis=1))
    return found


def may_renew(before: pd.Series[int], now: pd.Series[int], *, at_least: int) -> bool:
    """Return whether a township's row changes by nobody or by enough children in each of its divisions."""
    moved = [
        max(int(step.clip(lower=0).sum()), int((-step).clip(lower=0).sum()))
        for step in (now[list(columns)] - before[list(columns)] for columns in DIVISIONS.values())
    ]
    return any(moved) and all(one == 0 or one >= at_least for one in moved)


def drawn_up(
    now: pd.DataFrame, kept: pd.DataFrame, told: pd.DataFrame, period: dt.date, rules: Tables
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of townships to keep, and the cells to tell of a period.

    now: `counted`. kept: the counts behind every row that was ever told, by (area_code, since). told: period,
    area_code, since, name, children (NA where withheld) of all periods before. Both come back in these forms,
    for what the period adds; a row that changed by too few is told as it was, under the day it is `since`.
    A county of fewer children than a cell needs is left out, and out of the sums, until it has them.
    """
    now = _begun(now, kept, rules.children_at_least)
    if now.empty:
        return now, told.iloc[:0]
    since = _since(now, kept, told, period, rules.changes_at_least)
    fresh = now.loc[[code for code, day in since.items() if day == period]]
    fresh.index = pd.MultiIndex.from_product([fresh.index, [period]], names=["area_code", "since"])
    whole = pd.concat([kept, fresh]) if len(kept) else fresh
    rows = _rows(since, told, period)
    known = told[["period", "area_code", "since"]].drop_duplicates() if len(told) else rows.iloc[:0]
    values, equations, index = _system(pd.concat([known, rows]), whole)
    cells = Cells(
        values=values.ravel(),
        equations=equations,
        dear=_dear(values, index).ravel(),
        told=_flags(told[told["children"].notna()], index),
        solver_s=rules.solver_s,
    )
    before = _flags(told[told["children"].isna()], index)
    held = withheld_cells(cells, below=rules.children_at_least, width=rules.width, before=before)
    shown = np.where(held.reshape(values.shape), -1, values)
    at = [index[key] for key in zip(rows["area_code"], rows["since"], strict=True)]
    cells_told = pd.DataFrame(shown[at], columns=list(COLUMNS)).astype("Int64")
    wide = pd.concat([rows.reset_index(drop=True), cells_told.mask(cells_told < 0)], axis=1)
    return fresh, wide.melt(["period", "area_code", "since"], var_name="name", value_name="children")


def _begun(now: pd.DataFrame, kept: pd.DataFrame, at_least: int) -> pd.DataFrame:
    """Return the townships of counties that were told of before or have enough children to begin with."""
    county = now.index.str[:COUNTY]
    told = {str(code)[:COUNTY] for code, _ in kept.index}
    enough = now[TOTAL].groupby(county).transform("sum") >= at_least
    return now[enough.to_numpy() | county.isin(told)]


def _since(
    now: pd.DataFrame, kept: pd.DataFrame, told: pd.DataFrame, period: dt.date, at_least: int
) -> dict[str, dt.date]:
    """Return for each township since which period its row is as it will be told."""
    last = _newest(told)
    found = {}
    for code in sorted({*now.index, *(one for one in last if len(one) >= TOWNSHIP)}):
        day = last.get(code)
        if day is None or (
            code in now.index and may_renew(kept.loc[(code, day)], now.loc[code], at_least=at_least)
        ):
            day = period
        found[code] = day
    return found


def _newest(told: pd.DataFrame) -> dict[str, dt.date]:
    if told.empty:
        return {}
    newest = told[told["period"] == told["period"].max()].drop_duplicates("area_code")
    return dict(zip(newest["area_code"], newest["since"], strict=True))


def _rows(since: dict[str, dt.date], told: pd.DataFrame, period: dt.date) -> pd.DataFrame:
    """Return every row of a period: townships, then what they sum to; a sum is as old as its newest part."""
    last, every = _newest(told), dict(since)
    for digits in (COUNTY, PREFECTURE):
        for code in sorted({one[:digits] for one in since}):
            parts = {one for one in since if one.startswith(code)}
            same = code in last and parts == {one for one in last if one.startswith(code) and one in since}
            every[code] = last[code] if same and all(since[one] == last[one] for one in parts) else period
    return pd.DataFrame({"period": period, "area_code": list(every), "since": list(every.values())})


def _system(told: pd.DataFrame, whole: pd.DataFrame) -> tuple[Wholes, csr_array, dict[Row, int]]:
    """Return the values (rows × `COLUMNS`) of every row ever told, the equations, and the places of rows."""
    unique = told.drop_duplicates(["area_code", "since"], keep="first")
    index = {key: at for at, key in enumerate(zip(unique["area_code"], unique["since"], strict=True))}
    values = np.zeros((len(index), len(COLUMNS)), dtype=np.int64)
    sums: list[tuple[int, list[int]]] = []
    by_period = dict(iter(told.groupby("period")))
    for digits in (TOWNSHIP, COUNTY, PREFECTURE):
        below = TOWNSHIP if digits == COUNTY else COUNTY
        for period, code, since in zip(unique["period"], unique["area_code"], unique["since"], strict=True):
            if len(code) != digits:
                continue
            at = index[code, since]
            if digits == TOWNSHIP:
                values[at] = whole.loc[(code, since), list(COLUMNS)].to_numpy(np.int64)
                continue
            frame = by_period[period]
            parts = frame[(frame["area_code"].str.len() == below) & frame["area_code"].str.startswith(code)]
            places = [index[key] for key in zip(parts["area_code"], parts["since"], strict=True)]
            values[at] = values[places].sum(axis=0)
            sums.append((at, places))
    return values, _equations(len(index), sums), index


def _equations(rows: int, sums: Sequence[tuple[int, Sequence[int]]]) -> csr_array:
    """Return 1 at each total and -1 at its parts, across every row and down every sum of rows."""
    wide = len(COLUMNS)
    down = ((at * wide + n, [p * wide + n for p in parts]) for at, parts in sums for n in range(wide))
    listed = [*_across(rows), *down]
    line = np.repeat(np.arange(len(listed)), [1 + len(parts) for _, parts in listed])
    place = np.array([one for total, parts in listed for one in (total, *parts)])
    sign = np.array([one for _, parts in listed for one in (1, *([-1] * len(parts)))])
    return csr_array((sign, (line, place)), shape=(len(listed), rows * wide))


def _across(rows: int) -> Iterator[tuple[int, list[int]]]:
    for row in range(rows):
        first = row * len(COLUMNS)
        for columns in DIVISIONS.values():
            yield first, [first + COLUMNS.index(column) for column in columns]


def _dear(values: Wholes, index: dict[Row, int]) -> NDArray[np.float64]:
    """Return what withholding each cell loses: more where many are counted, and far more in a sum of rows."""
    level = {TOWNSHIP: 0, COUNTY: 1, PREFECTURE: 2}
    upper = np.array([UPPER ** level[len(code)] for code, _ in index])
    return np.asarray((1.0 + np.log2(1.0 + values)) * upper[:, None])


def _flags(told: pd.DataFrame, index: dict[Row, int]) -> NDArray[np.bool_]:
    found = np.zeros((len(index), len(COLUMNS)), dtype=np.bool_)
    for code, since, name in zip(told["area_code"], told["since"], told["name"], strict=True):
        found[index[code, since], COLUMNS.index(name)] = True
    return found.ravel()
