"""Two counties with children, in a database of their own; nobody's name, nobody's home."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from psycopg import sql
from pydantic import SecretStr

from data import engine
from data.copying import copy_frame
from data.engine import Login, Scope, connect
from data.schema.tables import metadata
from data.server import cluster
from data.storage.areas import upsert_areas
from data.storage.children import upsert_children, upsert_homes
from data.storage.stations import upsert_items, upsert_stations
from data.storage.waters import upsert_waters
from data.upserting import ids_by_code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.settings import Settings

NAME = "rights"
COUNTIES = ("430502", "430503")


@pytest.fixture(scope="session")
def prefecture(server: Settings, template: str) -> Iterator[Settings]:
    """Settings of a database with four children in each of two counties, one of them sealed."""
    engine.dispose()
    with cluster.superuser_connection(server, "postgres") as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER anlan_owner").format(
                sql.Identifier(NAME), sql.Identifier(template)
            )
        )
    settings = server.model_copy(
        update={"database_url": SecretStr(f"postgresql:///{NAME}?host={server.socket_dir}")}
    )
    _fill(settings)
    yield settings
    engine.dispose()


def _fill(settings: Settings) -> None:
    codes = [f"{county}{number}" for county in COUNTIES for number in range(4)]
    counties = [code[:6] for code in codes]
    places = shapely.points([111.0 + 0.001 * number for number in range(8)], 27.0)
    with connect(settings, Login.IMPORTER, Scope("4305", None, "importer")) as connection:
        upsert_areas(
            connection,
            pd.DataFrame(
                {
                    "code": ["4305", *COUNTIES],
                    "name": ["市", "甲县", "乙县"],
                    "level": ["prefecture", "county", "county"],
                    "parent_code": [None, "4305", "4305"],
                }
            ),
        )
        records = gpd.GeoDataFrame({"code": codes, "area_code": counties}, geometry=places, crs="EPSG:4490")
        upsert_waters(connection, records.assign(name="塘", kind="pond"))
        upsert_stations(connection, records)
        stations = ids_by_code(connection, metadata.tables["station"])
        upsert_items(connection, pd.DataFrame({"station_id": stations, "kind": "rope", "state": "good"}))
        children = pd.DataFrame(
            {
                "code": codes,
                "area_code": counties,
                "category": "other",
                "birth_month": pd.Timestamp("2018-05-01"),
                "sealed": [code.endswith("3") for code in codes],
            }
        )
        upsert_children(connection, children)
        child_ids = ids_by_code(connection, metadata.tables["child"])
        water_ids = ids_by_code(connection, metadata.tables["water"])
        homes = gpd.GeoDataFrame(
            {"child_id": child_ids.reindex(codes).to_numpy(), "area_code": counties},
            geometry=places,
            crs="EPSG:4490",
        )
        upsert_homes(connection, homes)
    with connect(settings, Login.WORKER) as connection:
        near = homes.drop(columns="geometry").assign(
            target_kind="water", target_id=water_ids.reindex(codes).to_numpy(), distance_m=30.0
        )
        copy_frame(connection, metadata.tables["proximity"], pd.DataFrame(near))
