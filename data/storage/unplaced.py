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

KINDS: Final = ("station", "institution")
LIST: Final = (
    "SELECT '{kind}:' || id AS key, id, code, name, area_code, position_method, raw_position, version, "
    "ST_AsBinary(geom) AS geometry FROM {kind} WHERE position_method IN {methods} "
    "AND area_code >= :low AND area_code < :high{use} ORDER BY area_code, code"
)
STATEMENTS: Final = {
    "station": LIST.format(kind="station", methods="('village', 'derived')", use=" AND retired_on IS NULL"),
    # A school whose outline gave its point is where it is.
    "institution": LIST.format(kind="institution", methods="('village')", use=""),
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
