"""Urgent sight of homes as every page knows it: the banner, the notice to who reviews, and its readings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from data import rights
from data.engine import Login, Scope, connect
from data.storage import audit
from data.storage import urgent as stored
from layers.words import INCIDENTS
from pages.door.headers import COOKIE
from pages.settings.view import instant
from pages.shell import blocks, frames
from pages.shell.deployment import deployment

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from data.storage.urgent import Opening
    from pages.door.desk import Viewer

EVERY_S: Final = 60
"""How often the banner looks whether the sight is over."""


def seen(viewer: Viewer) -> pd.DataFrame:
    """Return one's own sights; to civil affairs and auditors all of their area."""
    if not any(viewer.may("urgent", verb) for verb in ("own", "open", "review", "read")):
        raise frames.NoRightError(f"role {viewer.role} has nothing to do with urgent sight")
    with connect(deployment(), Login.ACCOUNTS, viewer.scope, readonly=True) as connection:
        return stored.seen(connection)


def current(viewer: Viewer) -> pd.Series[Any] | None:
    """Return the sight under which this viewer works, None where it is over."""
    listed = seen(viewer)
    standing = listed[listed["standing"] & (listed["account_id"] == viewer.account_id)]
    return None if standing.empty else standing.iloc[0]


def open_sight(viewer: Viewer, wanted: Opening) -> str:
    """Open a sight; from the next run on this session works under it."""
    frames.require(viewer, "urgent", "open")
    with connect(deployment(), Login.DOOR) as connection:
        stored.open_sight(connection, _token(), wanted)
    _waiting.clear()
    return "紧急查看已启用，已通知民政和审计。"


def end_sight() -> None:
    """End one's own sight: the next run is of the post that it was opened from."""
    with connect(deployment(), Login.DOOR) as connection:
        stored.end_sight(connection, _token())


def review(viewer: Viewer, number: int, *, justified: bool, words: str) -> str:
    """Give a second person's word on a sight."""
    frames.require(viewer, "urgent", "review")
    with connect(deployment(), Login.ACCOUNTS, viewer.scope) as connection:
        stored.review(connection, number, justified=justified, words=words)
    _waiting.clear()
    return "已复核：理由充分。" if justified else "已复核：理由不充分，如仍在查看已即时结束。"


def homes(viewer: Viewer, sight: pd.Series[Any]) -> gpd.GeoDataFrame:
    """Return the homes of the township and record, in the same transaction, that this viewer saw them."""
    frames.require(viewer, "homes")
    said = f"{INCIDENTS[sight['incident']]}：{sight['reason']}"
    return _homes(viewer.session, viewer.scope, frames.version(viewer), str(sight.name), said)


@st.cache_data(show_spinner=False, max_entries=16, ttl=600, hash_funcs={Scope: str})
def _homes(session: str, scope: Scope, version: str, number: str, purpose: str) -> gpd.GeoDataFrame:
    del session, version, number
    with connect(deployment(), rights.login_of(scope.role), scope) as connection:
        found = stored.homes(connection, scope.area_code)
        audit.record(
            connection,
            audit.Action.READ_HOMES,
            scope,
            object_kind="child",
            object_ids=found["code"],
            row_count=len(found),
            purpose=purpose,
        )
    return found


def banner(viewer: Viewer) -> None:
    """Draw what stands above every page while a sight lasts, and the way to end it."""
    if viewer.role != stored.ROLE:
        return
    sight = current(viewer)
    if sight is None:
        st.rerun()
    told, end = st.columns([5, 1], vertical_alignment="center")
    told.html(blocks.alarm(f"紧急查看中：{banner_words(sight)}"))
    if end.button("结束紧急查看", key="urgent-end"):
        end_sight()
        frames.forget()
        st.rerun()
    _watch(viewer)


@st.fragment(run_every=EVERY_S)
def _watch(viewer: Viewer) -> None:
    """Take the page away when the sight is over."""
    if current(viewer) is None:
        st.rerun(scope="app")


def banner_words(sight: pd.Series[Any]) -> str:
    """Return township, incident and end of a sight."""
    return (
        f"{sight['area_name']}　{INCIDENTS[sight['incident']]}　{instant(sight['expires_at'])} 自动结束。"
        "每次查看都有记录，事后须经民政复核。"
    )


def notice(viewer: Viewer) -> None:
    """Tell civil affairs and the auditor on every page what has yet to be reviewed."""
    if not (viewer.may("urgent", "review") or viewer.may("urgent", "read")):
        return
    waiting, overdue = _waiting(viewer.scope, viewer.account_id)
    if waiting:
        late = f"，其中 {overdue} 次已逾期" if overdue else ""
        st.html(
            blocks.tasks(
                [
                    blocks.Task(
                        text=f"次紧急查看住址待民政复核{late}",
                        count=str(waiting),
                        link="/audit",
                        tone="bad" if overdue else "warn",
                    )
                ]
            )
        )


@st.cache_data(show_spinner=False, max_entries=32, ttl=30, hash_funcs={Scope: str})
def _waiting(scope: Scope, account_id: int) -> tuple[int, int]:
    with connect(deployment(), Login.ACCOUNTS, scope, readonly=True) as connection:
        listed = stored.seen(connection)
    own = (listed["account_id"] == account_id) & (scope.role != "auditor")
    open_ones = listed[listed["reviewed_at"].isna() & ~own]
    return len(open_ones), int(open_ones["overdue"].sum())


def _token() -> str:
    return str(st.context.cookies.get(COOKIE))
