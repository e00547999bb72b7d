"""Interval algebra on several groups at once."""

from __future__ import annotations

import numpy as np

from geo.intervals import (
    Intervals,
    difference,
    empty,
    fit,
    intersection,
    join_over_start,
    overlaps,
    totals,
    union,
)

Row = tuple[int, float, float]


def rows(*of: Row) -> Intervals:
    group, start, stop = zip(*of, strict=True) if of else ((), (), ())
    return Intervals(np.array(group, np.int64), np.array(start, np.float64), np.array(stop, np.float64))


def listed(intervals: Intervals) -> list[Row]:
    return list(zip(intervals.group.tolist(), intervals.start.tolist(), intervals.stop.tolist(), strict=True))


def test_a_long_interval_swallows_those_inside_it() -> None:
    assert listed(union(rows((0, 5, 6), (0, 0, 10), (0, 8, 12)))) == [(0, 0, 12)]


def test_groups_never_reach_into_each_other() -> None:
    assert listed(union(rows((1, 0, 5), (0, 0, 1000), (1, 7, 8)))) == [(0, 0, 1000), (1, 0, 5), (1, 7, 8)]


def test_intervals_within_the_join_tolerance_are_one_and_beyond_it_two() -> None:
    assert len(union(rows((0, 0, 1), (0, 1 + 0.9e-6, 2)))) == 1
    assert len(union(rows((0, 0, 1), (0, 1 + 1.1e-6, 2)))) == 2


def test_difference_leaves_what_only_the_first_holds() -> None:
    assert listed(difference(rows((0, 0, 10), (1, 0, 3)), rows((0, 2, 4), (0, 6, 20)))) == [
        (0, 0, 2),
        (0, 4, 6),
        (1, 0, 3),
    ]


def test_intersection_is_what_both_hold() -> None:
    assert listed(intersection(rows((0, 0, 10), (1, 0, 3)), rows((0, 2, 4), (0, 6, 20)))) == [
        (0, 2, 4),
        (0, 6, 10),
    ]


def test_nothing_goes_through_every_operation() -> None:
    none = empty()
    length, ring = np.empty(0), np.empty(0, np.bool_)
    for result in (
        union(none),
        difference(none, none),
        fit(none, length, ring),
        join_over_start(none, length, ring),
    ):
        assert len(result) == 0


def test_a_line_clips_and_a_ring_wraps() -> None:
    length, ring = np.array([100.0, 100.0]), np.array([False, True])
    fitted = fit(rows((0, -20, 30), (1, -20, 30), (1, 90, 130), (0, 120, 130)), length, ring)
    assert listed(union(fitted)) == [(0, 0, 30), (1, 0, 30), (1, 80, 100)]


def test_an_interval_longer_than_its_ring_is_the_whole_ring() -> None:
    assert listed(fit(rows((0, -60, 60)), np.array([100.0]), np.array([True]))) == [(0, 0, 100)]


def test_two_ends_at_the_start_of_a_ring_are_one_interval() -> None:
    length, ring = np.array([100.0, 100.0]), np.array([True, False])
    both = rows((0, 0, 30), (0, 80, 100), (1, 0, 30), (1, 80, 100))
    assert listed(join_over_start(both, length, ring)) == [(0, 80, 130), (1, 0, 30), (1, 80, 100)]


def test_a_whole_ring_stays_one_interval() -> None:
    assert listed(join_over_start(rows((0, 0, 100)), np.array([100.0]), np.array([True]))) == [(0, 0, 100)]


def test_totals_name_groups_without_intervals_too() -> None:
    assert totals(rows((0, 0, 3), (2, 1, 2)), 4).tolist() == [3, 0, 1, 0]


def test_overlaps_pair_everything_that_shares_metres_and_nothing_that_only_touches() -> None:
    in_a, in_b, shared = overlaps(
        rows((0, 2, 8), (0, 0, 1), (1, 0, 9)), rows((0, 1, 3), (0, 7, 9), (1, 3, 4))
    )
    assert list(zip(in_a.tolist(), in_b.tolist(), shared.tolist(), strict=True)) == [
        (0, 0, 1),
        (0, 1, 1),
        (2, 2, 1),
    ]
