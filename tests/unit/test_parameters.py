"""Parameters of judgement have a source each, refuse nonsense and survive the table they are stored in."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from hazards.judged import OURS, ParameterError
from hazards.parameters import Parameters, Reach, ToddlerProfile, definitions, from_mapping, to_mapping

ROWS = definitions()


@pytest.mark.parametrize("row", ROWS, ids=[row.key for row in ROWS])
def test_every_default_has_a_source_and_says_whether_it_is_our_proposal(row: Any) -> None:
    assert row.source.strip()
    assert row.label.strip()
    assert row.proposal or row.source != OURS


def test_every_leaf_is_a_row_of_the_table() -> None:
    leaves = 0
    for part in dataclasses.fields(Parameters):
        held = getattr(Parameters(), part.name)
        leaves += len(dataclasses.fields(held)) if dataclasses.is_dataclass(held) else 1
    assert leaves == len(ROWS) == len({row.key for row in ROWS})


def test_the_values_of_the_field_are_the_defaults() -> None:
    flat = to_mapping(Parameters())
    expected = {
        "reach_m.A": 50.0,
        "reach_m.B": 100.0,
        "reach_m.C": 250.0,
        "verify_days.A_season": 7,
        "verify_days.A_other": 30,
        "verify_days.B_season": 14,
        "verify_days.B_other": 60,
        "verify_days.C_season": 30,
        "verify_days.C_other": 90,
        "small_ring.perimeter_m": 100.0,
        "profile_t.weights": [1.0, 0.8, 0.6, 0.2],
    }
    assert {key: flat[key] for key in expected} == expected


def test_there_and_back_through_json_is_the_same() -> None:
    parameters = Parameters(
        reach_m=Reach(A=40.0), profile_t=ToddlerProfile(distances_m=(1.0,), weights=(0.5,))
    )
    assert from_mapping(json.loads(json.dumps(to_mapping(parameters)))) == parameters


def test_absent_keys_keep_their_default() -> None:
    assert from_mapping({}) == Parameters()
    assert from_mapping({"reach_m.A": 30}).reach_m == Reach(A=30.0)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("reach_m.A", -1),
        ("reach_m.A", 0),
        ("reach_m.A", 101.0),
        ("reach_m.B", "100"),
        ("reach_m.B", None),
        ("reach_m.C", float("nan")),
        ("crossing_limit_m", float("inf")),
        ("verify_days.A_season", 7.5),
        ("season.first_month", 10),
        ("season.last_month", 13),
        ("small_ring.cover_required", 1),
        ("profile_t.weights", [1.0]),
        ("profile_t.distances_m", [200.0, 20.0, 50.0, 100.0]),
        ("exposure_m.home", 0),
        ("well_diameter_m", 0),
        ("reach_m.D", 50),
        ("no.such.key", 1),
    ],
)
def test_a_value_that_cannot_be_judged_by_is_refused(key: str, value: object) -> None:
    with pytest.raises(ParameterError, match=key.split(".", maxsplit=1)[0]):
        from_mapping({key: value})


def test_all_faults_come_in_one_error() -> None:
    with pytest.raises(ParameterError) as caught:
        from_mapping({"reach_m.A": -1, "min_gap_m": "x", "nonsense": 1, "season.last_month": 13})
    assert len(caught.value.faults) == 4


def test_parameters_cannot_be_changed_after_they_were_checked() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Parameters().reach_m.A = 10.0  # type: ignore[misc]
