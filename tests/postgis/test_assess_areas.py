# ruff: noqa: S608, ISC004, E501 - statements drawn at random from our own words
"""Assessed area by area, by whomever, the stored rows are those of one run over everything."""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from sqlalchemy import text

from data.engine import Login, Scope, connect
from data.storage import finding_areas
from data.storage.areas import upsert_areas
from data.storage.finding_queue import waiting
from jobs import areas
from jobs.assess import catch_up, refresh
from jobs.spread import ClusterError, cluster, refresh_by_area

if TYPE_CHECKING:
    from collections.abc import Iterable

    from data.settings import Settings
    from jobs.areas import AreaDone, AreaTask

DAY = dt.date(2026, 6, 4)
COUNTIES = ("430502", "430503", "430504")
TABLES = ("bank", "station_finding", "water_exposure", "hazard_exposure", "institution_proximity", "proximity",
          "gap_history", "gap_counter")  # fmt: skip
STATE = {
    "bank": "SELECT w.code, b.side, b.part, b.length_m, b.start_m, ST_AsText(b.geom, 9), f.water_class, "
    "f.exposed_m, f.covered_m, f.gap_m, f.physical_m, f.technical_m, f.personal_m FROM bank b "
    "JOIN bank_finding f ON f.bank_id = b.id JOIN water w ON w.id = b.water_id ORDER BY 1, 2, 3",
    "stretch": "SELECT w.code, b.side, b.part, f.layer, f.from_m, f.to_m, ST_AsText(f.geom, 9) "
    "FROM covered_stretch f JOIN bank b ON b.id = f.bank_id JOIN water w ON w.id = b.water_id "
    "ORDER BY 1, 2, 3, 4, 5",
    "gap": "SELECT g.number, w.code, b.side, b.part, g.area_code, g.from_m, g.to_m, g.reason, g.water_class, "
    "g.nearest_village_code, g.nearest_village_m, g.weight, g.what_closes, g.new_sets, g.beyond_rope, "
    "g.barrier_advised, p.weight_t, p.weight_p, p.weight_y, p.weight_school, p.weight_village "
    "FROM gap g JOIN gap_weight p ON p.gap_id = g.id JOIN bank b ON b.id = g.bank_id "
    "JOIN water w ON w.id = g.water_id ORDER BY 1",
    "history": "SELECT number, from_m, to_m, reason, since, until FROM gap_history ORDER BY 1, 5",
    "station": "SELECT s.code, w.code, b.side, b.part, f.m, f.distance_m, f.status, f.missing, f.expires_on "
    "FROM station_finding f JOIN station s ON s.id = f.station_id LEFT JOIN bank b ON b.id = f.bank_id "
    "LEFT JOIN water w ON w.id = b.water_id ORDER BY 1",
    "exposure": "SELECT water_id, grade, children_band FROM water_exposure ORDER BY 1",
    "hazards": "SELECT hazard_id, grade, children_band FROM hazard_exposure ORDER BY 1",
    "schools": "SELECT institution_id, target_kind, target_id, distance_m FROM institution_proximity "
    "ORDER BY 1, 2, 3",
    "homes": "SELECT child_id, target_kind, target_id, distance_m, area_code FROM proximity ORDER BY 1, 2, 3",
}


def state(settings: Settings) -> dict[str, list[Any]]:
    with connect(settings, Login.WORKER, readonly=True) as connection:
        return {
            name: [tuple(row) for row in connection.execute(text(query))] for name, query in STATE.items()
        }


def differences(mine: dict[str, list[Any]], whole: dict[str, list[Any]]) -> list[str]:
    found = [f"{name}: {len(mine[name])} rows, not {len(whole[name])}" for name in whole
             if len(mine[name]) != len(whole[name])]  # fmt: skip
    for name, rows in whole.items():
        found += [
            f"{name}: {a} is not {b}" for a, b in zip(mine[name], rows, strict=False) if not alike(a, b)
        ]
    return found


def alike(a: Iterable[Any], b: Iterable[Any]) -> bool:
    return all(
        x == pytest.approx(y, rel=1e-9, abs=1e-6) if isinstance(x, float) and isinstance(y, float) else x == y
        for x, y in zip(a, b, strict=True)
    )


def forget(settings: Settings) -> None:
    with connect(settings, Login.OWNER) as connection:
        for table in TABLES:
            connection.execute(text(f"DELETE FROM {table}"))


