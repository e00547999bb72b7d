"""What a file must be before anything opens it: size, first bytes, members, ratio (security.md §1.6)."""

from __future__ import annotations

import re
import stat
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from data.importers.rows import IntakeError

if TYPE_CHECKING:
    from pathlib import Path

    from data.settings import Settings

MEGABYTE: Final = 1024 * 1024
RATIO_MAX: Final = 100
RATIO_FLOOR: Final = MEGABYTE
"""Below this unpacked size the ratio says nothing."""
HEAD: Final = 4096
CHUNK: Final = 256 * 1024

ZIP_MAGIC: Final = b"PK\x03\x04"
OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SQLITE_MAGIC: Final = b"SQLite format 3\x00"
GPKG_IDS: Final = (b"GPKG", b"GP10", b"GP11")
SHAPE_MEMBERS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
SUFFIXES: Final = {
    ".xlsx": "workbook",
    ".csv": "csv",
    ".txt": "csv",
    ".geojson": "geojson",
    ".json": "geojson",
    ".gpkg": "geopackage",
    ".zip": "shapefile",
    ".kml": "kml",
    ".kmz": "kmz",
    ".gpx": "gpx",
    ".pbf": "osm",
}
"""Endings that are taken in, and what the file must then be."""
_MARKUP: Final = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How large a file may be, packed and unpacked, with how many members, and what reading it may take."""

    packed_mb: int = 20
    unpacked_mb: int = 60
    members: int = 200
    memory_mb: int = 1024
    seconds: int = 30

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Return the limits that a deployment sets."""
        return cls(
            packed_mb=settings.upload_max_mb,
            unpacked_mb=settings.upload_unpacked_max_mb,
            members=settings.upload_members_max,
            memory_mb=settings.parse_memory_mb,
            seconds=settings.parse_seconds,
        )


def admit(path: Path, limits: Limits) -> str:
    """Return the format of a file that may be opened: one of the values of `SUFFIXES`.

    Raises
    ------
    IntakeError
        If the file is too large, is not what its name says, or unpacks into too much.
    """
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None:
        listed = " ".join(SUFFIXES)
        raise IntakeError(f"不接收“{path.suffix or path.name}”文件：可接收 {listed}，请转换后再导入。")
    if not path.is_file():
        raise IntakeError(f"找不到文件 {path.name}：请检查路径。")
    size = path.stat().st_size
    if size == 0:
        raise IntakeError(f"文件 {path.name} 是空的：请重新导出。")
    if kind != "osm" and size > limits.packed_mb * MEGABYTE:
        raise IntakeError(
            f"文件 {path.name} 有 {size / MEGABYTE:.1f} MB，超过 {limits.packed_mb} MB：请拆分后分次导入。"
        )
    with path.open("rb") as source:
        head = source.read(HEAD)
    _require_magic(path.name, kind, head)
    if kind in {"workbook", "shapefile", "kmz"}:
        _require_sound_archive(path, kind, limits)
    return kind


def _require_magic(name: str, kind: str, head: bytes) -> None:
    if kind == "workbook" and head.startswith(OLE_MAGIC):
        raise IntakeError(f"{name} 有密码，或是改了扩展名的旧版 .xls：请去掉密码，另存为 .xlsx 后再导入。")
    sound = {
        "workbook": head.startswith(ZIP_MAGIC),
        "shapefile": head.startswith(ZIP_MAGIC),
        "kmz": head.startswith(ZIP_MAGIC),
        "kml": _is_xml(head, b"kml"),
        "gpx": _is_xml(head, b"gpx"),
        "geopackage": head.startswith(SQLITE_MAGIC) and head[68:72] in GPKG_IDS,
        "geojson": head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"),
        "csv": not head.startswith((ZIP_MAGIC, OLE_MAGIC, SQLITE_MAGIC, b"%PDF", b"\x89PNG"))
        and not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"{")),
        "osm": b"OSMHeader" in head[:64],
    }[kind]
    if not sound:
        raise IntakeError(f"{name} 的内容与扩展名不符，未打开：请确认文件没有被改名或损坏。")


def _is_xml(head: bytes, root: bytes) -> bool:
    # UTF-16 has a zero beside every letter.
    plain = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return plain.startswith(b"<") and b"<" + root in plain.lower()


def require_archive(path: Path, limits: Limits) -> None:
    """Raise `IntakeError` unless a zip archive may be opened: its size, members, ratio and first bytes."""
    size = path.stat().st_size
    if size > limits.packed_mb * MEGABYTE:
        raise IntakeError(
            f"文件 {path.name} 有 {size / MEGABYTE:.1f} MB，超过 {limits.packed_mb} MB：请拆分后分次导入。"
        )
    _require_sound_archive(path, "archive", limits)


def _require_sound_archive(path: Path, kind: str, limits: Limits) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _require_sound_members(path.name, members, limits)
            _require_measured(path, archive, limits)
            names = {member.filename for member in members}
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError) as fault:
        raise IntakeError(f"{path.name} 不是完好的压缩文件：请重新导出。") from fault
    if kind == "workbook" and "xl/workbook.xml" not in {name.lower() for name in names}:
        raise IntakeError(f"{path.name} 不是 Excel 工作簿（.xlsx）：请用表格软件另存为 .xlsx。")


def _require_sound_members(name: str, members: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(members) > limits.members:
        raise IntakeError(f"{name} 含 {len(members)} 个成员，超过 {limits.members} 个：请拆分。")
    for member in members:
        parts = member.filename.replace("\\", "/").split("/")
        if ".." in parts or parts[0] == "" or ":" in parts[0]:
            raise IntakeError(f"{name} 含有指向别处的路径，未打开：请重新打包。")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise IntakeError(f"{name} 含有链接，未打开：请重新打包。")
        if member.flag_bits & 1:
            raise IntakeError(f"{name} 有密码：请去掉密码后再导入。")


def _require_measured(path: Path, archive: zipfile.ZipFile, limits: Limits) -> None:
    # The directory of an archive may lie about sizes: what counts is what comes out.
    allowed = limits.unpacked_mb * MEGABYTE
    total = 0
    for member in archive.infolist():
        first = True
        with archive.open(member) as stream:
            while piece := stream.read(CHUNK):
                total += len(piece)
                if total > allowed:
                    raise IntakeError(f"{path.name} 解开后超过 {limits.unpacked_mb} MB，未打开：请拆分。")
                if (
                    first
                    and member.filename.lower().endswith((".xml", ".rels", ".kml"))
                    and _MARKUP.search(piece)
                ):
                    raise IntakeError(f"{path.name} 含有外部实体声明，未打开：请用表格软件重新另存。")
                first = False
    if total > RATIO_FLOOR and total > RATIO_MAX * path.stat().st_size:
        raise IntakeError(f"{path.name} 压缩比超过 {RATIO_MAX} 倍，疑为压缩炸弹，未打开。")
