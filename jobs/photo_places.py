"""Photos of a walk: each put to the station or open hazard where it was taken, by the camera's own place."""

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
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from data.engine import Scope
    from data.importers.pictures import Picture
    from data.settings import Settings
    from data.storage.photos import Host

SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png"})
TITLES: Final = {"station": "点位", "hazard": "隐患"}
SYSTEMS: Final = ("wgs84", "gcj02", "bd09")
"""EXIF 2.32 leaves the datum to the camera; nearly all write WGS84, some programs on phones GCJ-02."""
NEAR_M: Final = 60.0
"""A phone is 5 to 20 m off, and a set is photographed from where its sign can be read."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One picture made anew, under the name that its file had."""

    name: str
    picture: Picture


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A picture with its place in EPSG:4490 and what it may show; `why` says what keeps it out.

    `host` is where it goes; where nothing is near, the nearest. Where `near` holds a station and a hazard,
    somebody chooses.
    """

    name: str
    picture: Picture
    host: Host | None = None
    near: tuple[Host, ...] = ()
    why: str = ""

    @property
    def counts(self) -> bool:
        """Whether it can be kept."""
        return not self.why

    @property
    def undecided(self) -> bool:
        """Whether it can be kept as soon as somebody has chosen."""
        return self.host is None and len(self.near) > 1


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


def placed(
    connection: Connection,
    taken: Sequence[Taken],
    system: str,
    within: str,
    chosen: Mapping[int, str] | None = None,
) -> list[Placed]:
    """Return the pictures with what of `within` each was taken at, read in one of `SYSTEMS`.

    `chosen` says by position which kind a picture shows where a station and a hazard are both near.
    """
    moved = [replace(one, picture=_stored(one.picture, system)) for one in taken]
    noted = [at for at, one in enumerate(moved) if one.picture.lon is not None]
    places = [(moved[at].picture.lon, moved[at].picture.lat) for at in noted]
    hosts = [photos.nearest_hosts(connection, kind, places, within) for kind in photos.HOSTS]
    result = [
        Placed(name=one.name, picture=one.picture, why="照片里没有位置：微信转发会丢失位置，请选“原图”再发")
        for one in moved
    ]
    for at, *found in zip(noted, *hosts, strict=True):
        there = sorted((one for one in found if one is not None), key=lambda one: one.distance_m)
        result[at] = _at(moved[at], there, (chosen or {}).get(at))
    return result


def _at(one: Taken, there: Sequence[Host], kind: str | None) -> Placed:
    near = tuple(host for host in there if host.distance_m <= NEAR_M)
    made = Placed(name=one.name, picture=one.picture, near=near)
    if not there:
        return replace(made, why="本区域还没有点位和未销号的隐患")
    if not near:
        why = f"{NEAR_M:g} 米内没有点位，也没有未销号的隐患：请先登记，或改选坐标系"
        return replace(made, host=there[0], why=why)
    fitting = [host for host in near if kind in {None, host.kind}]
    if len(near) == 1 or (kind is not None and fitting):
        return replace(made, host=fitting[0] if fitting else near[0])
    listed = "和".join(f"{TITLES[host.kind]} {host.code}" for host in near)
    return replace(made, why=f"{listed} 都在附近：请在“照片归位”页面选定归到哪一处")


def fits(connection: Connection, taken: Sequence[Taken], within: str) -> dict[str, int]:
    """Return how many pictures would lie at something in each system: the evidence for choosing one."""
    return {
        system: sum(bool(one.near) for one in placed(connection, taken, system, within)) for system in SYSTEMS
    }


def keep(connection: Connection, settings: Settings, found: Sequence[Placed], scope: Scope) -> int:
    """Keep the pictures that count, with an act for each kind of host, and return how many are new."""
    hosts: dict[tuple[str, int], list[Picture]] = {}
    for one in found:
        if one.counts and one.host is not None:
            hosts.setdefault((one.host.kind, one.host.id), []).append(one.picture)
    total = 0
    for kind in sorted({kind for kind, _ in hosts}):
        own = {host: pictures for host, pictures in hosts.items() if host[0] == kind}
        new = sum(
            photos.keep(connection, settings.photos, host, pictures, scope.account_id)
            for host, pictures in own.items()
        )
        audit.record(
            connection,
            audit.Action.SAVE_PHOTO,
            scope,
            object_kind=kind,
            object_ids=sorted(number for _, number in own),
            row_count=new,
        )
        total += new
    return total


def _stored(picture: Picture, system: str) -> Picture:
    if picture.lon is None or picture.lat is None or system not in positions.SHIFTED:
        return picture
    lon, lat = positions.SHIFTED[system](np.array([picture.lon]), np.array([picture.lat]))
    return replace(picture, lon=float(lon[0]), lat=float(lat[0]))
