"""The days that are looked at, the figures over them, and how the chain stands."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import streamlit as st

from data.storage import audit, audit_chain
from pages.audit import view
from pages.shell import downloads, frames
from pages.shell.blocks import Figure, empty, facts, heading, remark
from pages.shell.clock import today

if TYPE_CHECKING:
    import pandas as pd
    from streamlit.delta_generator import DeltaGenerator

    from pages.door.desk import Viewer

PACK: Final = "清单、访问、审批、导出、删除、紧急查看和链核验，不含儿童姓名、编号与住址；次年 1 月底前报送。"
YEARS: Final = 5
"""That can be asked for."""
APRIL: Final = 4


def days(left: DeltaGenerator, right: DeltaGenerator) -> tuple[dt.date, dt.date]:
    """Ask for the first and the last day; stop the run where they are the wrong way round."""
    first = left.date_input(
        "起（含当日）", today() - dt.timedelta(days=30), max_value=today(), format="YYYY-MM-DD"
    )
    last = right.date_input("止（含当日）", today(), max_value=today(), format="YYYY-MM-DD")
    if not isinstance(first, dt.date) or not isinstance(last, dt.date) or first > last:
        st.html(empty("日期不对", "起始日不能晚于截止日。"))
        st.stop()
    return first, last


def acts(viewer: Viewer, section: str, since: dt.date, until: dt.date) -> pd.DataFrame:
    """Return the newest acts of some days, of the viewer alone or as far as the section reaches."""
    frames.require(viewer, "audit", dict(view.SECTIONS)[section])
    own = viewer.account_id if section == view.OWN else None
    with frames.opened(viewer) as connection:
        return audit.acts(connection, account_id=own, since=since, until=until, limit=view.MOST)


def figures(acts: pd.DataFrame) -> list[Figure]:
    """Return the numbers above the table."""
    return [
        Figure(label=label, value=f"{number:,}", unit="条", note=note)
        for label, number, note in view.summary(acts)
    ]


def offer_pack(viewer: Viewer) -> None:
    """Offer the compliance pack of a year, so far as it has gone; until March that of the year before."""
    day = today()
    years = list(range(day.year, day.year - YEARS, -1))
    st.html(heading("年度合规审计材料"))
    st.html(remark(PACK))
    year = st.selectbox("年度", years, index=int(day.month < APRIL), key="compliance-year")
    period = downloads.Period(first=dt.date(year, 1, 1), last=min(dt.date(year, 12, 31), day))
    downloads.offer(viewer, "compliance", of="audit", formats=downloads.FORMS, period=period)


def draw_chain(viewer: Viewer) -> None:
    """Tell the head of the chain, to be compared with the copy that is kept elsewhere."""
    frames.require(viewer, "audit")
    with frames.opened(viewer) as connection:
        head = audit_chain.head(connection)
    if head is not None:
        st.html(
            facts(
                [
                    ("链上记录", f"{head.position:,} 条"),
                    ("当前链头", head.hash.hex()),
                    ("逐条核验", "由运维人员在服务器上运行 anlan audit verify"),
                ]
            )
        )
