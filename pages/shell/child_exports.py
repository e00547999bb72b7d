"""Exports of children by approval as the pages know them: asked, decided, started, and who is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from data import rights
from data.engine import Login, Scope, connect
from data.storage import child_exports as stored
from data.storage import children
from pages.shell import blocks, frames
from pages.shell.deployment import deployment

if TYPE_CHECKING:
    import pandas as pd

    from data.storage.child_exports import Request
    from pages.door.desk import Viewer

ADDRESS = "/child-export/"
"""Of what is taken, before its number."""


def seen(viewer: Viewer) -> pd.DataFrame:
    """Return one's own requests and those of one's area; never from the cache, since they change."""
    frames.require(viewer, "child_exports")
    login = viewer.login_kind if viewer.may("child_exports", "propose") else Login.ACCOUNTS
    with connect(deployment(), login, viewer.scope, readonly=True) as connection:
        return stored.seen(connection)


def count(viewer: Viewer, area_code: str) -> int:
    """Return how many children of an area an export of this viewer would hold, as of a minute ago at most."""
    frames.require(viewer, "child_exports", "propose")
    return _count(viewer.scope, area_code, frames.version(viewer))


def ask(viewer: Viewer, wanted: Request) -> str:
    """Ask for an export; a second person decides."""
    frames.require(viewer, "child_exports", "propose")
    with connect(deployment(), viewer.login_kind, viewer.scope) as connection:
        number = stored.ask(connection, wanted)
    _waiting.clear()
    return f"已提出第 {number} 号申请，已通知本辖区民政人员；三天内没有审批即失效。"


def decide(viewer: Viewer, number: int, *, approve: bool, words: str) -> str:
    """Decide upon what somebody else asked for."""
    frames.require(viewer, "child_exports", "approve")
    with connect(deployment(), viewer.login_kind, viewer.scope) as connection:
        stored.decide(connection, number, approve=approve, words=words)
    _waiting.clear()
    return f"第 {number} 号申请{'已批准，已通知申请人。' if approve else '未批准，已通知申请人。'}"


def start(viewer: Viewer, number: int) -> str:
    """Begin the ten minutes in which one's approved export can be taken."""
    frames.require(viewer, "child_exports", "propose")
    with connect(deployment(), viewer.login_kind, viewer.scope) as connection:
        stored.start(connection, number)
    _waiting.clear()
    return f"第 {number} 号导出的下载链接已生成：十分钟内有效，只能下载一次。"


def notice(viewer: Viewer) -> None:
    """Tell on every page what waits for this viewer: requests to decide, approved ones to take."""
    if not viewer.may("child_exports", "propose"):
        return
    deciding, taking = _waiting(viewer.scope, viewer.account_id)
    listed = [
        (deciding, "项儿童信息导出申请待您审批"),
        (taking, "项儿童信息导出已获批准，请在期限内下载"),
    ]
    told = [
        blocks.Task(text=text, count=str(number), link="/civil", tone="warn")
        for number, text in listed
        if number
    ]
    if told:
        st.html(blocks.tasks(told))


@st.cache_data(show_spinner=False, max_entries=64, ttl=60, hash_funcs={Scope: str})
def _count(scope: Scope, area_code: str, version: str) -> int:
    del version
    with connect(deployment(), rights.login_of(scope.role), scope, readonly=True) as connection:
        return children.count_for_export(connection, area_code)


@st.cache_data(show_spinner=False, max_entries=32, ttl=30, hash_funcs={Scope: str})
def _waiting(scope: Scope, account_id: int) -> tuple[int, int]:
    with connect(deployment(), Login.ACCOUNTS, scope, readonly=True) as connection:
        listed = stored.seen(connection)
    own = listed["account_id"] == account_id
    return (
        int((~own & (listed["state"] == "asked")).sum()),
        int((own & listed["state"].isin(["approved", "started"])).sum()),
    )
