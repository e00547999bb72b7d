"""Pictures as phones hand them in: looked at from outside, decoded in a process of its own, made anew.

What is kept is a JPEG of at most 2048 px that this program encoded: no metadata, no thumbnails, nothing that
was appended to the file. Time and place are read before, as numbers alone.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import io
import json
import math
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from data.importers.child import ROOT, TOO_LARGE, confine
from data.importers.rows import IntakeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from data.settings import Settings

MEGABYTE: Final = 1024 * 1024
JPEG: Final = b"\xff\xd8\xff"
PNG: Final = b"\x89PNG\r\n\x1a\n"
FOREIGN: Final = (
    (b"ftyp", 4, "HEIC 或视频：请在手机相机设置中选“兼容性最佳（JPEG）”后重拍，或另存为 JPEG"),
    (b"GIF8", 0, "GIF：请另存为 JPEG"),
    (b"RIFF", 0, "WebP：请另存为 JPEG"),
    (b"BM", 0, "BMP：请另存为 JPEG"),
    (b"<", 0, "SVG 或网页：请上传照片本身（JPEG、PNG）"),
    (b"%PDF", 0, "PDF：请上传照片本身（JPEG、PNG）"),
)
LONGEST_PX: Final = 2048
SMALL_PX: Final = 360
JPEG_PIXELS: Final = 130_000_000
PNG_PIXELS: Final = 25_000_000
"""A JPEG is decoded at a fraction of its size, a PNG whole."""
QUALITY: Final = 82
MEMORY_MB: Final = 640
CPU_S: Final = 8
WALL_S: Final = 20.0
TAKEN, OFFSET, CREATED, GPS, DETAILS = 36867, 36881, 306, 34853, 34665
"""Tags of EXIF 2.32."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture made anew, a small one of it, and what the camera said: when (aware) and where [degrees]."""

    content: bytes
    small: bytes
    width_px: int
    height_px: int
    taken_at: dt.datetime | None
    lon: float | None
    lat: float | None

    @property
    def sha256(self) -> str:
        """Name of the picture: the hash of what is kept."""
        return hashlib.sha256(self.content).hexdigest()


