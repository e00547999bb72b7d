"""A small county to read and write in, by the importer, rolled back after the test."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from data.engine import Login, Scope, connect
from data.schema.tables import metadata
from data.storage.areas import upsert_areas
from data.storage.institutions import upsert_institutions
from data.storage.stations import upsert_items, upsert_stations
from data.storage.villages import upsert_villages
from data.storage.waters import upsert_waters
from data.upserting import ids_by_code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from data.settings import Settings

IMPORT = Scope("4305", None, "importer")


def fill(connection: Connection) -> None:
    """Write one county: a village, a reach, a pond, a school and two stations with their items."""
    upsert_areas(
        connection,
        pd.DataFrame(
            {
                "code": ["4305", "430502", "430502001", "430502001200"],
                "name": ["市", "甲县", "乙镇", "丙村"],
                "level": ["prefecture", "county", "township", "village"],
                "parent_code": [None, "4305", "430502", "430502001"],
            }
        ),
    )
    point = shapely.Point(111.0, 27.0)
    upsert_villages(
        connection, gpd.GeoDataFrame({"code": ["430502001200"]}, geometry=[point], crs="EPSG:4490")
    )
    upsert_waters(
        connection,
        gpd.GeoDataFrame(
            {
                "code": ["W1", "W2"],
                "name": ["河", "塘"],
                "kind": ["reach", "pond"],
                "area_code": ["430502001200", "430502001"],
                "width_m": [12.5, None],
            },
            geometry=[shapely.LineString([(111.0, 27.0), (111.01, 27.0)]), point.buffer(0.001)],
            crs="EPSG:4490",
        ),
    )
    upsert_institutions(
        connection,
        gpd.GeoDataFrame(
            {
                "code": ["I1"],
                "name": ["小学"],
                "kind": ["school"],
                "area_code": ["430502001"],
                "headcount": [90],
            },
            geometry=[point],
            crs="EPSG:4490",
        ),
    )
    waters = ids_by_code(connection, metadata.tables["water"])
    upsert_stations(
        connection,
        gpd.GeoDataFrame(
            {
                "code": ["S1", "S2"],
                "area_code": ["430502001200", "430502001"],
                "water_id": pd.array([waters["W1"], None], dtype="Int64"),
            },
            geometry=[point, point],
            crs="EPSG:4490",
        ),
    )
    stations = ids_by_code(connection, metadata.tables["station"])
    upsert_items(
        connection,
        pd.DataFrame(
            {
                "station_id": stations["S1"],
                "kind": ["sign", "lifebuoy", "rope", "pole"],
                "state": ["good", "good", "good", "missing"],
                "verified_on": [*[dt.date(2026, 5, 1)] * 3, None],
            }
        ),
    )


@pytest.fixture
def county(shared_database: Settings) -> Iterator[Connection]:
    """A transaction of the importer that holds one county; rolled back."""
    with connect(shared_database, Login.IMPORTER, IMPORT) as connection:
        fill(connection)
        yield connection
        connection.rollback()


@pytest.fixture
def stored_county(database: Settings) -> Settings:
    """A database of the test's own in which the county is committed."""
    with connect(database, Login.IMPORTER, IMPORT) as connection:
        fill(connection)
    return database
