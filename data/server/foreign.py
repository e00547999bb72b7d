"""A PostGIS server that others own (`DATABASE_URL`): its logins and extensions, if we may make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from sqlalchemy.engine import make_url

from data.server import logins
from data.server.faults import ServerError

if TYPE_CHECKING:
    from data.settings import Settings

CONNECT_SECONDS = 10


def prepare(settings: Settings) -> None:
    """Create the logins and extensions that are missing, as the user that the URL names.

    Raises
    ------
    ServerError
        If the server does not answer, or something is missing and that user may not create it.
    """
    if settings.embedded:
        return
    url = make_url(settings.url(logins.OWNER)).set(drivername="postgresql")
    name = url.database or ""
    try:
        with psycopg.connect(
            url.render_as_string(hide_password=False), autocommit=True, connect_timeout=CONNECT_SECONDS
        ) as connection:
            if not _complete(connection):
                logins.create_roles(connection)
                logins.furnish(connection, name)
                _require_silence(connection)
    except psycopg.OperationalError:
        # The driver's own words may repeat the address with its user: they are not shown.
        raise ServerError(
            f"DATABASE_URL 所指的数据库（{url.host or '本机'}，库 {name}）连接不上：请检查地址、口令与网络；"
            "角色尚未建立时，请管理员先用 psql 执行 anlan migrate --roles 打印的语句。"
        ) from None
    except psycopg.errors.InsufficientPrivilege:
        raise ServerError(
            "数据库缺少本程序的角色或扩展，而当前用户无权建立："
            "请管理员用 psql 执行一次 anlan migrate --roles 打印的语句。"
        ) from None
    except psycopg.errors.UndefinedFile:
        raise ServerError("DATABASE_URL 所指的服务器没有安装 PostGIS：请先在那台服务器上安装。") from None


def _complete(connection: psycopg.Connection) -> bool:
    roles = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
    extensions = {name for (name,) in connection.execute("SELECT extname FROM pg_extension")}
    present = roles.issuperset(logins.LOGINS) and extensions.issuperset(logins.EXTENSIONS)
    return present and logins.tells_nothing(connection)


def _require_silence(connection: psycopg.Connection) -> None:
    # A REVOKE by somebody who does not own the function is a warning, not an error.
    if not logins.tells_nothing(connection):
        raise ServerError(
            "PostGIS 的统计函数仍对所有登录角色开放，可能泄露住处位置："
            "请管理员用 psql 执行一次 anlan migrate --roles 打印的语句。"
        )
