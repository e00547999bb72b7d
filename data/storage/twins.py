"""Stored records that may be one: the pairs to judge, both sides of one pair, and what was said of them.

A station that is called the same as another is retired, with the verdict as the pointer to the one that
stays; its items, checks and photos stay with it. On institutions and hazards hang children, inspections and a
loop of their own: there the verdict is the pointer alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from psycopg.errors import InsufficientPrivilege, UniqueViolation
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data.importers.duplicates import NEAR_M, SPOT_M, alike
from data.reading import area_range, read
from data.storage.faults import EditConflictError, RecordNotFoundError, RecordTakenError
from data.storage.unplaced import ROUGH

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd
    from sqlalchemy import Connection

MARGIN_DEG: Final = 0.001
"""About 100 m: what the index looks through before metres are measured."""
PAIRS_MAX: Final = 20_000
SHOWN: Final = 500
ON_SPOT: Final = f"ST_DWithin(a.geom::geography, b.geom::geography, {SPOT_M})"
TABLES: Final = {
    "station": (
        "name",
        f"(coalesce(a.water_id = b.water_id, true) OR {ON_SPOT})",
        "{0}.retired_on IS NULL",
    ),
    "institution": ("name", "a.kind = b.kind", "true"),
    "hazard": ("title", "a.domain = b.domain", "{0}.state <> 'closed'"),
}
"""Kind → its name, what makes two of one kind (stations of two waters are two), which are in use."""
PAIRS: Final = """
SELECT a.id AS first_id, b.id AS second_id, a.code, a.{name} AS name, b.code AS other_code, b.{name} AS other,
    a.area_code, a.version AS first_version, b.version AS second_version,
    ST_X(a.geom) AS lon, ST_Y(a.geom) AS lat, ST_X(b.geom) AS other_lon, ST_Y(b.geom) AS other_lat,
    ST_Distance(a.geom::geography, b.geom::geography) AS distance_m
FROM {kind} a JOIN {kind} b ON b.id + 0 > a.id AND b.geom && ST_Expand(a.geom, :margin) AND {same}
WHERE {mine} AND {theirs} AND a.position_method NOT IN {rough} AND b.position_method NOT IN {rough}
AND a.area_code >= :low AND a.area_code < :high AND b.area_code >= :low AND b.area_code < :high
AND ST_Distance(a.geom::geography, b.geom::geography) <= :near
AND NOT EXISTS (SELECT FROM twin_verdict v WHERE v.kind = '{kind}' AND v.first_id = a.id
    AND v.second_id = b.id AND v.undone_at IS NULL)
ORDER BY distance_m, a.id, b.id LIMIT :most
"""
"""`b.id + 0`: the index on ids, which holds half of the table for each record, is not to be asked."""
SIDES: Final = {
    "station": (
        "SELECT s.id, s.code, s.name, ar.name AS area, coalesce(w.name, '') AS water, s.installed_on, "
        "s.responsible_unit, s.note, s.position_method, coalesce(b.file_name, '') AS source, "
        "(SELECT string_agg(i.kind || ':' || i.state, ' ' ORDER BY i.kind) FROM station_item i "
        "WHERE i.station_id = s.id) AS items, (SELECT max(c.checked_on) FROM item_check c "
        "WHERE c.station_id = s.id) AS checked_on, (SELECT count(*) FROM photo p "
        "WHERE p.subject_kind = 'station' AND p.subject_id = s.id AND p.hidden_at IS NULL) AS photos "
        "FROM station s JOIN area ar ON ar.code = s.area_code LEFT JOIN water w ON w.id = s.water_id "
        "LEFT JOIN import_batch b ON b.id = s.batch_id WHERE s.id = ANY(:ids)"
    ),
    "institution": (
        "SELECT s.id, s.code, s.name, ar.name AS area, s.kind, s.headcount, s.boarders, s.contact_unit, "
        "s.position_method, coalesce(b.file_name, '') AS source FROM institution s "
        "JOIN area ar ON ar.code = s.area_code "
        "LEFT JOIN import_batch b ON b.id = s.batch_id WHERE s.id = ANY(:ids)"
    ),
    "hazard": (
        "SELECT s.id, s.code, s.title AS name, ar.name AS area, s.domain, s.grade, s.state, s.found_on, "
        "s.deadline, s.responsible_unit, s.position_method, coalesce(b.file_name, '') AS source "
        "FROM hazard s JOIN area ar ON ar.code = s.area_code "
        "LEFT JOIN import_batch b ON b.id = s.batch_id WHERE s.id = ANY(:ids)"
    ),
}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is said of a pair, with the versions that were read; `kept_id` only where the two are one."""

    kind: str
    first_id: int
    second_id: int
    first_version: int
    second_version: int
    kept_id: int | None = None
    note: str = ""


def pairs(connection: Connection, kind: str, within: str) -> pd.DataFrame:
    """Return the pairs of an area that may be one and that nobody has judged, the nearest first.

    Columns first_id, second_id, code, name, other_code, other, area_code, both versions, lon, lat, other_lon,
    other_lat (degrees, EPSG:4490) and distance_m [m]. At most `SHOWN`.
    """
    name, same, use = TABLES[kind]
    statement = PAIRS.format(
        kind=kind, name=name, same=same, mine=use.format("a"), theirs=use.format("b"), rough=ROUGH
    )
    found = read(
        connection,
        statement,
        area_range(within) | {"margin": MARGIN_DEG, "near": NEAR_M, "most": PAIRS_MAX},
    )
    told = zip(found["name"], found["other"], found["distance_m"], strict=True)
    like = np.array([alike(str(one), str(other), float(apart)) for one, other, apart in told], dtype=bool)
    return found[like].head(SHOWN).reset_index(drop=True)


