"""Tracks of GPX files: what the file must be, and the points of each of its segments."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from data.importers import child
from data.importers.guards import HEAD, MEGABYTE
from data.importers.rows import IntakeError

if TYPE_CHECKING:
    from pathlib import Path

    from data.importers.guards import Limits

POINTS_MAX: Final = 100_000
"""More than a day of walking with a point a second."""
SEGMENTS_MAX: Final = 200
NAME_MAX: Final = 120


class GpxError(Exception):
    """The file is no track; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One recording without a break: `points` holds lon, lat and seconds since 1970 (None: not recorded)."""

    name: str
    number: int
    points: list[tuple[float, float, float | None]]


def read(path: Path, limits: Limits) -> list[Segment]:
    """Return the segments of a GPX file, coordinates as they stand there.

    Raises
    ------
    IntakeError
        If the file is too large, is no GPX, holds no track or declares entities.
    """
    if path.suffix.lower() != ".gpx":
        raise IntakeError(f"轨迹须为 .gpx 文件，收到的是“{path.suffix or path.name}”：请从轨迹软件导出 GPX。")
    if not path.is_file():
        raise IntakeError(f"找不到文件 {path.name}：请检查路径。")
    size = path.stat().st_size
    if size == 0:
        raise IntakeError(f"文件 {path.name} 是空的：请重新导出。")
    if size > limits.packed_mb * MEGABYTE:
        raise IntakeError(
            f"文件 {path.name} 有 {size / MEGABYTE:.1f} MB，超过 {limits.packed_mb} MB：请按天分开导出。"
        )
    with path.open("rb") as source:
        head = source.read(HEAD)
    if b"<gpx" not in head.replace(b"\0", b""):
        raise IntakeError(f"{path.name} 的内容不是 GPX，未打开：请确认文件没有被改名或损坏。")
    return [
        Segment(
            name=found["name"],
            number=found["number"],
            points=[(lon, lat, seconds) for lon, lat, seconds in found["points"]],
        )
        for found in child.parse("tracks", path, limits)
    ]


def parse(path: Path) -> list[dict[str, Any]]:
    """Return name, number and points of each segment; runs in the confined child.

    Raises
    ------
    GpxError
        If it is not well formed, declares entities, holds no track, or a point is none.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    try:
        found = _segments(iterparse(str(path), events=("start", "end"), forbid_dtd=True))
    except DefusedXmlException:
        raise GpxError("文件含有实体声明，未打开：请用轨迹软件重新导出。") from None
    except ParseError as fault:
        raise GpxError(f"第 {fault.position[0]} 行不是完好的 XML：请重新导出。") from None
    if not any(segment["points"] for segment in found):
        raise GpxError("没有轨迹（trk）：航点和路线不能证明走过，请导出“轨迹”。")
    return [segment for segment in found if segment["points"]]


def _segments(events: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a parser without types
    found: list[dict[str, Any]] = []
    name, count, parents = "", 0, []
    for event, element in events:
        tag = element.tag.rsplit("}", 1)[-1]
        if event == "start":
            parents.append(tag)
            if tag == "trk":
                name = ""
            elif tag == "trkseg":
                if len(found) == SEGMENTS_MAX:
                    raise GpxError(f"轨迹超过 {SEGMENTS_MAX} 段：请按天分开导出。")
                found.append({"name": name, "number": len(found) + 1, "points": []})
            continue
        parents.pop()
        if tag == "name" and parents[-1:] == ["trk"]:
            name = (element.text or "").strip()[:NAME_MAX]
        elif tag == "trkpt" and found:
            count += 1
            if count > POINTS_MAX:
                raise GpxError(f"轨迹点超过 {POINTS_MAX:,} 个：请按天分开导出。")
            found[-1]["points"].append(_point(element, count))
            element.clear()
    return found


def _point(element: Any, number: int) -> list[float | None]:  # noqa: ANN401 - a parser without types
    try:
        lon, lat = float(element.attrib["lon"]), float(element.attrib["lat"])
    except (KeyError, ValueError):
        raise GpxError(f"第 {number} 个轨迹点没有完整的经纬度（lon、lat）：请重新导出。") from None
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):  # noqa: PLR2004 - degrees end here
        raise GpxError(f"第 {number} 个轨迹点的经纬度“{lon:g}, {lat:g}”不在地球上：请重新导出。")
    told = next((child.text for child in element if child.tag.rsplit("}", 1)[-1] == "time"), None)
    return [lon, lat, None if not told else _seconds(told.strip(), number)]


def _seconds(told: str, number: int) -> float:
    try:
        at = dt.datetime.fromisoformat(told)
    except ValueError:
        raise GpxError(
            f"第 {number} 个轨迹点的时间“{told[:40]}”无法识别：应形如 2026-07-01T08:00:00Z。"
        ) from None
    # GPX 1.1: "Date and time are in Univeral Coordinated Time (UTC), not local time!"
    return (at if at.tzinfo else at.replace(tzinfo=dt.UTC)).timestamp()
