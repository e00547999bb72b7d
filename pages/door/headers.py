"""What every answer says about itself, and what a request says about where it comes from."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import streamlit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import Scope

COOKIE: Final = "anlan_session"
COMMON: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    # Not no-referrer: with it a browser posts even our own forms with "Origin: null".
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "geolocation=(self), camera=(self), microphone=(), payment=(), usb=()",
}
DOCUMENT: Final = (
    "default-src 'none'; {script}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:{images}; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; frame-src 'self'; media-src 'self'; "
    "manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
"""Streamlit writes its styles into the page, hence 'unsafe-inline' for styles."""
PLAIN: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
"""For the pages of the door, which carry no script at all."""


def policy(path: str, base_map: str | None) -> str:
    """Return the content security policy of what answers `path`.

    The map component builds its script in its own frame and evaluates selections, so that frame alone
    may run inline and evaluated script.
    """
    images = f" {_origin(base_map)}" if base_map else ""
    if path.startswith("/component/"):
        script = "script-src 'self' 'unsafe-inline' 'unsafe-eval'"
    else:
        script = f"script-src 'self' 'wasm-unsafe-eval' {_inline_script_hash()}"
    return DOCUMENT.format(script=script, images=images)


def header(scope: Scope, name: bytes) -> str | None:
    """Return one request header, or None."""
    found: Iterable[tuple[bytes, bytes]] = scope["headers"]
    return next((value.decode("latin-1") for key, value in found if key == name), None)


def cookie(scope: Scope) -> str | None:
    """Return the session token that the browser sent, or None."""
    try:
        jar = SimpleCookie(header(scope, b"cookie") or "")
    except CookieError:
        return None
    return jar[COOKIE].value if COOKIE in jar else None


def same_origin(scope: Scope) -> bool:
    """Whether the request names our own pages as its origin; browsers do for POST and WebSocket."""
    origin, host = header(scope, b"origin"), header(scope, b"host")
    return origin is not None and host is not None and urlsplit(origin).netloc.lower() == host.lower()


def own_path(target: str) -> str:
    """Return `target` if it is a path of ours, else `/`: a sign-in never leads elsewhere."""
    plain = re.fullmatch(r"/(?![/\\])[A-Za-z0-9_\-./]*(\?[A-Za-z0-9_\-=&%.]*)?", target)
    # A browser takes dot segments and empty ones away: /./signin/oidc would lead round in a circle.
    steps = target.partition("?")[0].split("/")[1:]
    wandering = any(step in {".", ".."} for step in steps) or "" in steps[:-1]
    return target if plain and not wandering and not target.startswith(("/signin", "/signout")) else "/"


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


@cache
def _inline_script_hash() -> str:
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8")
    inline = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in inline)
    return " ".join(f"'sha256-{digest}'" for digest in digests)
