"""What PostGIS knows of a column is told to nobody who may not read the column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from data.engine import Login, Scope, connect
from data.server import cluster

if TYPE_CHECKING:
    from data.settings import Settings

TELLING = (
    "_postgis_stats('home', 'geom')",
    "_postgis_selectivity('home', 'geom', ST_MakeEnvelope(110, 26, 112, 28, 4490))",
    "_postgis_join_selectivity('home', 'geom', 'station', 'geom')",
    "_postgis_index_extent('home', 'geom')",
    "ST_EstimatedExtent('home', 'geom')",
    "ST_EstimatedExtent('public', 'home', 'geom')",
    "ST_EstimatedExtent('public', 'home', 'geom', false)",
)


@pytest.mark.parametrize("call", TELLING)
@pytest.mark.parametrize("login", [Login.GENERAL, Login.CHILD])
def test_statistics_of_homes_are_told_to_no_page(prefecture: Settings, login: Login, call: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied") as raised,
        connect(prefecture, login, Scope("430502", None, "water"), readonly=True) as connection,
    ):
        connection.execute(text(f"SELECT {call}"))
    assert isinstance(raised.value.orig, InsufficientPrivilege)


def test_no_statistics_of_homes_are_gathered(prefecture: Settings, server: Settings) -> None:
    name = make_url(prefecture.url(Login.OWNER)).database or ""
    with cluster.superuser_connection(server, name) as connection:
        connection.execute("ANALYZE home")
        kept = connection.execute(
            "SELECT count(*) FROM pg_stats WHERE tablename = 'home' AND attname = 'geom'"
        ).fetchone()
    assert kept == (0,)
