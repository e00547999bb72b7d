"""The attacks of `anlan bench attack`, held to their limit: less than 5 % of homes within 200 m."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

FILE = Path(__file__).resolve().parents[2] / "benchmarks" / "bench_attack.py"
LIMIT = 0.05


def loaded() -> Any:
    spec = importlib.util.spec_from_file_location("bench_attack", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench_attack"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, float]]:
    result: dict[str, dict[str, float]] = loaded().report([11, 12], trials=60)
    return result


def test_invented_hazards_find_nearly_every_home_by_exact_counts_and_none_by_ours(
    found: dict[str, dict[str, float]],
) -> None:
    assert found["invented"]["naive_within_5_m"] > 0.5
    assert found["invented"]["guesses_ours"] == 0.0


def test_ends_of_exact_banks_locate_lonely_homes_and_ends_of_shared_banks_do_not(
    found: dict[str, dict[str, float]],
) -> None:
    assert found["ends"]["naive"] > 0.2
    assert found["ends"]["ours"] < LIMIT


def test_a_hazard_in_every_square_locates_lonely_homes_by_exact_counts_and_by_bands_as_chance_does(
    found: dict[str, dict[str, float]],
) -> None:
    planted = found["planted"]
    assert planted["naive"] > 0.5
    assert planted["ours"] - planted["by_chance"] < LIMIT


def test_a_child_added_between_two_looks_is_located_by_exact_banks_and_not_by_shared_ones(
    found: dict[str, dict[str, float]],
) -> None:
    assert found["difference"]["naive"] > 0.3
    assert found["difference"]["ours_if_told_at_once"] < LIMIT


def test_the_order_in_which_gaps_are_closed_stays(found: dict[str, dict[str, float]]) -> None:
    assert found["cost"]["order_kept_spearman"] > 0.9
