"""The server killed at a random moment of an import: all of the file or nothing, and trying again is safe.

`ANLAN_KILLS=40 pytest tests/postgis/test_kill_during_import.py` kills it forty times.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from data import engine
from data.importers.intake import take_in
from data.importers.orders import Order
from data.server import cluster, migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.importers.receipts import Receipt
    from data.settings import Settings

KILLS = int(os.environ.get("ANLAN_KILLS", "4"))
ROWS = 400
AREAS = "代码,名称\n4305,邵阳市\n430502,双清区\n430502001,甲镇\n430502001200,丙村\n"
HEAD = "点位编号,区划代码,经度,纬度,警示牌,救生圈,救生绳,救生杆,检查日期\n"


@pytest.fixture
def own(server: Settings) -> Iterator[Settings]:
    """A server that the test may kill, with areas."""
    folder = Path(tempfile.mkdtemp(prefix="anlan-cut-"))
    folder.chmod(0o755)
    settings = server.model_copy(update={"state": folder})
    cluster.ensure_running(settings)
    migrate.upgrade(settings)
    send(settings, folder, "areas", AREAS)
    yield settings
    engine.dispose()
    cluster.stop(settings)
    shutil.rmtree(folder)


def send(settings: Settings, folder: Path, kind: str, table: str) -> Receipt:
    (folder / f"{kind}.csv").write_text(table, "utf-8")
    return take_in(settings, Order(kind=kind, path=folder / f"{kind}.csv", crs="EPSG:4490"))


def ledger(number: int) -> str:
    rows = (
        f"K{number}-{row},430502001200,{111.4 + row * 1e-4:.5f},27.2,1,1,1,1,2026-05-01"
        for row in range(ROWS)
    )
    return HEAD + "\n".join(rows)


def stored(settings: Settings, number: int) -> tuple[int, int, int]:
    """Return how many stations, items and checks of a file are there."""
    with engine.connect(settings, engine.Login.OWNER, readonly=True) as connection:
        row = connection.execute(
            text(
                "SELECT count(DISTINCT s.id), count(DISTINCT i.id), (SELECT count(*) FROM import_batch b "
                "WHERE EXISTS (SELECT FROM station t WHERE t.batch_id = b.id AND t.code LIKE :codes)) "
                "FROM station s LEFT JOIN station_item i ON i.station_id = s.id WHERE s.code LIKE :codes"
            ),
            {"codes": f"K{number}-%"},
        ).one()
    return int(row[0]), int(row[1]), int(row[2])


def test_a_server_killed_during_an_import_keeps_all_of_it_or_nothing(own: Settings) -> None:
    chance = random.Random(5)  # noqa: S311 - a test
    began = time.monotonic()
    assert send(own, own.state, "stations", ledger(0)).written == 5 * ROWS
    whole_s = time.monotonic() - began
    for number in range(1, KILLS + 1):
        with ThreadPoolExecutor(1) as beside:
            importing = beside.submit(send, own, own.state, "stations", ledger(number))
            time.sleep(chance.uniform(0.0, 1.1) * whole_s)
            os.kill(cluster.postmaster(own) or 0, signal.SIGKILL)
            cut = importing.exception(timeout=60) is not None
        engine.dispose()
        cluster.ensure_running(own)
        found = stored(own, number)
        assert found in {(0, 0, 0), (ROWS, 4 * ROWS, 1)}, number
        assert cut or found[0] == ROWS, "what was said to be stored is stored"
        again = send(own, own.state, "stations", ledger(number))
        assert again.already is not None or again.written == (0 if found[0] else 5 * ROWS)
        assert stored(own, number) == (ROWS, 4 * ROWS, 1)
