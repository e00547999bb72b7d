"""The job on a real database: what it stores is what the rules say of what is stored."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest
from sqlalchemy import text

from data.engine import Login, Scope, connect
from data.schema.tables import metadata
from data.storage import findings
from data.storage.children import upsert_children, upsert_homes
from data.storage.stations import items, stations
from data.upserting import ids_by_code
from jobs.assess import refresh
from jobs.status import status

if TYPE_CHECKING:
    from data.settings import Settings

DAY = dt.date(2026, 5, 4)
IMPORT = Scope("4305", None, "importer")


@pytest.fixture
def county_with_home(stored_county: Settings) -> Settings:
    """The county, its water verified, and one child who lives 100 m from the reach."""
    with connect(stored_county, Login.IMPORTER, IMPORT) as connection:
        child = pd.DataFrame(
            {
                "code": ["C1"],
                "area_code": ["430502001200"],
                "category": ["left_behind"],
                "birth_month": [dt.date(2019, 3, 1)],
            }
        )
        upsert_children(connection, child)
        number = ids_by_code(connection, metadata.tables["child"])["C1"]
        home = gpd.GeoDataFrame(
            {"child_id": [number], "area_code": ["430502001200"]},
            geometry=gpd.points_from_xy([111.005], [27.0009]),
            crs="EPSG:4490",
        )
        upsert_homes(connection, home)
        connection.execute(text("UPDATE water SET verified_at = '2026-05-01'"))
        # Outside the pond, in which the reach has no bank.
        connection.execute(text("UPDATE station SET geom = ST_SetSRID(ST_MakePoint(111.005, 27), 4490)"))
    return stored_county


def test_every_figure_is_the_sum_of_what_is_stored(county_with_home: Settings) -> None:
    done = refresh(county_with_home, as_of=DAY)
    with connect(county_with_home, Login.GENERAL, readonly=True) as connection:
        headline = findings.headline(connection)
        gaps = findings.gaps(connection)
    assert done.figures["exposed_m"] == pytest.approx(headline["exposed_m"], abs=1e-6)
    assert done.figures["gap_m"] == pytest.approx(headline["gap_m"], abs=1e-6)
    assert gaps["length_m"].sum() == pytest.approx(done.figures["gap_m"], abs=1.0)
    assert done.figures["exposed_m"] > 0
    assert done.figures["covered_m"] == 0  # one pole is missing: the set covers nothing


def test_a_gap_is_drawn_as_long_as_it_is_said_to_be(county_with_home: Settings) -> None:
    refresh(county_with_home, as_of=DAY)
    with connect(county_with_home, Login.GENERAL, readonly=True) as connection:
        rows = connection.execute(
            text("SELECT length_m, ST_Length(ST_Transform(geom, 4546)) AS drawn_m FROM gap")
        ).all()
    assert rows
    assert all(row.drawn_m == pytest.approx(row.length_m, abs=1e-3) for row in rows)


def test_our_distance_is_that_of_postgis(county_with_home: Settings) -> None:
    refresh(county_with_home, as_of=DAY)
    with connect(county_with_home, Login.WORKER, readonly=True) as connection:
        rows = connection.execute(
            text(
                "SELECT p.distance_m, (SELECT min(ST_Distance(ST_Transform(b.geom, 4546), "
                "ST_Transform(h.geom, 4546))) FROM bank b WHERE b.water_id = p.target_id) AS theirs_m "
                "FROM proximity p JOIN home h ON h.child_id = p.child_id WHERE p.target_kind = 'water'"
            )
        ).all()
    assert len(rows) >= 1
    assert all(row.distance_m == pytest.approx(row.theirs_m, abs=1e-6) for row in rows)


def test_completing_a_set_closes_the_bank_beside_it(county_with_home: Settings) -> None:
    before = refresh(county_with_home, as_of=DAY)
    with connect(county_with_home, Login.IMPORTER, IMPORT) as connection:
        connection.execute(text("UPDATE station_item SET state = 'good', verified_on = :day"), {"day": DAY})
    after = refresh(county_with_home, as_of=DAY)
    assert after.figures["gap_m"] == pytest.approx(
        before.figures["gap_m"] - after.figures["covered_m"], abs=1e-6
    )
    assert after.figures["covered_m"] > 0
    with connect(county_with_home, Login.GENERAL, readonly=True) as connection:
        found = stations(connection).set_index("code")["status"]
        assert len(items(connection)) == 4
    assert found["S1"] == "valid"


def test_a_second_run_stores_the_same_and_keeps_the_numbers_of_banks(county_with_home: Settings) -> None:
    tables = ("bank", "bank_finding", "covered_stretch", "gap", "station_finding", "water_exposure")

    def content() -> dict[str, list[str]]:
        with connect(county_with_home, Login.GENERAL, readonly=True) as connection:
            return {
                table: sorted(
                    connection.execute(
                        text(f"SELECT (to_jsonb(t) - 'id')::text FROM {table} AS t")  # noqa: S608 - names of our own tables
                    ).scalars()
                )
                for table in tables
            }

    refresh(county_with_home, as_of=DAY)
    first = content()
    refresh(county_with_home, as_of=DAY)
    assert content() == first


def test_status_says_when_the_findings_are_older_than_the_data(county_with_home: Settings) -> None:
    refresh(county_with_home, as_of=DAY)
    assert status(county_with_home)["assessment"]["current"]
    with connect(county_with_home, Login.IMPORTER, IMPORT) as connection:
        connection.execute(text("UPDATE station SET name = '改名'"))
    report = status(county_with_home)
    assert not report["assessment"]["current"]
    assert report["counts"]["station"] == 2


def test_other_bureaus_learn_a_grade_of_verified_waters_only(county_with_home: Settings) -> None:
    with connect(county_with_home, Login.IMPORTER, IMPORT) as connection:
        connection.execute(text("UPDATE water SET verified_at = NULL WHERE code = 'W2'"))
    refresh(county_with_home, as_of=DAY)
    with connect(county_with_home, Login.GENERAL, readonly=True) as connection:
        shared = findings.exposure(connection)
    assert shared["code"].tolist() == ["W1"]
    assert shared["children_band"].tolist() == ["<5"]


def test_the_planner_knows_the_tables_of_children_once_they_were_assessed(county_with_home: Settings) -> None:
    refresh(county_with_home, as_of=DAY)
    with connect(county_with_home, Login.OWNER, readonly=True) as connection:
        known = connection.execute(
            text(
                "SELECT relname, reltuples >= 0 FROM pg_class "
                "WHERE relname IN ('child', 'home', 'proximity', 'shared_home') ORDER BY relname"
            )
        ).all()
        kept = connection.scalar(
            text("SELECT count(*) FROM pg_stats WHERE tablename = 'home' AND attname = 'geom'")
        )
    assert [tuple(row) for row in known] == [
        ("child", True),
        ("home", True),
        ("proximity", True),
        ("shared_home", True),
    ]
    assert kept == 0