def made_anew(settings: Settings, name: str, raw: bytes) -> Picture:
    """Return the picture that is kept of an uploaded file.

    Raises
    ------
    IntakeError
        If it is no JPEG or PNG, too large, or cannot be decoded within the limits.
    """
    shown = name[:80]
    _require_kind(shown, raw, settings.upload_max_mb)
    try:
        outcome = subprocess.run(
            [sys.executable, "-m", "data.importers.pictures"],
            cwd=ROOT,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
            input=raw,
            capture_output=True,
            timeout=WALL_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise IntakeError(f"照片 {shown} 处理超时：请用手机相机重拍，或另存为较小的 JPEG。") from None
    if outcome.returncode != 0:
        large = outcome.returncode in {TOO_LARGE, -9, -24}
        why = "解开后过大" if large else "无法读取，文件可能已损坏"
        raise IntakeError(f"照片 {shown} {why}：请用手机相机重拍，或另存为较小的 JPEG。")
    found = json.loads(outcome.stdout)
    if "error" in found:
        raise IntakeError(f"照片 {shown} {found['error']}")
    return Picture(
        content=base64.b64decode(found["content"]),
        small=base64.b64decode(found["small"]),
        width_px=found["width_px"],
        height_px=found["height_px"],
        taken_at=_instant(found["taken"], found["offset"], ZoneInfo(settings.time_zone)),
        lon=found["lon"],
        lat=found["lat"],
    )


def _require_kind(name: str, raw: bytes, limit_mb: int) -> None:
    if not raw:
        raise IntakeError(f"照片 {name} 是空文件：请重新选择。")
    if len(raw) > limit_mb * MEGABYTE:
        size = len(raw) / MEGABYTE
        raise IntakeError(f"照片 {name} 有 {size:.1f} MB，超过 {limit_mb} MB：请选较小的照片。")
    if raw.startswith((JPEG, PNG)):
        return
    head = raw[:64].lstrip(b"\xef\xbb\xbf \t\r\n") if raw[:1] in b"\xef \t\r\n<" else raw[:64]
    for magic, at, hint in FOREIGN:
        if head[at : at + len(magic)] == magic:
            raise IntakeError(f"照片 {name} 是 {hint}。")
    raise IntakeError(f"照片 {name} 不是 JPEG 或 PNG：只看文件内容，不看扩展名；请另存为 JPEG 后上传。")


def _instant(taken: str | None, offset: str | None, office: ZoneInfo) -> dt.datetime | None:
    """Return when a picture was taken; a camera without a zone counts by the clock of the office."""
    if taken is None:
        return None
    try:
        stamp = dt.datetime.strptime(taken, "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - its zone follows
        zone = dt.datetime.strptime(offset, "%z").tzinfo if offset else office
    except ValueError:
        return None
    aware = stamp.replace(tzinfo=zone)
    # A clock that was never set says 1970 or 2000, one that was set wrongly may run ahead.
    return aware if stamp.year > 2000 and aware <= dt.datetime.now(office) + dt.timedelta(days=1) else None  # noqa: PLR2004


def _decoded(raw: bytes) -> dict[str, Any]:
    from PIL import Image, ImageOps, UnidentifiedImageError

    limit = PNG_PIXELS if raw.startswith(PNG) else JPEG_PIXELS
    # Counted here, from the header: what Pillow would say of a bomb names no size.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(io.BytesIO(raw), formats=("JPEG", "PNG")) as picture:
            if picture.width * picture.height > limit:
                size = f"{picture.width}×{picture.height}"
                return {"error": f"有 {size} 像素，过大：请另存为较小的 JPEG。"}
            said = _said(picture.getexif())
            picture.draft("RGB", (LONGEST_PX, LONGEST_PX))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((LONGEST_PX, LONGEST_PX), Image.Resampling.LANCZOS)
            flat = Image.new("RGB", upright.size, "white")
            clear = upright.convert("RGBA") if upright.has_transparency_data else upright.convert("RGB")
            flat.paste(clear, mask=clear.getchannel("A") if clear.mode == "RGBA" else None)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return {"error": "无法读取：文件可能不完整，请重拍或另存为 JPEG。"}
    small = flat.copy()
    small.thumbnail((SMALL_PX, SMALL_PX), Image.Resampling.LANCZOS)
    return said | {
        "width_px": flat.width,
        "height_px": flat.height,
        "content": _encoded(flat),
        "small": _encoded(small),
    }


def _encoded(picture: Any) -> str:  # noqa: ANN401 - an image of Pillow, which loads in the child alone
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True)
    return base64.b64encode(out.getvalue()).decode("ascii")


def _said(exif: Any) -> dict[str, Any]:  # noqa: ANN401 - a mapping of Pillow
    """Return time and place as the camera wrote them; whatever is not sound is left out."""
    details = exif.get_ifd(DETAILS)
    taken, offset = details.get(TAKEN) or exif.get(CREATED), details.get(OFFSET)
    lon, lat = _place(exif.get_ifd(GPS))
    return {
        "taken": str(taken)[:19] if taken else None,
        "offset": str(offset)[:6] if offset else None,
        "lon": lon,
        "lat": lat,
    }


def _place(gps: Mapping[int, Any]) -> tuple[float | None, float | None]:
    try:
        lat = _degrees(gps[2], str(gps[1]), "S")
        lon = _degrees(gps[4], str(gps[3]), "W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None, None
    sound = math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180  # noqa: PLR2004 - degrees
    return (lon, lat) if sound and (lon, lat) != (0.0, 0.0) else (None, None)


def _degrees(parts: Any, side: str, negative: str) -> float:  # noqa: ANN401 - three rational numbers
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60.0 + seconds / 3600.0
    return -value if side.upper().startswith(negative) else value


def run() -> int:
    """Confine this process, decode what stands in the standard input, and write the answer."""
    raw = sys.stdin.buffer.read()

    confine(MEMORY_MB, CPU_S)
    try:
        answer = json.dumps(_decoded(raw))
    except MemoryError:
        return TOO_LARGE
    sys.stdout.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(run())
