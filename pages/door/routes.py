"""The routes beside the pages: health, sign-in, browser files, map layers and one-time exports."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import anyio.to_thread
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from data.engine import Login, connect
from data.storage import deployment as stored_deployment
from layers import assets
from pages.door import child_exports, handout, oidc, own, photographs, signing, stepping
from pages.door.gate import VIEWER
from pages.door.notices import notice
from pages.shell import parcels, tiles
from pages.shell.deployment import deployment

if TYPE_CHECKING:
    from starlette.requests import Request

    from pages.door.desk import Viewer

DAY: Final = "private, max-age=86400"


def routes() -> list[Route]:
    """Return every route; the gate stands before all of them."""
    return [
        Route("/health", health),
        Route("/signin", signing.sign_in, methods=["GET", "POST"]),
        Route("/signin.css", signing.style),
        *oidc.routes(),
        *stepping.routes(),
        *own.routes(),
        *child_exports.routes(),
        Route("/signout", signing.sign_out, methods=["POST"]),
        Route("/assets/{path:path}", asset),
        Route("/layer/{name}", layer),
        Route("/parcel/{name}", parcel),
        Route("/export/{token}", export),
        Route("/photo/{number}", photographs.photo),
    ]


async def health(request: Request) -> Response:
    """Answer 'ok' once the database answered."""
    del request
    await anyio.to_thread.run_sync(_ping)
    return PlainTextResponse("ok")


async def asset(request: Request) -> Response:
    """Return a browser file: Leaflet, its plugins, our own script."""
    file = assets.find(deployment().assets, request.path_params["path"])
    if file is None:
        return PlainTextResponse("没有找到。", status_code=404)
    return FileResponse(file, media_type=assets.TYPES[file.suffix], headers={"cache-control": DAY})


async def layer(request: Request) -> Response:
    """Return one map layer of the viewer's area as GeoJSON; unchanged data are not sent again."""
    viewer = _viewer(request)
    name = request.path_params["name"]
    if name not in tiles.LAYERS or not viewer.may(*tiles.LAYERS[name]):
        return PlainTextResponse("没有找到。", status_code=404)
    version, content = await anyio.to_thread.run_sync(tiles.layer, viewer, name)
    tag = f'"{hashlib.sha256(f"{name}|{viewer.area_code}|{version}".encode()).hexdigest()[:24]}"'
    kept = {"etag": tag, "cache-control": "private, no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=kept)
    return Response(content, media_type="application/geo+json", headers=kept)


async def parcel(request: Request) -> Response:
    """Return a layer that was made for this viewer alone."""
    content = parcels.take(_viewer(request), request.path_params["name"])
    if content is None:
        return PlainTextResponse("没有找到。", status_code=404)
    return Response(content, media_type="application/geo+json")


async def export(request: Request) -> Response:
    """Hand out a prepared file once."""
    made = await anyio.to_thread.run_sync(handout.redeem, _viewer(request), request.path_params["token"])
    if made is None:
        return notice("gone", status=404)
    disposition = f"attachment; filename=\"{made.ascii_name}\"; filename*=UTF-8''{made.quoted_name}"
    return Response(made.content, media_type=made.media_type, headers={"content-disposition": disposition})


def _viewer(request: Request) -> Viewer:
    viewer: Viewer = request.scope[VIEWER]
    return viewer


def _ping() -> None:
    with connect(deployment(), Login.GENERAL, readonly=True) as connection:
        stored_deployment.is_empty(connection)
