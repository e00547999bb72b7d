"""Photos of a walk: each put to the station where it was taken, by the place that the camera noted."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

import numpy as np

from data.importers import guards, positions
from data.importers.guards import Limits
from data.importers.pictures import made_anew
from data.importers.rows import IntakeError
from data.storage import audit, photos

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from data.engine import Scope
    from data.importers.pictures import Picture
    from data.settings import Settings

SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png"})
SYSTEMS: Final = ("wgs84", "gcj02", "bd09")
"""EXIF 2.32 leaves the datum to the camera; nearly all write WGS84, some programs on phones GCJ-02."""
NEAR_M: Final = 60.0
"""A phone is 5 to 20 m off, and a set is photographed from where its sign can be read."""
HOSTS: Final = "station"


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One picture made anew, under the name that its file had."""

    name: str
    picture: Picture


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A picture with its place in EPSG:4490 and the nearest station [m]; `why` says what keeps it out."""

    name: str
    picture: Picture
    station_id: int | None = None
    code: str = ""
    station: str = ""
    distance_m: float | None = None
    why: str = ""

    @property
    def counts(self) -> bool:
        """Whether it can be kept."""
        return not self.why


def members(settings: Settings, path: Path) -> Iterator[tuple[str, bytes]]:
    """Give name and bytes of every picture in a folder or a zip archive, and of a picture itself.

    Raises
    ------
    IntakeError
        If there is no picture, or the archive is not sound.
    """
    found = 0
    for name, raw in _files(settings, path):
        found += 1
        yield name, raw
    if not found:
        raise IntakeError(f"{path.name} 里没有照片：可接收 JPEG、PNG，或含有它们的文件夹、.zip。")


def _files(settings: Settings, path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.suffix.lower() in SUFFIXES and file.is_file() and not file.is_symlink():
                yield file.name, file.read_bytes()
        return
    if not path.is_file():
        raise IntakeError(f"找不到 {path.name}：请检查路径。")
    if path.suffix.lower() != ".zip":
        if path.suffix.lower() in SUFFIXES:
            yield path.name, path.read_bytes()
        return
    guards.require_archive(path, Limits.of(settings))
    with zipfile.ZipFile(path) as archive:
        for member in sorted(archive.infolist(), key=lambda one: one.filename):
            name = PurePosixPath(member.filename.replace("\\", "/")).name
            # What macOS adds beside every picture begins so.
            if Path(name).suffix.lower() in SUFFIXES and not name.startswith("._"):
                yield name, archive.read(member)


def decoded(settings: Settings, given: Sequence[tuple[str, bytes]]) -> Iterator[Taken | IntakeError]:
    """Give each file as a picture made anew, or as what is wrong with it."""
    for name, raw in given:
        try:
            yield Taken(name=name, picture=made_anew(settings, name, raw))
        except IntakeError as fault:
            yield fault


def placed(connection: Connection, taken: Sequence[Taken], system: str, within: str) -> list[Placed]:
    """Return the pictures with the station of `within` that each was taken at, read in one of `SYSTEMS`."""
    moved = [replace(one, picture=_stored(one.picture, system)) for one in taken]
    noted = [at for at, one in enumerate(moved) if one.picture.lon is not None]
    near = photos.nearest_stations(
        connection, [(moved[at].picture.lon, moved[at].picture.lat) for at in noted], within
    )
    result = [
        Placed(name=one.name, picture=one.picture, why="照片里没有位置：微信转发会丢失位置，请选“原图”再发")
        for one in moved
    ]
    for at, host in zip(noted, near, strict=True):
        result[at] = _at(moved[at], host)
    return result


def _at(one: Taken, host: photos.Host | None) -> Placed:
    if host is None:
        return Placed(name=one.name, picture=one.picture, why="本区域还没有点位")
    why = "" if host.distance_m <= NEAR_M else f"{NEAR_M:g} 米内没有点位：请先登记点位，或改选坐标系"
    return Placed(
        name=one.name,
        picture=one.picture,
        station_id=host.id,
        code=host.code,
        station=host.name,
        distance_m=host.distance_m,
        why=why,
    )


def fits(connection: Connection, taken: Sequence[Taken], within: str) -> dict[str, int]:
    """Return how many pictures would lie at a station in each system: the evidence for choosing one."""
    return {
        system: sum(one.counts for one in placed(connection, taken, system, within)) for system in SYSTEMS
    }


def keep(connection: Connection, settings: Settings, found: Sequence[Placed], scope: Scope) -> int:
    """Keep the pictures that count, with the act, and return how many are new."""
    hosts: dict[int, list[Picture]] = {}
    for one in found:
        if one.counts and one.station_id is not None:
            hosts.setdefault(one.station_id, []).append(one.picture)
    if not hosts:
        return 0
    new = sum(
        photos.keep(connection, settings.photos, (HOSTS, number), pictures, scope.account_id)
        for number, pictures in hosts.items()
    )
    audit.record(
        connection,
        audit.Action.SAVE_PHOTO,
        scope,
        object_kind=HOSTS,
        object_ids=sorted(hosts),
        row_count=new,
    )
    return new


def _stored(picture: Picture, system: str) -> Picture:
    if picture.lon is None or picture.lat is None or system not in positions.SHIFTED:
        return picture
    lon, lat = positions.SHIFTED[system](np.array([picture.lon]), np.array([picture.lat]))
    return replace(picture, lon=float(lon[0]), lat=float(lat[0]))
