"""Nobody works out a withheld cell: not from one table, not from the tables of several quarters together.

The attacker is written from the definition and shares no line with what it attacks: cells that it does not
know, each a whole number of children, the sums that every reader knows to hold, and rows that were told
unchanged.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from hazards.parameters import Tables
from hazards.suppression import Cells, SuppressionError, withheld_cells
from hazards.tallies import COLUMNS, DIVISIONS, LEAVES, counted, drawn_up, may_renew

RULES = Tables()
QUARTERS = [dt.date(2026, 1, 1), dt.date(2026, 4, 1), dt.date(2026, 7, 1), dt.date(2026, 10, 1)]
SHARES = {
    "age": (0.25, 0.45, 0.3),
    "category": (0.72, 0.03, 0.06, 0.12, 0.06, 0.01),
    "near": (0.1, 0.6, 0.3),
}


def invented(rng: np.random.Generator, counties: int, townships: int, mean: float) -> pd.DataFrame:
    rows = {}
    for county in range(counties):
        for township in range(townships):
            total = int(rng.poisson(mean * rng.choice([0.1, 1.0, 3.0])))
            parts = [rng.multinomial(total, SHARES[name]) for name in DIVISIONS]
            rows[f"43{county + 10:04d}{township:03d}"] = np.concatenate([[total], *parts])
    found = pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS)).astype(np.int64)
    return found.rename_axis("area_code")


def moved_on(rng: np.random.Generator, now: pd.DataFrame) -> pd.DataFrame:
    """Some townships lose or gain one child, some many, most nobody."""
    after = now.copy()
    for code in now.index:
        for _ in range(int(rng.choice([0, 0, 0, 1, 2, 9]))):
            columns = [str(rng.choice(list(DIVISIONS[name]), p=SHARES[name])) for name in DIVISIONS]
            sign = int(rng.choice([-1, 1, 1]))
            if sign > 0 or (after.loc[code, columns] > 0).all():
                after.loc[code, ["all", *columns]] += sign
    return after


def told_over(quarters: list[pd.DataFrame], rules: Tables = RULES) -> pd.DataFrame:
    kept, told = pd.DataFrame(), pd.DataFrame(columns=["period", "area_code", "since", "name", "children"])
    for period, now in zip(QUARTERS, quarters, strict=False):
        fresh, added = drawn_up(now, kept, told, period, rules)
        kept = pd.concat([kept, fresh]) if len(kept) else fresh
        told = pd.concat([told, added]) if len(told) else added
    return told


class Attacker:
    """Knows every table told, the sums, which rows say that they are told unchanged, and no true number."""

    def __init__(self, told: pd.DataFrame) -> None:
        keys: Any = zip(told["area_code"], told["since"], told["name"], strict=True)
        self.place: dict[tuple[str, dt.date, str], int] = {}
        self.low: list[float] = []
        self.high: list[float] = []
        for key, children in zip(keys, told["children"], strict=True):
            at = self.place.setdefault(key, len(self.place))
            if at == len(self.low):
                self.low.append(0.0)
                self.high.append(np.inf)
            if not pd.isna(children):
                self.low[at] = self.high[at] = float(children)
        self.sums = self._sums(told)

    def _sums(self, told: pd.DataFrame) -> csr_array:
        lines: list[dict[int, int]] = []
        for _, table in told.groupby("period"):
            since: dict[str, dt.date] = dict(zip(table["area_code"], table["since"], strict=True))
            for code, day in since.items():
                for columns in DIVISIONS.values():
                    parts = {self.place[code, day, name]: -1 for name in columns}
                    lines.append({self.place[code, day, "all"]: 1} | parts)
                below = [one for one in since if len(one) in {6, 9} and one.startswith(code)]
                wide = {4: 6, 6: 9}.get(len(code))
                for name in COLUMNS if wide else ():
                    parts = {self.place[one, since[one], name]: -1 for one in below if len(one) == wide}
                    lines.append({self.place[code, day, name]: 1} | parts)
        row = [number for number, line in enumerate(lines) for _ in line]
        column = [at for line in lines for at in line]
        sign = [one for line in lines for one in line.values()]
        return csr_array((sign, (row, column)), shape=(len(lines), len(self.place)))

    def withheld(self) -> list[tuple[str, dt.date, str]]:
        return [key for key, at in self.place.items() if self.low[at] != self.high[at]]

    def width(self, key: tuple[str, dt.date, str]) -> float:
        """How far apart the values are that a cell can have, infinity included."""
        ends = []
        for sign in (1.0, -1.0):
            goal = np.zeros(len(self.place))
            goal[self.place[key]] = sign
            result: Any = milp(
                goal,
                integrality=np.ones(len(goal)),
                bounds=Bounds(np.array(self.low), np.array(self.high)),
                constraints=LinearConstraint(self.sums, 0.0, 0.0),
                options={"mip_rel_gap": 0.0},
            )
            ends.append(np.inf if result.x is None else sign * result.fun)
        return float(ends[1] - ends[0])


@pytest.mark.parametrize(("seed", "mean"), [(1, 8.0), (2, 25.0), (3, 80.0), (4, 3.0)])
def test_no_withheld_cell_is_narrowed_below_the_protection_by_one_table(seed: int, mean: float) -> None:
    told = told_over([invented(np.random.default_rng(seed), 2, 4, mean)])
    attacker = Attacker(told)
    hidden = attacker.withheld()
    assert hidden
    assert {key: width for key in hidden if (width := attacker.width(key)) < RULES.width} == {}


@pytest.mark.parametrize(("seed", "mean"), [(5, 12.0), (6, 40.0)])
def test_nor_by_the_tables_of_a_year_together(seed: int, mean: float) -> None:
    rng = np.random.default_rng(seed)
    quarters = [invented(rng, 2, 3, mean)]
    for _ in QUARTERS[1:]:
        quarters.append(moved_on(rng, quarters[-1]))
    attacker = Attacker(told_over(quarters))
    assert {key: width for key in attacker.withheld() if (width := attacker.width(key)) < RULES.width} == {}


@pytest.mark.parametrize("seed", range(20, 26))
def test_a_year_can_always_be_told(seed: int) -> None:
    """A cell that was withheld before has no way up: the new table leaves it the way down."""
    rng = np.random.default_rng(seed)
    quarters = [invented(rng, 2, 4, 20.0)]
    for _ in QUARTERS[1:]:
        after = quarters[-1].copy()
        for code in after.index[rng.random(len(after)) < 0.4]:
            after.loc[code, ["all", "age_p", "left_behind", "near_500"]] += 6
        quarters.append(after)
    told = told_over(quarters)
    assert told.groupby("period")["area_code"].nunique().tolist() == [11, 11, 11, 11]


def test_the_attacker_finds_what_is_withheld_without_complements() -> None:
    now = invented(np.random.default_rng(2), 2, 4, 25.0)
    naive = told_over([now])
    small = [
        len(code) == 9 and now.loc[code, name] < RULES.children_at_least
        for code, name in zip(naive["area_code"], naive["name"], strict=True)
    ]
    exact = [
        int(now.loc[now.index.str.startswith(code), name].sum())
        for code, name in zip(naive["area_code"], naive["name"], strict=True)
    ]
    naive = naive.assign(children=pd.array(exact, dtype="Int64")).assign(
        children=lambda frame: frame["children"].mask(np.array(small))
    )
    attacker = Attacker(naive)
    assert min(attacker.width(key) for key in attacker.withheld()) < RULES.width


def test_a_table_drawn_up_without_its_history_would_tell_what_was_withheld_before() -> None:
    """Why the tables of earlier quarters are withheld together with the new one."""
    opened = 0
    for seed in range(7, 12):
        rng = np.random.default_rng(seed)
        first = invented(rng, 2, 3, 15.0)
        second = moved_on(rng, first)
        apart = [
            told_over([one]).set_index(["area_code", "name"])["children"].isna() for one in (first, second)
        ]
        same = (first == second).all(axis=1)
        still = apart[0].index.get_level_values("area_code").isin(same.index[same])
        opened += int((apart[0] != apart[1].reindex(apart[0].index))[still].sum())
    assert opened > 0


def test_what_is_told_sums_up_to_its_margins_and_is_true() -> None:
    now = invented(np.random.default_rng(3), 2, 4, 80.0)
    told = told_over([now]).pivot_table(index="area_code", columns="name", values="children", aggfunc="first")
    checked = 0
    for code in told.index:
        exact = now[now.index.str.startswith(code)].sum()
        for name in COLUMNS:
            if not pd.isna(told.loc[code, name]):
                assert told.loc[code, name] == exact[name]
                checked += 1
    assert checked > len(now)


def test_nothing_is_withheld_where_no_cell_is_small() -> None:
    told = told_over([invented(np.random.default_rng(1), 2, 3, 5.0) * 0 + even()])
    assert told["children"].notna().all()


def even() -> Any:
    """A row in which every leaf is at the limit, and divisions agree."""
    least, leaves = RULES.children_at_least, {name: len(columns) for name, columns in DIVISIONS.items()}
    total = least * max(leaves.values())
    row = {"all": total}
    for columns in DIVISIONS.values():
        row |= dict.fromkeys(columns, least)
        row[columns[0]] = total - least * (len(columns) - 1)
    return pd.Series(row)


@pytest.mark.parametrize(("lacking", "hidden"), [(0, False), (1, True)])
def test_a_cell_is_withheld_below_the_limit_and_told_at_it(lacking: int, hidden: bool) -> None:  # noqa: FBT001
    row = even()
    row["orphan"] -= lacking
    row["left_behind"] += lacking
    told = told_over([pd.DataFrame([row, even()], index=["430010001", "430010002"])])
    cell = told[(told["area_code"] == "430010001") & (told["name"] == "orphan")]
    assert cell["children"].isna().item() is hidden


def test_a_township_without_children_is_told_no_other_than_one_with_four() -> None:
    now = pd.DataFrame([even() * 4, even() * 0, even() * 4], index=["430010001", "430010002", "430010003"])
    told = told_over([now])
    assert told[told["area_code"] == "430010002"]["children"].isna().all()


@pytest.mark.parametrize(("children", "rows"), [(4, 0), (5, 2)])
def test_a_county_is_told_of_from_five_children_on(children: int, rows: int) -> None:
    few = even() * 0
    few[["all", "age_p", "orphan", "far"]] = children
    told = told_over([pd.DataFrame([even() * 4, few], index=["430010001", "430011001"])])
    assert told[told["area_code"].str.startswith("430011")]["area_code"].nunique() == rows
    whole = told[(told["area_code"] == "4300") & (told["name"] == "all")]["children"].item()
    assert pd.isna(whole) or whole == 4 * even()["all"] + (children if rows else 0)


def test_the_same_counts_give_the_same_table() -> None:
    now = invented(np.random.default_rng(9), 2, 4, 20.0)
    pd.testing.assert_frame_equal(told_over([now]), told_over([now]))


def test_one_more_child_changes_nothing_that_is_told_of_its_township_or_above() -> None:
    first = invented(np.random.default_rng(10), 2, 3, 40.0)
    second = first.copy()
    second.loc["430010001", ["all", "age_p", "orphan", "far"]] += 1
    told = told_over([first, second])
    before, after = (told[told["period"] == day].drop(columns="period") for day in QUARTERS[:2])
    pd.testing.assert_frame_equal(before.reset_index(drop=True), after.reset_index(drop=True))
    assert set(after["since"]) == {QUARTERS[0]}


@pytest.mark.parametrize(("more", "renewed"), [(0, False), (4, False), (5, True)])
def test_a_row_is_renewed_from_five_changes_on(more: int, renewed: bool) -> None:  # noqa: FBT001
    before = even() * 4
    after = before.copy()
    after[["all", "age_p", "orphan", "far"]] += more
    assert may_renew(before, after, at_least=RULES.changes_at_least) is renewed


def test_a_row_waits_where_five_grew_older_and_one_changed_category() -> None:
    before = even() * 4
    after = before.copy()
    after[["age_t", "age_p"]] += [-5, 5]
    assert may_renew(before, after, at_least=5)
    after[["orphan", "left_behind"]] += [1, -1]
    assert not may_renew(before, after, at_least=5)


def test_children_are_counted_by_township_in_each_division_once() -> None:
    children = pd.DataFrame(
        {
            "area_code": ["430010001001", "430010001", "430010002001", "430010"],
            "profile": ["T", "P", "Y", "T"],
            "category": ["vagrant", "orphan", "left_behind", "other"],
            "water_m": [100.0, 100.1, np.nan, 0.0],
        }
    )
    found = counted(children, ["430010002", "430010001", "430010003"])
    assert found.index.tolist() == ["430010001", "430010002", "430010003"]
    assert found["all"].tolist() == [2, 1, 0]
    columns = ["other", "orphan", "near_100", "near_500", "far"]
    assert list(found.loc["430010001", columns]) == [1, 1, 1, 1, 0]
    assert list(found.loc["430010002", ["left_behind", "far", "age_y"]]) == [1, 1, 1]
    assert (found[list(LEAVES)].sum(axis=1) == 3 * found["all"]).all()


def test_a_table_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(SuppressionError):
        Cells(
            values=np.array([3, 1, 1]),
            equations=csr_array(np.array([[1, -1, -1]])),
            dear=np.ones(3),
            told=np.zeros(3, dtype=np.bool_),
        )


def test_what_is_told_already_cannot_be_withheld_again() -> None:
    cells = Cells(
        values=np.array([9, 8, 1]),
        equations=csr_array(np.array([[1, -1, -1]])),
        dear=np.ones(3),
        told=np.array([True, True, False]),
    )
    with pytest.raises(SuppressionError, match="no way"):
        withheld_cells(cells, below=5, width=5)
