"""The coordinate doctor on drawn ledgers: each way to write a place, and what it must not claim."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.crs import project, unproject
from geo.doctor.diagnosis import OUTSIDE, diagnose, override
from geo.doctor.evidence import Evidence, Statement
from geo.doctor.systems import Floats, Pair, Region, undo
from tests.unit.drawn_rows import METRIC, REGION, ledger, written

SYSTEMS = (
    "cgcs2000", "gcj02", "bd09", "metric", "zone3", "neighbour_east", "zone6", "utm", "packed_dms",
)  # fmt: skip


def metres(found_lon: Floats, found_lat: Floats, true_lon: Floats, true_lat: Floats) -> Floats:
    one, other = project(found_lon, found_lat, METRIC), project(true_lon, true_lat, METRIC)
    return np.hypot(one[0] - other[0], one[1] - other[1])


@pytest.mark.parametrize("system", SYSTEMS)
def test_each_system_is_known_by_the_waters_that_rows_state(system: str) -> None:
    made = ledger(30)
    found = diagnose(*written(made.lon, made.lat, system), made.evidence("water"))
    assert (found.verdict, found.certainty) == (system, "certain")
    allowed = 0.5 if system == "packed_dms" else 1e-3  # D.MMSSss was rounded to a hundredth of a second
    assert metres(found.lon, found.lat, made.lon, made.lat).max() < allowed


@pytest.mark.parametrize("system", ["cgcs2000", "gcj02", "bd09", "metric", "zone3"])
def test_swapped_columns_are_put_right(system: str) -> None:
    made = ledger(30)
    first, second = written(made.lon, made.lat, system)
    found = diagnose(second, first, made.evidence("water"))
    assert found.verdict == system
    assert set(found.notation) == {"swapped"}
    assert metres(found.lon, found.lat, made.lon, made.lat).max() < 1e-3


def test_a_lost_decimal_point_is_put_back_before_the_datum_is_judged() -> None:
    made = ledger(30)
    first, second = (np.round(values * 1e6) for values in written(made.lon, made.lat, "gcj02"))
    found = diagnose(first, second, made.evidence("water"))
    assert found.verdict == "gcj02"
    assert set(found.notation) == {"lost_point"}
    assert metres(found.lon, found.lat, made.lon, made.lat).max() < 0.2


def test_kilometres_are_read_as_metres() -> None:
    made = ledger(30)
    first, second = (values / 1000 for values in written(made.lon, made.lat, "metric"))
    found = diagnose(first, second, made.evidence("water"))
    assert found.verdict == "metric"
    assert set(found.notation) == {"kilometres"}


def test_degrees_without_any_statement_are_not_enough() -> None:
    made = ledger(500)
    found = diagnose(made.lon, made.lat, made.evidence())
    assert found.verdict == "insufficient"
    assert np.isnan(found.lon).all()


def test_five_rows_with_villages_alone_are_not_certain() -> None:
    for seed in range(20):
        made = ledger(5, seed)
        assert diagnose(made.lon, made.lat, made.evidence("village")).certainty != "certain"


def test_fifty_rows_of_one_village_do_not_count_as_fifty() -> None:
    made = ledger(50)
    one = Statement(kind="village", shapes=made.villages[:1], which=np.zeros(50, dtype=np.int64))
    east, north = project(made.villages[0].x, made.villages[0].y, METRIC)
    chance = np.random.default_rng(3)
    lon, lat = unproject(chance.normal(east + 500, 150, 50), chance.normal(north - 350, 150, 50), METRIC)
    found = diagnose(lon, lat, Evidence(region=REGION, rows=50, statements=(one,)))
    assert found.verdict == "insufficient", "500 m to one side of one village is no evidence for GCJ-02"


def test_a_file_of_two_systems_is_split_by_row() -> None:
    made = ledger(50)
    shifted = written(made.lon, made.lat, "gcj02")
    first, second = made.lon.copy(), made.lat.copy()
    first[:30], second[:30] = shifted[0][:30], shifted[1][:30]
    found = diagnose(first, second, made.evidence("water"))
    assert found.verdict == "mixed"
    assert found.parts[0].keys == ("gcj02", "cgcs2000")
    assert (found.system[:30] == "gcj02").mean() > 0.95
    assert (found.system[30:] == "cgcs2000").mean() > 0.95
    told = found.system != ""
    assert metres(found.lon, found.lat, made.lon, made.lat)[told].max() < 1e-3


def test_a_mixed_file_that_villages_cannot_split_is_no_pure_file() -> None:
    made = ledger(500)
    shifted = written(made.lon, made.lat, "gcj02")
    first, second = made.lon.copy(), made.lat.copy()
    first[:300], second[:300] = shifted[0][:300], shifted[1][:300]
    found = diagnose(first, second, made.evidence("village"))
    assert found.certainty == "none" or found.verdict == "mixed"


@pytest.mark.parametrize("seed", range(12))
def test_a_small_mixed_file_of_villages_is_never_a_certain_pure_one(seed: int) -> None:
    made = ledger(50, seed=seed)
    first, second = written(made.lon, made.lat, "gcj02")
    plain = np.random.default_rng(seed).permutation(50) < 20
    first[plain], second[plain] = made.lon[plain], made.lat[plain]
    found = diagnose(first, second, made.evidence("village"))
    assert (found.verdict, found.certainty) not in {("gcj02", "certain"), ("cgcs2000", "certain")}


def test_degrees_and_metres_in_one_file_are_judged_apart() -> None:
    made = ledger(60)
    shifted, flat = written(made.lon, made.lat, "gcj02"), written(made.lon, made.lat, "metric")
    first = np.where(np.arange(60) < 20, flat[0], shifted[0])
    second = np.where(np.arange(60) < 20, flat[1], shifted[1])
    found = diagnose(first, second, made.evidence("water"))
    assert found.verdict == "mixed"
    assert set(found.system[:20]) == {"metric"}
    assert set(found.system[20:]) == {"gcj02"}


def test_a_declaration_that_the_evidence_contradicts_is_told() -> None:
    made = ledger(30)
    found = diagnose(*written(made.lon, made.lat, "gcj02"), made.evidence("water"), declared="cgcs2000")
    assert (found.verdict, found.contradicts) == ("gcj02", True)
    honest = diagnose(made.lon, made.lat, made.evidence("water"), declared="cgcs2000")
    assert (honest.verdict, honest.contradicts) == ("cgcs2000", False)


def test_a_look_alike_datum_is_marked_uncertain_and_not_moved() -> None:
    made = ledger(60)
    east, north = written(made.lon, made.lat, "metric")
    found = diagnose(east + 35.0, north - 60.0, made.evidence("water"))
    assert found.verdict == "metric"
    assert found.drift is not None
    assert found.drift.found
    assert found.drift.length_m == pytest.approx(69.5, abs=15)
    assert not found.datum_proven
    assert metres(found.lon, found.lat, made.lon, made.lat).min() > 60.0


def test_exact_waters_prove_the_datum_of_metres_and_villages_do_not() -> None:
    made = ledger(60)
    pair = written(made.lon, made.lat, "metric")
    assert diagnose(*pair, made.evidence("water")).datum_proven
    assert not diagnose(*pair, made.evidence("village")).datum_proven


def test_rows_that_lie_in_the_area_in_no_reading_stay_where_they_are() -> None:
    made = ledger(30)
    first, second = made.lon.copy(), made.lat.copy()
    first[4], second[4] = 116.4, 39.9
    first[5] = np.nan
    found = diagnose(first, second, made.evidence("water"))
    assert found.system[4] == OUTSIDE
    assert found.system[5] == ""
    assert np.isnan(found.lon[[4, 5]]).all()
    assert found.verdict == "cgcs2000"


def test_a_file_that_fits_nothing_is_not_called_certain() -> None:
    made, elsewhere = ledger(60), ledger(60, seed=9)
    found = diagnose(elsewhere.lon, elsewhere.lat, made.evidence("water", "village"))
    assert found.verdict == "insufficient"


def test_a_single_row_far_from_its_water_is_marked() -> None:
    made = ledger(40)
    first = made.lon.copy()
    first[7] += 0.05
    found = diagnose(first, made.lat, made.evidence("water"))
    assert found.verdict == "cgcs2000"
    assert found.misfit.nonzero()[0].tolist() == [7]


def test_the_keeper_may_override_the_file_or_a_row() -> None:
    made = ledger(30)
    found = diagnose(*written(made.lon, made.lat, "gcj02"), made.evidence("water"))
    rows = np.zeros(30, dtype=bool)
    rows[2] = True
    changed = override(found, "cgcs2000", rows)
    assert changed.system[2] == "cgcs2000"
    assert changed.overridden.sum() == 1
    assert (changed.system[3:] == "gcj02").all()
    assert (override(found, "metric").system == OUTSIDE).all()
    assert (found.system == "gcj02").all(), "the diagnosis itself is not changed"


def test_outside_china_there_is_no_gcj02_to_suspect() -> None:
    helsinki = Region(metric_crs="EPSG:32635", outline=shapely.box(24.8, 60.1, 25.3, 60.3))
    assert {system.key for system in helsinki.systems} == {"cgcs2000", "packed_dms", "metric", "mercator"}


def test_every_system_of_the_region_leads_back_to_the_place() -> None:
    place: Pair = (np.array([111.4677]), np.array([27.2389]))
    for system in REGION.systems:
        if not system.crs:
            continue
        there = project(*place, system.crs)
        back = undo(system, "plain", *there, REGION)
        assert metres(*back, *place).max() < 1e-3, system.key


def test_statements_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="3 statements for 2 rows"):
        Evidence(
            region=REGION,
            rows=2,
            statements=(
                Statement(
                    kind="village",
                    shapes=np.array([shapely.Point(111, 27)], dtype=object),
                    which=np.zeros(3, dtype=np.int64),
                ),
            ),
        )
