"""Photos of stations and waters: what was taken of what, by whom, where; the pictures are files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from data import photo_files
from data.reading import area_range, read
from data.storage.faults import RecordNotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd
    from sqlalchemy import Connection

    from data.importers.pictures import Picture

SUBJECTS: Final = {
    "station": "SELECT area_code FROM station WHERE id = :id",
    "water": "SELECT area_code FROM water WHERE id = :id",
    "hazard": "SELECT area_code FROM hazard WHERE id = :id",
    "barrier": "SELECT area_code FROM barrier WHERE id = :id",
    "inspection_item": (
        "SELECT n.area_code FROM inspection_item i JOIN inspection n ON n.id = i.inspection_id "
        "WHERE i.id = :id"
    ),
}
"""Kinds of what a photo shows, each with the way to its area."""
RIGHTS: Final = {
    "station": "stations",
    "water": "stations",
    "barrier": "stations",
    "hazard": "hazards",
    "inspection_item": "inspections",
}
"""The data set whose readers see the photos of a kind."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the route of photos must know of one."""

    sha256: str
    subject_kind: str


@dataclass(frozen=True, kw_only=True)
class Host:
    """The station or open hazard (`kind`) next to a place, and how far it is [m]."""

    kind: str
    id: int
    code: str
    name: str
    distance_m: float


def add(
    connection: Connection, kind: str, subject_id: int, picture: Picture, account_id: int | None
) -> int | None:
    """Note that a picture shows a subject; return its number, None where it was noted before.

    Raises
    ------
    RecordNotFoundError
        If there is no such subject, or it lies outside the scope's area.
    """
    area = connection.scalar(text(SUBJECTS[kind]), {"id": subject_id})
    if area is None:
        raise RecordNotFoundError
    values: dict[str, Any] = {
        "kind": kind,
        "id": subject_id,
        "area": area,
        "sha256": picture.sha256,
        "taken_at": picture.taken_at,
        "lon": picture.lon,
        "lat": picture.lat,
        "width": picture.width_px,
        "height": picture.height_px,
        "account": account_id,
    }
    try:
        number = connection.execute(
            text(
                "INSERT INTO photo (subject_kind, subject_id, area_code, sha256, taken_at, geom, "
                "width_px, height_px, uploaded_by) VALUES (:kind, :id, :area, :sha256, :taken_at, "
                "ST_SetSRID(ST_MakePoint(CAST(:lon AS float8), CAST(:lat AS float8)), 4490), "
                ":width, :height, :account) "
                "ON CONFLICT (subject_kind, subject_id, sha256) DO NOTHING RETURNING id"
            ),
            values,
        ).scalar()
    except ProgrammingError as fault:
        if isinstance(fault.orig, InsufficientPrivilege):
            raise RecordNotFoundError from fault
        raise
    return None if number is None else int(number)


def keep(
    connection: Connection,
    folder: Path,
    subject: tuple[str, int],
    pictures: Sequence[Picture],
    account_id: int | None,
) -> int:
    """Write the files into `folder`, then the rows, and return how many are new.

    A row never names a file that is not there; a file without a row is seen by nobody.
    """
    for picture in pictures:
        photo_files.keep(folder, picture)
    added = [add(connection, *subject, picture, account_id) for picture in pictures]
    return sum(number is not None for number in added)


HOSTS: Final = {
    "station": "SELECT id, code, name, geom FROM station WHERE retired_on IS NULL "
    "AND position_method <> 'village'",
    "hazard": "SELECT id, code, title AS name, geom FROM hazard WHERE state <> 'closed' "
    "AND position_method <> 'village'",
}
"""What a photo of a walk may show: in use or open, and not standing at its village for want of a place."""


def nearest_hosts(
    connection: Connection, kind: str, places: Sequence[tuple[float | None, float | None]], within: str
) -> list[Host | None]:
    """Return what of a kind and area is next to each place (degrees, EPSG:4490), None where nothing is."""
    # The index knows degrees; of the few nearest in degrees the nearest in metres is meant.
    rows = connection.execute(
        text(
            "SELECT DISTINCT ON (p.n) p.n, s.id, s.code, s.name, "  # noqa: S608 - a constant
            "ST_Distance(CAST(s.geom AS geography), CAST(p.at AS geography)) AS distance_m FROM ("
            "SELECT n, ST_SetSRID(ST_MakePoint(lon, lat), 4490) AS at FROM unnest("
            "CAST(:lon AS float8[]), CAST(:lat AS float8[])) WITH ORDINALITY AS given (lon, lat, n)) AS p "
            f"CROSS JOIN LATERAL ({HOSTS[kind]} "
            "AND area_code >= :low AND area_code < :high ORDER BY geom <-> p.at LIMIT 4) AS s "
            "ORDER BY p.n, distance_m, s.id"
        ),
        area_range(within) | {"lon": [lon for lon, _ in places], "lat": [lat for _, lat in places]},
    ).all()
    found = {
        int(row.n): Host(kind=kind, id=row.id, code=row.code, name=row.name or "", distance_m=row.distance_m)
        for row in rows
    }
    return [found.get(number) for number in range(1, len(places) + 1)]


def photos_of(connection: Connection, kind: str, subjects: Sequence[int]) -> pd.DataFrame:
    """Return the photos of some subjects, the newest first, by number; withdrawn ones have `hidden_at`.

    `apart_m` is how far the camera said it stood from the subject, missing where it did not say.
    """
    table = kind if kind != "inspection_item" else "institution"
    owner = "s.id = p.subject_id" if kind != "inspection_item" else "false"
    return read(
        connection,
        "SELECT p.id, p.subject_id, p.taken_at, p.uploaded_at, "  # noqa: S608 - our own text
        "p.hidden_at, a.display_name AS uploaded_by, "
        "ST_Distance(p.geom::geography, s.geom::geography) AS apart_m FROM photo p "
        f"LEFT JOIN {table} s ON {owner} LEFT JOIN account a ON a.id = p.uploaded_by "
        "WHERE p.subject_kind = :kind AND p.subject_id = ANY(:subjects) "
        "ORDER BY coalesce(p.taken_at, p.uploaded_at) DESC, p.id DESC",
        {"kind": kind, "subjects": list(subjects)},
    )


def shown(connection: Connection, number: int, within: str) -> Shown | None:
    """Return one photo inside an area that was not withdrawn; None elsewhere, as where there is none."""
    row = connection.execute(
        text(
            "SELECT sha256, subject_kind FROM photo WHERE id = :id AND hidden_at IS NULL "
            "AND area_code >= :low AND area_code < :high"
        ),
        area_range(within) | {"id": number},
    ).one_or_none()
    return None if row is None else Shown(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping


def withdraw(connection: Connection, number: int, account_id: int | None, *, back: bool = False) -> None:
    """Take a photo out of sight, or put it back; its file and its row stay.

    Raises
    ------
    RecordNotFoundError
        If there is no such photo, or it lies outside the scope's area.
    """
    changed = connection.execute(
        text(
            "UPDATE photo SET hidden_at = CASE WHEN :back THEN NULL ELSE now() END, "
            "hidden_by = CASE WHEN :back THEN NULL ELSE CAST(:account AS bigint) END WHERE id = :id"
        ),
        {"id": number, "account": account_id, "back": back},
    )
    if changed.rowcount == 0:
        raise RecordNotFoundError
