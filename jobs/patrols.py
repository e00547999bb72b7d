"""Patrol tracks: a GPX file judged against the banks around it, and what of it counts saved."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import shapely

from data import rights
from data.engine import Login, Scope, connect
from data.importers import gpx, positions
from data.importers.guards import Limits
from data.importers.intake import sha256_of
from data.schema.accounts import ROLES
from data.storage import audit, batches, tracks
from data.storage.audit import Action
from data.storage.tracks import PatrolForm
from data.upserting import Tally
from geo.crs import GEOGRAPHIC, to_geographic, to_metric
from geo.tables import Table
from hazards.layers import counted
from hazards.tracks import Rules, Walk, walks
from jobs.seen import parameters_of
from layers import words

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from data.importers.gpx import Segment
    from data.settings import Settings
    from geo.intervals import Floats

KIND: Final = "patrols"
SYSTEMS: Final = ("wgs84", "gcj02", "bd09")
"""What phones record in: WGS84 by the standard; some Chinese apps shift."""
FUTURE_S: Final = 3600.0
"""A phone's clock may be wrong by this much."""


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Where a walk ran along a bank: chainage on the whole bank [m]."""

    water: str
    side: str
    from_m: float
    to_m: float


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One part of a file as it is shown before it is saved; `reason` is empty where it can be.

    `line` is in EPSG:4490; `stored` if the very same walk was saved before; `age_days` since it ended.
    """

    name: str
    walk: Walk
    reason: str
    stretches: tuple[Stretch, ...] = ()
    line: shapely.LineString | None = None
    code: str = ""
    area_code: str = ""
    stored: bool = False
    age_days: int = 0
    shifted: str = ""

    @property
    def counts(self) -> bool:
        """Whether it can be saved now."""
        return not self.reason and not self.stored


def read(settings: Settings, path: Path) -> list[Segment]:
    """Return the segments of a file; see `data.importers.gpx.read` for what refuses it."""
    return gpx.read(path, Limits.of(settings))


def judged(
    connection: Connection, settings: Settings, segments: list[Segment], crs: str, within: str
) -> list[Judged]:
    """Return what becomes of each part of each segment for somebody who may write below `within`."""
    now = dt.datetime.now(tz=dt.UTC)
    found = [
        part for segment in segments for part in _segment(connection, settings, segment, crs, now, within)
    ]
    known = tracks.stored_codes(connection, [part.code for part in found if part.code])
    return [part if part.code not in known else Judged(**{**vars(part), "stored": True}) for part in found]


def _segment(  # noqa: PLR0913, PLR0917 - one segment and all it is judged by
    connection: Connection, settings: Settings, segment: Segment, crs: str, now: dt.datetime, within: str
) -> list[Judged]:
    parameters = parameters_of(connection)
    rules = Rules(
        track=parameters.track,
        patrol=parameters.patrol,
        snap_m=parameters.snap_m.patrol,
        now=now.timestamp() + FUTURE_S,
    )
    lonlat = np.array([point[:2] for point in segment.points], dtype=np.float64)
    seconds = np.array([np.nan if point[2] is None else point[2] for point in segment.points])
    stored = _stored(lonlat, crs)
    banks = to_metric(tracks.banks_around(connection, _bounds(stored)), settings.metric_crs)
    found = walks(_metres(stored, settings), seconds, banks, rules)
    shifted = ""
    if crs == "wgs84" and [walk.reason for walk in found] == ["off_bank"]:
        shifted = _shifted(connection, settings, lonlat, seconds, rules)
    name = segment.name or f"第 {segment.number} 段"
    return [_judged(walk, name, banks, now, within, shifted) for walk in found]


def _shifted(
    connection: Connection, settings: Settings, lonlat: Floats, seconds: Floats, rules: Rules
) -> str:
    """Return the shifted system in which the track would lie along a bank, or nothing."""
    for crs in SYSTEMS[1:]:
        stored = _stored(lonlat, crs)
        banks = to_metric(tracks.banks_around(connection, _bounds(stored)), settings.metric_crs)
        if any(not walk.reason for walk in walks(_metres(stored, settings), seconds, banks, rules)):
            return crs
    return ""


def _judged(  # noqa: PLR0913, PLR0917 - the facts of one part
    walk: Walk, name: str, banks: gpd.GeoDataFrame, now: dt.datetime, within: str, shifted: str
) -> Judged:
    if walk.line is None:
        return Judged(name=name, walk=walk, reason=walk.reason, shifted=shifted)
    rows = banks.iloc[walk.along.group]
    start = rows["start_m"].to_numpy(np.float64)
    stretches = tuple(
        Stretch(water=str(row.water_name), side=str(row.side), from_m=float(low), to_m=float(high))
        for row, low, high in zip(
            rows.itertuples(), start + walk.along.start, start + walk.along.stop, strict=True
        )
    )
    reason = walk.reason
    area = ""
    if stretches:
        metres = rows.assign(metres=walk.along.length_m).groupby("area_code")["metres"].sum()
        area = str(metres.idxmax())
        if not area.startswith(within):
            reason = reason or "elsewhere"
    else:
        reason = reason or "off_bank"
    line = to_geographic(gpd.GeoDataFrame(geometry=[walk.line], crs=banks.crs)).geometry.iloc[0]
    ended = dt.datetime.fromtimestamp(walk.ended, tz=dt.UTC)
    return Judged(
        name=name,
        walk=walk,
        reason=reason,
        stretches=stretches,
        line=line,
        code=_code(walk),
        area_code=area,
        age_days=(now - ended).days,
    )


