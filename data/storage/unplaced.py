"""The work list of records that stand at their village or water until somebody points them out on the map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from data.reading import area_range, read_shapes
from data.storage.faults import EditConflictError, RecordNotFoundError

if TYPE_CHECKING:
    import geopandas as gpd
    from sqlalchemy import Connection

KINDS: Final = ("station", "institution", "hazard", "camera")
LIST: Final = (
    "SELECT '{kind}:' || id AS key, id, code, {name} AS name, area_code, position_method, raw_position, "
    "version, ST_AsBinary(geom) AS geometry FROM {kind} WHERE position_method IN {methods} "
    "AND area_code >= :low AND area_code < :high{use} ORDER BY area_code, code"
)
ROUGH: Final = "('village', 'derived')"
STATEMENTS: Final = {
    "station": LIST.format(kind="station", name="name", methods=ROUGH, use=" AND retired_on IS NULL"),
    # A school whose outline gave its point is where it is.
    "institution": LIST.format(kind="institution", name="name", methods="('village')", use=""),
    "hazard": LIST.format(kind="hazard", name="title", methods=ROUGH, use=" AND state <> 'closed'"),
    "camera": LIST.format(kind="camera", name="''", methods=ROUGH, use=""),
}
MOVE: Final = {
    kind: f"UPDATE {kind} SET geom = ST_SetSRID(ST_MakePoint(:lon, :lat), 4490), position_method = :method "  # noqa: S608 - a constant
    "WHERE id = :id AND version = :version RETURNING version"
    for kind in KINDS
}
FACTS: Final = {
    kind: f"SELECT version, position_method, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM {kind} WHERE id = :id"  # noqa: S608 - a constant
    for kind in KINDS
}

TOWNSHIP_DIGITS: Final = 9
WATERS: Final = {
    kind: "SELECT w.id, w.code, w.name, ST_AsBinary(ST_ClosestPoint(w.geom, r.geom)) AS geometry, "  # noqa: S608 - a constant
    f"ST_Distance(w.geom::geography, r.geom::geography) AS distance_m FROM {kind} r JOIN water w ON "
    f"w.area_code >= left(r.area_code, {TOWNSHIP_DIGITS}) "
    f"AND w.area_code < left(r.area_code, {TOWNSHIP_DIGITS}) || '~' "
    "WHERE r.id = :id ORDER BY distance_m, w.id"
    for kind in KINDS
}


@dataclass(frozen=True, kw_only=True)
class Move:
    """A record put somewhere: degrees in EPSG:4490, how the place is known, the version that was read."""

    kind: str
    id: int
    version: int
    lon: float
    lat: float
    method: str


def unplaced(connection: Connection, kind: str, within: str | None = None) -> gpd.GeoDataFrame:
    """Return the records of a kind that nobody has placed yet, indexed by `kind:id`."""
    return read_shapes(connection, STATEMENTS[kind], area_range(within), index="key")


def placed(connection: Connection, kind: str) -> gpd.GeoDataFrame:
    """Return code (the index), area, method, raw position and geometry of the records that have a place.

    Homes are known by their child and tell their precision, too; row security decides which are seen.
    """
    columns = "code, area_code, position_method, raw_position, ST_AsBinary(geom) AS geometry"
    source = kind
    if kind == "home":
        columns = (
            "c.code, h.area_code, h.position_method, h.raw_position, h.precision, "
            "ST_AsBinary(h.geom) AS geometry"
        )
        source = "home h JOIN child c ON c.id = h.child_id"
    method = "h.position_method" if kind == "home" else "position_method"
    statement = f"SELECT {columns} FROM {source} WHERE {method} NOT IN {ROUGH}"  # noqa: S608 - constants
    return read_shapes(connection, statement, index="code")


def waters_around(connection: Connection, kind: str, number: int) -> gpd.GeoDataFrame:
    """Return the waters of a record's township with the point of each next to it, the nearest first.

    Columns code, name, `distance_m` [m] and geometry (a point); indexed by id.
    """
    return read_shapes(connection, WATERS[kind], {"id": number})


def move(connection: Connection, made: Move) -> int:
    """Put a record where it was pointed out and return its new version.

    Raises
    ------
    EditConflictError
        If somebody saved it meanwhile.
    RecordNotFoundError
        If there is no such record, or it lies outside the scope's area.
    """
    values = {"id": made.id, "version": made.version, "lon": made.lon, "lat": made.lat, "method": made.method}
    saved = connection.scalar(text(MOVE[made.kind]), values)
    if saved is None:
        theirs = connection.execute(text(FACTS[made.kind]), {"id": made.id}).mappings().first()
        if theirs is None or theirs["version"] == made.version:
            raise RecordNotFoundError
        raise EditConflictError(dict(theirs))
    return int(saved)
