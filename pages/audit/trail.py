"""The days that are looked at, the figures over them, and how the chain stands."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import streamlit as st

from data.storage import audit, audit_chain
from pages.audit import view
from pages.shell import frames
from pages.shell.blocks import Figure, empty, facts
from pages.shell.clock import today

if TYPE_CHECKING:
    import pandas as pd
    from streamlit.delta_generator import DeltaGenerator

    from pages.door.desk import Viewer


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
