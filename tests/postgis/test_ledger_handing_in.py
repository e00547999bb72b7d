"""A ledger out, edited as in Excel, and back: only what is confirmed is written, all of it or nothing."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from click.testing import CliRunner
from sqlalchemy import text

from data.engine import Login, Scope, connect
from data.importers.rows import IntakeError
from data.ledgers import handing_in
from data.ledgers.writing import Choice
from data.storage import accounts, batch_undo
from jobs.accounts import account_of
from jobs.cli.ledger import ledger
from jobs.export import ExportError
from jobs.ledgers import ledger_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from data.ledgers.handing_in import Preview
    from data.settings import Settings

TODAY = dt.date(2026, 6, 1)
WATER = Scope("4305", None, "operator")
NAMES = {
    "code": "点位编号",
    "name": "安装位置",
    "village": "村（社区）",
    "water_code": "水域编号",
    "note": "备注",
    "verified_on": "核查日期",
    "lon": "经度",
    "lat": "纬度",
}


@pytest.fixture
def peopled(stored_county: Settings, tmp_path: Path) -> Settings:
    settings = stored_county.model_copy(update={"state": tmp_path})
    with connect(settings, Login.OWNER) as connection:
        for role, area in (("water", "4305"), ("emergency", "4305"), ("patroller", "430502001")):
            number = accounts.create_account(
                connection,
                login=role,
                display_name=role,
                bureau="",
                password_hash="-",  # noqa: S106 - no password
            )
            accounts.add_grant(connection, number, role, area)
    return settings


def out(settings: Settings, layout: str = "water", area: str | None = None) -> bytes:
    return ledger_bytes(settings, account_of(settings, "water"), layout, area)


def edited(content: bytes, change: Callable[[Any], None], path: Path) -> Path:
    book = openpyxl.load_workbook(io.BytesIO(content))
    change(book["台账"])
    book.save(path / "台账.xlsx")
    return path / "台账.xlsx"


def cell(sheet: Any, code: str, header: str, group: str = "") -> Any:
    """Return the cell of a station under a header (of a group of headers), as a person finds it."""
    at = None
    carried = ""
    for column in range(1, sheet.max_column + 1):
        top, below = sheet.cell(3, column).value, sheet.cell(4, column).value
        carried = top or carried
        if (header == top and not group) or (header == below and carried == group):
            at = column
    assert at is not None, header
    return sheet.cell(row_of(sheet, code), at)


def row_of(sheet: Any, code: str) -> int:
    return next(row for row in range(5, 60) for c in range(1, 12) if sheet.cell(row, c).value == code)


def read(settings: Settings, path: Path) -> Preview:
    return handing_in.preview(settings, path, WATER, TODAY)


def counted(settings: Settings) -> tuple[int, int, int]:
    with connect(settings, Login.OWNER) as connection:
        row = connection.execute(
            text(
                "SELECT (SELECT sum(version) FROM station), (SELECT sum(version) FROM station_item), "
                "(SELECT count(*) FROM import_batch)"
            )
        ).one()
    return (int(row[0]), int(row[1]), int(row[2]))


def stored(settings: Settings, code: str) -> Any:
    with connect(settings, Login.OWNER) as connection:
        return connection.execute(
            text(
                "SELECT s.*, w.code AS water_code, ST_X(geom) AS lon, (SELECT json_object_agg(kind, "
                "json_build_array(i.state, i.verified_on, i.note)) FROM station_item i "
                "WHERE i.station_id = s.id) AS items FROM station s "
                "LEFT JOIN (SELECT id AS water, code FROM water) w ON w.water = s.water_id "
                "WHERE s.code = :code"
            ),
            {"code": code},
        ).one()


@pytest.mark.parametrize("layout", ["water", "township"])
def test_a_ledger_that_was_not_touched_writes_nothing(peopled: Settings, tmp_path: Path, layout: str) -> None:
    before = counted(peopled)
    shown = read(peopled, edited(out(peopled, layout), lambda _: None, tmp_path))
    assert shown.comparison.nothing
    receipt = handing_in.apply(peopled, shown, handing_in.accepted(shown.comparison), WATER, TODAY)
    assert receipt.batch is None
    assert counted(peopled) == before


def test_edits_are_shown_field_by_field_and_written_in_one_batch(peopled: Settings, tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        cell(sheet, "S1", NAMES["name"]).value = "老码头"
        cell(sheet, "S1", "数量", "救生圈").value = 2
        cell(sheet, "S1", "状态", "救生杆").value = "完好"
        cell(sheet, "S1", NAMES["verified_on"]).value = "2026.5.20"
        cell(sheet, "S1", NAMES["water_code"]).value = "W2"
        cell(sheet, "S2", NAMES["village"]).value = "丙村"

    shown = read(peopled, edited(out(peopled), change, tmp_path))
    assert {(one.code, one.field, one.theirs, one.yours) for one in shown.comparison.changes} == {
        ("S1", "name", "", "老码头"),
        ("S1", "lifebuoy_count", "1", "2"),
        ("S1", "pole", "missing", "good"),
        ("S1", "verified_on", "2026-05-01", "2026-05-20"),
        ("S1", "water_code", "W1", "W2"),
        ("S2", "village", "", "丙村"),
    }
    assert shown.comparison.refused == []


def test_confirmed_edits_are_stored_with_their_provenance(peopled: Settings, tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        cell(sheet, "S1", NAMES["name"]).value = "老码头"
        cell(sheet, "S1", "数量", "救生圈").value = 2
        cell(sheet, "S1", "状态", "救生杆").value = "完好"
        cell(sheet, "S1", "数量", "救生杆").value = 1
        cell(sheet, "S1", NAMES["verified_on"]).value = "2026.5.20"
        cell(sheet, "S1", NAMES["water_code"]).value = "W2"
        cell(sheet, "S2", NAMES["village"]).value = "丙村"

    path = edited(out(peopled), change, tmp_path)
    shown = read(peopled, path)
    assert shown.comparison.refused == []
    assert len(shown.comparison.changes) == 7
    receipt = handing_in.apply(peopled, shown, handing_in.accepted(shown.comparison), WATER, TODAY)
    one, other = stored(peopled, "S1"), stored(peopled, "S2")
    assert (one.name, one.water_code, one.batch_id, one.source_sheet) == (
        "老码头",
        "W2",
        receipt.batch,
        "台账",
    )
    assert one.lon == 111.0
    assert one.items["lifebuoy"] == ["good", "2026-05-20", "2 件"]
    assert one.items["pole"] == ["good", "2026-05-20", ""]
    assert other.area_code == "430502001200"
    assert read(peopled, path).comparison.nothing
    with connect(peopled, Login.OWNER) as connection:
        kind = connection.scalar(text("SELECT kind FROM import_batch WHERE id = :id"), {"id": receipt.batch})
        assert kind == "ledger"


def test_what_others_changed_meanwhile_is_a_conflict_and_the_keeper_chooses(
    peopled: Settings, tmp_path: Path
) -> None:
    def change(sheet: Any) -> None:
        cell(sheet, "S1", NAMES["name"]).value = "我的"
        cell(sheet, "S1", NAMES["note"]).value = "备注"

    path = edited(out(peopled), change, tmp_path)
    with connect(peopled, Login.OWNER) as connection:
        connection.execute(
            text("UPDATE station SET name = '他的', responsible_unit = '村' WHERE code = 'S1'")
        )
    shown = read(peopled, path)
    (clash,) = [one for one in shown.comparison.changes if one.conflict]
    assert (clash.base, clash.theirs, clash.yours) == ("", "他的", "我的")
    handing_in.apply(peopled, shown, handing_in.accepted(shown.comparison), WATER, TODAY)
    assert (stored(peopled, "S1").name, stored(peopled, "S1").note) == ("他的", "备注")
    assert stored(peopled, "S1").responsible_unit == "村"
    shown = read(peopled, path)
    handing_in.apply(peopled, shown, handing_in.accepted(shown.comparison, conflicts=True), WATER, TODAY)
    assert stored(peopled, "S1").name == "我的"


def test_a_cell_that_moved_after_it_was_shown_stops_everything(peopled: Settings, tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        cell(sheet, "S1", NAMES["name"]).value = "我的"
        cell(sheet, "S2", NAMES["name"]).value = "也是我的"

    shown = read(peopled, edited(out(peopled), change, tmp_path))
    with connect(peopled, Login.OWNER) as connection:
        connection.execute(text("UPDATE station SET name = '他的' WHERE code = 'S1'"))
    before = counted(peopled)
    with pytest.raises(handing_in.LedgerMovedError, match="又被他人修改"):
        handing_in.apply(peopled, shown, handing_in.accepted(shown.comparison), WATER, TODAY)
    assert counted(peopled) == before


def test_a_row_taken_out_is_a_proposal_and_retires_only_when_confirmed(
    peopled: Settings, tmp_path: Path
) -> None:
    shown = read(
        peopled, edited(out(peopled), lambda sheet: sheet.delete_rows(row_of(sheet, "S2")), tmp_path)
    )
    assert [gone.code for gone in shown.comparison.removed] == ["S2"]
    handing_in.apply(peopled, shown, handing_in.accepted(shown.comparison), WATER, TODAY)
    assert stored(peopled, "S2").retired_on is None
    choice = handing_in.retiring(Choice(), shown.comparison)
    handing_in.apply(peopled, shown, choice, WATER, TODAY)
    assert stored(peopled, "S2").retired_on == TODAY
    assert stored(peopled, "S1").retired_on is None


def test_a_copied_row_with_a_new_code_becomes_a_station_with_its_items(
    peopled: Settings, tmp_path: Path
) -> None:
    def change(sheet: Any) -> None:
        source = row_of(sheet, "S1")
        target = max(source, row_of(sheet, "S2")) + 1
        for merged in list(sheet.merged_cells.ranges):
            if merged.min_row >= 5:
                sheet.unmerge_cells(str(merged))
        for column in range(1, sheet.max_column + 1):
            sheet.cell(target, column).value = sheet.cell(source, column).value
        code = cell(sheet, "S1", NAMES["code"]).column
        sheet.cell(target, code).value = "S9"
        sheet.cell(source, code).value = "S1"

    path = edited(out(peopled), change, tmp_path)
    shown = read(peopled, path)
    assert [line.cells["code"] for line in shown.comparison.added] == ["S9"]
    handing_in.apply(peopled, shown, handing_in.accepted(shown.comparison), WATER, TODAY)
    made = stored(peopled, "S9")
    assert (made.area_code, made.water_code, made.lon) == ("430502001200", "W1", 111.0)
    assert made.items["lifebuoy"][:2] == ["good", "2026-05-01"]
    assert made.items["pole"][0] == "missing"


def test_a_new_row_never_writes_over_a_station_that_stands_elsewhere(
    peopled: Settings, tmp_path: Path
) -> None:
    content = out(peopled, area="430502001200")

    def change(sheet: Any) -> None:
        cell(sheet, "S1", NAMES["code"]).value = "S2"

    shown = read(peopled, edited(content, change, tmp_path))
    assert shown.comparison.changes == []
    assert "已有点位使用这一编号" in str(shown.comparison.refused[0])


def test_a_code_can_be_changed_and_the_station_stays_the_same_record(
    peopled: Settings, tmp_path: Path
) -> None:
    before = stored(peopled, "S1").id

    def change(sheet: Any) -> None:
        cell(sheet, "S1", NAMES["code"]).value = "LB-017"

    shown = read(peopled, edited(out(peopled), change, tmp_path))
    handing_in.apply(peopled, shown, handing_in.accepted(shown.comparison), WATER, TODAY)
    assert stored(peopled, "LB-017").id == before


def test_bad_cells_are_told_with_row_header_value_and_remedy(peopled: Settings, tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        cell(sheet, "S1", NAMES["verified_on"]).value = "去年"
        cell(sheet, "S1", "数量", "救生圈").value = "很多"
        cell(sheet, "S2", NAMES["verified_on"]).value = "2030-01-01"
        cell(sheet, "S2", NAMES["water_code"]).value = "W404"

    shown = read(peopled, edited(out(peopled), change, tmp_path))
    told = "\n".join(map(str, shown.comparison.refused))
    assert shown.comparison.changes == []
    assert "救生圈数量”为“很多”" in told
    assert "核查日期”为“去年”" in told
    assert "晚于今天" in told


def test_an_unknown_water_is_told_at_the_preview(peopled: Settings, tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        cell(sheet, "S2", NAMES["water_code"]).value = "W404"

    shown = read(peopled, edited(out(peopled), change, tmp_path))
    assert "没有编号为此的水域" in str(shown.comparison.refused[0])
    assert shown.comparison.changes == []


def test_hidden_sheets_that_were_changed_or_lost_are_refused(peopled: Settings, tmp_path: Path) -> None:
    content = out(peopled)
    book = openpyxl.load_workbook(io.BytesIO(content))
    book["安澜底稿"]["D2"].value = "LB"
    book.save(tmp_path / "改.xlsx")
    with pytest.raises(IntakeError, match="被改动"):
        read(peopled, tmp_path / "改.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(content))
    del book["安澜校验"]
    book.save(tmp_path / "缺.xlsx")
    with pytest.raises(IntakeError, match="不是本系统导出的台账"):
        read(peopled, tmp_path / "缺.xlsx")


def test_a_ledger_of_another_area_is_refused_and_so_is_a_role_that_may_not_write(
    peopled: Settings, tmp_path: Path
) -> None:
    path = edited(out(peopled), lambda _: None, tmp_path)
    with pytest.raises(IntakeError, match="不在授权区域"):
        handing_in.preview(peopled, path, Scope("430502001", None, "operator"), TODAY)
    for role in ("emergency", "patroller"):
        number = account_of(peopled, role).id
        with pytest.raises(IntakeError, match="无权交回"):
            handing_in.preview(peopled, path, Scope("4305", number, role), TODAY)
    with pytest.raises(ExportError):
        ledger_bytes(peopled, account_of(peopled, "patroller"), "water")
    with pytest.raises(ExportError, match="授权范围"):
        ledger_bytes(peopled, account_of(peopled, "water"), "water", "43")


def test_a_returned_ledger_can_be_taken_back(peopled: Settings, tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        cell(sheet, "S1", NAMES["name"]).value = "老码头"
        cell(sheet, "S1", "状态", "救生圈").value = "损坏"

    shown = read(peopled, edited(out(peopled), change, tmp_path))
    receipt = handing_in.apply(peopled, shown, handing_in.accepted(shown.comparison), WATER, TODAY)
    assert receipt.batch is not None
    with connect(peopled, Login.IMPORTER, WATER) as connection:
        batch_undo.undo(connection, receipt.batch)
    assert stored(peopled, "S1").name == ""
    assert stored(peopled, "S1").items["lifebuoy"][0] == "good"


def test_the_command_line_shows_before_it_writes(peopled: Settings, tmp_path: Path) -> None:
    assert peopled.database_url is not None
    environment = {
        "DATABASE_URL": peopled.database_url.get_secret_value(),
        "ANLAN_STATE": str(peopled.state),
        "ANLAN_SETTINGS": "",
    }

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(ledger, words, env=environment)
        return done.exit_code, done.output

    file = tmp_path / "出.xlsx"
    assert run("export", str(file), "--as", "water")[0] == 0
    code, said = run("import", str(file), "--preview")
    assert (code, "没有改动" in said) == (0, True)

    def change(sheet: Any) -> None:
        cell(sheet, "S1", NAMES["name"]).value = "=老码头"

    path = edited(file.read_bytes(), change, tmp_path)
    book = openpyxl.load_workbook(path)
    cell(book["台账"], "S1", NAMES["name"]).data_type = "s"
    book.save(path)
    code, said = run("import", str(path), "--preview")
    assert "安装位置" not in said
    assert "点位名称：（空） → =老码头" in said
    assert stored(peopled, "S1").name == ""
    code, said = run("import", str(path), "--as", "water")
    assert (code, "已写入：1 处改动" in said) == (0, True)
    assert stored(peopled, "S1").name == "=老码头"
    assert "未写入任何内容" in run("import", str(path))[1]
    again = openpyxl.load_workbook(io.BytesIO(out(peopled)))
    assert cell(again["台账"], "S1", NAMES["name"]).data_type == "s"
