"""The route by which an approved export of children leaves, once: posted, so no browser takes it early."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import anyio.to_thread
from starlette.responses import Response
from starlette.routing import Route

from data.keyring import KeyringError
from data.storage.faults import RefusedError
from pages.door.gate import VIEWER
from pages.door.handout import TYPES
from pages.door.notices import notice, page
from pages.shell.clock import today
from pages.shell.deployment import deployment

if TYPE_CHECKING:
    from starlette.requests import Request

    from jobs.child_exports import Taken
    from pages.door.desk import Viewer

DIGITS: Final = 18
UNOPENED: Final = "身份信息暂时不能解密，没有算作下载，十分钟内可以再试。请告诉系统管理员。"
log = logging.getLogger(__name__)


def routes() -> list[Route]:
    """Return the one route."""
    return [Route("/child-export/{number}", _take, methods=["GET", "POST"])]


async def _take(request: Request) -> Response:
    viewer: Viewer = request.scope[VIEWER]
    number = request.path_params["number"]
    if not (number.isascii() and number.isdecimal() and len(number) <= DIGITS):
        return notice("absent", status=404)
    # Otherwise Streamlit would answer what only looks.
    if request.method != "POST" or not viewer.may("child_exports", "propose"):
        return notice("absent", status=404)
    try:
        taken = await anyio.to_thread.run_sync(_taken, viewer, int(number))
    except RefusedError as fault:
        return _refused(str(fault), status=403)
    except KeyringError:
        log.exception("an export of children could not be made")
        return _refused(UNOPENED, status=503)
    name = quote(f"儿童信息-第{int(number)}号-{taken.area_name}-{today():%Y%m%d}.{taken.format}", safe="")
    plain = f"child-export-{int(number)}.{taken.format}"
    return Response(
        taken.content,
        media_type=TYPES[taken.format],
        headers={"content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{name}"},
    )


def _taken(viewer: Viewer, number: int) -> Taken:
    # Its libraries load for seconds; a page that exports nothing does not wait for them.
    from jobs.child_exports import take

    return take(deployment(), viewer.scope, number)


def _refused(text: str, *, status: int) -> Response:
    return page("notice.html", status=status, title="没有下载", text=text, way="返回首页")
