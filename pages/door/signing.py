"""Signing in and out."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import anyio
import anyio.to_thread
from starlette.responses import FileResponse, RedirectResponse, Response

from pages.door import desk
from pages.door.headers import COOKIE, own_path
from pages.door.notices import FOLDER, sign_in_page
from pages.shell.deployment import deployment

if TYPE_CHECKING:
    from starlette.requests import Request

    from data.settings import Settings

REFUSED: Final = "用户名或密码不正确，或该账号已暂停使用。连续五次失败将锁定十五分钟。"
LONGEST: Final = 256
"""Characters of a field; argon2 is not asked to hash a book."""
BROWSERS: Final = {
    "MicroMessenger": "微信",
    "Edg/": "Edge",
    "QQBrowser": "QQ 浏览器",
    "360": "360 浏览器",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS: Final = {
    "HarmonyOS": "鸿蒙",
    "Android": "安卓",
    "iPhone": "iPhone",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}
"""In the order of asking: many browsers also name those they descend from."""
AT_ONCE: Final = 4
"""Sign-ins worked on at a time: hashing is dear by design, and whoever is inside must not wait for it."""


async def sign_in(request: Request) -> Response:
    """Show the form, or check it."""
    settings = deployment()
    if request.method != "POST":
        following = own_path(request.query_params.get("next", "/"))
        visitor = await anyio.to_thread.run_sync(desk.visitor_of, settings, request.cookies.get(COOKIE))
        if visitor is not None and visitor.pending:
            return RedirectResponse(step_address(visitor.pending, following), status_code=303)
        return sign_in_page(settings, following=following)
    form = await request.form(max_files=0, max_fields=8)
    login, password, wish = (str(form.get(name, "")) for name in ("login", "password", "next"))
    following = own_path(wish)
    token = None
    if max(len(login), len(password)) <= LONGEST:
        token = await anyio.to_thread.run_sync(
            desk.sign_in,
            settings,
            login.strip(),
            password,
            device_of(request.headers.get("user-agent", "")),
            limiter=hashing(),
        )
    if token is None:
        return sign_in_page(settings, following=following, fault=REFUSED, status=403)
    answer = RedirectResponse(following, status_code=303)
    keep_session(answer, settings, token)
    return answer


def keep_session(answer: Response, settings: Settings, token: str) -> None:
    """Give the browser the token of its new session, in the place of any that it had."""
    answer.set_cookie(
        COOKIE, token, httponly=True, samesite="strict", path="/", secure=settings.secure_cookies
    )


@lru_cache(maxsize=1)
def hashing() -> anyio.CapacityLimiter:
    """Return the limiter under which passwords are looked at or made."""
    return anyio.CapacityLimiter(AT_ONCE)


def step_address(pending: desk.Pending, following: str) -> str:
    """Return where a person does what is pending and then goes on to `following`."""
    return f"/signin/{pending}?next={quote(following, safe='')}"


def device_of(agent: str) -> str:
    """Return browser and system in two words, so that one knows one's own sessions apart."""
    browser = next((name for name in BROWSERS if name in agent), "")
    system = next((name for name in SYSTEMS if name in agent), "")
    return " / ".join(part for part in (BROWSERS.get(browser, ""), SYSTEMS.get(system, "")) if part)


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
