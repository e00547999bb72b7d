"""One's own account: posts, sessions, password and second factor, on a page without script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import anyio.to_thread
import pandas as pd
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from data.engine import Login, connect
from data.passwords import hash_password
from data.storage import links, own, sessions
from data.storage.audit import Action
from data.storage.faults import RefusedError
from layers.words import ROLES, WAYS
from pages.door import desk, factor, passwords
from pages.door.gate import ME, VIEWER
from pages.door.headers import COOKIE
from pages.door.notices import page
from pages.door.signing import LONGEST, hashing
from pages.door.stepping import lacks_own_factor
from pages.shell.deployment import deployment

if TYPE_CHECKING:
    from starlette.requests import Request

    from pages.door.desk import Viewer

SAID: Final = {
    "password": "密码已修改，您在别处的登录已全部退出。",
    "post": "已切换岗位。",
    "session": "已退出该处的登录。",
    "factor": "动态口令已启用。",
    "confirmed": "已确认关联，以后可由统一身份认证登录。",
    "refused": "已删除关联，由统一身份认证的登录已全部退出。",
}
SHOW_FIRST: Final = "换手机前须输入旧手机上的动态口令：请退出，改用用户名和密码登录后再办理。"
DIGITS: Final = 19
"""Of the largest bigint."""


def routes() -> list[Route]:
    """Return the page and what is posted from it."""
    return [
        Route(ME, _show),
        Route(f"{ME}/password", _change_password, methods=["POST"]),
        Route(f"{ME}/post", _choose_post, methods=["POST"]),
        Route(f"{ME}/session", _end_session, methods=["POST"]),
        Route(f"{ME}/factor", _new_factor, methods=["POST"]),
        Route(f"{ME}/link", _decide_link, methods=["POST"]),
    ]


async def _show(request: Request) -> Response:
    return await _page(request, said=SAID.get(request.query_params.get("done", ""), ""))


async def _change_password(request: Request) -> Response:
    viewer, token = _who(request)
    form = await request.form(max_files=0, max_fields=8)
    held, wished, again = (str(form.get(name, ""))[: LONGEST + 1] for name in ("held", "wished", "again"))
    visitor = await anyio.to_thread.run_sync(desk.visitor_of, deployment(), token)
    if visitor is None:
        return RedirectResponse("/signin", status_code=303)
    fault = passwords.DEMO if _is_shared(visitor) else passwords.fault_of(wished, again, viewer.login)
    if not fault and not await anyio.to_thread.run_sync(
        passwords.is_right, deployment(), viewer.login, held, limiter=hashing()
    ):
        fault = "现用密码不正确。连续五次失败将锁定十五分钟。"
    if fault:
        return await _page(request, fault=fault, status=400)
    hashed = await anyio.to_thread.run_sync(hash_password, wished, limiter=hashing())
    await anyio.to_thread.run_sync(passwords.store, deployment(), token, visitor.session, hashed)
    return RedirectResponse(f"{ME}?done=password", status_code=303)


async def _choose_post(request: Request) -> Response:
    viewer, token = _who(request)
    number = _number((await request.form(max_files=0, max_fields=2)).get("post"))
    if number is None:
        return await _page(request, fault="请选择一个岗位。", status=400)

    def choose() -> None:
        with connect(deployment(), Login.DOOR) as connection:
            own.choose_post(connection, token, number)
            own.record(connection, deployment().area_code, Action.CHOOSE_POST, viewer.account_id)

    try:
        await anyio.to_thread.run_sync(choose)
    except RefusedError as fault:
        return await _page(request, fault=str(fault), status=403)
    return RedirectResponse("/", status_code=303)


async def _end_session(request: Request) -> Response:
    viewer, token = _who(request)
    number = _number((await request.form(max_files=0, max_fields=2)).get("session"))

    def end() -> None:
        with connect(deployment(), Login.DOOR) as connection:
            own.end_session(connection, token, number or 0)
            own.record(connection, deployment().area_code, Action.END_SESSION, viewer.account_id)

    await anyio.to_thread.run_sync(end)
    return RedirectResponse(f"{ME}?done=session", status_code=303)


async def _new_factor(request: Request) -> Response:
    _, token = _who(request)
    visitor = await anyio.to_thread.run_sync(desk.visitor_of, deployment(), token)
    if visitor is None or _is_shared(visitor):
        return await _page(request, fault="演示账号供多人试用，不能绑定某一部手机。", status=403)

    if lacks_own_factor(visitor):
        return await _page(request, fault=SHOW_FIRST, status=403)

    def draft() -> None:
        factor.draft(deployment(), token, anew=True)

    await anyio.to_thread.run_sync(draft)
    return RedirectResponse(f"/signin/enrol?next={ME}", status_code=303)


async def _decide_link(request: Request) -> Response:
    viewer, token = _who(request)
    form = await request.form(max_files=0, max_fields=4)
    number, yes = _number(form.get("link")) or 0, form.get("answer") == "mine"
    if not yes and form.get("answer") != "other":
        return await _page(request, fault="请选择是不是本人。", status=400)

    def decide() -> None:
        with connect(deployment(), Login.DOOR) as connection:
            (links.confirm if yes else links.refuse)(connection, token, number)
            action = Action.CONFIRM_LINK if yes else Action.REFUSE_LINK
            own.record(connection, deployment().area_code, action, viewer.account_id, link=number)

    try:
        await anyio.to_thread.run_sync(decide)
    except RefusedError as fault:
        return await _page(request, fault=str(fault), status=403)
    return RedirectResponse(f"{ME}?done={'confirmed' if yes else 'refused'}", status_code=303)


async def _page(request: Request, *, said: str = "", fault: str = "", status: int = 200) -> Response:
    viewer, token = _who(request)
    visitor = await anyio.to_thread.run_sync(desk.visitor_of, deployment(), token)
    if visitor is None:
        return RedirectResponse("/signin", status_code=303)
    listed = await anyio.to_thread.run_sync(_sessions, viewer, token)
    link = await anyio.to_thread.run_sync(_link, viewer)
    return page(
        "me.html",
        status=status,
        said=said,
        fault=fault,
        name=viewer.display_name,
        login=viewer.login,
        bureau=viewer.bureau,
        posts=[_post(grant, viewer) for grant in viewer.grants],
        sessions=listed,
        link=link,
        by_password=visitor.session.way == "password",
        shared=_is_shared(visitor),
        enrolled=visitor.session.enrolled,
        required=desk.needs_factor(deployment(), visitor.grants, demo=visitor.session.demo),
    )


def _sessions(viewer: Viewer, token: str) -> list[dict[str, Any]]:
    with connect(deployment(), Login.DOOR, readonly=True) as connection:
        found = sessions.living(connection, viewer.account_id, token)
    return [
        {
            "id": row.Index,
            "device": row.device or "未知设备",
            "way": "" if row.way == "password" else WAYS[str(row.way)],
            "since": _instant(row.created_at),
            "last": _instant(row.last_seen_at),
            "mine": row.mine,
        }
        for row in found.itertuples()
    ]


def _link(viewer: Viewer) -> dict[str, Any] | None:
    with connect(deployment(), Login.DOOR, readonly=True) as connection:
        found = links.held(connection, viewer.account_id)
    if found is None:
        return None
    return {
        "id": found.id,
        "issuer": found.issuer,
        "subject": found.subject,
        "by": found.linked_by or "命令行",
        "at": _instant(found.linked_at),
        "confirmed": "" if found.confirmed_at is None else _instant(found.confirmed_at),
    }


def _post(grant: Any, viewer: Viewer) -> dict[str, Any]:  # noqa: ANN401 - a grant
    now = (grant.role, grant.area_code) == (viewer.role, viewer.area_code)
    return {"id": grant.id, "words": f"{ROLES[grant.role]}（{grant.area_name}）", "now": now}


def _is_shared(visitor: desk.Visitor) -> bool:
    """Return whether many try the account: what one changed would lock out the others."""
    settings = deployment()
    return visitor.session.demo and settings.demo and not settings.demo_second_factor


def _instant(moment: Any) -> str:  # noqa: ANN401 - a timestamp
    return pd.Timestamp(moment).tz_convert(deployment().time_zone).strftime("%m-%d %H:%M")


def _number(given: object) -> int | None:
    typed = str(given or "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < DIGITS else None


def _who(request: Request) -> tuple[Viewer, str]:
    viewer: Viewer = request.scope[VIEWER]
    return viewer, request.cookies[COOKIE]
