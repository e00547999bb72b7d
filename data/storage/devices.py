"""Barriers, covers and cameras as their keepers see and save them, without overwriting each other."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import shapely
from psycopg.errors import InsufficientPrivilege, UniqueViolation
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from data.reading import area_range, read_shapes
from data.storage.faults import EditConflictError, RecordNotFoundError, RecordTakenError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import geopandas as gpd
    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True)
class BarrierForm:
    """A barrier, fence or cover as the form holds it; `line` in EPSG:4490. Its area is that of its water."""

    id: int | None
    code: str
    water_id: int
    kind: str
    state: str
    height_m: float | None
    installed_on: dt.date | None
    line: shapely.LineString
    position_method: str


@dataclass(frozen=True, kw_only=True)
class CameraForm:
    """A camera as the form holds it: degrees clockwise from north, metres, degrees in EPSG:4490."""

    id: int | None
    code: str
    area_code: str
    state: str
    bearing_deg: float
    view_deg: float
    reach_m: float
    lon: float
    lat: float
    position_method: str


_LINE: Final = "ST_GeomFromWKB(:line, 4490)"
_POINT: Final = "ST_SetSRID(ST_MakePoint(:lon, :lat), 4490)"
_AREA: Final = "(SELECT area_code FROM water WHERE id = :water_id)"
STATEMENTS: Final = {
    "barrier": (
        f"""
INSERT INTO barrier (code, area_code, water_id, kind, state, height_m, installed_on, geom, position_method)
VALUES (:code, {_AREA}, :water_id, :kind, :state, :height_m, :installed_on, {_LINE}, :position_method)
RETURNING id
""",  # noqa: S608 - a constant
        f"""
UPDATE barrier SET code = :code, area_code = {_AREA}, water_id = :water_id, kind = :kind, state = :state,
    height_m = :height_m, installed_on = :installed_on, geom = {_LINE}, position_method = :position_method
WHERE id = :id AND version = :version RETURNING id
""",  # noqa: S608 - a constant
    ),
    "camera": (
        f"""
INSERT INTO camera (code, area_code, state, bearing_deg, view_deg, reach_m, geom, position_method)
VALUES (:code, :area_code, :state, :bearing_deg, :view_deg, :reach_m, {_POINT}, :position_method)
RETURNING id
""",  # noqa: S608 - a constant
        f"""
UPDATE camera SET code = :code, area_code = :area_code, state = :state, bearing_deg = :bearing_deg,
    view_deg = :view_deg, reach_m = :reach_m, geom = {_POINT}, position_method = :position_method
WHERE id = :id AND version = :version RETURNING id
""",  # noqa: S608 - a constant
    ),
}
FACTS: Final = {
    "barrier": "SELECT b.id, b.code, b.area_code, b.water_id, w.name AS water_name, b.kind, b.state, "
    "b.height_m, b.installed_on, b.position_method, b.version, ST_AsBinary(b.geom) AS geometry "
    "FROM barrier b JOIN water w ON w.id = b.water_id WHERE ",
    "camera": "SELECT b.id, b.code, b.area_code, a.name AS area_name, b.state, b.bearing_deg, b.view_deg, "
    "b.reach_m, b.position_method, b.version, ST_AsBinary(b.geom) AS geometry "
    "FROM camera b JOIN area a ON a.code = b.area_code WHERE ",
}


def devices(connection: Connection, within: str, table: str) -> gpd.GeoDataFrame:
    """Return the barriers or the cameras (`table`) of an area in every state, indexed by id."""
    return read_shapes(
        connection,
        FACTS[table] + "b.area_code >= :low AND b.area_code < :high ORDER BY b.code",
        area_range(within),
    )


def device(connection: Connection, table: str, number: int) -> dict[str, Any] | None:
    """Return one barrier or camera as it stands now, its `geometry` a shape; None if there is none."""
    row = connection.execute(text(FACTS[table] + "b.id = :id"), {"id": number}).mappings().one_or_none()
    if row is None:
        return None
    return dict(row) | {"geometry": shapely.from_wkb(bytes(row["geometry"]))}


def save_device(connection: Connection, form: BarrierForm | CameraForm, expected_version: int | None) -> int:
    """Insert or update a barrier or camera and return its id.

    Raises
    ------
    EditConflictError
        If the stored version is not `expected_version`.
    RecordTakenError
        If the code is another record's.
    RecordNotFoundError
        If there is no such record, or it or its water lies outside the scope's area.
    """
    table = "barrier" if isinstance(form, BarrierForm) else "camera"
    insert, update = STATEMENTS[table]
    values: Mapping[str, object] = asdict(form) | {"version": expected_version}
    if isinstance(form, BarrierForm):
        values = dict(values) | {"line": shapely.to_wkb(form.line)}
    try:
        saved = connection.scalar(text(insert if form.id is None else update), values)
    except ProgrammingError as fault:
        if isinstance(fault.orig, InsufficientPrivilege):
            raise RecordNotFoundError from fault
        raise
    except IntegrityError as fault:
        if isinstance(fault.orig, UniqueViolation):
            raise RecordTakenError(f"编号“{form.code}”已被使用：请换一个编号。") from fault
        raise
    if saved is None:
        theirs = device(connection, table, cast("int", form.id))
        if theirs is None or theirs["version"] == expected_version:
            raise RecordNotFoundError
        raise EditConflictError(theirs)
    return int(saved)
