"""A disk that is full, or soon would be: said before anything is written, and nothing is half written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from data.engine import Login, connect
from data.importers import intake
from data.importers.intake import take_in
from data.importers.orders import Order
from data.importers.rows import IntakeError

if TYPE_CHECKING:
    from pathlib import Path

    from data.settings import Settings

AREAS = "代码,名称\n4305,邵阳市\n430502,双清区\n"


def order(folder: Path) -> Order:
    (folder / "区划.csv").write_text(AREAS, "utf-8")
    return Order(kind="areas", path=folder / "区划.csv")


def areas(settings: Settings) -> int:
    with connect(settings, Login.OWNER, readonly=True) as connection:
        return int(connection.scalar(text("SELECT count(*) FROM area")) or 0)


def test_an_import_is_refused_before_it_begins_where_its_rows_may_not_fit(
    server: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "ROOM_MB", 10**12)
    with pytest.raises(IntakeError, match=r"磁盘只剩 \d+ MB，导入 区划\.csv 需要约 \d+ MB，未写入任何内容"):
        take_in(server, order(tmp_path))


def test_a_disk_that_fills_up_midway_is_named_and_nothing_stays(database: Settings, tmp_path: Path) -> None:
    with connect(database, Login.OWNER) as connection:
        connection.execute(
            text(
                "CREATE FUNCTION fills_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
            )
        )
        connection.execute(
            text(
                "CREATE TRIGGER fills_up BEFORE INSERT ON area FOR EACH ROW WHEN (NEW.code = '430502') "
                "EXECUTE FUNCTION fills_up()"
            )
        )
    with pytest.raises(IntakeError, match="磁盘已满，未写入任何内容"):
        take_in(database, order(tmp_path))
    assert areas(database) == 0
    with connect(database, Login.OWNER) as connection:
        connection.execute(text("DROP TRIGGER fills_up ON area"))
    assert take_in(database, order(tmp_path)).written == 2
