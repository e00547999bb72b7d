"""Laws of the coordinate doctor: order does not matter, and no pure file gets a certain wrong verdict."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.doctor.diagnosis import diagnose
from tests.unit.drawn_rows import ledger, written

ANGULAR = st.sampled_from(["cgcs2000", "gcj02", "bd09"])
ALL = st.sampled_from(["cgcs2000", "gcj02", "bd09", "metric", "zone3", "neighbour_east"])


@given(ALL, st.integers(1, 60), st.integers(0, 10_000), st.sampled_from(["water", "village"]))
@settings(max_examples=60, deadline=None)
def test_the_order_of_rows_does_not_matter(system: str, rows: int, seed: int, kind: str) -> None:
    made = ledger(rows, seed)
    first, second = written(made.lon, made.lat, system)
    turn = np.random.default_rng(seed).permutation(rows)
    turned = type(made)(made.lon[turn], made.lat[turn], made.ponds[turn], made.villages[turn])
    one = diagnose(first, second, made.evidence(kind))  # type: ignore[arg-type] # a Kind
    other = diagnose(first[turn], second[turn], turned.evidence(kind))  # type: ignore[arg-type]
    assert (one.verdict, one.certainty) == (other.verdict, other.certainty)
    assert (one.system[turn] == other.system).all()


@given(
    ANGULAR,
    st.integers(1, 120),
    st.integers(0, 10_000),
    st.floats(0.0, 0.2),
    st.sampled_from(["water", "village"]),
)
@settings(max_examples=120, deadline=None)
def test_a_pure_file_with_a_fifth_of_wrong_rows_gets_no_certain_wrong_verdict(
    system: str, rows: int, seed: int, wrong: float, kind: str
) -> None:
    made = ledger(rows, seed)
    first, second = (values.copy() for values in written(made.lon, made.lat, system))
    chance = np.random.default_rng(seed + 1)
    bad = chance.random(rows) < wrong
    first[bad] += chance.uniform(-0.3, 0.3, int(bad.sum()))
    second[bad] += chance.uniform(-0.3, 0.3, int(bad.sum()))
    found = diagnose(first, second, made.evidence(kind))  # type: ignore[arg-type] # a Kind
    assert found.certainty != "certain" or found.verdict in {system, "outside"}


@given(ALL, st.integers(8, 40), st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_what_was_written_comes_back_to_the_place(system: str, rows: int, seed: int) -> None:
    made = ledger(rows, seed)
    found = diagnose(*written(made.lon, made.lat, system), made.evidence("water"))
    told = found.system == system
    assert told.mean() > 0.9
    assert np.abs(found.lon - made.lon)[told].max() < 1e-8
    assert np.abs(found.lat - made.lat)[told].max() < 1e-8


@given(st.integers(1, 30), st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_the_numbers_as_they_were_written_are_not_changed(rows: int, seed: int) -> None:
    made = ledger(rows, seed)
    first, second = made.lon.copy(), made.lat.copy()
    diagnose(first, second, made.evidence("water"))
    assert (first == made.lon).all()
    assert (second == made.lat).all()
