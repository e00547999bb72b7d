"""The estimate of what works today: what it is made from, its storing, and what pages read of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

from data.copying import copy_frame
from data.reading import area_range, read, read_shapes
from data.schema.outlook import station_outlook

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import pandas as pd
    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """One estimate: its day, the data it saw, its parameters, and the rates of loss it found."""

    id: int
    as_of: dt.date
    data_version: int
    parameters: Mapping[str, object]
    rates: Sequence[Mapping[str, object]]
    made_at: dt.datetime


def stations_to_judge(connection: Connection) -> gpd.GeoDataFrame:
    """Return the stations in use, by id: water_class (C where none is known), ring_m and children_band.

    `ring_m` is the length of the ring it stands on, missing elsewhere. All of it is what every bureau sees.
    """
    return read_shapes(
        connection,
        "SELECT s.id, coalesce(d.water_class, k.water_class, 'C') AS water_class, "
        "CASE WHEN b.side = 'ring' THEN b.length_m END AS ring_m, "
        "coalesce(e.children_band, '0') AS children_band, ST_AsBinary(s.geom) AS geometry FROM station s "
        "LEFT JOIN station_finding f ON f.station_id = s.id LEFT JOIN bank b ON b.id = f.bank_id "
        "LEFT JOIN bank_finding d ON d.bank_id = b.id "
        # One whose place is guessed stands on no bank, and its water may be known.
        "LEFT JOIN (SELECT o.water_id, min(c.water_class) AS water_class FROM bank o "
        "JOIN bank_finding c ON c.bank_id = o.id GROUP BY 1) k ON k.water_id = s.water_id "
        "LEFT JOIN water_exposure e ON e.water_id = coalesce(s.water_id, b.water_id) "
        "WHERE s.retired_on IS NULL ORDER BY s.id",
    )


def checks(connection: Connection) -> pd.DataFrame:
    """Return every check of the stations in use: station_id, kind, state, checked_on."""
    return read(
        connection,
        "SELECT c.station_id, c.kind, c.state, c.checked_on FROM item_check c "
        "JOIN station s ON s.id = c.station_id WHERE s.retired_on IS NULL ORDER BY c.id",
    )


def store(connection: Connection, made: Mapping[str, object], stations: pd.DataFrame) -> int:
    """Replace the estimate and return its number; `made` has as_of, data_version, parameters and rates."""
    # One after the other: two estimates at once would each bring the same stations.
    connection.execute(text("LOCK TABLE station_outlook IN SHARE ROW EXCLUSIVE MODE"))
    connection.execute(text("DELETE FROM station_outlook"))
    copy_frame(connection, station_outlook, stations)
    number = connection.execute(
        text(
            "INSERT INTO outlook (as_of, data_version, parameters, rates) VALUES (:as_of, :data_version, "
            "CAST(:parameters AS jsonb), CAST(:rates AS jsonb)) RETURNING id"
        ),
        dict(made) | {name: json.dumps(made[name], ensure_ascii=False) for name in ("parameters", "rates")},
    ).scalar_one()
    return int(number)


def latest(connection: Connection) -> Outlook | None:
    """Return the newest estimate, None before the first."""
    row = connection.execute(
        text(
            "SELECT id, as_of, data_version, parameters, rates, made_at FROM outlook ORDER BY id DESC LIMIT 1"
        )
    ).one_or_none()
    return None if row is None else Outlook(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping


def stations_with_outlook(connection: Connection, within: str | None = None) -> gpd.GeoDataFrame:
    """Return the stations in use with their estimate, by id, the first to verify first.

    `rank` counts those whose set is complete on record; it is missing where something is known to lack: there
    a purchase is due, not a look, and where nobody knows its place. `verified_on` is the oldest
    check of the items.
    """
    return read_shapes(
        connection,
        "SELECT s.id, s.code, s.name, s.area_code, a.name AS area_name, w.code AS water_code, "
        "w.name AS water_name, s.responsible_unit, f.status, o.works, o.works_low, o.works_high, o.losses, "
        "o.repeated, i.verified_on, CASE WHEN f.status IN ('valid', 'expired') THEN row_number() OVER ("
        "PARTITION BY f.status IN ('valid', 'expired') ORDER BY o.risk DESC, o.works, s.id) END AS rank, "
        "ST_AsBinary(s.geom) AS geometry FROM station s JOIN station_outlook o ON o.station_id = s.id "
        "JOIN area a ON a.code = s.area_code LEFT JOIN water w ON w.id = s.water_id "
        "LEFT JOIN station_finding f ON f.station_id = s.id LEFT JOIN ("
        "SELECT station_id, min(verified_on) AS verified_on FROM station_item GROUP BY 1) i "
        "ON i.station_id = s.id WHERE s.retired_on IS NULL AND s.area_code >= :low AND s.area_code < :high "
        "ORDER BY rank NULLS LAST, s.id",
        area_range(within),
    )
