"""Recorded tracks judged as patrols, on each limit and beside it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString

from hazards.protection_rules import PatrolRule, TrackRule
from hazards.tracks import Rules, Walk, walks

CRS = "EPSG:4546"
PACE = 1.0
NOON = 1_782_878_400.0
RULES = Rules(track=TrackRule(), patrol=PatrolRule(), snap_m=30.0, now=NOON + 86_400.0)


def banks(*lines: LineString) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "water_id": range(1, len(lines) + 1),
            "side": ["single"] * len(lines),
            "part": [0] * len(lines),
            "start_m": [0.0] * len(lines),
            "length_m": [line.length for line in lines],
        },
        geometry=list(lines),
        crs=CRS,
    )


BANK = banks(LineString([(0, 0), (2000, 0)]))


def walk(  # noqa: PLR0913 - a walk in a few words
    start: float, stop: float, *, y: float = 5.0, pace: float = PACE, at: float = NOON, every_s: float = 10.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return a walk along y from x to x with a point every few seconds."""
    count = int(abs(stop - start) / pace / every_s) + 1
    x = np.linspace(start, stop, count)
    return np.column_stack([x, np.full(count, y)]), at + np.linspace(0.0, abs(stop - start) / pace, count)


def joined(*parts: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    return np.vstack([xy for xy, _ in parts]), np.concatenate([at for _, at in parts])


def judged(track: tuple[np.ndarray, np.ndarray], rules: Rules = RULES) -> list[Walk]:
    return walks(*track, BANK, rules)


def reasons(track: tuple[np.ndarray, np.ndarray], rules: Rules = RULES) -> list[str]:
    return [part.reason for part in judged(track, rules)]


def test_a_walk_along_a_bank_tells_its_metres_minutes_and_where() -> None:
    (found,) = judged(walk(100, 500))
    assert found.reason == ""
    assert found.walked_m == pytest.approx(400)
    assert found.minutes == pytest.approx(400 / 60)
    assert found.along.group.tolist() == [0]
    assert (found.along.start[0], found.along.stop[0]) == pytest.approx((100, 500))


@pytest.mark.parametrize(("metres", "reason"), [(300, ""), (290, "too_near")])
def test_three_hundred_metres_are_enough(metres: float, reason: str) -> None:
    assert reasons(walk(0, metres, pace=0.5, every_s=20.0)) == [reason]


@pytest.mark.parametrize(("minutes", "reason"), [(5.0, ""), (4.9, "too_short")])
def test_five_minutes_are_enough(minutes: float, reason: str) -> None:
    assert reasons(walk(0, 600, pace=600 / (minutes * 60.0))) == [reason]


@pytest.mark.parametrize(("off_m", "reason"), [(30.0, ""), (30.1, "off_bank")])
def test_a_walk_counts_up_to_the_snap_distance(off_m: float, reason: str) -> None:
    (found,) = judged(walk(0, 500, y=off_m))
    assert found.reason == reason
    assert found.nearest_m == pytest.approx(off_m)


def test_a_track_without_times_proves_nothing() -> None:
    xy, at = walk(0, 500)
    assert [part.reason for part in walks(xy, np.full(len(at), np.nan), BANK, RULES)] == ["no_time"]


def test_points_without_a_time_among_others_are_left_out() -> None:
    xy, at = walk(0, 500)
    xy, at = np.vstack([xy, [[900.0, 5.0]]]), np.append(at, np.nan)
    (found,) = judged((xy, at))
    assert found.walked_m == pytest.approx(500)


def test_times_that_run_backwards_and_days_to_come_are_refused() -> None:
    xy, at = walk(0, 500)
    assert reasons((xy, at[::-1])) == ["backwards"]
    assert reasons((xy, at + 2 * 86_400.0)) == ["future"]


def test_a_drive_along_the_bank_is_no_patrol() -> None:
    (found,) = judged(walk(0, 2000, pace=8.0, every_s=2.0))
    assert found.reason == "too_fast"
    assert found.fastest_m_s == pytest.approx(8.0)


@pytest.mark.parametrize(("pace", "counts"), [(3.0, True), (3.1, False)])
def test_three_metres_a_second_are_still_on_foot(pace: float, counts: bool) -> None:  # noqa: FBT001 - of pytest
    rules = Rules(
        track=TrackRule(fast_share=1.0), patrol=PatrolRule(min_minutes=1.0), snap_m=30.0, now=RULES.now
    )
    assert (
        bool([part for part in judged(walk(0, 1200, pace=pace, every_s=20.0), rules) if not part.reason])
        == counts
    )


def test_a_drive_between_two_walks_is_cut_out_and_each_walk_stands_for_itself() -> None:
    first = walk(0, 400)
    drive = walk(410, 700, pace=12.0, at=first[1][-1] + 1, every_s=10.0)
    second = walk(720, 1100, at=drive[1][-1] + 2)
    parts = judged(joined(first, drive, second))
    assert [part.reason for part in parts] == ["", ""]
    ends = [(part.along.start[0], part.along.stop[-1]) for part in parts]
    assert ends[0][1] < 450
    assert ends[1][0] > 650


def test_what_was_not_recorded_was_not_walked() -> None:
    first = walk(0, 400)
    second = walk(501, 900, at=first[1][-1] + 600)
    parts = judged(joined(first, second))
    assert [part.reason for part in parts] == ["", ""]
    assert sum(part.walked_m for part in parts) == pytest.approx(400 + 399, abs=12)
    assert len(judged(joined(first, walk(500, 900, at=first[1][-1] + 600)))) == 1


def test_a_receiver_at_rest_walks_nowhere() -> None:
    rng = np.random.default_rng(3)
    xy = np.array([50.0, 5.0]) + rng.uniform(-3.0, 3.0, (1200, 2))
    (found,) = judged((xy, NOON + np.arange(1200.0)))
    assert found.reason == "too_near"
    assert found.walked_m == 0.0


def test_one_stray_point_does_not_break_a_walk() -> None:
    xy, at = walk(0, 500, every_s=1.0)
    xy[200] += [0.0, 15.0]
    (found,) = judged((xy, at))
    assert found.reason == ""


def test_the_way_home_is_neither_counted_nor_kept() -> None:
    patrol = walk(0, 400)
    home = np.column_stack([np.full(60, 400.0), np.linspace(15.0, 605.0, 60)])
    (found,) = judged(
        (np.vstack([patrol[0], home]), np.append(patrol[1], patrol[1][-1] + np.arange(1, 61) * 10))
    )
    assert found.line is not None
    assert found.line.bounds[3] <= 30.0
    assert found.walked_m == pytest.approx(400, abs=35)


def test_where_no_bank_is_known_no_track_is_near_one() -> None:
    (found,) = walks(*walk(0, 500), BANK.iloc[:0], RULES)
    assert found.reason == "off_bank"
    assert np.isnan(found.nearest_m)
