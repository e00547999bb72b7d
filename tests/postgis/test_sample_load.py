"""The sample in the database: every check of the schema passes, once, and beside nobody's own data."""

from __future__ import annotations

import datetime as dt
import stat
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from data.engine import Login, Scope, connect
from data.sample.faults import SampleError
from jobs.sample import demo_password, load

if TYPE_CHECKING:
    from data.settings import Settings

TODAY = dt.date(2026, 7, 15)
THIN = 25.0
COUNTY = "430511"
WHOLE = Scope("4305", None, "importer")


def count(settings: Settings, statement: str) -> int:
    with connect(settings, Login.IMPORTER, WHOLE) as connection:
        return int(connection.execute(text(statement)).scalar_one())


def test_a_thin_county_loads_once_beside_the_whole_code_tree(database: Settings) -> None:
    written = load(database, seed=3, as_of=TODAY, county=COUNTY, thin=THIN)
    levels = "SELECT count(*) FROM area WHERE level = '{}'"
    assert [count(database, levels.format(one)) for one in ("county", "township", "village")] == [
        12,
        206,
        3675,
    ]
    assert written["village"] == 3675
    assert min(written[table] for table in ("water", "station", "home", "child_visit", "hazard_event")) > 0
    assert count(database, "SELECT count(*) FROM home") == written["home"]
    assert count(database, "SELECT count(*) FROM water WHERE batch_id IS NULL") == 0
    assert count(database, "SELECT count(*) FROM child_identity") == 0
    assert count(database, "SELECT count(*) FROM area_succession WHERE new_code = '430582'") == 1

    before = count(database, "SELECT max(id) FROM water")
    assert load(database, seed=3, county=COUNTY, thin=THIN) == {}
    assert count(database, "SELECT count(*) FROM import_batch") == 1

    # An id that the program gives next does not meet one of the sample.
    with connect(database, Login.IMPORTER, WHOLE) as connection:
        fresh = connection.execute(
            text(
                "INSERT INTO water (code, name, kind, area_code, geom) "
                "SELECT 'X', '塘', kind, area_code, geom FROM water ORDER BY id LIMIT 1 RETURNING id"
            )
        ).scalar_one()
        connection.rollback()
    assert fresh > before

    with pytest.raises(SampleError, match="另一套演示数据"):
        load(database, seed=4, county=COUNTY, thin=THIN)


def test_the_default_county_is_a_twelfth_of_the_size_to_build_for(database: Settings) -> None:
    written = load(database, as_of=TODAY)
    ranges = {
        "water": (3_300, 5_000), "station": (1_250, 2_500), "institution": (330, 520),
        "home": (10_000, 16_000), "item_check": (12_000, 30_000), "hazard": (150, 500), "patrol": (60, 250),
    }  # fmt: skip
    outside = {
        table: written[table] for table, (low, high) in ranges.items() if not low <= written[table] <= high
    }
    assert outside == {}
    grades = text("SELECT state, count(*) FROM hazard GROUP BY state")
    with connect(database, Login.IMPORTER, WHOLE) as connection:
        assert len(connection.execute(grades).all()) == 6


def test_a_second_county_is_added_to_the_first(database: Settings) -> None:
    load(database, seed=3, as_of=TODAY, county=COUNTY, thin=THIN)
    added = load(database, seed=3, county="430502", thin=THIN)
    assert "area" not in added
    assert added["water"] > 0
    query = "SELECT count(DISTINCT left(area_code, 6)) FROM station"
    assert count(database, query) == 2
    orphans = (
        "SELECT count(*) FROM inspection i JOIN institution o ON o.id = i.institution_id "
        "WHERE o.area_code <> i.area_code"
    )
    assert count(database, orphans) == 0


def test_the_sample_never_mixes_with_own_data(stored_county: Settings) -> None:
    with pytest.raises(SampleError, match="真实数据"):
        load(stored_county, county=COUNTY, thin=THIN)


def test_the_demo_password_is_made_once_and_kept_private(database: Settings) -> None:
    database.demo_password_file.unlink(missing_ok=True)
    first = demo_password(database)
    assert demo_password(database) == first
    assert len(first) >= 16
    assert stat.S_IMODE(database.demo_password_file.stat().st_mode) == 0o600
