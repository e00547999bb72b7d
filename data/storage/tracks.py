"""Patrols out of recorded tracks: the banks around a track, and the walks that were saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from data.reading import read_shapes
from data.storage.faults import RecordNotFoundError

if TYPE_CHECKING:
    import datetime as dt

    import geopandas as gpd
    from sqlalchemy import Connection

AROUND_DEG = 0.01
"""About 1 km: a track that is further from any bank is far from it, however far."""


@dataclass(frozen=True, kw_only=True)
class PatrolForm:
    """One walk to save; `line` in EPSG:4490, `code` made from what was recorded."""

    code: str
    area_code: str
    line: shapely.LineString
    started_at: dt.datetime
    ended_at: dt.datetime
    walked_m: float
    note: str
    position_method: str


def banks_around(connection: Connection, bounds: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    """Return the banks within about 1 km of a box of degrees, with name and area of their waters."""
    west, south, east, north = bounds
    return read_shapes(
        connection,
        "SELECT b.id, b.water_id, b.side, b.part, b.start_m, b.length_m, w.name AS water_name, "
        "w.area_code, ST_AsBinary(b.geom) AS geometry FROM bank b JOIN water w ON w.id = b.water_id "
        "WHERE b.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4490) ORDER BY b.id",
        {
            "west": west - AROUND_DEG,
            "south": south - AROUND_DEG,
            "east": east + AROUND_DEG,
            "north": north + AROUND_DEG,
        },
    )


def save_patrol(
    connection: Connection, form: PatrolForm, *, account_id: int | None, batch_id: int | None = None
) -> int | None:
    """Insert a walk and return its id; None where the very same one is stored.

    Raises
    ------
    RecordNotFoundError
        If its area lies outside the scope's.
    """
    values = {
        "code": form.code,
        "area_code": form.area_code,
        "wkb": shapely.to_wkb(form.line),
        "started_at": form.started_at,
        "ended_at": form.ended_at,
        "walked_m": form.walked_m,
        "note": form.note,
        "position_method": form.position_method,
        "account_id": account_id,
        "batch_id": batch_id,
    }
    try:
        number = connection.scalar(
            text(
                "INSERT INTO patrol (code, area_code, geom, started_at, ended_at, walked_m, walked_by, note, "
                "position_method, batch_id) VALUES (:code, :area_code, ST_GeomFromWKB(:wkb, 4490), "
                ":started_at, :ended_at, :walked_m, :account_id, :note, :position_method, :batch_id) "
                "ON CONFLICT (code) DO NOTHING RETURNING id"
            ),
            values,
        )
    except ProgrammingError as fault:
        if isinstance(fault.orig, InsufficientPrivilege):
            raise RecordNotFoundError from fault
        raise
    return None if number is None else int(number)


def stored_codes(connection: Connection, codes: list[str]) -> set[str]:
    """Return those of the codes that are stored."""
    found = connection.scalars(text("SELECT code FROM patrol WHERE code = ANY(:codes)"), {"codes": codes})
    return set(found)


def recent(connection: Connection, within: str, days: int) -> gpd.GeoDataFrame:
    """Return the patrols of an area that ended in the last `days`, newest first, with who walked them."""
    return read_shapes(
        connection,
        "SELECT p.id, p.code, p.area_code, p.water_id, p.started_at, p.ended_at, p.walked_m, p.note, "
        "coalesce(a.display_name, '') AS person, ST_AsBinary(p.geom) AS geometry FROM patrol p "
        "LEFT JOIN account a ON a.id = p.walked_by WHERE p.area_code >= :low AND p.area_code < :high "
        "AND p.ended_at >= now() - make_interval(days => :days) ORDER BY p.ended_at DESC",
        {"low": within, "high": f"{within}~", "days": days},
    )