def forms(parts: list[Judged], crs: str) -> list[PatrolForm]:
    """Return what is to be saved of the parts: those that count."""
    return [
        PatrolForm(
            code=part.code,
            area_code=part.area_code,
            line=part.line,
            started_at=dt.datetime.fromtimestamp(part.walk.started, tz=dt.UTC),
            ended_at=dt.datetime.fromtimestamp(part.walk.ended, tz=dt.UTC),
            walked_m=round(part.walk.walked_m, 1),
            note=part.name,
            position_method="stated" if crs == "wgs84" else "converted",
        )
        for part in parts
        if part.counts and part.line is not None
    ]


def take_in(settings: Settings, path: Path, crs: str, scope: Scope, login: Login) -> list[Judged]:
    """Judge a file and save what counts, in one transaction with its batch; return every part."""
    segments = read(settings, path)
    with connect(settings, login, scope) as connection:
        parts = judged(connection, settings, segments, crs, scope.area_code)
        batch = store(connection, path, crs, parts, scope)
        if batch is not None:
            written = len(forms(parts, crs))
            audit.record(
                connection, Action.IMPORT, scope, object_kind=KIND, object_ids=[batch], row_count=written
            )
    return parts


def store(connection: Connection, path: Path, crs: str, parts: list[Judged], scope: Scope) -> int | None:
    """Save what counts of a file and return its batch with its refusals; None where nothing counts.

    Who may hand in a track and import nothing else (a patroller) leaves no batch: the walk names its
    walker, and the id of the first walk is returned.
    """
    fresh = forms(parts, crs)
    if not fresh:
        return None
    if scope.role in ROLES and not rights.may(scope.role, "imports", "write"):
        walked = [tracks.save_patrol(connection, form, account_id=scope.account_id) for form in fresh]
        return next((number for number in walked if number is not None), None)
    batch = batches.open_batch(
        connection,
        kind=KIND,
        file_name=path.name,
        sha256=sha256_of(path),
        crs=crs,
        account_id=scope.account_id,
    )
    saved = [
        tracks.save_patrol(connection, form, account_id=scope.account_id, batch_id=batch) for form in fresh
    ]
    written = sum(number is not None for number in saved)
    refused = [part for part in parts if part.reason]
    batches.refuse(
        connection,
        batch,
        [batches.Refusal(sheet=part.name, reason=words.TRACK_REASONS[part.reason]) for part in refused],
    )
    batches.close_batch(
        connection,
        batch,
        Tally(inserted=written, unchanged=len(fresh) - written),
        refused=len(refused),
        details={"area_code": scope.area_code, "tables": {"patrol": {"inserted": written}}},
    )
    return batch


def lately(connection: Connection, within: str, days: int, as_of: dt.date) -> gpd.GeoDataFrame:
    """Return the patrols of an area of the last `days` with `counts`: whether they cover banks on a day."""
    found = tracks.recent(connection, within, days)
    return found.assign(counts=counted(Table.of(found), parameters_of(connection).patrol, as_of))


def _stored(lonlat: Floats, crs: str) -> Floats:
    shapes = positions.to_stored(np.asarray(shapely.points(lonlat), dtype=object), positions.reference(crs))
    return shapely.get_coordinates(shapes)


def _metres(lonlat: Floats, settings: Settings) -> Floats:
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*lonlat.T), crs=GEOGRAPHIC)
    return shapely.get_coordinates(to_metric(frame, settings.metric_crs).geometry.array)


def _bounds(lonlat: Floats) -> tuple[float, float, float, float]:
    (west, south), (east, north) = lonlat.min(axis=0), lonlat.max(axis=0)
    return float(west), float(south), float(east), float(north)


def _code(walk: Walk) -> str:
    """Return a key made of what was recorded: the same walk in another file is the same record."""
    begun = dt.datetime.fromtimestamp(walk.started, tz=dt.UTC)
    drawn = np.round(shapely.get_coordinates(walk.line), 1).tobytes()
    mark = hashlib.sha256(drawn + f"{walk.started:.0f}{walk.ended:.0f}".encode()).hexdigest()[:8]
    return f"T-{begun:%Y%m%d%H%M}-{mark}"