def sides(connection: Connection, kind: str, first: int, second: int) -> list[dict[str, Any]]:
    """Return both records of a pair, in this order; what tells them apart."""
    rows = connection.execute(text(SIDES[kind]), {"ids": [first, second]}).mappings()
    held = {int(row["id"]): dict(row) for row in rows}
    return [held[number] for number in (first, second) if number in held]


def judge(connection: Connection, said: Verdict, *, day: dt.date, account_id: int | None) -> int:
    """Write a verdict, retire the other station where the two are one, and return the verdict's number.

    Raises
    ------
    EditConflictError
        If one of the two was saved since it was read.
    RecordTakenError
        If somebody judged the pair meanwhile.
    RecordNotFoundError
        If one of the two is not there or not the judge's to change.
    """
    held = _held(connection, said.kind, said.first_id, said.second_id)
    if held != {said.first_id: said.first_version, said.second_id: said.second_version}:
        raise EditConflictError({"versions": held})
    retired = None
    if said.kept_id is not None and said.kind == "station":
        dropped = said.second_id if said.kept_id == said.first_id else said.first_id
        retired = connection.scalar(
            text(
                "UPDATE station SET retired_on = :day WHERE id = :id AND retired_on IS NULL RETURNING version"
            ),
            {"day": day, "id": dropped},
        )
        if retired is None:
            raise RecordNotFoundError
    try:
        number = connection.scalar(
            text(
                "INSERT INTO twin_verdict (kind, first_id, second_id, area_code, verdict, kept_id, "  # noqa: S608 - a constant
                "retired_version, note, decided_by) VALUES (:kind, :first, :second, "
                f"(SELECT area_code FROM {said.kind} WHERE id = :first), :verdict, :kept, :retired, :note, "
                ":account) RETURNING id"
            ),
            {
                "kind": said.kind,
                "first": said.first_id,
                "second": said.second_id,
                "verdict": "different" if said.kept_id is None else "same",
                "kept": said.kept_id,
                "retired": retired,
                "note": said.note,
                "account": account_id,
            },
        )
    except DBAPIError as fault:
        if isinstance(fault.orig, UniqueViolation):
            raise RecordTakenError("这一对刚被他人判定：请刷新后查看。") from fault
        if isinstance(fault.orig, InsufficientPrivilege):
            raise RecordNotFoundError from fault
        raise
    return int(number or 0)


def undo(connection: Connection, number: int, *, account_id: int | None) -> tuple[int, int]:
    """Take a verdict back, a retired station into use again, and return the ids of the pair.

    Raises
    ------
    EditConflictError
        If the retired station was saved since.
    RecordNotFoundError
        If there is no such verdict, it was undone, or its records are not this person's to change.
    """
    row = connection.execute(
        text(
            "SELECT kind, first_id, second_id, kept_id, retired_version FROM twin_verdict "
            "WHERE id = :id AND undone_at IS NULL"
        ),
        {"id": number},
    ).one_or_none()
    if row is None:
        raise RecordNotFoundError
    _held(connection, row.kind, row.first_id, row.second_id)
    if row.retired_version is not None:
        dropped = row.second_id if row.kept_id == row.first_id else row.first_id
        back = connection.scalar(
            text("UPDATE station SET retired_on = NULL WHERE id = :id AND version = :version RETURNING id"),
            {"id": dropped, "version": row.retired_version},
        )
        if back is None:
            raise EditConflictError({"id": dropped})
    try:
        changed = connection.execute(
            text("UPDATE twin_verdict SET undone_at = now(), undone_by = :account WHERE id = :id"),
            {"id": number, "account": account_id},
        )
    except DBAPIError as fault:
        if isinstance(fault.orig, InsufficientPrivilege):
            raise RecordNotFoundError from fault
        raise
    if changed.rowcount == 0:
        raise RecordNotFoundError
    return row.first_id, row.second_id


def verdicts(connection: Connection, kind: str, within: str) -> pd.DataFrame:
    """Return what was said of pairs of an area and stands, the newest first, with both codes and names."""
    name, *_ = TABLES[kind]
    return read(
        connection,
        f"SELECT v.id, v.verdict, v.kept_id, v.first_id, v.note, v.decided_at, a.code, a.{name} AS name, "  # noqa: S608 - a constant
        f"b.code AS other_code, b.{name} AS other, coalesce(p.display_name, '') AS person "
        f"FROM twin_verdict v JOIN {kind} a ON a.id = v.first_id JOIN {kind} b ON b.id = v.second_id "
        "LEFT JOIN account p ON p.id = v.decided_by WHERE v.kind = :kind AND v.undone_at IS NULL "
        "AND v.area_code >= :low AND v.area_code < :high ORDER BY v.id DESC LIMIT 200",
        area_range(within) | {"kind": kind},
    )


def _held(connection: Connection, kind: str, first: int, second: int) -> dict[int, int]:
    """Lock both records in one order and return their versions.

    Raises
    ------
    RecordNotFoundError
        If one is not there or not the scope's to change.
    """
    try:
        rows = connection.execute(
            text(f"SELECT id, version FROM {kind} WHERE id IN (:one, :two) ORDER BY id FOR NO KEY UPDATE"),  # noqa: S608 - a constant
            {"one": first, "two": second},
        ).all()
    except DBAPIError as fault:
        if isinstance(fault.orig, InsufficientPrivilege):
            raise RecordNotFoundError from fault
        raise
    if len(rows) != 2:  # noqa: PLR2004 - a pair
        raise RecordNotFoundError
    return {int(row.id): int(row.version) for row in rows}
