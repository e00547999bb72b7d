"""The monthly bulletin in figures and notes."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from layers import words
from pages.shell.blocks import Figure

if TYPE_CHECKING:
    import pandas as pd

    from layers.periods import Period


def months(begins: dt.date, today: dt.date) -> list[dt.date]:
    """Return the first day of each month that the ledger tells of, the newest first."""
    found, month = [], today.replace(day=1)
    while month >= begins.replace(day=1):
        found.append(month)
        month = (month - dt.timedelta(days=1)).replace(day=1)
    return found


def month_name(month: dt.date) -> str:
    """Return a month as people write it."""
    return f"{month.year} 年 {month.month} 月"


def amounts(summed: pd.DataFrame) -> list[Figure]:
    """Return the totals; complete sets lead, items follow."""
    total = summed.iloc[-1]
    exposed, covered = float(total["exposed_m"]), float(total["covered_m"])
    share = covered / exposed if exposed else None
    return [
        Figure(
            label="暴露岸线已覆盖",
            value="—" if share is None else f"{share:.1%}",
            share=share,
            note=f"{words.kilometres(covered)} / {words.kilometres(exposed)} 公里",
        ),
        Figure(
            label="完整有效套数",
            value=f"{total['valid']:,.0f}",
            unit=f"/ {total['stations']:,.0f} 处点位",
            note=f"不完整 {total['incomplete']:,.0f} 处",
        ),
        Figure(
            label="核查逾期",
            value=f"{total['overdue']:,.0f}",
            unit="处",
            tone="warn" if total["overdue"] else "good",
        ),
        Figure(
            label="本期新增缺口",
            value=f"{total['opened']:,.0f}",
            unit="段",
            note=f"{total['opened_m']:,.0f} 米",
            tone="bad" if total["opened"] else "good",
        ),
        Figure(
            label="本期销号",
            value=f"{total['closed']:,.0f}",
            unit="段",
            note=f"{total['closed_m']:,.0f} 米",
            tone="good",
        ),
    ]


def caveats(period: Period, begins: dt.date, stand: dt.date) -> list[str]:
    """Return what a reader must know before comparing these figures."""
    notes = []
    if period.last < stand:
        notes.append(
            f"{period.last:%Y-%m-%d} 及以前的存量没有留存，"
            f"表一至表三为最近一次核算（{stand:%Y-%m-%d}）的存量。"
        )
    if period.first < begins:
        notes.append(f"缺口台账自 {begins:%Y-%m-%d} 起：本期“新增”含台账建立时已有的缺口。")
    return notes
