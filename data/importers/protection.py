"""Rows about what protects a bank beside stations: barriers and covers, cameras, patrols."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import shapely

from data.importers import cells
from data.importers.reading import Reading
from geo.crs import geodesic_length_m

if TYPE_CHECKING:
    from data.importers.registers import Tables
    from data.importers.rows import Record, Row

HEIGHT_MAX_M: Final = 20.0
REACH_MAX_M: Final = 5_000.0
CIRCLE_DEG: Final = 360.0
TINY: Final = 1e-9
"""Makes an open limit a closed one."""


def barrier(row: Row) -> Tables:
    """Return the barrier, fence or cover of a row; it stands at one water."""
    reading = Reading(row)
    record: Record = {
        "code": reading.code(),
        "kind": reading.choice("kind", "barrier_kind", "barrier"),
        "state": reading.choice("state", "device_state", "unverified"),
        "geom": reading.line(),
        # A name that means no single water was refused before, with those that are alike.
        "_water_code": reading.code("water_code", required=not (reading.has("water_name") and row.faults)),
    }
    reading.name("water_name", required=False)
    if "height_m" in row.headers:
        record["height_m"] = reading.number("height_m", 0.0, HEIGHT_MAX_M)
    if "installed_on" in row.headers:
        record["installed_on"] = reading.day("installed_on")
    record |= reading.places() | reading.provenance(row.position_method)
    return {"barrier": [reading.finish(record)]}


def camera(row: Row) -> Tables:
    """Return the camera of a row; one that says nothing of its angle sees all around."""
    reading = Reading(row)
    geom, method = reading.point()
    bearing = reading.number("bearing_deg", -TINY, CIRCLE_DEG)
    view = reading.number("view_deg", 0.0, CIRCLE_DEG + TINY)
    if not reading.has("reach_m"):
        reading.refuse("reach_m", "缺少可视距离", "请填能看清落水者的距离（米）")
    # Its water places a camera whose coordinates nobody noted (`unplaced`); a record of it has no water.
    reading.code("water_code", required=False)
    reading.name("water_name", required=False)
    record: Record = {
        "code": reading.code(),
        "state": reading.choice("state", "device_state", "unverified"),
        "geom": geom,
        "bearing_deg": max(bearing or 0.0, 0.0),
        "view_deg": view or CIRCLE_DEG,
        "reach_m": reading.number("reach_m", 0.0, REACH_MAX_M),
    }
    record |= reading.places() | reading.provenance(method)
    return {"camera": [reading.finish(record)]}


def patrol(row: Row) -> Tables:
    """Return the patrol of a row: where it went, from when to when; the way is measured, never believed."""
    reading = Reading(row)
    geom = reading.line()
    times = {}
    for column in ("started_at", "ended_at"):
        if not reading.has(column):
            reading.refuse(column, "缺少时间", "请写成 2026-05-01 08:30")
        times[column] = reading.cell(column, cells.moment)
    if times["started_at"] and times["ended_at"] and times["ended_at"] < times["started_at"]:
        reading.refuse("ended_at", "早于开始时间")
    code = reading.code(required=False) or _code_of(geom, times["started_at"])
    if not code and not reading.faults:
        reading.refuse("code", "缺少编号")
    record: Record = {
        "code": code,
        "geom": geom,
        "walked_m": 0.0 if geom is None else round(geodesic_length_m(geom), 1),
        "_water_code": reading.code("water_code", required=False),
        **times,
    }
    if "note" in row.headers:
        record["note"] = reading.name("note", required=False)
    record |= reading.places() | reading.provenance(row.position_method)
    return {"patrol": [reading.finish(record)]}


def _code_of(geom: Any, started_at: Any) -> str:  # noqa: ANN401 - shapely and a moment
    """Return a code made from the track: a recorder gives none, and the same track twice is one patrol."""
    if geom is None or started_at is None:
        return ""
    digest = hashlib.sha256(shapely.to_wkb(shapely.set_precision(geom, 1e-7))).hexdigest()
    return f"track-{started_at:%Y%m%d%H%M}-{digest[:8]}"
