"""Hand-outs that tell of a period: their rows, and the form that a bureau prints them in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from data.storage import assessments, audit, gap_ledger
from data.storage import bulletin as stored_bulletin
from layers import bulletin as drawn_bulletin
from layers import words
from layers.handouts import TITLES

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from sqlalchemy import Connection

    from data.storage.accounts import Grant
    from layers.periods import Period

    Form = dict[str, Any]


MOST: Final = 100_000
"""Rows of one file."""


class PeriodicalError(Exception):
    """There is nothing to tell of the period; the message says why."""


def ledger(connection: Connection, grant: Grant, bureau: str, period: Period) -> tuple[pd.DataFrame, Form]:
    """Return what became of each gap between the ends of two days, with what is open at the end."""
    del bureau
    require_begun(connection, period)
    found = gap_ledger.changes(connection, period.first, period.last, period.within or grant.area_code)
    counted = gap_ledger.summary(found)
    changed = "，".join(
        f"{words.CHANGES[kind]} {at['gaps']} 段（{at['metres']:+.0f} 米）"
        for kind, at in counted.items()
        if kind != "same"
    )
    stands = found[found["change"] != "closed"]
    return found.reset_index().assign(moved_m=(found["after_m"] - found["before_m"]).to_numpy()), {
        "banner": f"{grant.area_name}{TITLES['ledger']}",
        "lines": (
            f"统计期：{period.first:%Y-%m-%d} 日终 至 {period.last:%Y-%m-%d} 日终",
            f"期末在册 {len(stands)} 段，共 {stands['after_m'].sum():.0f} 米；{changed}",
        ),
        "footnotes": traced(connection, period),
    }


def bulletin(connection: Connection, grant: Grant, bureau: str, period: Period) -> tuple[pd.DataFrame, Form]:
    """Return the figures of a month by area, with the paragraph and the tables of the form."""
    require_begun(connection, period)
    run = stored_bulletin.run_of(connection, period.last)
    if run is None:
        raise PeriodicalError("还没有核算结果：请先运行 anlan assess。")
    area = period.within or grant.area_code
    found = stored_bulletin.bulletin(
        connection, area, first=period.first, last=period.last, level=period.level
    )
    summed, days = drawn_bulletin.rows(found), f"统计期：{drawn_bulletin.said(period)}"
    return summed, {
        "banner": f"{grant.area_name}{TITLES['bulletin']}",
        "lines": ("　　".join((f"填报单位：{bureau or grant.area_name}", days, "单位：米、处、段")),),
        "lead": (drawn_bulletin.lead(summed, grant.area_name, period, run.as_of),),
        "parts": drawn_bulletin.PARTS,
        "footnotes": (
            f"表一至表三取自第 {run.id} 次核算：核算日 {run.as_of:%Y-%m-%d}，数据版本 {run.data_version}。",
            f"该次核算所用参数 {len(run.parameters)} 项，随核算记录留存，并列于 Excel 版的“说明”表。",
            *traced(connection, period),
            drawn_bulletin.LISTED,
            "器材件数不等于套数：四件齐全、完好且在核查期内的点位才计为一套。",
        ),
    }


def acts(connection: Connection, grant: Grant, bureau: str, period: Period) -> tuple[pd.DataFrame, Form]:
    """Return the acts of some days that the grant lets see."""
    del bureau
    found = audit.acts(connection, since=period.first, until=period.last, limit=MOST + 1)
    if len(found) > MOST:
        raise PeriodicalError(f"所选日期内超过 {MOST:,} 条：请缩短起止日期，分次导出。")
    return found.reset_index(), {
        "banner": f"{grant.area_name}{TITLES['audit']}",
        "lines": (f"统计期：{period.first:%Y-%m-%d} 至 {period.last:%Y-%m-%d}，共 {len(found):,} 条",),
    }


def require_begun(connection: Connection, period: Period) -> None:
    """Raise `PeriodicalError` if the ledger had not begun at the end of the period."""
    begins = assessments.ledger_begins(connection)
    if begins is None:
        raise PeriodicalError("还没有台账：请先运行 anlan assess。")
    if period.last < begins:
        raise PeriodicalError(f"台账自 {begins:%Y-%m-%d} 起，此前没有记录：请改选期末日。")


def traced(connection: Connection, period: Period) -> tuple[str, ...]:
    """Return one note an end of the period: the run that its state comes from."""
    notes = []
    for word, day in (("期初", period.first), ("期末", period.last)):
        run = assessments.assessment_on(connection, day)
        notes.append(
            f"{word}状态取自第 {run.id} 次核算：核算日 {run.as_of:%Y-%m-%d}，数据版本 {run.data_version}。"
            if run is not None
            else f"{word}（{day:%Y-%m-%d}）早于台账起始日，按没有记录计。"
        )
    return tuple(notes)


PERIODICALS: Final[dict[str, Callable[[Connection, Grant, str, Period], tuple[pd.DataFrame, Form]]]] = {
    "ledger": ledger,
    "bulletin": bulletin,
    "audit": acts,
}
