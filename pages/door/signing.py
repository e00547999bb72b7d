"""Signing in and out."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import anyio
import anyio.to_thread
from starlette.responses import FileResponse, RedirectResponse, Response

from pages.door import desk
from pages.door.headers import COOKIE, own_path
from pages.door.notices import FOLDER, sign_in_page
from pages.shell.deployment import deployment

if TYPE_CHECKING:
    from starlette.requests import Request

REFUSED: Final = "用户名或密码不正确，或该账号已暂停使用。连续五次失败将锁定十五分钟。"
LONGEST: Final = 256
"""Characters of a field; argon2 is not asked to hash a book."""
AT_ONCE: Final = 4
"""Sign-ins worked on at a time: hashing is dear by design, and whoever is inside must not wait for it."""


async def sign_in(request: Request) -> Response:
    """Show the form, or check it."""
    settings = deployment()
    if request.method != "POST":
        following = own_path(request.query_params.get("next", "/"))
        return sign_in_page(following=following, fault="", area_name=settings.area_name, demo=settings.demo)
    form = await request.form(max_files=0, max_fields=8)
    login, password, wish = (str(form.get(name, "")) for name in ("login", "password", "next"))
    following = own_path(wish)
    token = None
    if max(len(login), len(password)) <= LONGEST:
        token = await anyio.to_thread.run_sync(
            desk.sign_in, settings, login.strip(), password, limiter=_limiter()
        )
    if token is None:
        return sign_in_page(
            following=following, fault=REFUSED, area_name=settings.area_name, demo=settings.demo, status=403
        )
    answer = RedirectResponse(following, status_code=303)
    answer.set_cookie(
        COOKIE, token, httponly=True, samesite="strict", path="/", secure=settings.secure_cookies
    )
    return answer


@lru_cache(maxsize=1)
def _limiter() -> anyio.CapacityLimiter:
    return anyio.CapacityLimiter(AT_ONCE)


async def sign_out(request: Request) -> Response:
    """Revoke the session and forget the cookie."""
    await anyio.to_thread.run_sync(desk.sign_out, deployment(), request.cookies.get(COOKIE))
    answer = RedirectResponse("/signin", status_code=303)
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return answer


async def style(request: Request) -> Response:
    """Return the one style sheet that a stranger may read."""
    del request
    return FileResponse(FOLDER / "signin.css", media_type="text/css; charset=utf-8")
