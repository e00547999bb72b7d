"""What is kept of a photo: a picture made anew, its time and place, and nothing else of the file."""

from __future__ import annotations

import datetime as dt
import io
import struct
import subprocess
import sys
import zlib
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from data import photo_files
from data.importers.pictures import made_anew
from data.importers.rows import IntakeError
from data.settings import ROOT, Settings
from tests.cameras import jpeg, said_by_a_camera

if TYPE_CHECKING:
    from pathlib import Path

OFFICE = Settings(database_url=None, time_zone="Asia/Shanghai")
SECRET = b"PK\x03\x04<script>alert(1)</script>{{7*7}}"


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bomb(side: int = 20_000) -> bytes:
    """A PNG of one colour: some kilobytes that unpack into side² pixels."""
    rows = zlib.compress(bytes((side // 8 + 1) * side), 9)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_time_and_place_are_read_and_nothing_else_is_kept() -> None:
    made = made_anew(OFFICE, "a.jpg", jpeg(exif=said_by_a_camera()))
    assert made.taken_at is not None
    assert made.taken_at.isoformat() == "2026-06-05T08:30:00+08:00"
    assert made.lon == pytest.approx(110.63)
    assert made.lat == pytest.approx(26.73)
    for content in (made.content, made.small):
        with Image.open(io.BytesIO(content)) as kept:
            assert kept.format == "JPEG"
            assert not kept.getexif()
        assert b"Phone" not in content
        assert b"Exif" not in content


def test_a_zone_that_the_camera_wrote_counts() -> None:
    made = made_anew(OFFICE, "a.jpg", jpeg(exif=said_by_a_camera(offset="+00:00")))
    assert made.taken_at == dt.datetime(2026, 6, 5, 8, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "also",
    [
        {"taken": "0000:00:00 00:00:00"},
        {"taken": "2000:01:01 00:00:00"},
        {"taken": "2999:01:01 00:00:00"},
        {"taken": "{{7*7}}"},
    ],
)
def test_a_time_that_cannot_be_is_left_out(also: dict[str, object]) -> None:
    assert made_anew(OFFICE, "a.jpg", jpeg(exif=said_by_a_camera(**also))).taken_at is None


@pytest.mark.parametrize("lat", [(0.0, 0.0, 0.0), (91.0, 0.0, 0.0)])
def test_a_place_that_cannot_be_is_left_out(lat: tuple[float, ...]) -> None:
    lon = (0.0, 0.0, 0.0)
    made = made_anew(OFFICE, "a.jpg", jpeg(exif=said_by_a_camera(lat=lat, lon=lon)))
    assert (made.lon, made.lat) == (None, None)


@pytest.mark.parametrize(("side", "kept"), [(2048, 2048), (2049, 2048), (6000, 2048)])
def test_no_side_is_longer_than_2048(side: int, kept: int) -> None:
    made = made_anew(OFFICE, "a.jpg", jpeg(side, side // 4))
    assert made.width_px == kept
    with Image.open(io.BytesIO(made.content)) as picture:
        assert picture.size == (made.width_px, made.height_px)
    with Image.open(io.BytesIO(made.small)) as picture:
        assert max(picture.size) <= 360


def test_a_picture_that_was_held_sideways_stands_upright() -> None:
    made = made_anew(OFFICE, "a.jpg", jpeg(800, 600, exif=said_by_a_camera(turned=6)))
    assert (made.width_px, made.height_px) == (600, 800)


def test_what_is_transparent_becomes_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    made = made_anew(OFFICE, "a.png", out.getvalue())
    with Image.open(io.BytesIO(made.content)) as picture:
        assert picture.getpixel((5, 5)) == (255, 255, 255)


def test_what_was_appended_to_a_picture_is_gone() -> None:
    made = made_anew(OFFICE, "a.jpg", jpeg() + SECRET)
    assert SECRET[:4] not in made.content
    assert b"script" not in made.content + made.small


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "空文件"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "SVG"),
        (b'\xef\xbb\xbf <?xml version="1.0"?><svg/>', "SVG"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC"),
        (b"GIF89a<script>", "GIF"),
        (b"MZ\x90\x00", "不是 JPEG 或 PNG"),
        (jpeg()[:400], "无法读取"),
        (b"\xff\xd8\xff<html><script>alert(1)</script>", "无法读取"),
        (b"\x89PNG\r\n\x1a\n" + SECRET, "无法读取"),
        (b"\xff\xd8\xff" + bytes(20 * 1024 * 1024), "超过 20 MB"),
        (bomb(), "像素，过大"),
    ],
)
def test_what_is_no_photo_is_refused_by_name_with_what_to_do(raw: bytes, why: str) -> None:
    with pytest.raises(IntakeError, match=why) as refusal:
        made_anew(OFFICE, "现场.jpg", raw)
    assert "现场.jpg" in str(refusal.value)
    assert "请" in str(refusal.value)


def test_a_bomb_takes_less_than_two_seconds_and_200_megabytes(tmp_path: Path) -> None:
    """Told by the kernel of the child alone: a busy machine makes it wait, not work."""
    file = tmp_path / "bomb.png"
    file.write_bytes(bomb())
    script = (
        "import resource, subprocess, sys\n"
        "raw = open(sys.argv[1], 'rb').read()\n"
        "command = [sys.executable, '-m', 'data.importers.pictures']\n"
        "subprocess.run(command, input=raw, stdout=subprocess.DEVNULL, check=True)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(file)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    seconds, megabytes = map(float, done.stdout.split())
    assert seconds < 2.0
    assert megabytes < 200.0


def test_a_file_is_named_by_its_hash_readable_by_the_owner_alone_and_by_no_other_name(tmp_path: Path) -> None:
    made = made_anew(OFFICE, "a.jpg", jpeg())
    photo_files.keep(tmp_path / "photos", made)
    photo_files.keep(tmp_path / "photos", made)
    path = photo_files.path_of(tmp_path / "photos", made.sha256, small=False)
    assert path.read_bytes() == made.content
    assert path.stat().st_mode & 0o077 == 0
    assert photo_files.read(tmp_path / "photos", made.sha256, small=True) == made.small
    assert len(list((tmp_path / "photos").rglob("*.*"))) == 2
    assert photo_files.read(tmp_path / "photos", "0" * 64, small=False) is None
    for name in ("../../etc/passwd", made.sha256.upper(), made.sha256 + "\n"):
        with pytest.raises(ValueError, match="SHA-256"):
            photo_files.path_of(tmp_path, name, small=False)
