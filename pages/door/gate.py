"""The gate: nothing behind it answers a request or a websocket that carries no valid session."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import anyio.to_thread
from starlette.responses import PlainTextResponse, RedirectResponse

from data.engine import DatabaseUnreachableError
from pages.door import desk
from pages.door.headers import COMMON, PLAIN, cookie, header, own_path, policy, same_origin
from pages.door.notices import notice
from pages.shell.screens import ADDRESSES, FIRST

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from data.settings import Settings

STEPS: Final = frozenset({"/signin/factor", "/signin/password", "/signin/enrol"})
"""Between the password and the pages; each finds its session itself and leads a stranger to the sign-in."""
PROVIDER: Final = frozenset({"/signin/oidc", "/signin/oidc/callback"})
"""To a provider of identities and back."""
OPEN: Final = frozenset({"/signin", "/signin.css", "/health"}) | STEPS | PROVIDER
"""All that answers a stranger."""
READING: Final = frozenset({"GET", "HEAD"})
UNVARYING: Final = ("/static/", "/assets/", "/component/")
"""Program files without data: a session seen a moment ago is enough for them."""
FILES: Final = (
    *UNVARYING,
    "/media/",
    "/_stcore/",
    "/layer/",
    "/parcel/",
    "/export/",
    "/child-export/",
    "/photo/",
)
"""What is no page: a stranger is refused there, not led to the sign-in."""
ME: Final = "/me"
"""One's own account: pages of the door, without script."""
BESIDE: Final = frozenset(
    {"/signout", ME, f"{ME}/password", f"{ME}/post", f"{ME}/session", f"{ME}/factor", f"{ME}/link"}
)
"""Addresses of our own that are no screens."""
NEVER_KEPT: Final = ("/media/", "/parcel/", "/export/", "/child-export/", "/signin", "/_stcore/", ME)
VIEWER: Final = "anlan.viewer"
"""Key of the request's viewer in the ASGI scope."""
log = logging.getLogger(__name__)


class Gate:
    """Pure ASGI, so that websockets pass through it as well."""

    def __init__(self, app: ASGIApp, settings: Callable[[], Settings]) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer in the place of the program."""
        if scope["type"] == "http":
            await self._http(scope, receive, _with_headers(scope, send, self._settings().base_map_url))
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            refusal = await self._refusal(scope)
            await (refusal or self._app)(scope, receive, watched)
        except DatabaseUnreachableError:
            if started:
                raise
            await notice("database", status=503)(scope, receive, send)
        except Exception:
            if started:
                raise
            log.exception("a request failed")
            await notice("fault", status=500)(scope, receive, send)

    async def _refusal(self, scope: Scope) -> Response | None:
        """Return the answer to a request that may not pass, or None."""
        if scope["method"] not in READING and not same_origin(scope):
            return PlainTextResponse("请从本系统页面提交。", status_code=403)
        path: str = scope["path"]
        if path in OPEN:
            return None
        viewer = await self._viewer(scope, lately=path.startswith(UNVARYING))
        page = "text/html" in (header(scope, b"accept") or "") and not path.startswith(FILES)
        if viewer is not None:
            scope[VIEWER] = viewer
            return _misled(path) if page and path not in ADDRESSES else None
        if page:
            wish = path + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
            target = own_path(wish) if scope["method"] in READING else "/"
            return RedirectResponse(f"/signin?next={quote(target, safe='')}", status_code=303)
        return PlainTextResponse("请先登录。", status_code=401)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            admitted = same_origin(scope) and await self._viewer(scope, lately=False) is not None
        except DatabaseUnreachableError:
            admitted = False
        if admitted:
            await self._app(scope, receive, send)
            return
        await receive()
        # A close before the acceptance is answered with 403 by the server.
        await send({"type": "websocket.close", "code": 1008})

    async def _viewer(self, scope: Scope, *, lately: bool) -> desk.Viewer | None:
        token = cookie(scope)
        if token is None:
            return None
        if lately and desk.seen_lately(token):
            return desk.STAFFAGE
        return await anyio.to_thread.run_sync(desk.viewer_of, self._settings(), token)


def _misled(path: str) -> Response | None:
    """Return what a signed-in person gets at the address of no page: Streamlit would answer in English."""
    if path in BESIDE:
        return None
    if path.rstrip("/") in ADDRESSES | {f"/{FIRST}"}:
        return RedirectResponse("/" if path.strip("/") == FIRST else path.rstrip("/"), status_code=303)
    return notice("absent", status=404)


def _with_headers(scope: Scope, send: Send, base_map: str | None) -> Send:
    path: str = scope["path"]
    fixed = COMMON | {
        "content-security-policy": PLAIN if path in OPEN | BESIDE else policy(path, base_map),
    }
    if path.startswith(NEVER_KEPT):
        fixed["cache-control"] = "no-store"

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            replaced = {name.encode() for name in fixed} | {b"server"}
            kept = [(key, value) for key, value in message["headers"] if key.lower() not in replaced]
            added = [(name.encode(), value.encode()) for name, value in fixed.items()]
            message = {**message, "headers": kept + added}
        await send(message)

    return sending
