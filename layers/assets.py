"""Where the browser finds Leaflet and its plugins: on this server, never elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROUTE: Final = "/assets"
"""The path under which the program serves them, to signed-in readers only."""

OWN: Final = Path(__file__).parent / "browser"
"""Our own scripts and styles, served as `/assets/anlan/…`."""

SCRIPTS: Final = {
    "leaflet": f"{ROUTE}/leaflet/leaflet.js",
    "leaflet-fullscreen": f"{ROUTE}/leaflet-fullscreen/Leaflet.fullscreen.min.js",
    "anlan": f"{ROUTE}/anlan/map.js",
}
STYLES: Final = {
    "leaflet_css": f"{ROUTE}/leaflet/leaflet.css",
    "leaflet-fullscreen_css": f"{ROUTE}/leaflet-fullscreen/leaflet.fullscreen.css",
    "anlan_css": f"{ROUTE}/anlan/map.css",
}
TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
"""What may be served, and as what."""


def find(fetched: Path, path: str) -> Path | None:
    """Return the file behind `/assets/<path>`, or None; `fetched` is the folder filled at set-up."""
    base, inner = (OWN, path.removeprefix("anlan/")) if path.startswith("anlan/") else (fetched, path)
    root = base.resolve()
    file = (root / inner).resolve()
    served = file.is_relative_to(root) and file.suffix in TYPES and file.is_file()
    return file if served else None
