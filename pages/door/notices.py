"""Calm pages of the door: signing in, and what is shown when something is away; no script, no details."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

if TYPE_CHECKING:
    from data.settings import Settings

FOLDER: Final = Path(__file__).parent
NOTICES: Final = {
    "database": (
        "数据服务暂时没有应答",
        "已录入的数据不受影响。请稍等片刻后重试；如一直如此，请告诉系统管理员。",
    ),
    "fault": ("页面没有打开", "系统遇到意外情况，已记入日志。请返回重试；如再次出现，请告诉系统管理员。"),
    "gone": ("链接已失效", "下载链接十分钟内有效，且只能使用一次。请回到页面重新生成。"),
    "absent": ("没有找到", "这一页面或条目不存在，或不在您的权限范围内。"),
}
WAYS: Final = {"database": "重试", "fault": "重试"}
"""What the way out is called; elsewhere it leads back."""


def notice(kind: str, *, status: int) -> HTMLResponse:
    """Return one of `NOTICES` as a page."""
    title, text = NOTICES[kind]
    return page("notice.html", status=status, title=title, text=text, way=WAYS.get(kind, "返回首页"))


def sign_in_page(
    settings: Settings, *, following: str, fault: str = "", status: int = 200, subject: str = ""
) -> HTMLResponse:
    """Return the sign-in form; `fault` is empty at first. `subject`: whom a provider meant, to be told on."""
    return page(
        "signin.html",
        status=status,
        following=following,
        fault=fault,
        subject=subject,
        provider=settings.oidc_label if settings.oidc else "",
        area_name=settings.area_name,
        demo=settings.demo,
        demo_factor=settings.demo_second_factor,
    )


def page(template: str, *, status: int = 200, **shown: object) -> HTMLResponse:
    """Return a page of the door; every value is encoded by the template."""
    return HTMLResponse(_pages().get_template(template).render(**shown), status_code=status)


@cache
def _pages() -> Environment:
    return Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined)
