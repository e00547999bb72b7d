"""Interval algebra against sets of whole cells."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo.intervals import (
    Intervals,
    difference,
    fit,
    intersection,
    join_over_start,
    overlaps,
    split_over_start,
    totals,
    union,
)

GROUPS, CELLS = 3, 20
Cells = np.ndarray[Any, np.dtype[np.bool_]]
row = st.tuples(st.integers(0, GROUPS - 1), st.integers(0, CELLS), st.integers(1, CELLS))


@st.composite
def drawn(draw: st.DrawFn) -> Intervals:
    rows = draw(st.lists(row, max_size=12))
    group = np.array([g for g, _, _ in rows], np.int64)
    start = np.array([s for _, s, _ in rows], np.float64)
    length = np.array([n for _, _, n in rows], np.float64)
    return Intervals(group, start, np.minimum(start + length, CELLS))


def cells(intervals: Intervals) -> Cells:
    middle = np.arange(CELLS) + 0.5
    found = np.zeros((GROUPS, CELLS), np.bool_)
    for group, start, stop in zip(intervals.group, intervals.start, intervals.stop, strict=True):
        found[group] |= (middle > start) & (middle < stop)
    return found


def tidy(intervals: Intervals) -> bool:
    same = intervals.group[1:] == intervals.group[:-1]
    rising = np.where(
        same, intervals.start[1:] > intervals.stop[:-1], intervals.group[1:] > intervals.group[:-1]
    )
    return bool(rising.all() and (intervals.stop > intervals.start).all())


@given(drawn(), drawn())
def test_the_algebra_is_that_of_sets(a: Intervals, b: Intervals) -> None:
    in_a, in_b = cells(a), cells(b)
    assert (cells(difference(a, b)) == (in_a & ~in_b)).all()
    assert (cells(intersection(a, b)) == (in_a & in_b)).all()
    assert (cells(union(a)) == in_a).all()
    assert tidy(difference(a, b))
    assert tidy(intersection(a, b))


@given(drawn(), drawn())
def test_difference_and_intersection_make_the_whole(a: Intervals, b: Intervals) -> None:
    whole = totals(union(a), GROUPS)
    parts = totals(difference(a, b), GROUPS) + totals(intersection(a, b), GROUPS)
    np.testing.assert_array_equal(whole, parts)


@given(drawn(), st.randoms(use_true_random=False))
def test_union_knows_no_order_and_changes_nothing_twice(a: Intervals, random: Any) -> None:
    order = list(range(len(a)))
    random.shuffle(order)
    once = union(a)
    for other in (union(a.take(np.array(order, np.int64))), union(once)):
        np.testing.assert_array_equal(once.group, other.group)
        np.testing.assert_array_equal(once.start, other.start)
        np.testing.assert_array_equal(once.stop, other.stop)


@given(drawn(), st.integers(-50, 50))
def test_turning_a_ring_keeps_its_metres(a: Intervals, turn: int) -> None:
    length, ring = np.full(GROUPS, float(CELLS)), np.ones(GROUPS, np.bool_)
    turned = union(fit(Intervals(a.group, a.start + turn, a.stop + turn), length, ring))
    np.testing.assert_array_equal(totals(turned, GROUPS), totals(union(a), GROUPS))
    joined = join_over_start(turned, length, ring)
    assert (joined.start < CELLS).all()
    parts, owner = split_over_start(joined, length)
    np.testing.assert_array_equal(totals(union(parts, 0.0), GROUPS), totals(turned, GROUPS))
    assert (joined.group[owner] == parts.group).all()


@given(drawn(), drawn())
def test_overlaps_add_up_to_the_shared_metres(a: Intervals, b: Intervals) -> None:
    one, other = union(a), union(b)
    in_a, _, shared = overlaps(one, other)
    metres = np.bincount(one.group[in_a], weights=shared, minlength=GROUPS)
    np.testing.assert_array_equal(metres, totals(intersection(a, b), GROUPS))
