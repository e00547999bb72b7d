"""Children by township: counted by the worker, told once a quarter, read and exported by who may."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from data import rights
from data.engine import Login, Scope, connect
from data.schema.accounts import GIVEN, ROLES
from data.schema.tables import metadata
from data.storage import accounts, child_tables, shared_homes
from data.storage.areas import upsert_areas
from data.storage.children import upsert_children, upsert_homes
from data.upserting import ids_by_code
from jobs.accounts import account_of
from jobs.child_tables import tell
from jobs.cli.transfer import export
from jobs.export import ExportError, export_bytes
from jobs.status import lines, status
from jobs.worker import work
from layers import words

if TYPE_CHECKING:
    from pathlib import Path

    from data.settings import Settings

IMPORT = Scope("4305", None, "importer")
JULY, OCTOBER = dt.date(2026, 7, 2), dt.date(2026, 10, 3)
QUARTERS = dt.date(2026, 7, 1), dt.date(2026, 10, 1)
KIND = "children-by-township"


def add(settings: Settings, village: str, count: int, category: str, *, lat: float = 27.0) -> None:
    with connect(settings, Login.IMPORTER, IMPORT) as connection:
        like = {"like": f"{village}%"}
        held = connection.scalar(text("SELECT count(*) FROM child WHERE code LIKE :like"), like) or 0
        codes = [f"{village}-{number}" for number in range(held, held + count)]
        born = [dt.date((2024, 2018, 2012)[number % 3], 5, 1) for number in range(count)]
        upsert_children(
            connection,
            pd.DataFrame(
                {
                    "code": codes,
                    "area_code": village,
                    "category": category,
                    "birth_month": born,
                }
            ),
        )
        ids = ids_by_code(connection, metadata.tables["child"])
        homes = {"child_id": ids.reindex(codes).to_numpy(), "area_code": village}
        upsert_homes(
            connection,
            gpd.GeoDataFrame(homes, geometry=[shapely.Point(111.0, lat)] * count, crs="EPSG:4490"),
        )


@pytest.fixture
def peopled(stored_county: Settings) -> Settings:
    """Two townships: one of 30 and 2 orphans, one of 40 and 9; an account of each role."""
    with connect(stored_county, Login.IMPORTER, IMPORT) as connection:
        upsert_areas(
            connection,
            pd.DataFrame(
                {
                    "code": ["430502002", "430502002200"],
                    "name": ["=丁镇", "戊村"],
                    "level": ["township", "village"],
                    "parent_code": ["430502", "430502002"],
                }
            ),
        )
    for village, many, orphans in (("430502001200", 30, 2), ("430502002200", 40, 9)):
        add(stored_county, village, many, "left_behind")
        add(stored_county, village, orphans, "orphan", lat=27.3)
    with connect(stored_county, Login.OWNER) as connection:
        for role in GIVEN:
            number = accounts.create_account(
                connection,
                login=role,
                display_name=role,
                bureau="",
                password_hash="-",  # noqa: S106
            )
            accounts.add_grant(connection, number, role, "4305")
    return stored_county


def told(settings: Settings, day: dt.date) -> dt.date | None:
    with connect(settings, Login.WORKER) as connection:
        shared_homes.renew(connection, day, at_least=5, at_once=20)
    return tell(settings, as_of=day)


def cell(settings: Settings, period: dt.date, area: str, name: str) -> int | None:
    with connect(settings, Login.GENERAL, Scope("4305", None, "water"), readonly=True) as connection:
        frame = child_tables.cells(connection, "4305", period).set_index(["area_code", "name"])
    found = frame["children"].to_dict()[area, name]
    return None if pd.isna(found) else int(found)


def test_the_worker_counts_what_is_shared_and_withholds_the_small_with_another(peopled: Settings) -> None:
    assert told(peopled, JULY) == QUARTERS[0]
    first, second, county = "430502001", "430502002", "430502"
    sums = [cell(peopled, QUARTERS[0], area, "all") for area in (first, second, county, "4305")]
    assert sums == [32, 49, 81, 81]
    assert cell(peopled, QUARTERS[0], first, "orphan") is None
    assert cell(peopled, QUARTERS[0], first, "age_p") == 11
    assert cell(peopled, QUARTERS[0], county, "age_p") == 27
    # The county's sum and the other township's count would give the two orphans away together.
    pair = cell(peopled, QUARTERS[0], second, "orphan"), cell(peopled, QUARTERS[0], county, "orphan")
    assert None in pair


def test_a_quarter_is_told_once_and_one_child_more_changes_nothing(peopled: Settings) -> None:
    assert told(peopled, JULY) == QUARTERS[0]
    add(peopled, "430502001200", 25, "left_behind")
    assert told(peopled, JULY + dt.timedelta(days=40)) is None
    assert cell(peopled, QUARTERS[0], "430502001", "all") == 32
    add(peopled, "430502002200", 1, "orphan")
    assert told(peopled, OCTOBER) == QUARTERS[1]
    assert cell(peopled, QUARTERS[1], "430502001", "all") == 57
    assert cell(peopled, QUARTERS[1], "430502002", "all") == 49
    with connect(peopled, Login.GENERAL, readonly=True) as connection:
        frame = child_tables.told(connection)
    assert set(frame[frame["area_code"] == "430502002"]["since"]) == {QUARTERS[0]}


def test_a_row_waits_though_homes_were_shared_where_few_changed_category(peopled: Settings) -> None:
    told(peopled, JULY)
    with connect(peopled, Login.IMPORTER, IMPORT) as connection:
        connection.execute(
            text("UPDATE child SET category = 'orphan' WHERE code IN ('430502002200-0', '430502002200-1')")
        )
    assert told(peopled, OCTOBER) == QUARTERS[1]
    with connect(peopled, Login.WORKER) as connection:
        assert len(child_tables.tallies(connection)) == 2


def test_a_sealed_child_and_one_without_a_township_enter_no_table(peopled: Settings) -> None:
    with connect(peopled, Login.IMPORTER, IMPORT) as connection:
        connection.execute(text("UPDATE child SET sealed = true WHERE code = '430502001200-0'"))
        connection.execute(
            text(
                "UPDATE home SET area_code = '430502' WHERE child_id = "
                "(SELECT id FROM child WHERE code = '430502001200-1')"
            )
        )
    told(peopled, JULY)
    assert cell(peopled, QUARTERS[0], "430502001", "all") == 30


@pytest.mark.parametrize(("since", "near"), [(dt.timedelta(0), 0), (dt.timedelta(days=1), 30)])
def test_a_water_counts_from_the_day_after_its_verification(
    peopled: Settings, since: dt.timedelta, near: int
) -> None:
    with connect(peopled, Login.OWNER) as connection:
        connection.execute(text("UPDATE water SET verified_at = :day"), {"day": JULY - since})
    told(peopled, JULY)
    with connect(peopled, Login.WORKER) as connection:
        found = child_tables.tallies(connection).xs("430502001")
    assert found["near_100"].tolist() == [near]
    assert found["far"].tolist() == [32 - near]


def test_nothing_is_told_before_homes_are_shared(peopled: Settings) -> None:
    assert tell(peopled, as_of=JULY) is None
    assert told(peopled, JULY) == QUARTERS[0]
    assert tell(peopled, as_of=JULY) is None


def test_no_page_reads_the_counts_behind_a_table_or_writes_one(peopled: Settings) -> None:
    told(peopled, JULY)
    for role in ROLES:
        for statement in (
            "SELECT * FROM child_tally",
            "UPDATE child_table_cell SET children = 1",
            "DELETE FROM child_table",
        ):
            with (
                pytest.raises(ProgrammingError, match="permission denied") as raised,
                connect(peopled, rights.login_of(role), Scope("4305", None, role)) as connection,
            ):
                connection.execute(text(statement))
            assert isinstance(raised.value.orig, InsufficientPrivilege)


def test_who_may_export_statistics_gets_the_table_and_nobody_else(peopled: Settings) -> None:
    told(peopled, JULY)
    may = [role for role in GIVEN if rights.may(role, "statistics", "export")]
    assert may
    for role in sorted(set(GIVEN) - set(may)):
        with pytest.raises(ExportError, match="不能导出"):
            export_bytes(peopled, account_of(peopled, role), KIND, "xlsx")
    for role in may:
        content = export_bytes(peopled, account_of(peopled, role), KIND, "xlsx")
        rows = list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].values)
        assert rows[0][0] == "市乡镇儿童统计表"
        assert "2026 年第 3 季度" in str(rows[1][0])
        by_place = {row[1]: row for row in rows[3:] if row[1] is not None}
        header = rows[2]
        assert by_place["430502001"][header.index("孤儿")] == "*"
        assert by_place["430502001"][header.index("儿童合计")] == 32
        assert by_place["4305"][header.index("级别")] == "全市合计"
        assert any(str(row[0]).startswith("“*”：不公布") for row in rows)
    with connect(peopled, Login.OWNER) as connection:
        acts = connection.execute(
            text("SELECT role, action, row_count FROM audit WHERE object_kind = :kind"), {"kind": KIND}
        ).all()
    assert sorted(tuple(act) for act in acts) == sorted((role, "export", 4) for role in may)


def test_a_name_like_a_formula_stays_text_and_a_sample_is_marked(peopled: Settings) -> None:
    with connect(peopled, Login.OWNER) as connection:
        connection.execute(text("INSERT INTO deployment (key, value) VALUES ('sample', 'true')"))
    told(peopled, JULY)
    book = openpyxl.load_workbook(
        io.BytesIO(export_bytes(peopled, account_of(peopled, "water"), KIND, "xlsx"))
    )
    cells = [one for row in book.worksheets[0].iter_rows() for one in row]
    (named,) = [one for one in cells if one.value == "=丁镇"]
    assert (named.data_type, named.quotePrefix) == ("s", True)
    assert any("演示数据" in str(one.value) for one in cells)


def test_an_area_reads_its_own_part(peopled: Settings) -> None:
    told(peopled, JULY)
    with connect(peopled, Login.OWNER) as connection:
        number = accounts.create_account(
            connection,
            login="part",
            display_name="乙",
            bureau="",
            password_hash="-",  # noqa: S106
        )
        accounts.add_grant(connection, number, "water", "430502001")
    content = export_bytes(peopled, account_of(peopled, "part"), KIND, "csv").decode("utf-8-sig")
    assert [line.split(",")[1] for line in content.splitlines()[1:]] == ["430502001"]


def test_before_the_first_table_the_command_says_what_to_do(
    peopled: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert peopled.database_url is not None
    environment = {
        "DATABASE_URL": peopled.database_url.get_secret_value(),
        "ANLAN_STATE": str(peopled.state),
        "ANLAN_SETTINGS": "",
    }
    refused = CliRunner().invoke(export, [KIND, "a.xlsx", "--as", "water"], env=environment)
    assert refused.exit_code == 1
    assert "还没有乡镇儿童统计表" in refused.stderr
    told(peopled, JULY)
    done = CliRunner().invoke(export, [KIND, "a.xlsx", "--as", "water"], env=environment)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "a.xlsx").read_bytes()[:2] == b"PK"
    shaped = CliRunner().invoke(export, [KIND, "a.geojson", "--as", "water"], env=environment)
    assert "是表格" in shaped.stderr


def test_a_solver_out_of_time_leaves_the_table_told_before_and_the_worker_goes_on(
    peopled: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    today = peopled.today()
    quarter = shared_homes.quarter_of(today)
    before = quarter - dt.timedelta(days=30)
    assert told(peopled, before) == shared_homes.quarter_of(before)
    for village, orphans in (("430502001200", 2), ("430502002200", 1)):
        add(peopled, village, 8, "left_behind")
        add(peopled, village, 5 + orphans, "orphan", lat=27.3)
    set_solver(peopled, 1e-9)
    work(peopled, once=True)
    assert "the solver found no table within 1e-09 s" in caplog.text
    with connect(peopled, Login.WORKER) as connection:
        latest = child_tables.latest(connection)
        assert latest is not None
        assert latest.period == shared_homes.quarter_of(before)
        assert set(child_tables.tallies(connection).index.get_level_values("since")) == {latest.period}
    assert lines(status(peopled))[-1].endswith("本季度尚未发布，原因见后台日志")
    set_solver(peopled, 600.0)
    work(peopled, once=True)
    with connect(peopled, Login.WORKER) as connection:
        latest = child_tables.latest(connection)
    assert latest is not None
    assert latest.period == quarter
    assert lines(status(peopled))[-1] == f"乡镇儿童统计：{words.quarter(quarter)}"


def set_solver(settings: Settings, seconds: float) -> None:
    with connect(settings, Login.OWNER) as connection:
        connection.execute(
            text(
                "INSERT INTO parameter (key, value, unit, label, source, proposal) "
                "VALUES ('tables.solver_s', to_jsonb(CAST(:value AS float)), 's', '', '', true) "
                "ON CONFLICT (key) DO UPDATE SET value = excluded.value"
            ),
            {"value": seconds},
        )
