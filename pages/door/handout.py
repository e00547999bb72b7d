"""One-time exports: prepared on a page, handed out by a route to the same account within ten minutes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from data.engine import Login, connect
from data.storage import accounts, sessions
from layers.periods import period_of
from pages.shell.clock import today
from pages.shell.deployment import deployment

if TYPE_CHECKING:
    from data.storage.accounts import Account
    from data.storage.sessions import ExportLink
    from layers.periods import Period
    from pages.door.desk import Viewer

TYPES: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
NAMES: Final = {
    "gaps": "缺口清单",
    "stations": "点位清单",
    "waters": "水域清单",
    "banks": "岸线",
    "exposure": "暴露水域",
    "shopping": "采购清单",
    "ledger": "缺口台账",
    "reverify": "点位复核工作单",
    "bulletin": "水域防护月通报",
    "template": "填写模板",
    "audit": "访问记录",
    "compliance": "未成年人信息合规审计材料",
    "children-by-township": "乡镇儿童统计表",
    "station_ledger": "点位台账",
}


@dataclass(frozen=True, kw_only=True)
class Made:
    """A file in memory with what a browser needs to keep it."""

    content: bytes
    media_type: str
    ascii_name: str
    quoted_name: str


def prepare(viewer: Viewer, kind: str, fmt: str, period: Period | None = None, **options: str) -> str:
    """Return the token of a link to one file; `options` say which, where a kind has several."""
    told = {"format": fmt} | ({} if period is None else period.options()) | options
    with connect(deployment(), Login.DOOR, viewer.scope) as connection:
        return sessions.create_link(connection, viewer.account_id, kind, told)


def redeem(viewer: Viewer, token: str) -> Made | None:
    """Use up a link and return its file; None where it is used, expired, or somebody else's."""
    with connect(deployment(), Login.DOOR, viewer.scope) as connection:
        held = sessions.use_link(connection, token, viewer.account_id)
        account = accounts.account_by_id(connection, viewer.account_id)
    if held is None or account is None:
        return None
    fmt = str(held.options["format"])
    # Its libraries load for seconds; a page that exports nothing does not wait for them.
    from jobs.export import ExportError

    try:
        content = _content(account, held, fmt, viewer.purpose)
    except ExportError:
        return None
    name = f"{NAMES.get(held.kind, held.kind)}-{viewer.area_name}-{today():%Y%m%d}.{fmt}"
    return Made(
        content=content,
        media_type=TYPES[fmt],
        ascii_name=f"{held.kind}-{today():%Y%m%d}.{fmt}",
        quoted_name=quote(name),
    )


def _content(account: Account, held: ExportLink, fmt: str, purpose: str) -> bytes:
    if held.kind == "template":
        from jobs.templates import handed_to

        return handed_to(deployment(), account, str(held.options["ledger"]))
    if held.kind == "station_ledger":
        from jobs.ledgers import ledger_bytes

        return ledger_bytes(deployment(), account, str(held.options["layout"]), str(held.options["area"]))
    from jobs.export import export_bytes

    return export_bytes(deployment(), account, held.kind, fmt, period_of(held.options), purpose=purpose)
