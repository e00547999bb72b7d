"""What others see of homes changes seldom and by many homes; what tells of homes was verified by a second."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data.engine import Login, Scope, connect
from data.reading import read_table
from data.schema.tables import metadata
from data.storage import batch_undo, findings, shared_homes
from data.storage.children import upsert_children, upsert_homes
from data.storage.faults import EditConflictError, RecordNotFoundError
from data.storage.hazards import upsert_hazards
from data.storage.verification import verify_batch, verify_hazard
from data.upserting import ids_by_code
from jobs.assess import catch_up, refresh
from jobs.cli.verify import verify

if TYPE_CHECKING:
    from data.settings import Settings

IMPORT = Scope("4305", None, "importer")
JULY, AUGUST, OCTOBER = dt.date(2026, 7, 2), dt.date(2026, 8, 15), dt.date(2026, 10, 3)


def add(settings: Settings, first: int, count: int, lat: float = 27.0) -> None:
    codes = [f"E{number:03d}" for number in range(first, first + count)]
    with connect(settings, Login.IMPORTER, IMPORT) as connection:
        upsert_children(
            connection,
            pd.DataFrame(
                {
                    "code": codes,
                    "area_code": "430502001200",
                    "category": "other",
                    "birth_month": dt.date(2018, 5, 1),
                }
            ),
        )
        ids = ids_by_code(connection, metadata.tables["child"])
        places = shapely.points([111.0 + 0.0001 * number for number in range(first, first + count)], lat)
        upsert_homes(
            connection,
            gpd.GeoDataFrame(
                {"child_id": ids.reindex(codes).to_numpy(), "area_code": "430502001200"},
                geometry=places,
                crs="EPSG:4490",
            ),
        )


def renewed(settings: Settings, day: dt.date) -> tuple[int, int]:
    with connect(settings, Login.WORKER) as connection:
        changed = shared_homes.renew(connection, day, at_least=5, at_once=20)
        return changed, len(read_table(connection, shared_homes.shared_homes()))


def test_one_child_waits_for_the_quarter_and_for_four_others(stored_county: Settings) -> None:
    add(stored_county, 0, 3)
    assert renewed(stored_county, JULY) == (3, 3)  # the first time all
    add(stored_county, 3, 1)
    assert renewed(stored_county, AUGUST) == (0, 3)
    assert renewed(stored_county, OCTOBER) == (0, 3)  # a new quarter, and alone
    add(stored_county, 4, 4)
    assert renewed(stored_county, OCTOBER) == (0, 3)  # this quarter was told already
    assert renewed(stored_county, dt.date(2027, 1, 5)) == (5, 8)


def test_many_are_told_at_once(stored_county: Settings) -> None:
    add(stored_county, 0, 3)
    renewed(stored_county, JULY)
    add(stored_county, 3, 19)
    assert renewed(stored_county, AUGUST) == (0, 3)
    add(stored_county, 22, 1)
    assert renewed(stored_county, AUGUST) == (20, 23)


def test_a_home_that_moved_stays_where_it_was_told_to_be(stored_county: Settings) -> None:
    add(stored_county, 0, 3)
    renewed(stored_county, JULY)
    add(stored_county, 0, 1, lat=27.2)
    assert renewed(stored_county, OCTOBER) == (0, 3)
    with connect(stored_county, Login.WORKER) as connection:
        told = read_table(connection, shared_homes.shared_homes())
    assert set(shapely.get_y(told.shapes)) == {27.0}


def test_a_child_that_is_sealed_leaves_no_difference_behind(stored_county: Settings) -> None:
    add(stored_county, 0, 3)
    renewed(stored_county, JULY)
    with connect(stored_county, Login.IMPORTER, IMPORT) as connection:
        connection.execute(text("UPDATE child SET sealed = true WHERE code = 'E001'"))
    assert renewed(stored_county, AUGUST) == (0, 3)


@pytest.fixture
def two_people(stored_county: Settings) -> Settings:
    with connect(stored_county, Login.OWNER) as connection:
        for number in (5, 6):
            connection.execute(
                text(
                    "INSERT INTO account (id, login, display_name, password_hash) "
                    "VALUES (:id, :login, 'x', 'x')"
                ),
                {"id": number, "login": f"u{number}"},
            )
        connection.execute(
            text(
                "INSERT INTO import_batch (id, kind, file_name, file_sha256) "
                "VALUES (3, 'waters', 'x', 'x'), (4, 'hazards', 'x', 'x')"
            )
        )
    return stored_county


HAZARD = (
    "INSERT INTO hazard (code, title, domain, grade, area_code, geom, found_on, batch_id, verified_at) "
    "VALUES ('Y1', '滑坡', 'S', 'general', '430502001', ST_SetSRID(ST_Point(111.0001, 27), 4490), "
    "'2026-06-01', 4, '2020-01-01') RETURNING id"
)
STANDS = "SELECT version, verified_at, verified_by, drawn_by FROM hazard WHERE code = 'Y1'"


def test_who_placed_a_hazard_cannot_verify_it_and_a_changed_one_is_looked_at_again(
    two_people: Settings,
) -> None:
    first, second = Scope("4305", 5, "emergency"), Scope("4305", 6, "emergency")
    with connect(two_people, Login.GENERAL, first) as connection:
        number = connection.scalar(text(HAZARD))
        version, *stands = connection.execute(text(STANDS)).one()
        assert stands == [None, None, 5]
        assert verify_batch(connection, 4, "hazards") == ([], 1)
        with pytest.raises(RecordNotFoundError):
            verify_hazard(connection, number, version=version, holds=True)
    with (
        pytest.raises(DBAPIError, match="a hazard is verified by a second person"),
        connect(two_people, Login.GENERAL, first) as connection,
    ):
        connection.execute(text("UPDATE hazard SET verified_at = '2020-01-01', drawn_by = 6"))
    elsewhere = Scope("430503", 6, "emergency")
    with (
        pytest.raises(RecordNotFoundError),
        connect(two_people, Login.GENERAL, elsewhere) as connection,
    ):
        verify_hazard(connection, number, version=version, holds=True)
    with connect(two_people, Login.GENERAL, second) as connection:
        with pytest.raises(EditConflictError):
            verify_hazard(connection, number, version=version - 1, holds=True)
        assert verify_hazard(connection, number, version=version, holds=True) == number
        version, at, *who = connection.execute(text(STANDS)).one()
        assert (at is not None, who) == (True, [6, 5])
        assert verify_hazard(connection, number, version=version, holds=True) is None
        connection.execute(text("UPDATE hazard SET title = '崩塌' WHERE code = 'Y1'"))
        assert connection.execute(text(STANDS)).one().verified_by == 6
        connection.execute(text("UPDATE hazard SET geom = ST_Translate(geom, 0.001, 0) WHERE code = 'Y1'"))
        assert tuple(connection.execute(text(STANDS)).one())[1:] == (None, None, 6)
    with connect(two_people, Login.GENERAL, first) as connection:
        assert verify_batch(connection, 4, "hazards") == (["Y1"], 0)
        version = connection.execute(text(STANDS)).one().version
        assert verify_hazard(connection, number, version=version, holds=False) == number
        assert tuple(connection.execute(text(STANDS)).one())[1:] == (None, None, 6)


def test_undoing_an_import_that_moved_a_hazard_gives_back_whose_place_it_was_and_who_confirmed_it(
    two_people: Settings,
) -> None:
    with connect(two_people, Login.GENERAL, Scope("4305", 5, "emergency")) as connection:
        connection.execute(text(HAZARD))
    with connect(two_people, Login.GENERAL, Scope("4305", 6, "emergency")) as connection:
        assert verify_batch(connection, 4, "hazards") == (["Y1"], 0)
        stood = connection.execute(text(STANDS)).one()[1:]
    assert stood[1:] == (6, 5)
    moved = gpd.GeoDataFrame(
        {"code": ["Y1"], "title": ["滑坡"], "domain": ["S"], "grade": ["general"], "area_code": ["430502001"],
         "found_on": [dt.date(2026, 6, 1)]},
        geometry=[shapely.Point(111.01, 27.0)],
        crs="EPSG:4490",
    )  # fmt: skip
    with connect(two_people, Login.IMPORTER, Scope("4305", 6, "importer")) as connection:
        connection.execute(
            text(
                "INSERT INTO import_batch (id, kind, file_name, file_sha256) VALUES (9, 'hazards', 'x', 'x')"
            )
        )
        upsert_hazards(connection, moved, 9)
        assert connection.execute(text(STANDS)).one()[1:] == (None, None, 6)
        batch_undo.undo(connection, 9)
        assert connection.execute(text(STANDS)).one()[1:] == stood


@pytest.mark.parametrize("method", ["village", "derived"])
def test_a_guessed_place_is_confirmed_by_nobody(two_people: Settings, method: str) -> None:
    with connect(two_people, Login.GENERAL, Scope("4305", 5, "emergency")) as connection:
        number = connection.scalar(text(HAZARD))
        connection.execute(text("UPDATE hazard SET position_method = :method"), {"method": method})
        version = connection.execute(text(STANDS)).one().version
    with connect(two_people, Login.GENERAL, Scope("4305", 6, "emergency")) as connection:
        assert verify_batch(connection, 4, "hazards") == ([], 0)
        with pytest.raises(RecordNotFoundError):
            verify_hazard(connection, number, version=version, holds=True)


def test_a_hazard_tells_of_shared_homes_from_the_day_after_and_only_while_it_is_open(
    two_people: Settings,
) -> None:
    add(two_people, 0, 6)
    told = "SELECT h.code, e.grade, e.children_band FROM hazard_exposure e JOIN hazard h ON h.id = hazard_id"

    def seen(day: dt.date) -> list[tuple[str, str, str]]:
        refresh(two_people, as_of=day)
        with connect(two_people, Login.GENERAL, readonly=True) as connection:
            return [tuple(row) for row in connection.execute(text(told))]

    with connect(two_people, Login.WORKER) as connection:
        today = connection.scalar(text("SELECT current_date"))
    with connect(two_people, Login.GENERAL, Scope("4305", 5, "emergency")) as connection:
        connection.execute(text(HAZARD))
    assert seen(today) == []
    with connect(two_people, Login.GENERAL, Scope("4305", 6, "emergency")) as connection:
        verify_batch(connection, 4, "hazards")
    assert seen(today) == []
    tomorrow = today + dt.timedelta(days=1)
    assert seen(tomorrow) == [("Y1", "B", "5-9")]
    with connect(two_people, Login.GENERAL, Scope("4305", 6, "emergency")) as connection:
        assert findings.hazard_exposure(connection, band=True)["children_band"].tolist() == ["5-9"]
        connection.execute(text("UPDATE hazard SET verified_at = NULL, verified_by = NULL"))
        # Nobody has assessed anything yet: what is stored is told no more.
        assert findings.hazard_exposure(connection, band=True).empty
        connection.rollback()
    add(two_people, 6, 5)  # eleven now, but five are not yet shared
    assert seen(tomorrow) == [("Y1", "B", "5-9")]
    with connect(two_people, Login.IMPORTER, IMPORT) as connection:
        connection.execute(text("UPDATE hazard SET state = 'closed', closed_on = '2026-06-02'"))
    assert catch_up(two_people, as_of=tomorrow) is not None
    with connect(two_people, Login.GENERAL, readonly=True) as connection:
        assert connection.execute(text(told)).all() == []


def test_an_import_of_hazards_is_verified_by_command_and_one_of_neither_kind_is_refused(
    two_people: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert two_people.database_url is not None
    monkeypatch.setenv("DATABASE_URL", two_people.database_url.get_secret_value())
    monkeypatch.setenv("ANLAN_STATE", str(two_people.state))
    with connect(two_people, Login.OWNER) as connection:
        connection.execute(
            text(
                "INSERT INTO account_grant (account_id, role, area_code, granted_by, approved_by) VALUES "
                "(6, 'emergency', '4305', 5, 5)"
            )
        )
        connection.execute(
            text("INSERT INTO import_batch (id, kind, file_name, file_sha256) VALUES (5, 'areas', 'x', 'x')")
        )
    with connect(two_people, Login.GENERAL, Scope("4305", 5, "emergency")) as connection:
        connection.execute(text(HAZARD))
    done = CliRunner().invoke(verify, ["4", "--as", "u6"])
    assert (done.exit_code, done.output) == (0, "已核实 1 处隐患。\n"), done.exception
    refused = CliRunner().invoke(verify, ["5", "--as", "u6"])
    assert refused.exit_code != 0
    assert "不是水域或隐患的导入" in refused.output


DRAW = (
    "INSERT INTO water (code, name, kind, area_code, geom, batch_id, verified_at) VALUES "
    "('N1', '塘', 'pond', '430502001', ST_SetSRID(ST_Point(111, 27), 4490), 3, '2020-01-01')"
)
HELD = "SELECT verified_at, verified_by, drawn_by FROM water WHERE code = 'N1'"


def test_who_drew_a_water_cannot_verify_it_and_moving_it_takes_the_word_back(two_people: Settings) -> None:
    first, second = Scope("4305", 5, "water"), Scope("4305", 6, "water")
    with connect(two_people, Login.GENERAL, first) as connection:
        connection.execute(text(DRAW))
        assert connection.execute(text(HELD)).one() == (None, None, 5)
        assert verify_batch(connection, 3) == ([], 1)
    with (
        pytest.raises(DBAPIError, match="second person"),
        connect(two_people, Login.GENERAL, first) as connection,
    ):
        connection.execute(text("UPDATE water SET verified_at = '2020-01-01', verified_by = 6, drawn_by = 6"))
    with connect(two_people, Login.GENERAL, second) as connection:
        assert verify_batch(connection, 3) == (["N1"], 0)
        at, by, drawn = connection.execute(text(HELD)).one()
        assert (at is not None, by, drawn) == (True, 6, 5)
        connection.execute(text("UPDATE water SET geom = ST_Translate(geom, 0.01, 0) WHERE code = 'N1'"))
        assert connection.execute(text(HELD)).one() == (None, None, 6)
