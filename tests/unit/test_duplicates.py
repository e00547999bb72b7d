"""Rows that may be stored already: near and alike are proposed, their own code and strangers are not."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point

from data.importers.duplicates import TOLD, among, key_of, proposals, settled
from data.importers.matching import Gazetteer, bare
from data.importers.rows import PRIVATE, Row

METRIC = "EPSG:4546"
DEGREE_M = 99_000.0
STORED = gpd.GeoDataFrame(
    {"code": ["S-1", "S-2"], "name": ["老码头护栏旁", "村口山塘"]},
    geometry=[Point(111.0, 27.0), Point(111.2, 27.0)],
    crs="EPSG:4490",
)


def row(code: str, name: str, east_m: float, *, private: bool = False) -> Row:
    cells = {"code": code, "name": name}
    return Row(sheet="", number=3, cells=cells, shape=Point(111.0 + east_m / DEGREE_M, 27.0), private=private)


@pytest.mark.parametrize(
    ("code", "name", "east_m", "proposed"),
    [
        ("N-1", "老码头护栏", 40.0, True),
        ("N-1", "老码头护栏", 70.0, False),
        ("N-1", "小学门口", 40.0, False),
        ("N-1", "小学门口", 2.0, True),
        ("N-1", "", 40.0, True),
        ("S-1", "老码头护栏旁", 0.0, False),
    ],
)
def test_near_and_alike_is_proposed(code: str, name: str, east_m: float, *, proposed: bool) -> None:
    found = proposals([row(code, name, east_m)], STORED, METRIC)
    assert [line[4] for line in found] == (["S-1"] if proposed else [])


@pytest.mark.parametrize(
    ("code", "name", "east_m", "told"),
    [
        ("N-2", "小学门前", 20.0, True),
        ("N-2", "小学门前", 70.0, False),
        ("N-2", "老码头", 20.0, False),
        ("N-2", "老码头", 0.0, True),
        ("N-1", "小学门前", 20.0, False),
        ("S-1", "小学门前", 20.0, False),
    ],
)
def test_two_rows_of_one_file_that_may_be_one_are_named(
    code: str, name: str, east_m: float, *, told: bool
) -> None:
    found = among([row("N-1", "小学门口", 0.0), row(code, name, east_m)], STORED, METRIC)
    assert [("N-1" in line and code in line) for line in found] == ([True] if told else [])


def test_a_file_that_stands_on_one_spot_is_told_of_in_a_few_lines() -> None:
    found = among([row(f"N-{number}", "", 0.0) for number in range(20_000)], STORED, METRIC)
    assert len(found) == TOLD + 1
    assert found[-1] == f"文件内另有 {20_000 - 1 - TOLD} 对相近的记录可能是同一处。"


def test_private_rows_are_compared_with_nothing() -> None:
    assert PRIVATE
    assert proposals([row("N-1", "老码头护栏旁", 0.0, private=True)], STORED, METRIC) == []


def test_what_stands_at_its_village_is_compared_with_nothing() -> None:
    rough = dataclasses.replace(row("N-1", "老码头护栏", 0.0), position_method="village")
    assert proposals([rough], STORED, METRIC) == []
    waiting = STORED.assign(position_method="derived")
    assert proposals([row("N-1", "老码头护栏", 0.0)], waiting, METRIC) == []


@pytest.mark.parametrize(("kind", "proposed"), [("幼儿园", False), ("小学", True), ("看不懂", True)])
def test_another_kind_of_institution_on_the_same_spot_is_another_one(kind: str, *, proposed: bool) -> None:
    schools = STORED.assign(kind="school")
    held = row("N-1", "老码头护栏", 1.0)
    held = dataclasses.replace(held, cells=dict(held.cells) | {"kind": kind})
    found = proposals([held], schools, METRIC, "institution_kind")
    assert len(found) == int(proposed)


def test_only_a_proposal_that_the_keeper_called_the_same_takes_the_stored_code() -> None:
    rows = [row("N-1", "老码头护栏", 10.0), row("N-2", "村口山塘", 0.0)]
    rows[1] = dataclasses.replace(rows[1], number=4, shape=Point(111.2, 27.0))
    doubles = proposals(rows, STORED, METRIC)
    made, told, notes = settled(rows, doubles, [key_of(doubles[0]), "!3>S-9", "!99>S-1"])
    chosen = doubles[0][4]
    assert sorted(str(one.cells["code"]) for one in made) == sorted(
        [chosen, "N-1" if chosen == "S-2" else "N-2"]
    )
    assert [line[7] for line in told] == [True, False]
    assert len(notes) == 1
    assert settled(rows, doubles, [])[0] == rows


AREAS = pd.DataFrame(
    {
        "name": ["双清区", "兴隆街道", "龙须塘街道", "大田村", "大田村", "火车社区"],
        "level": ["county", "township", "township", "village", "village", "village"],
    },
    index=["430502", "430502001", "430502002", "430502001001", "430502002001", "430502001002"],
)
WATERS = pd.DataFrame(
    {
        "code": ["W-1", "W-2", "W-3"],
        "name": ["门口塘", "门口塘", "长塘"],
        "area_code": ["430502001001", "430502002001", "430502001002"],
    }
)
NAMES = Gazetteer(AREAS, WATERS)


def test_a_village_is_never_found_by_its_name_alone() -> None:
    alone = NAMES.area({"village": "火车社区"})
    assert alone.key is None
    assert alone.candidates == ("双清区兴隆街道火车社区（430502001002）",)


def test_a_village_is_found_within_its_township_whatever_word_follows_the_name() -> None:
    assert NAMES.area({"township": "兴隆街道办事处", "village": "大田村委会"}).key == "430502001001"
    assert NAMES.area({"township": "龙须塘", "village": "大田"}).key == "430502002001"


def test_a_misspelt_village_is_proposed_and_not_chosen() -> None:
    found = NAMES.area({"township": "兴隆街道", "village": "大天村"})
    assert found.key == "430502001"
    assert "大田村" in found.candidates[0]


def test_a_water_is_known_by_name_in_its_village_and_proposed_in_its_county() -> None:
    assert NAMES.water({"water_name": "门口塘"}, "430502001001").key == "W-1"
    wide = NAMES.water({"water_name": "门口塘"}, "430502")
    assert wide.key is None
    assert len(wide.candidates) == 2
    assert NAMES.water({"water_code": "W-2", "water_name": "门口塘"}, "430502001001").key == "W-2"


def test_the_word_for_a_level_is_no_part_of_a_name() -> None:
    assert bare("大田村村民委员会", "village") == "大田村"
    assert bare("　新 村", "village") == "新村"
