"""Pictures as a phone makes them, with what a camera says of time and place."""

from __future__ import annotations

import io

from PIL import Image


def jpeg(width: int = 800, height: int = 600, *, exif: Image.Exif | None = None) -> bytes:
    out = io.BytesIO()
    picture = Image.new("RGB", (width, height), "teal")
    picture.paste("orange", (0, 0, width // 4, height // 4))
    picture.save(out, "JPEG", exif=exif or Image.Exif())
    return out.getvalue()


def said_by_a_camera(**also: object) -> Image.Exif:
    exif = Image.Exif()
    exif[271], exif[270] = "Phone <b>", "{{ cycler }}"
    details = exif.get_ifd(34665)
    details[36867] = also.get("taken", "2026:06:05 08:30:00")
    if "offset" in also:
        details[36881] = also["offset"]
    gps = exif.get_ifd(34853)
    gps[1], gps[2] = "N", also.get("lat", (26.0, 43.0, 48.0))
    gps[3], gps[4] = "E", also.get("lon", (110.0, 37.0, 48.0))
    exif[274] = also.get("turned", 1)
    return exif


def angle(degrees: float) -> tuple[float, float, float]:
    """Return degrees, minutes and seconds as EXIF writes them."""
    minutes = (degrees % 1) * 60
    return float(int(degrees)), float(int(minutes)), round((minutes % 1) * 60, 4)


def photo_at(lon: float, lat: float) -> bytes:
    """Return a picture whose camera stood at a place [degrees, as the camera writes them]."""
    return jpeg(240, 180, exif=said_by_a_camera(lon=angle(lon), lat=angle(lat)))
