"""The route of photos: whoever may read what a photo shows, inside the own area, gets the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import anyio.to_thread
from starlette.responses import PlainTextResponse, Response

from data import photo_files
from data.engine import connect
from data.storage import photos
from pages.door.gate import VIEWER
from pages.shell.deployment import deployment

if TYPE_CHECKING:
    from starlette.requests import Request

    from pages.door.desk import Viewer

DIGITS_MAX: Final = 15


async def photo(request: Request) -> Response:
    """Return a picture, `?small` the small one; elsewhere, withdrawn and nowhere are the same answer."""
    viewer: Viewer = request.scope[VIEWER]
    number = request.path_params["number"]
    found = None
    if number.isascii() and number.isdecimal() and len(number) <= DIGITS_MAX:
        found = await anyio.to_thread.run_sync(_read, viewer, int(number), "small" in request.query_params)
    if found is None:
        return PlainTextResponse("没有找到。", status_code=404)
    tag, content = found
    kept = {"etag": tag, "cache-control": "private, no-cache", "content-disposition": "inline"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=kept)
    return Response(content, media_type="image/jpeg", headers=kept)


def _read(viewer: Viewer, number: int, small: bool) -> tuple[str, bytes] | None:  # noqa: FBT001 - handed on by position
    with connect(deployment(), viewer.login_kind, viewer.scope, readonly=True) as connection:
        shown = photos.shown(connection, number, viewer.area_code)
    if shown is None or not viewer.may(photos.RIGHTS[shown.subject_kind], "read"):
        return None
    content = photo_files.read(deployment().photos, shown.sha256, small=small)
    return None if content is None else (f'"{shown.sha256[:24]}-{int(small)}"', content)
