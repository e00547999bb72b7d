# ruff: noqa: S608, ISC004 - statements drawn at random from our own words
"""What is assessed change by change equals what is assessed at once, in findings tables that were emptied."""

from __future__ import annotations

import datetime as dt
import math
import random
import threading
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from data.engine import Login, Scope, connect
from jobs.assess import catch_up, refresh

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from data.settings import Settings

DAY = dt.date(2026, 6, 4)
IMPORT = Scope("4305", None, "importer")
VILLAGE = "430502001200"
METHODS = ("village", "derived", "clicked", "stated")
SHARED_SELDOM = (
    "INSERT INTO parameter (key, value, unit, label, source, proposal) "
    "VALUES ('sharing.changes_at_once', '100000', '', 'x', 'x', true)"
)
FINDINGS = (
    "bank",
    "bank_finding",
    "covered_stretch",
    "gap",
    "station_finding",
    "water_exposure",
    "hazard_exposure",
    "institution_proximity",
    "proximity",
)  # gap_weight goes with its gap
STATE = {
    "bank": "SELECT w.code || b.side || b.part, b.length_m, b.start_m, ST_Length(b.geom) AS drawn "
    "FROM bank b JOIN water w ON w.id = b.water_id",
    "bank_finding": "SELECT w.code || b.side || b.part, f.water_class, f.exposed_m, f.covered_m, f.gap_m, "
    "f.physical_m, f.technical_m, f.personal_m, f.physical_only_m "
    "FROM bank_finding f JOIN bank b ON b.id = f.bank_id JOIN water w ON w.id = b.water_id",
    "stretch": "SELECT w.code || b.side || b.part || f.layer || round(f.from_m), f.from_m, f.to_m, "
    "ST_Length(f.geom) "
    "FROM covered_stretch f JOIN bank b ON b.id = f.bank_id JOIN water w ON w.id = b.water_id",
    "gap": "SELECT w.code || b.side || b.part || round(f.from_m), f.from_m, f.to_m, f.length_m, f.reason, "
    "f.water_class, f.nearest_village_code, f.nearest_village_m, f.weight, f.area_code, ST_Length(f.geom), "
    "f.what_closes, f.new_sets, f.beyond_rope, f.barrier_advised, p.weight_t, p.weight_p, p.weight_y "
    "FROM gap f JOIN gap_weight p ON p.gap_id = f.id JOIN bank b "
    "ON b.id = f.bank_id JOIN water w ON w.id = b.water_id",
    "station": "SELECT s.code, w.code AS water, b.side, b.part, f.m, f.distance_m, f.status, f.missing, "
    "f.expires_on FROM station_finding f JOIN station s ON s.id = f.station_id "
    "LEFT JOIN bank b ON b.id = f.bank_id LEFT JOIN water w ON w.id = b.water_id",
    "exposure": "SELECT w.code, f.grade, f.children_band FROM water_exposure f JOIN water w "
    "ON w.id = f.water_id",
    "hazards": "SELECT h.code, f.grade, f.children_band FROM hazard_exposure f JOIN hazard h "
    "ON h.id = f.hazard_id",
    "schools": "SELECT institution_id || target_kind || target_id, distance_m FROM institution_proximity",
    "homes": "SELECT child_id || target_kind || target_id, distance_m, area_code FROM proximity",
}


def state(settings: Settings) -> dict[str, dict[str, list[Any]]]:
    with connect(settings, Login.WORKER, readonly=True) as connection:
        return {
            name: {str(row[0]): list(row[1:]) for row in connection.execute(text(query))}
            for name, query in STATE.items()
        }


def rebuilt(settings: Settings) -> dict[str, dict[str, list[Any]]]:
    with connect(settings, Login.WORKER) as connection:
        for table in FINDINGS:
            connection.execute(text(f"DELETE FROM {table}"))
    refresh(settings, as_of=DAY, rebuild=True)
    return state(settings)


def differences(mine: dict[str, dict[str, list[Any]]], whole: dict[str, dict[str, list[Any]]]) -> list[str]:
    found = []
    for name, rows in whole.items():
        found += [f"{name} {key}: only in one" for key in rows.keys() ^ mine[name].keys()]
        found += [
            f"{name} {key}: {mine[name][key]} is not {row}"
            for key, row in rows.items()
            if key in mine[name] and not all(map(equal, mine[name][key], row))
        ]
    return found


