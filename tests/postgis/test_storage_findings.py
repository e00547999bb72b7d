from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from sqlalchemy import text

from data.engine import Login, connect
from data.schema.tables import metadata
from data.storage import findings, hazards
from data.storage.findings_writing import Findings, write_findings
from data.storage.stations import stations
from data.upserting import ids_by_code
from geo.tables import Table

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from data.settings import Settings

LINE = shapely.LineString([(111.0, 27.0), (111.01, 27.0)])


def table(columns: dict[str, Any], ids: list[int]) -> Table:
    return Table.of(pd.DataFrame(columns, index=ids))


@pytest.fixture
def drawn(stored_county: Settings) -> tuple[Settings, Findings]:
    with connect(stored_county, Login.WORKER, readonly=True) as connection:
        water = int(ids_by_code(connection, metadata.tables["water"])["W1"])
        station = int(ids_by_code(connection, metadata.tables["station"])["S1"])
        school = int(ids_by_code(connection, metadata.tables["institution"])["I1"])
    banks = gpd.GeoDataFrame(
        {"water_id": water, "side": ["left", "right"], "part": 0, "start_m": 0.0, "length_m": 1000.0},
        index=[7, 8],
        geometry=[LINE, LINE],
        crs="EPSG:4490",
    )
    gap = {
        "bank": 8,
        "water_id": water,
        "area_code": "430502001200",
        "side": "right",
        "from_m": 100.0,
        "to_m": 300.0,
        "length_m": 200.0,
        "water_class": "A",
        "reason": "no_station",
        "nearest_village_code": "430502001200",
        "nearest_village_m": 12.0,
        "weight": 3.5,
        "weight_t": 0.5,
        "weight_p": 1.0,
        "weight_y": 1.0,
        "weight_school": 1.0,
        "weight_village": 0.0,
        "note": "a column that is not stored",
    }
    found = Findings(
        data_version=5,
        as_of=dt.date(2026, 6, 1),
        started_at=dt.datetime(2026, 6, 1, tzinfo=dt.UTC),
        tables={},
        parameters={"reach_m": 50},
        banks=Table.of(banks),
        bank_findings=table(
            {"water_class": "A", "exposed_m": 500.0, "covered_m": [500.0, 300.0], "gap_m": [0.0, 200.0]},
            [7, 8],
        ),
        station_findings=table(
            {
                "bank": pd.array([7], dtype="Int64"),
                "m": [10.0],
                "distance_m": [2.0],
                "status": ["incomplete"],
                "missing": ["pole"],
                "expires_on": [None],
            },
            [station],
        ),
        stretches=Table.of(
            gpd.GeoDataFrame(
                {"bank": [7], "layer": "physical", "from_m": [0.0], "to_m": [60.0]},
                geometry=[LINE],
                crs="EPSG:4490",
            )
        ),
        gaps=Table.of(gpd.GeoDataFrame([gap], geometry=[LINE], crs="EPSG:4490")),
        exposure=table({"grade": ["A"], "children_band": ["<5"]}, [water]),
        hazard_exposure=None,
        institution_proximity=table(
            {"institution_id": [school], "target_kind": ["water"], "target_id": [water], "distance_m": [4.0]},
            [0],
        ),
        proximity=None,
    )
    return stored_county, found


def bank_ids(connection: Connection) -> dict[str, int]:
    return {row.side: row.id for row in connection.execute(text("SELECT side, id FROM bank"))}


def test_what_the_job_decided_is_what_the_pages_read(drawn: tuple[Settings, Findings]) -> None:
    settings, found = drawn
    with connect(settings, Login.WORKER) as connection:
        number = write_findings(connection, found).assessment_id
    with connect(settings, Login.GENERAL, readonly=True) as connection:
        gap = findings.gaps(connection).iloc[0]
        assert (gap["water_name"], gap["nearest_village"], gap["length_m"]) == ("河", "丙村", 200.0)
        assert gap["bank_id"] == bank_ids(connection)["right"]
        assert list(findings.bank_findings(connection)["gap_m"]) == [0.0, 200.0]
        assert list(findings.covered(connection)["side"]) == ["left"]
        assert list(findings.exposure(connection)["children_band"]) == ["<5"]
        read = stations(connection).set_index("code")
        assert read.loc["S1", "status"] == "incomplete"
        assert read.loc["S1", "missing"] == ["pole"]
        assert pd.isna(read.loc["S2", "status"])
        school = int(ids_by_code(connection, metadata.tables["institution"])["I1"])
        assert list(hazards.nearby_of_institution(connection, school)["name"]) == ["河"]
        latest = findings.latest_assessment(connection)
        assert latest is not None
        assert (latest.id, latest.data_version, latest.parameters) == (number, 5, {"reach_m": 50})
        figures = findings.headline(connection, "430502")
        assert (figures["gap_m"], figures["gaps"], figures["stations"]) == (200.0, 1, 2)
        assert findings.headline(connection, "430503")["stations"] == 0


def test_a_second_run_replaces_the_first_and_keeps_the_banks_ids(drawn: tuple[Settings, Findings]) -> None:
    settings, found = drawn
    with connect(settings, Login.WORKER) as connection:
        write_findings(connection, found)
        first = bank_ids(connection)
        version = findings.data_version(connection)
    with connect(settings, Login.WORKER) as connection:
        write_findings(connection, found)
        assert bank_ids(connection) == first
        assert findings.data_version(connection) == version
        assert len(findings.gaps(connection)) == 1


def test_a_bank_that_is_gone_takes_its_findings_along(drawn: tuple[Settings, Findings]) -> None:
    settings, found = drawn
    with connect(settings, Login.WORKER) as connection:
        write_findings(connection, found)
        less = replace(
            found,
            banks=found.banks.take(np.array([0])),
            bank_findings=found.bank_findings.take(np.array([0])),
            gaps=found.gaps.take(np.empty(0, np.int64)),
        )
        write_findings(connection, less)
        assert set(bank_ids(connection)) == {"left"}
        assert findings.gaps(connection).empty


def test_a_run_that_fails_leaves_the_findings_of_the_last_one(drawn: tuple[Settings, Findings]) -> None:
    settings, found = drawn
    with connect(settings, Login.WORKER) as connection:
        write_findings(connection, found)
    broken = replace(found, gaps=found.gaps.having(length_m=np.array([-1.0])))
    with pytest.raises(Exception, match="measures_ordered"), connect(settings, Login.WORKER) as connection:
        write_findings(connection, broken)
    with connect(settings, Login.GENERAL, readonly=True) as connection:
        assert list(findings.gaps(connection)["length_m"]) == [200.0]
