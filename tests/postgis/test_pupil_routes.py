"""Ways to school: taken in, judged at once, listed with the gaps they pass, and taken back."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data.engine import Login, Scope, connect
from data.importers.intake import take_in
from data.importers.orders import Order
from data.importers.rows import IntakeError
from data.storage import institutions
from jobs.assess import catch_up, refresh
from jobs.intake import undo

if TYPE_CHECKING:
    from pathlib import Path

    from data.importers.receipts import Receipt
    from data.settings import Settings

DAY = dt.date(2026, 6, 4)
VILLAGE = "430502001200"
ROUTE_M = 50.0
HEAD = "路线编号,路线名称,步行学生数,区划代码,起点经度,起点纬度,终点经度,终点纬度\n"


@pytest.fixture
def creek(stored_county: Settings) -> Settings:
    """A straight creek from west to east that nothing else exposes, assessed."""
    with connect(stored_county, Login.IMPORTER, Scope("4305", None, "importer")) as connection:
        connection.execute(
            text(
                "INSERT INTO water (code, name, kind, area_code, width_m, geom) VALUES ('W-creek', '溪', "
                "'reach', :village, 4, ST_SetSRID(ST_MakeLine(ST_MakePoint(111.3, 27.3), "
                "ST_MakePoint(111.32, 27.3)), 4490))"
            ),
            {"village": VILLAGE},
        )
    refresh(stored_county, as_of=DAY)
    assert exposed(stored_county) == (0.0, 0.0)
    return stored_county


def send(settings: Settings, folder: Path, rows: str, role: str = "importer") -> Receipt:
    (folder / "路线.csv").write_text(HEAD + rows, "utf-8")
    order = Order(kind="routes", path=folder / "路线.csv", crs="EPSG:4490", area_code="4305", role=role)
    return take_in(settings, order)


def exposed(settings: Settings) -> tuple[float, float]:
    """Return how many metres of the creek are exposed, and what its gaps weigh."""
    with connect(settings, Login.OWNER) as connection:
        row = connection.execute(
            text(
                "SELECT coalesce(sum(f.exposed_m), 0), coalesce(sum(g.weight), 0) FROM water w "
                "JOIN bank b ON b.water_id = w.id JOIN bank_finding f ON f.bank_id = b.id "
                "LEFT JOIN gap g ON g.bank_id = b.id WHERE w.code = 'W-creek'"
            )
        ).one()
    return float(row[0]), float(row[1])


def test_a_way_across_a_creek_exposes_fifty_metres_each_way_and_is_taken_back(
    creek: Settings, tmp_path: Path
) -> None:
    crossing = f"R1,过溪,40,{VILLAGE},111.31,27.29,111.31,27.31\n"
    receipt = send(creek, tmp_path, crossing)
    done = catch_up(creek, as_of=DAY)
    assert done is not None
    assert done.waters == 1
    metres, weight = exposed(creek)
    assert metres == pytest.approx(2 * ROUTE_M, abs=0.05)
    assert weight > 0
    with connect(creek, Login.GENERAL, Scope(VILLAGE[:6], None, "education"), readonly=True) as connection:
        (row,) = institutions.routes(connection, VILLAGE[:6]).itertuples()
    assert (row.code, row.gaps, row.pupils) == ("R1", 1, 40)
    assert row.length_m == pytest.approx(2_216, abs=2)
    assert receipt.batch is not None
    undo(creek, receipt.batch, Scope("4305", None, "importer"))
    catch_up(creek, as_of=DAY)
    assert exposed(creek) == (0.0, 0.0)


def test_a_way_that_moves_away_leaves_its_bank_and_one_along_it_counts_once(
    creek: Settings, tmp_path: Path
) -> None:
    send(creek, tmp_path, f"R1,沿溪,0,{VILLAGE},111.305,27.3002,111.315,27.3002\n")
    catch_up(creek, as_of=DAY)
    along, light = exposed(creek)
    assert along == pytest.approx(990 + 2 * 44.8, abs=3)
    send(creek, tmp_path, f"R1,沿溪,200,{VILLAGE},111.305,27.3002,111.315,27.3002\n")
    catch_up(creek, as_of=DAY)
    assert exposed(creek)[0] == along
    assert exposed(creek)[1] > light
    send(creek, tmp_path, f"R1,改道,200,{VILLAGE},111.305,27.31,111.315,27.31\n")
    catch_up(creek, as_of=DAY)
    assert exposed(creek) == (0.0, 0.0)


def test_one_or_two_walkers_are_written_down_nowhere(creek: Settings, tmp_path: Path) -> None:
    receipt = send(creek, tmp_path, f"R1,短,2,{VILLAGE},111.31,27.29,111.31,27.31\n")
    assert receipt.written == 0
    assert "人数太少，会透露住处" in str(receipt.refused[0])
    statement = (
        "INSERT INTO pupil_route (code, area_code, pupils, geom) "
        "SELECT 'R2', :village, 1, geom FROM water LIMIT 1"
    )
    with (
        pytest.raises(DBAPIError, match="pupils_tell_of_nobody"),
        connect(creek, Login.IMPORTER, Scope("4305", None, "importer")) as connection,
    ):
        connection.execute(text(statement), {"village": VILLAGE})


def test_the_water_bureau_brings_no_ways_to_school(creek: Settings, tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="无权导入“上学路线”"):
        send(creek, tmp_path, f"R1,路,0,{VILLAGE},111.31,27.29,111.31,27.31\n", role="water")
    assert (
        send(creek, tmp_path, f"R1,路,0,{VILLAGE},111.31,27.29,111.31,27.31\n", role="education").written == 1
    )
