"""A file left by a page is read, previewed, confirmed and stored off it; its receipt is found later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from data.engine import Login, Scope, connect
from data.importers import intake
from data.importers.intake import take_in
from data.importers.orders import Order
from data.storage import batch_undo, intake_jobs
from data.storage.batch_undo import UndoError
from data.storage.intake_jobs import Job, Upload
from jobs.intake import Worker, safe_name, undo

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from data.settings import Settings

AREAS = "代码,名称\n4305,邵阳市\n430502,双清区\n430502001,兴隆街道\n430581,武冈市\n"
HEADER = "编号,区划代码,经度,纬度,警示牌,救生圈,绳索,竹竿,检查日期\n"
GOOD = "LB-1,430502001,111.4677,27.2389,有,有,有,有,2024-03-05\n"
BAD = "LB-2,430502999,111.4677,27.2389,有,有,有,有,2024-03-05\n"
HOMES = "儿童编号,区划代码,类别,出生年月,是否寄宿,经度,纬度\nE-1,430502001,孤儿,2015-03,否,111.4677,27.2389\n"
ME = Scope("4305", 1, "water")
OPERATOR = Scope("4305", None, "operator")


@pytest.fixture
def office(database: Settings, tmp_path: Path) -> Settings:
    (tmp_path / "区划.csv").write_text(AREAS, "utf-8")
    take_in(database, Order(kind="areas", path=tmp_path / "区划.csv"))
    with connect(database, Login.OWNER) as connection:
        for number, role in ((1, "water"), (2, "civil"), (3, "water")):
            connection.execute(
                text(
                    "INSERT INTO account (id, login, display_name, password_hash) "
                    "VALUES (:id, :login, '某', '-')"
                ),
                {"id": number, "login": f"u{number}"},
            )
            connection.execute(
                text("INSERT INTO account_grant (account_id, role, area_code) VALUES (:id, :role, '4305')"),
                {"id": number, "role": role},
            )
    return database


def leave(settings: Settings, content: str, scope: Scope = ME, **said: str) -> int:
    login = Login.CHILD if scope.role == "civil" else Login.GENERAL
    with connect(settings, login, scope) as connection:
        return intake_jobs.leave(
            connection,
            Upload(
                account_id=scope.account_id or 0,
                role=scope.role,
                area_code=scope.area_code,
                sender="水利局",
                file_name="台账.csv",
                content=content.encode(),
                **said,
            ),
        )


def look(settings: Settings, number: int, scope: Scope = ME) -> Job:
    login = Login.CHILD if scope.role == "civil" else Login.GENERAL
    with connect(settings, login, scope, readonly=True) as connection:
        found = intake_jobs.job(connection, number)
    assert found is not None
    return found


def confirm(settings: Settings, number: int, *, whole: bool = False) -> None:
    with connect(settings, Login.GENERAL, ME) as connection:
        assert intake_jobs.confirm(connection, number, all_or_nothing=whole)


def count(settings: Settings, table: str) -> int:
    with connect(settings, Login.OWNER) as connection:
        return int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608


def test_a_preview_says_what_would_be_written_and_writes_nothing(office: Settings) -> None:
    number = leave(office, HEADER + GOOD + BAD, crs="EPSG:4490")
    assert Worker(office).step()
    job = look(office, number)
    assert (job.state, job.kind) == ("ready", "stations")
    assert job.preview is not None
    assert job.preview["tables"]["station"] == {"inserted": 1, "updated": 0, "unchanged": 0}
    assert job.preview["tables"]["station_item"]["inserted"] == 4
    assert job.preview["faults"][0][:4] == ["", 3, "区划代码", "430502999"]
    assert len(job.preview["shapes"]) == 2
    assert count(office, "station") == 0
    assert count(office, "import_batch") == 1


def test_what_a_preview_counted_is_what_is_then_written(office: Settings) -> None:
    number = leave(office, HEADER + GOOD + BAD, crs="EPSG:4490")
    worker = Worker(office)
    worker.step()
    previewed = look(office, number).preview
    confirm(office, number)
    worker.step()
    job = look(office, number)
    assert job.state == "done"
    assert job.receipt is not None
    assert previewed is not None
    assert job.receipt["tables"] == previewed["tables"]
    assert job.batch_id == job.receipt["batch"]
    assert count(office, "station") == 1


def test_a_worker_that_never_saw_the_preview_stores_the_same(office: Settings) -> None:
    number = leave(office, HEADER + GOOD, crs="EPSG:4490")
    Worker(office).step()
    confirm(office, number)
    Worker(office).step()
    assert look(office, number).state == "done"
    assert count(office, "station_item") == 4


def test_all_or_nothing_is_kept_from_the_page(office: Settings) -> None:
    number = leave(office, HEADER + GOOD + BAD, crs="EPSG:4490")
    worker = Worker(office)
    worker.step()
    confirm(office, number, whole=True)
    worker.step()
    job = look(office, number)
    assert job.receipt is not None
    assert not job.receipt["applied"]
    assert count(office, "station") == 0


def test_an_unsaid_reference_system_is_asked_for_and_then_used(office: Settings) -> None:
    number = leave(office, HEADER + GOOD)
    worker = Worker(office)
    worker.step()
    job = look(office, number)
    assert job.preview is not None
    assert job.preview["needs_crs"]
    with connect(office, Login.GENERAL, ME) as connection:
        intake_jobs.change(connection, number, "stations", {"crs": "gcj02"})
    worker.step()
    preview = look(office, number).preview
    assert preview is not None
    assert (preview["needs_crs"], preview["crs"]) == (False, "gcj02")


def test_a_learned_header_is_understood_from_then_on_by_its_sender_alone(office: Settings) -> None:
    strange = HEADER.replace("编号", "序号牌号码") + GOOD
    with connect(office, Login.GENERAL, ME) as connection:
        intake_jobs.learn(connection, "水利局", "stations", {"序号牌号码": "code"}, 1)
    number = leave(office, strange, crs="EPSG:4490")
    Worker(office).step()
    preview = look(office, number).preview
    assert preview is not None
    assert ["序号牌号码", "code"] in preview["layouts"][0]["columns"]
    with connect(office, Login.GENERAL, ME) as connection:
        assert intake_jobs.learned(connection, "民政局", "stations") == {}


def test_a_job_is_seen_and_changed_by_its_own_account_alone(office: Settings) -> None:
    number = leave(office, HEADER + GOOD, crs="EPSG:4490")
    other = Scope("4305", 3, "water")
    with connect(office, Login.GENERAL, other) as connection:
        assert intake_jobs.job(connection, number) is None
        assert not intake_jobs.cancel(connection, number)


@pytest.mark.parametrize("login", [Login.GENERAL, Login.CHILD])
def test_no_page_reads_an_uploaded_file(office: Settings, login: Login) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        connect(office, login, ME) as connection,
    ):
        connection.execute(text("SELECT content FROM import_file"))


def test_a_file_is_forgotten_once_its_job_has_ended(office: Settings) -> None:
    number = leave(office, HEADER + GOOD, crs="EPSG:4490")
    worker = Worker(office)
    worker.step()
    confirm(office, number)
    worker.step()
    assert count(office, "import_file") == 1
    worker.step()
    assert count(office, "import_file") == 0


def test_a_job_whose_worker_died_is_taken_over(office: Settings) -> None:
    number = leave(office, HEADER + GOOD, crs="EPSG:4490")
    with connect(office, Login.IMPORTER) as connection:
        assert intake_jobs.claim(connection) is not None
        assert intake_jobs.claim(connection) is None
        connection.execute(text("UPDATE import_job SET beat_at = now() - interval '1 hour'"))
    assert Worker(office).step()
    assert look(office, number).state == "ready"


def test_a_job_that_kills_its_workers_is_given_up(office: Settings) -> None:
    number = leave(office, HEADER + GOOD)
    with connect(office, Login.IMPORTER) as connection:
        for _ in range(intake_jobs.ATTEMPTS_MAX):
            assert intake_jobs.claim(connection) is not None
            connection.execute(text("UPDATE import_job SET beat_at = now() - interval '1 hour'"))
    assert not Worker(office).step()
    assert look(office, number).state == "failed"


def test_a_grant_that_ended_after_the_upload_stores_nothing(office: Settings) -> None:
    number = leave(office, HEADER + GOOD, crs="EPSG:4490")
    worker = Worker(office)
    worker.step()
    confirm(office, number)
    with connect(office, Login.OWNER) as connection:
        connection.execute(text("DELETE FROM account_grant WHERE account_id = 1"))
    worker.step()
    assert "授权已变更" in look(office, number).message
    assert count(office, "station") == 0


def test_the_water_bureau_cannot_bring_homes(office: Settings) -> None:
    number = leave(office, HOMES, kind="homes", crs="EPSG:4490")
    Worker(office).step()
    assert "无权导入" in look(office, number).message


def test_a_preview_of_homes_holds_no_value_and_no_place(office: Settings) -> None:
    civil = Scope("4305", 2, "civil")
    number = leave(office, HOMES, civil, kind="homes", crs="EPSG:4490")
    Worker(office).step()
    job = look(office, number, civil)
    assert job.state == "ready"
    assert "111.4677" not in str(job.preview)
    assert "孤儿" not in str(job.preview)


def test_a_broken_file_is_a_sentence(office: Settings) -> None:
    number = leave(office, "%PDF-1.4")
    Worker(office).step()
    job = look(office, number)
    assert job.state == "failed"
    assert "内容与扩展名不符" in job.message


def test_the_preview_names_rows_of_the_file_that_may_be_one(office: Settings) -> None:
    again = GOOD.replace("LB-1", "LB-9").replace("111.4677", "111.46772")
    number = leave(office, HEADER + GOOD + again, kind="stations", crs="EPSG:4490")
    Worker(office).step()
    job = look(office, number)
    assert job.state == "ready", job.message
    (said,) = (job.preview or {})["inside"]
    assert "第 2 行（LB-1" in said
    assert "第 3 行（LB-9" in said
    assert "相距 2.0 米" in said


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/x.csv", "x.csv"),
        ("a\\b.xlsx", "b.xlsx"),
        ("\x00..", "文件"),
        ("长" * 300 + ".csv", "长" * 100 + ".csv"),
    ],
)
def test_a_file_name_loses_its_path(given: str, kept: str) -> None:
    assert safe_name(given) == kept


def bring(settings: Settings, tmp_path: Path, body: str, name: str = "a.csv") -> int:
    (tmp_path / name).write_text(HEADER + body, "utf-8")
    receipt = intake.take_in(
        settings, Order(kind="stations", path=tmp_path / name, crs="EPSG:4490", area_code="4305")
    )
    assert receipt.batch is not None
    return receipt.batch


def test_an_undone_batch_leaves_nothing_of_it_and_may_come_again(office: Settings, tmp_path: Path) -> None:
    batch = bring(office, tmp_path, GOOD)
    assert undo(office, batch, OPERATOR)["station"] == 1
    assert [count(office, table) for table in ("station", "station_item", "item_check")] == [0, 0, 0]
    assert bring(office, tmp_path, GOOD) > batch


def test_undoing_an_update_gives_back_what_stood_there(office: Settings, tmp_path: Path) -> None:
    bring(office, tmp_path, GOOD)
    before = rows(office)
    changed = GOOD.replace("111.4677", "111.4777").replace("有,有,2024-03-05", "损坏,无,2024-03-06")
    batch = bring(office, tmp_path, changed, "b.csv")
    assert rows(office) != before
    undo(office, batch, OPERATOR)
    assert rows(office) == before
    assert count(office, "item_check") == 4


def test_batches_on_each_other_are_undone_from_the_last_to_the_first(
    office: Settings, tmp_path: Path
) -> None:
    first = bring(office, tmp_path, GOOD)
    second = bring(office, tmp_path, GOOD.replace("111.4677", "111.4777"), "b.csv")
    middle = rows(office)
    third = bring(office, tmp_path, GOOD.replace("111.4677", "111.4787").replace("03-05", "03-06"), "c.csv")
    for batch in (first, second):
        with pytest.raises(UndoError, match="点位 LB-1（共 1 条）"):
            undo(office, batch, OPERATOR)
    undo(office, third, OPERATOR)
    assert rows(office) == middle
    undo(office, second, OPERATOR)
    undo(office, first, OPERATOR)
    assert [count(office, table) for table in ("station", "station_item", "item_check")] == [0, 0, 0]


def test_nobody_changes_a_row_between_the_look_at_a_batch_and_its_undoing(
    office: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = bring(office, tmp_path, GOOD)
    looked: list[int] = []

    def look_then_somebody_edits(connection: Connection, number: int) -> list[str]:
        found = obstacles(connection, number)
        with connect(office, Login.GENERAL, ME) as other:
            other.execute(text("SET LOCAL lock_timeout = '200ms'"))
            with pytest.raises(DBAPIError, match="lock timeout"):
                other.execute(text("UPDATE station SET note = '后来改的'"))
            other.rollback()
        looked.append(number)
        return found

    obstacles = batch_undo.obstacles
    monkeypatch.setattr(batch_undo, "obstacles", look_then_somebody_edits)
    assert undo(office, batch, OPERATOR)["station"] == 1
    assert looked == [batch]


def test_what_was_changed_by_hand_between_two_batches_still_stands_in_the_way(
    office: Settings, tmp_path: Path
) -> None:
    first = bring(office, tmp_path, GOOD)
    with connect(office, Login.OWNER) as connection:
        connection.execute(text("UPDATE station SET note = '后来改的'"))
    second = bring(office, tmp_path, GOOD.replace("111.4677", "111.4777"), "b.csv")
    undo(office, second, OPERATOR)
    with pytest.raises(UndoError, match="点位 LB-1（共 1 条） 导入后又被修改"):
        undo(office, first, OPERATOR)


def rows(settings: Settings) -> list[tuple[object, ...]]:
    with connect(settings, Login.OWNER) as connection:
        found = connection.execute(
            text(
                "SELECT s.code, CAST(s.geom AS text), s.batch_id, s.source_row, i.kind, i.state, "
                "i.verified_on, i.note FROM station s JOIN station_item i ON i.station_id = s.id "
                "ORDER BY s.code, i.kind"
            )
        )
        return [tuple(row) for row in found]


def test_a_batch_on_which_somebody_built_is_not_undone(office: Settings, tmp_path: Path) -> None:
    batch = bring(office, tmp_path, GOOD)
    with connect(office, Login.OWNER) as connection:
        connection.execute(text("UPDATE station SET note = '后来改的'"))
    with pytest.raises(UndoError, match="点位 LB-1（共 1 条） 导入后又被修改"):
        undo(office, batch, OPERATOR)
    assert count(office, "station") == 1


def test_a_photo_of_what_a_batch_brought_stands_in_the_way(office: Settings, tmp_path: Path) -> None:
    batch = bring(office, tmp_path, GOOD)
    with connect(office, Login.OWNER) as connection:
        connection.execute(
            text(
                "INSERT INTO photo (subject_kind, subject_id, area_code, sha256, width_px, height_px) "
                "SELECT 'station', id, area_code, repeat('0', 64), 1, 1 FROM station"
            )
        )
    with connect(office, Login.IMPORTER, OPERATOR) as connection:
        assert batch_undo.obstacles(connection, batch) == ["已有 1 张照片属于这一批的点位"]


def test_a_batch_is_undone_once(office: Settings, tmp_path: Path) -> None:
    batch = bring(office, tmp_path, GOOD)
    undo(office, batch, OPERATOR)
    with pytest.raises(UndoError, match="已经撤销"):
        undo(office, batch, OPERATOR)


def test_a_batch_of_another_area_does_not_exist_for_its_neighbour(office: Settings, tmp_path: Path) -> None:
    batch = bring(office, tmp_path, GOOD)
    with pytest.raises(UndoError, match=f"没有第 {batch} 批"):
        undo(office, batch, Scope("430581", 1, "water"))


def test_a_role_that_may_not_bring_a_kind_may_not_take_it_back(office: Settings, tmp_path: Path) -> None:
    batch = bring(office, tmp_path, GOOD)
    with pytest.raises(UndoError, match="无权撤销"):
        undo(office, batch, Scope("4305", 2, "emergency"))
