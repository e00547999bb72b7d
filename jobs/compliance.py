"""The compliance pack of a year: inventory, access, approvals, exports, deletions, incidents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from data import processing
from data.engine import Login, Scope, connect
from data.storage import child_exports, compliance, urgent
from jobs import audit_trail, processing_page
from layers import compliance as drawn
from layers.handouts import TITLES

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from data.settings import Settings
    from data.storage.accounts import Account, Grant
    from layers.periods import Period


def pack(
    settings: Settings, connection: Connection, grant: Grant, account: Account, period: Period
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the summary, and the form with its sections; both days of the period are included.

    Acts are read as the login of the grant may see them; grants, urgent sights and requests for exports of
    children by the login of accounts in the name of the account. Only counts, codes of areas and words of
    ours come back; of what people wrote, names of areas and bureaus alone.
    """
    area = period.within or grant.area_code
    told_at = f"{pd.Timestamp.now(settings.time_zone):%Y-%m-%d %H:%M}"
    with connect(
        settings, Login.ACCOUNTS, Scope(grant.area_code, account.id, grant.role), readonly=True
    ) as desk:
        grants = compliance.grants(desk, area, period.first, period.last)
        sights = urgent.seen(desk)
        requests = child_exports.seen(desk)

    def told(rows: pd.DataFrame, moment: str) -> pd.DataFrame:
        day = rows[moment].dt.tz_convert(settings.time_zone).dt.date
        within = rows["area_code"].str.startswith(area) & (day >= period.first) & (day <= period.last)
        kept: pd.DataFrame = rows[within].reset_index().sort_values("id")
        return kept

    # Before the caller's transaction reads: it may not idle while a long chain is verified.
    verified = audit_trail.verify(settings, Scope(grant.area_code, account.id, grant.role))
    found = drawn.Figures(
        inventory=inventory(),
        acts=compliance.acts(connection, area, period.first, period.last),
        grants=grants,
        sights=told(sights, "opened_at"),
        requests=told(requests, "asked_at"),
        chain=(verified.acts, verified.heads, verified.faults),
        months=settings.child_retention_months,
    )
    return drawn.summary(found, period, told_at), {
        "banner": f"{grant.area_name}{TITLES[drawn.NAME]}",
        "lines": (
            f"统计期：{drawn.said(period)}　　填报单位：{account.bureau or grant.area_name}",
            *((f"范围：区划代码 {area} 及下级",) if area != grant.area_code else ()),
        ),
        "lead": (drawn.lead(grant.area_name, period),),
        "sections": drawn.sections(found, period, told_at),
        "footnotes": drawn.NOTES,
    }


def inventory() -> pd.DataFrame:
    """Return the inventory as the guide prints it, with the table of each column before it."""
    rows = [
        [processing_page.TITLES[entry.table], *(cell.strip("`") for cell in processing_page.cells(entry))]
        for entry in processing.inventory()
    ]
    return pd.DataFrame(rows, columns=["数据表", *processing_page.COLUMNS], dtype=object)