@pytest.fixture
def counties(stored_county: Settings) -> Settings:
    """Three counties whose waters, stations, homes and hazards lie all among each other's.

    In a hamlet of one of them more than five children live, and a hazard of another lies beside it.
    """
    chance = random.Random(11)  # noqa: S311 - a test

    def spot() -> str:
        lon, lat = 111.0 + chance.uniform(-0.02, 0.04), 27.0 + chance.uniform(-0.02, 0.02)
        return f"ST_SetSRID(ST_MakePoint({lon:.7f}, {lat:.7f}), 4490)"

    with connect(stored_county, Login.IMPORTER, Scope("4305", None, "importer")) as connection:
        upsert_areas(
            connection,
            pd.DataFrame(
                {
                    "code": COUNTIES[1:],
                    "name": ["丁县", "戊县"],
                    "level": "county",
                    "parent_code": "4305",
                }
            ),
        )
        for number in range(40):
            area = chance.choice(COUNTIES)
            pond = chance.random() < 0.4
            ends = "(SELECT ST_EndPoint(geom) FROM water WHERE kind = 'reach' ORDER BY code DESC LIMIT 1)"
            start = f"coalesce({ends}, {spot()})"
            shape = (
                f"ST_Buffer({spot()}, {chance.uniform(1e-5, 1e-3):.7f}, 4)"
                if pond
                else f"ST_MakeLine(ARRAY[{chance.choice([start, spot()])}, {spot()}, {spot()}])"
            )
            width = chance.choice(["NULL", "8", "45", "120"])
            for statement in (
                f"INSERT INTO water (code, name, kind, area_code, width_m, geom, verified_at) VALUES "
                f"('X{number:02}', '水', '{'pond' if pond else 'reach'}', '{area}', {width}, {shape}, now())",
                f"INSERT INTO station (code, area_code, water_id, geom) VALUES ('T{number}', "
                f"'{chance.choice(COUNTIES)}', {chance.choice(['NULL', '(SELECT max(id) FROM water)'])}, "
                f"{chance.choice(['(SELECT ST_StartPoint(ST_ExteriorRing(ST_Buffer(geom, 1e-4))) FROM water ORDER BY id DESC LIMIT 1)', spot()])})",
                "INSERT INTO station_item (station_id, kind, state, verified_on) SELECT max(s.id), k, 'good', "
                f"'2026-06-0{chance.randint(1, 3)}' FROM station s, "
                "unnest(ARRAY['sign', 'lifebuoy', 'rope', 'pole']) k GROUP BY k",
                f"INSERT INTO child (code, area_code, category, birth_month) VALUES ('K{number}', '{area}', "
                f"'left_behind', '{chance.randint(2011, 2023)}-03-01')",
                f"INSERT INTO home (child_id, area_code, geom) SELECT max(id), '{area}', {spot()} FROM child",
            ):
                connection.execute(text(statement))
            if number % 8 == 0:
                for statement in (
                    "INSERT INTO hazard (code, title, domain, grade, area_code, found_on, geom, verified_at) "
                    f"VALUES ('H{number}', '隐患', 'W', 'general', '{area}', '2026-05-01', {spot()}, "
                    "'2026-05-02')",
                    f"INSERT INTO institution (code, name, kind, area_code, headcount, geom) VALUES "
                    f"('J{number}', '学校', 'school', '{area}', {chance.randrange(99)}, {spot()})",
                    "INSERT INTO camera (code, area_code, bearing_deg, view_deg, reach_m, geom) VALUES "
                    f"('V{number}', '{area}', 90, 120, 300, {spot()})",
                    "INSERT INTO pupil_route (code, area_code, pupils, geom) VALUES "
                    f"('R{number}', '{area}', 40, ST_MakeLine({spot()}, {spot()}))",
                ):
                    connection.execute(text(statement))
        for statement in (
            "INSERT INTO child (code, area_code, category, birth_month) SELECT 'L' || n, '430503', "
            "'left_behind', '2018-03-01' FROM generate_series(1, 7) n",
            "INSERT INTO home (child_id, area_code, geom) SELECT id, area_code, "
            "ST_SetSRID(ST_MakePoint(111 + 0.0001 * id, 27.001), 4490) FROM child WHERE code LIKE 'L%'",
            "INSERT INTO hazard (code, title, domain, grade, area_code, found_on, geom, verified_at) SELECT "
            "'HL', '隐患', 'W', 'general', '430504', '2026-05-01', ST_Translate(geom, 0.004, 0), '2026-05-02' "
            "FROM home JOIN child c ON c.id = child_id WHERE c.code = 'L4'",
        ):
            connection.execute(text(statement))
    return stored_county


