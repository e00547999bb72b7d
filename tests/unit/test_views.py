"""What pages say, from small frames drawn here."""

from __future__ import annotations

import datetime as dt
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point

from geo.crs import GEOGRAPHIC
from layers import words
from layers.handouts import with_sum
from pages.civil import view as civil
from pages.emergency import view as emergency
from pages.overview import view as overview
from pages.settings import view as settings
from pages.shell.blocks import Figure, Task, figures, masthead, tasks
from pages.water import view as water

TODAY = dt.date(2026, 7, 15)
FIGURES = {
    "exposed_m": 12_000.0, "covered_m": 3_000.0, "gap_m": 9_000.0, "gaps": 40, "stations": 19,
    "stations_valid": 7, "stations_incomplete": 10, "stations_expired": 2, "hazards_open": 5,
    "hazards_overdue": 0, "hazards_major": 1,
}  # fmt: skip


def _hazards(deadlines: list[str | None]) -> gpd.GeoDataFrame:
    days = pd.Series([pd.NaT if day is None else pd.Timestamp(day) for day in deadlines])
    return gpd.GeoDataFrame({"deadline": days}, geometry=[Point(111, 27)] * len(days), crs=GEOGRAPHIC)


def _children(**columns: list[Any]) -> gpd.GeoDataFrame:
    count = len(next(iter(columns.values())))
    filled: dict[str, list[Any]] = {"distance_m": [50.0] * count, "birth_month": ["2020-01-01"] * count}
    filled |= columns
    filled["birth_month"] = [pd.Timestamp(day) for day in filled["birth_month"]]
    return gpd.GeoDataFrame(filled, geometry=[Point(111, 27)] * count, crs=GEOGRAPHIC)


def test_a_hazard_is_overdue_the_day_after_its_deadline() -> None:
    found = emergency.overdue_mask(_hazards(["2026-07-14", "2026-07-15", "2026-07-16", None]), TODAY)
    assert found.tolist() == [True, False, False, False]


@pytest.mark.parametrize(
    ("days", "said"), [(-3, "逾期 3 天"), (0, "今日到期"), (2, "剩 2 天"), (float("nan"), "未定期限")]
)
def test_a_deadline_is_told_in_days(days: float, said: str) -> None:
    assert emergency.deadline_words(days) == said


def test_bands_of_distance_hold_their_upper_limit() -> None:
    found = civil.with_profile(_children(distance_m=[100.0, 100.1, 200.0, 200.1]), TODAY)
    assert found["band"].tolist() == ["near", "mid", "mid", "far"]


def test_an_age_counts_full_years_by_the_month_of_birth() -> None:
    born = ["2021-08-01", "2021-07-01", "2014-08-01", "2014-07-01"]
    found = civil.with_profile(_children(birth_month=born), TODAY)
    assert found["age"].tolist() == [4, 5, 11, 12]
    assert found["profile"].tolist() == ["T", "P", "P", "Y"]


def test_complete_sets_stand_beside_the_totals_of_items() -> None:
    shown = overview.headline(FIGURES, {"sign": 24, "lifebuoy": 15, "rope": 19, "pole": 24}, (3, 4))
    sets = next(figure for figure in shown if figure.label == "有效点位")
    assert (sets.value, sets.unit) == ("7", "/ 19 处")
    assert "警示牌 24、救生圈 15、救生绳 19、救生杆 24" in sets.note


def test_a_shopping_list_ends_in_its_sums_and_never_lacks_the_complete_sets() -> None:
    numbers = {"stations": [3, 2], "valid": [1, 0], "incomplete": [2, 1], "expired": [0, 1]}
    numbers |= {f"lacks_{kind}": [1, 2] for kind in words.BOUGHT}
    bought = pd.DataFrame({"name": ["甲镇", "乙镇"], **numbers}, index=["430502001", "430502002"])
    first, *lacks = water.shopping_figures(bought)
    assert (first.value, first.unit) == ("1", "/ 5 处点位")
    assert {figure.value for figure in lacks} == {"3"}
    summed = with_sum(bought.rename_axis("code").reset_index(), label="合计")
    assert (summed["code"].iloc[-1], summed["name"].iloc[-1], summed["stations"].iloc[-1]) == ("合计", "", 5)
    assert summed["lacks_rope"].dtype == bought["lacks_rope"].dtype
    assert with_sum(bought.head(0), label="合计").empty


def test_a_share_of_no_exposed_bank_is_no_number() -> None:
    shown = overview.headline(FIGURES | {"exposed_m": 0.0, "covered_m": 0.0}, {}, (0, 0))
    assert shown[0].value == "—"


def test_a_bureau_is_told_its_own_tasks_and_none_that_are_done() -> None:
    assert {task.link for task in overview.tasks("water", FIGURES, 1)} == {
        "/water?section=缺口",
        "/water?section=点位",
    }
    assert [task.count for task in overview.tasks("emergency", FIGURES, 1)] == ["1", "5"]


def test_chainage_is_written_as_engineers_do() -> None:
    assert [words.chainage(metres) for metres in (0, 120.4, 999.6, 12345)] == [
        "K0+000",
        "K0+120",
        "K1+000",
        "K12+345",
    ]


@pytest.mark.parametrize(
    ("text", "held", "value"),
    [("60", 50.0, 60.0), ("7", 14, 7), ("是", False, True), ("[1, 2]", [3], [1, 2]), (" 文 ", "旧", "文")],
)
def test_a_typed_value_keeps_the_kind_of_the_stored_one(text: str, held: object, value: object) -> None:
    assert settings.parsed(text, held) == value


@pytest.mark.parametrize(
    ("text", "held"),
    [("-1", 50.0), ("nan", 50.0), ("1e400", 50.0), ("五十", 50.0), ("可", True), ("{}", [1]), ("", "旧")],
)
def test_a_value_of_another_kind_is_refused(text: str, held: object) -> None:
    with pytest.raises(settings.ValueFaultError):
        settings.parsed(text, held)


def test_what_a_station_lacks_is_said_in_words_a_cover_too() -> None:
    assert words.missing(["rope", "cover"]) == "救生绳、盖板或围栏"
    assert (words.missing([]), words.missing(None), words.missing(float("nan"))) == ("", "", "")


def test_every_text_of_a_block_is_encoded() -> None:
    name = "<b>{{x}}"
    made = (
        masthead(name, name, demo=True)
        + figures([Figure(label=name, value=name, unit=name, note=name)])
        + tasks([Task(text=name, count=name, link=name)])
    )
    assert "<b>{{" not in made
    assert made.count("&#60;b&#62;&#123;&#123;x&#125;&#125;") == 9
