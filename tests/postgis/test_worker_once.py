from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from data.engine import Login, Scope, connect
from jobs.assess import Refreshed
from jobs.worker import work

if TYPE_CHECKING:
    from data.settings import Settings


def test_once_ends_when_nothing_is_queued_and_tells_each_run(stored_county: Settings) -> None:
    told: list[Refreshed | Exception] = []
    work(stored_county, once=True, told=told.append)
    with connect(stored_county, Login.IMPORTER, Scope("4305", None, "importer")) as connection:
        connection.execute(text("UPDATE station SET geom = ST_Translate(geom, 0.003, 0)"))
    work(stored_county, once=True, told=told.append)
    work(stored_county, once=True, told=told.append)
    first, second = told
    assert isinstance(first, Refreshed)
    assert isinstance(second, Refreshed)
    assert first.waters is None
    assert second.waters is not None
    assert second.data_version > first.data_version