def equal(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-6)
    return bool(a == b)


class World:
    """Random changes near the county of the fixtures, written as its importer."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - a test
        self.count = 0

    def spot(self) -> str:
        lon, lat = 111.0 + self.chance.uniform(-0.02, 0.04), 27.0 + self.chance.uniform(-0.02, 0.02)
        return f"ST_SetSRID(ST_MakePoint({lon:.7f}, {lat:.7f}), 4490)"

    def bankside(self) -> str:
        return (
            "(SELECT ST_Translate(ST_LineInterpolatePoint(geom, "
            f"{self.chance.random():.4f}), {self.chance.uniform(-4e-4, 4e-4):.7f}, 0) FROM bank "
            f"ORDER BY md5(id::text || '{self.chance.random()}') LIMIT 1)"
        )

    def course(self) -> str:
        if self.chance.random() < 0.4:
            return f"ST_Buffer({self.spot()}, {self.chance.uniform(1e-5, 1e-3):.7f}, 4)"
        joined = "(SELECT ST_EndPoint(geom) FROM water WHERE kind = 'reach' ORDER BY code DESC LIMIT 1)"
        start = joined if self.chance.random() < 0.5 else self.spot()
        return f"ST_MakeLine(ARRAY[{start}, {self.spot()}, {self.spot()}])"

    def code(self, letter: str) -> str:
        self.count += 1
        return f"{letter}-{self.count}"

    def add_water(self) -> list[str]:
        width = self.chance.choice(["NULL", "8", "45", "120"])
        kind = self.course()
        name = "pond" if "Buffer" in kind else "reach"
        return [
            "INSERT INTO water (code, name, kind, area_code, width_m, geom, verified_at) VALUES "
            f"('{self.code('W')}', '水', '{name}', '{VILLAGE}', {width}, {kind}, '2026-05-01')"
        ]

    def add_station(self) -> list[str]:
        code = self.code("S")
        water = self.chance.choice(["NULL", "NULL", f"({self.some('water')})"])
        place = self.chance.choice([self.spot(), self.bankside(), self.bankside(), self.bankside()])
        return [
            f"INSERT INTO station (code, area_code, water_id, geom) VALUES "
            f"('{code}', '{VILLAGE}', {water}, coalesce({place}, {self.spot()}))",
            "INSERT INTO station_item (station_id, kind, state, verified_on) SELECT s.id, k, 'good', "
            "'2026-06-01' FROM station s, unnest(ARRAY['sign', 'lifebuoy', 'rope', 'pole']) k "
            f"WHERE s.code = '{code}'",
        ]

    def add_child(self) -> list[str]:
        code = self.code("C")
        return [
            "INSERT INTO child (code, area_code, category, birth_month) VALUES "
            f"('{code}', '{VILLAGE}', 'left_behind', '{self.chance.randint(2011, 2023)}-03-01')",
            f"INSERT INTO home (child_id, area_code, geom) SELECT id, area_code, {self.spot()} FROM child "
            f"WHERE code = '{code}'",
        ]

    def add_school(self) -> list[str]:
        return [
            "INSERT INTO institution (code, name, kind, area_code, headcount, geom) VALUES "
            f"('{self.code('I')}', '学校', 'school', '{VILLAGE}', {self.chance.randrange(99)}, {self.spot()})"
        ]

    def add_barrier(self) -> list[str]:
        kind = self.chance.choice(["barrier", "fence", "cover"])
        return [
            "INSERT INTO barrier (code, water_id, area_code, kind, geom) SELECT "
            f"'{self.code('B')}', water_id, '{VILLAGE}', '{kind}', ST_LineSubstring(geom, 0.2, 0.6) "
            "FROM bank "
            f"ORDER BY md5(id::text || '{self.chance.random()}') LIMIT 1"
        ]

    def add_hazard(self) -> list[str]:
        return [
            "INSERT INTO hazard (code, title, domain, grade, area_code, found_on, geom, verified_at) VALUES "
            f"('{self.code('H')}', '隐患', 'W', 'general', '{VILLAGE}', '2026-05-01', {self.spot()}, "
            "'2026-05-02')"
        ]

    def add_camera(self) -> list[str]:
        return [
            "INSERT INTO camera (code, area_code, bearing_deg, view_deg, reach_m, geom) VALUES "
            f"('{self.code('K')}', '{VILLAGE}', 90, 120, {self.chance.randint(50, 400)}, {self.spot()})"
        ]

    def add_patrol(self) -> list[str]:
        return [
            "INSERT INTO patrol (code, area_code, started_at, ended_at, walked_m, geom) SELECT "
            f"'{self.code('P')}', '{VILLAGE}', '2026-06-02 09:00+08', '2026-06-02 10:00+08', 900, "
            f"geom FROM bank ORDER BY md5(id::text || '{self.chance.random()}') LIMIT 1"
        ]

    def way(self) -> str:
        """Return a way to school that passes a bank, or lies anywhere."""
        near = f"coalesce({self.bankside()}, {self.spot()})"
        return f"ST_MakeLine(ARRAY[{self.spot()}, {self.chance.choice([near, near, self.spot()])}])"

    def add_route(self) -> list[str]:
        pupils = self.chance.choice([0, 3, 40])
        return [
            "INSERT INTO pupil_route (code, area_code, pupils, geom) VALUES "
            f"('{self.code('R')}', '{VILLAGE}', {pupils}, {self.way()})"
        ]

    def some(self, table: str) -> str:
        key = "code" if table == "village" else "id"
        return f"SELECT {key} FROM {table} ORDER BY md5({key}::text || '{self.chance.random()}') LIMIT 1"

    def change(self) -> list[str]:
        one = self.some
        options: list[Callable[[], list[str]]] = [
            self.add_station,
            self.add_child,
            self.add_water,
            self.add_school,
            self.add_barrier,
            self.add_hazard,
            self.add_camera,
            self.add_patrol,
            self.add_route,
            lambda: [f"UPDATE pupil_route SET geom = {self.way()} WHERE id = ({one('pupil_route')})"],
            lambda: [f"UPDATE pupil_route SET pupils = pupils + 30 WHERE id = ({one('pupil_route')})"],
            lambda: [f"DELETE FROM pupil_route WHERE id = ({one('pupil_route')})"],
            lambda: [f"UPDATE child SET birth_month = '2013-01-01' WHERE id = ({one('child')})"],
            lambda: [f"UPDATE child SET boarding = NOT boarding WHERE id = ({one('child')})"],
            lambda: [f"UPDATE camera SET state = 'damaged' WHERE id = ({one('camera')})"],
            lambda: [f"UPDATE station SET geom = {self.spot()} WHERE id = ({one('station')})"],
            lambda: [
                f"UPDATE station SET position_method = '{self.chance.choice(METHODS)}' "
                f"WHERE id = ({one('station')})"
            ],
            lambda: [f"UPDATE station SET retired_on = '2026-06-01' WHERE id = ({one('station')})"],
            lambda: [f"UPDATE station SET water_id = ({one('water')}) WHERE id = ({one('station')})"],
            lambda: [f"UPDATE station_item SET state = 'missing' WHERE id = ({one('station_item')})"],
            lambda: [
                "UPDATE station_item SET state = 'good', "
                f"verified_on = '2026-06-0{self.chance.randint(1, 4)}' WHERE station_id = ({one('station')})"
            ],
            lambda: [f"UPDATE home SET geom = {self.spot()} WHERE child_id = ({one('child')})"],
            lambda: [f"UPDATE child SET left_on = '2026-06-01' WHERE id = ({one('child')})"],
            lambda: [f"UPDATE institution SET geom = {self.spot()} WHERE id = ({one('institution')})"],
            lambda: [f"UPDATE institution SET headcount = headcount + 90 WHERE id = ({one('institution')})"],
            lambda: [f"UPDATE village SET geom = {self.spot()} WHERE code = ({one('village')})"],
            lambda: [f"UPDATE barrier SET state = 'damaged' WHERE id = ({one('barrier')})"],
            lambda: [f"UPDATE hazard SET geom = {self.spot()} WHERE id = ({one('hazard')})"],
            lambda: [f"UPDATE hazard SET verified_at = '2026-05-02' WHERE id = ({one('hazard')})"],
            lambda: [
                "UPDATE hazard SET state = 'closed', closed_on = '2026-06-01' "
                f"WHERE id = ({one('hazard')}) AND (SELECT count(*) FROM hazard_exposure) > 3"
            ],
            lambda: [f"UPDATE water SET width_m = {self.chance.randint(5, 90)} WHERE id = ({one('water')})"],
            lambda: [f"UPDATE water SET incidents = 1 - least(incidents, 1) WHERE id = ({one('water')})"],
            lambda: [
                f"UPDATE water SET geom = {self.course()} WHERE id = ({one('water')}) AND kind = 'reach' "
                "AND (SELECT count(*) FROM water) > 3"
            ],
        ]
        return self.chance.choice(options)()


def write(connection: Connection, statements: list[str]) -> None:
    for statement in statements:
        connection.execute(text(statement))


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_hundreds_of_changes_caught_up_with_equal_a_full_assessment(
    stored_county: Settings, seed: int
) -> None:
    world = World(seed)
    with connect(stored_county, Login.IMPORTER, IMPORT) as connection:
        for _ in range(160):
            write(connection, world.add_child())  # the first run shares them all, and later ones none
        write(connection, [SHARED_SELDOM])
    refresh(stored_county, as_of=DAY)
    with connect(stored_county, Login.IMPORTER, IMPORT) as connection:
        for _ in range(8):
            for add in (world.add_water, world.add_child, world.add_school, world.add_hazard):
                write(connection, add())
    catch_up(stored_county, as_of=DAY)
    partial = 0
    for number in range(100):
        with connect(stored_county, Login.IMPORTER, IMPORT) as connection:
            for _ in range(world.chance.choice([1, 1, 1, 3])):
                write(connection, world.change())
        done = catch_up(stored_county, as_of=DAY)
        partial += done is not None and done.waters is not None
        if number % 10 == 9:
            mine = state(stored_county)
            assert differences(mine, rebuilt(stored_county)) == [], number
    assert partial >= 90
    assert {band for _, band in state(stored_county)["hazards"].values()} - {"<5"}


def test_nothing_changed_is_nothing_to_do_and_a_new_day_is_everything(stored_county: Settings) -> None:
    assert catch_up(stored_county, as_of=DAY) is not None
    assert catch_up(stored_county, as_of=DAY) is None
    tomorrow = catch_up(stored_county, as_of=DAY + dt.timedelta(days=1))
    assert tomorrow is not None
    assert tomorrow.waters is None


def test_a_change_made_while_another_run_writes_is_caught_up_with_after_it(stored_county: Settings) -> None:
    refresh(stored_county, as_of=DAY)
    with connect(stored_county, Login.IMPORTER, IMPORT) as connection:
        connection.execute(text("UPDATE station SET geom = ST_Translate(geom, 0.002, 0)"))
    threads = [
        threading.Thread(target=catch_up, args=(stored_county,), kwargs={"as_of": DAY}) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert catch_up(stored_county, as_of=DAY) is None
    mine = state(stored_county)
    assert differences(mine, rebuilt(stored_county)) == []


def test_a_run_that_dies_leaves_the_queue_and_the_findings_as_they_were(
    stored_county: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh(stored_county, as_of=DAY)
    before = state(stored_county)
    with connect(stored_county, Login.IMPORTER, IMPORT) as connection:
        connection.execute(text("UPDATE station SET geom = ST_Translate(geom, 0.002, 0)"))

    def power_cut(*_: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr("data.storage.finding_queue.done", power_cut)
        with pytest.raises(RuntimeError, match="power cut"):
            catch_up(stored_county, as_of=DAY)
    assert state(stored_county) == before
    assert catch_up(stored_county, as_of=DAY) is not None
    mine = state(stored_county)
    assert differences(mine, rebuilt(stored_county)) == []


def test_no_position_of_a_home_stands_in_the_queue(stored_county: Settings) -> None:
    with connect(stored_county, Login.IMPORTER, IMPORT) as connection:
        write(connection, World(5).add_child())
    with connect(stored_county, Login.WORKER, readonly=True) as connection:
        rows = connection.execute(text("SELECT geom FROM finding_queue WHERE why IN ('home', 'child')")).all()
    assert rows
    assert all(row.geom is None for row in rows)
