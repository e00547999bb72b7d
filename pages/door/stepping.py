"""What stands between the password and the pages: the second factor, a password of one's own, enrolment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import anyio.to_thread
import segno
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from data import totp
from data.passwords import hash_password
from pages.door import desk, factor, passwords
from pages.door.headers import COOKIE, own_path
from pages.door.notices import page
from pages.door.signing import LONGEST, hashing, step_address
from pages.shell.deployment import deployment

if TYPE_CHECKING:
    from starlette.requests import Request

WRONG_CODE: Final = (
    "动态口令不正确、已使用过，或暂时锁定。请等手机上的数字更新后再试；连续五次失败将锁定十五分钟。"
)
NEWEST_ALONE: Final = "二维码十分钟内有效，且只在本次登录有效：请删除先前扫描的，重新扫描下图。"
QR_SCALE: Final = 5


def routes() -> list[Route]:
    """Return the three steps."""
    return [
        Route(f"/signin/{name}", step, methods=["GET", "POST"])
        for name, step in (("factor", _factor), ("password", _password), ("enrol", _enrol))
    ]


async def _factor(request: Request) -> Response:
    following, token, visitor = await _asked(request)
    if token is None or visitor is None or visitor.pending != "factor":
        return _on(visitor, following)
    fault = ""
    if request.method == "POST":
        code = str((await request.form(max_files=0, max_fields=4)).get("code", ""))[:LONGEST]
        if await anyio.to_thread.run_sync(factor.show, deployment(), token, code):
            return RedirectResponse(following, status_code=303)
        fault = WRONG_CODE
    return page("factor.html", fault=fault, following=following, status=403 if fault else 200)


async def _password(request: Request) -> Response:
    following, token, visitor = await _asked(request)
    if token is None or visitor is None or visitor.pending != "password":
        return _on(visitor, following)
    fault = ""
    if request.method == "POST":
        form = await request.form(max_files=0, max_fields=8)
        wished, again = (str(form.get(name, "")) for name in ("wished", "again"))
        fault = passwords.fault_of(wished, again, visitor.session.login)
        if not fault:
            hashed = await anyio.to_thread.run_sync(hash_password, wished, limiter=hashing())
            await anyio.to_thread.run_sync(passwords.store, deployment(), token, visitor.session, hashed)
            return RedirectResponse(following, status_code=303)
    shown = {"fault": fault, "following": following, "name": visitor.session.display_name}
    return page("password.html", status=400 if fault else 200, **shown)


async def _enrol(request: Request) -> Response:
    following, token, visitor = await _asked(request)
    # Whoever is in already changes to another phone; the database asks that the old one was shown.
    if token is None or visitor is None or visitor.pending not in {"enrol", ""} or lacks_own_factor(visitor):
        return _on(visitor, following)
    fault = ""
    if request.method == "POST":
        code = str((await request.form(max_files=0, max_fields=4)).get("code", ""))[:LONGEST]
        codes = await anyio.to_thread.run_sync(factor.confirm, deployment(), token, code)
        if codes is not None:
            return page("recovery.html", codes=codes, following=following)
        fault = f"{WRONG_CODE}{NEWEST_ALONE}"
    drafted = await anyio.to_thread.run_sync(factor.draft, deployment(), token)
    if drafted is None:
        return _on(None, following)
    typed = totp.readable(drafted.secret)
    shown = {
        "fault": fault,
        "following": following,
        "login": drafted.login,
        "picture": segno.make_qr(totp.address(drafted.secret, drafted.login), error="m").svg_data_uri(
            scale=QR_SCALE, border=3
        ),
        "typed": " ".join(typed[start : start + 4] for start in range(0, len(typed), 4)),
    }
    return page("enrol.html", status=403 if fault else 200, **shown)


def lacks_own_factor(visitor: desk.Visitor) -> bool:
    """Return whether the phone in use was not shown at this door: a provider's word changes no phone."""
    return visitor.session.enrolled and not visitor.session.factor_shown


async def _asked(request: Request) -> tuple[str, str | None, desk.Visitor | None]:
    following = own_path(request.query_params.get("next", "/"))
    token = request.cookies.get(COOKIE)
    return following, token, await anyio.to_thread.run_sync(desk.visitor_of, deployment(), token)


def _on(visitor: desk.Visitor | None, following: str) -> Response:
    """Lead to what is pending, to the pages, or to the sign-in."""
    if visitor is None:
        return RedirectResponse("/signin", status_code=303)
    target = step_address(visitor.pending, following) if visitor.pending else following
    return RedirectResponse(target, status_code=303)
