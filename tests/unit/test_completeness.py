"""Complete sets with time."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo.frames import FrameError
from geo.tables import Table
from hazards.completeness import completeness
from hazards.parameters import Parameters, SmallRing
from tests.unit.drawn_world import World

SET = ("sign", "lifebuoy", "rope", "pole")
JULY, JANUARY = dt.date(2026, 7, 15), dt.date(2026, 1, 15)
Row = tuple[str, str, dt.date | None]


def one(
    rows: list[Row], as_of: dt.date = JULY, parameters: Parameters | None = None, **stands: Any
) -> tuple[str, str, dt.date | None]:
    station = pd.DataFrame({"water_class": ["A"], "small": [False], "covered": [False]} | {
        key: [value] for key, value in stands.items()
    }, index=[7])  # fmt: skip
    items = pd.DataFrame([(7, *row) for row in rows], columns=["station_id", "kind", "state", "verified_on"])
    found: dict[Any, Any] = (
        completeness(Table.of(station), Table.of(items), parameters or Parameters(), as_of)
        .frame()
        .loc[7]
        .to_dict()
    )
    expires = found["expires_on"]
    return found["status"], found["missing"], None if pd.isna(expires) else expires.date()


def complete(day: dt.date | None) -> list[Row]:
    return [(kind, "good", day) for kind in SET]


WINDOWS = [
    ("A", JULY, 7),
    ("A", JANUARY, 30), ("B", JULY, 14), ("B", JANUARY, 60), ("C", JULY, 30), ("C", JANUARY, 90),
]  # fmt: skip


@pytest.mark.parametrize(("grade", "as_of", "days"), WINDOWS)
def test_a_check_counts_on_the_last_day_of_its_window_and_not_a_day_longer(
    grade: str, as_of: dt.date, days: int
) -> None:
    last, late = as_of - dt.timedelta(days=days), as_of - dt.timedelta(days=days + 1)
    assert one(complete(last), as_of, water_class=grade) == ("valid", "", as_of)
    assert one(complete(late), as_of, water_class=grade)[0] == "expired"


def test_the_short_window_begins_with_the_season() -> None:
    # 04-20 and 30 days reach to 05-20, but on 05-01 a check of eleven days ago proves nothing any more.
    april = complete(dt.date(2026, 4, 20))
    assert one(april, dt.date(2026, 4, 30)) == ("valid", "", dt.date(2026, 4, 30))
    assert one(april, dt.date(2026, 5, 1)) == ("expired", "", dt.date(2026, 4, 30))


def test_what_lapsed_in_the_season_is_not_revived_by_october() -> None:
    september = complete(dt.date(2026, 9, 10))
    assert one(september, dt.date(2026, 10, 1)) == ("expired", "", dt.date(2026, 9, 17))


def test_a_check_that_lasts_into_october_gets_the_long_window() -> None:
    assert one(complete(dt.date(2026, 9, 25)), dt.date(2026, 10, 5)) == ("valid", "", dt.date(2026, 10, 25))


def test_the_oldest_of_the_four_checks_decides() -> None:
    rows = [*complete(JULY)[:3], ("pole", "good", JULY - dt.timedelta(days=8))]
    assert one(rows) == ("expired", "", JULY - dt.timedelta(days=1))


@pytest.mark.parametrize("state", ["damaged", "missing", "expired"])
def test_an_item_that_is_not_fit_for_use_is_missing(state: str) -> None:
    assert one([*complete(JULY)[:3], ("pole", state, JULY)])[:2] == ("incomplete", "pole")


def test_all_missing_kinds_are_named() -> None:
    assert one([("rope", "good", JULY)]) == ("incomplete", "sign,lifebuoy,pole", None)
    assert one([])[1] == "sign,lifebuoy,rope,pole"


@pytest.mark.parametrize("row", [("pole", "unverified", JULY), ("pole", "good", None)])
def test_an_item_that_nobody_verified_leaves_the_set_expired(row: Row) -> None:
    assert one([*complete(JULY)[:3], row]) == ("expired", "", None)


def test_a_check_of_tomorrow_proves_nothing_today() -> None:
    assert one(complete(JULY + dt.timedelta(days=1)))[0] == "expired"
    assert one(complete(JULY))[0] == "valid"


@pytest.mark.parametrize("state", ["good", "missing", "damaged"])
def test_a_life_jacket_is_never_asked_for_and_never_in_the_way(state: str) -> None:
    assert one([*complete(JULY), ("lifejacket", state, None)])[:2] == ("valid", "")


def test_one_good_item_of_a_kind_is_enough() -> None:
    assert one([*complete(JULY), ("pole", "damaged", JULY)])[0] == "valid"


@pytest.mark.parametrize("kind", ["rope", "pole"])
def test_a_small_ring_needs_a_sign_a_pole_or_rope_and_a_cover(kind: str) -> None:
    rows: list[Row] = [("sign", "good", JULY), (kind, "good", JULY)]
    assert one(rows, small=True, covered=True) == ("valid", "", JULY + dt.timedelta(days=14))
    assert one(rows, small=True, covered=False)[:2] == ("incomplete", "cover")
    assert one(rows[:1], small=True, covered=True)[:2] == ("incomplete", "rope")
    free = Parameters(small_ring=SmallRing(cover_required=False))
    assert one(rows, small=True, covered=False, parameters=free)[0] == "valid"


def test_items_of_other_stations_are_passed_over() -> None:
    station = pd.DataFrame({"water_class": ["A"], "small": [False], "covered": [False]}, index=[1])
    items = pd.DataFrame(
        [(2, *row) for row in complete(JULY)], columns=["station_id", "kind", "state", "verified_on"]
    )
    assert completeness(Table.of(station), Table.of(items), Parameters(), JULY)["status"].tolist() == [
        "incomplete"
    ]


def test_the_index_of_the_stations_is_kept() -> None:
    stations = pd.DataFrame(
        {"water_class": ["A", "B"], "small": [False] * 2, "covered": [False] * 2}, index=[9, 4]
    )
    items = pd.DataFrame(
        [(4, *row) for row in complete(JULY)], columns=["station_id", "kind", "state", "verified_on"]
    )
    found = completeness(Table.of(stations), Table.of(items), Parameters(), JULY)
    assert found.ids.tolist() == [9, 4]
    assert found["status"].tolist() == ["incomplete", "valid"]


def test_items_that_break_their_contract_are_refused() -> None:
    strange = pd.DataFrame(
        [(1, "竹竿", "good", JULY)], columns=["station_id", "kind", "state", "verified_on"]
    )
    with pytest.raises(FrameError, match="unknown value"):
        World(items=strange).assess()


def test_an_empty_frame_of_stations_has_an_empty_answer() -> None:
    stations = pd.DataFrame({"water_class": [], "small": np.empty(0, bool), "covered": np.empty(0, bool)})
    items = pd.DataFrame({"station_id": [], "kind": [], "state": [], "verified_on": []})
    assert len(completeness(Table.of(stations), Table.of(items), Parameters(), JULY)) == 0