def reach_it(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the processes of a cluster find the database of the test by their own settings."""
    assert settings.database_url is not None
    monkeypatch.setenv("DATABASE_URL", settings.database_url.get_secret_value())
    monkeypatch.setenv("ANLAN_STATE", str(settings.state))


def test_areas_in_turn_store_the_rows_of_one_run(counties: Settings) -> None:
    refresh(counties, as_of=DAY, rebuild=True)
    whole = state(counties)
    forget(counties)
    done = refresh_by_area(counties, as_of=DAY, rebuild=True)
    assert differences(state(counties), whole) == []
    assert done.figures["gaps"] == len(whole["gap"]) > 0
    assert {band for _, _, band in whole["hazards"]} > {"<5"}
    assert catch_up(counties, as_of=DAY) is None


def test_an_area_of_closed_hazards_alone_keeps_nothing_of_them(counties: Settings) -> None:
    with connect(counties, Login.IMPORTER, Scope("4305", None, "importer")) as connection:
        connection.execute(text("UPDATE water SET area_code = '430502' WHERE area_code = '430504'"))
        connection.execute(text("UPDATE station SET area_code = '430502' WHERE area_code = '430504'"))
    refresh_by_area(counties, as_of=DAY)
    assert state(counties)["hazards"]
    with connect(counties, Login.IMPORTER, Scope("4305", None, "importer")) as connection:
        connection.execute(
            text("UPDATE hazard SET state = 'closed', closed_on = '2026-06-01' WHERE area_code = '430504'")
        )
    refresh_by_area(counties, as_of=DAY)
    with connect(counties, Login.WORKER, readonly=True) as connection:
        kept = connection.scalar(
            text(
                "SELECT count(*) FROM hazard h WHERE h.state = 'closed' AND (EXISTS (SELECT FROM hazard_exposure e "
                "WHERE e.hazard_id = h.id) OR EXISTS (SELECT FROM proximity p WHERE p.target_kind = 'hazard' "
                "AND p.target_id = h.id))"
            )
        )
    assert kept == 0


def test_a_second_run_by_area_follows_what_was_moved_retired_and_deleted(counties: Settings) -> None:
    refresh_by_area(counties, as_of=DAY)
    scope = Scope("4305", None, "importer")
    with connect(counties, Login.IMPORTER, scope) as connection:
        for statement in (
            "UPDATE station SET water_id = NULL WHERE water_id = (SELECT id FROM water WHERE code = 'X03')",
            "UPDATE station SET retired_on = '2026-06-01' WHERE code = 'T5'",
            "UPDATE child SET left_on = '2026-06-01' WHERE code = 'K7'",
            "UPDATE water SET area_code = '430504' WHERE code = 'X09'",
        ):
            connection.execute(text(statement))
    with connect(counties, Login.OWNER, scope) as connection:
        assert connection.execute(text("DELETE FROM water WHERE code = 'X03'")).rowcount == 1
        assert connection.execute(text("DELETE FROM hazard WHERE code = 'H8'")).rowcount == 1
    refresh_by_area(counties, as_of=DAY)
    mine = state(counties)
    refresh(counties, as_of=DAY, rebuild=True)
    assert differences(mine, state(counties)) == []


def test_two_processes_store_the_rows_of_one(counties: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    refresh(counties, as_of=DAY, rebuild=True)
    whole = state(counties)
    forget(counties)
    reach_it(counties, monkeypatch)
    with cluster(2) as processes:
        refresh_by_area(counties, processes, as_of=DAY, rebuild=True)
    assert differences(state(counties), whole) == []


def test_a_run_whose_processes_are_killed_ends_right(
    counties: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh(counties, as_of=DAY, rebuild=True)
    whole = state(counties)
    forget(counties)
    reach_it(counties, monkeypatch)
    killed: list[int] = []
    with cluster(2) as processes, connect(counties, Login.WORKER) as held:
        # Whoever takes this area waits for us, and so is killed in the middle of it.
        finding_areas.one_at_a_time(held, COUNTIES[1])

        def kill(share: float, words: str) -> None:
            del share, words
            if not killed:
                killed.extend(processes.ids())
                for number in killed:
                    os.kill(number, signal.SIGKILL)
                held.rollback()

        refresh_by_area(counties, processes, as_of=DAY, rebuild=True, progress=kill)
    assert len(killed) == 2
    assert differences(state(counties), whole) == []


def test_an_area_that_was_stored_by_a_process_lost_since_is_not_stored_twice(counties: Settings) -> None:
    def twice(tasks: list[AreaTask]) -> Iterable[AreaDone]:
        for task in tasks:
            first = areas.assess_area(counties, task)
            assert (first.fresh, areas.assess_area(counties, task).fresh) == (True, False)
            yield first

    refresh_by_area(counties, twice, as_of=DAY)
    mine = state(counties)
    refresh(counties, as_of=DAY, rebuild=True)
    assert differences(mine, state(counties)) == []


def test_a_run_that_ends_half_way_leaves_everything_to_the_next(counties: Settings) -> None:
    refresh(counties, as_of=DAY - dt.timedelta(days=9))

    def half(tasks: list[AreaTask]) -> Iterable[AreaDone]:
        yield areas.assess_area(counties, tasks[0])

    with pytest.raises(ClusterError):
        refresh_by_area(counties, half, as_of=DAY - dt.timedelta(days=1))
    with connect(counties, Login.WORKER, readonly=True) as connection:
        assert waiting(connection).rows
    done = catch_up(counties, as_of=DAY - dt.timedelta(days=9))
    assert done is not None
    assert done.waters is None
    mine = state(counties)
    refresh(counties, as_of=DAY - dt.timedelta(days=9), rebuild=True)
    assert differences(mine, state(counties)) == []
