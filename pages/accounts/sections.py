"""The sections of the screen of accounts; each asks for its right again where it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd
import streamlit as st

from pages.accounts import acts, asking, forms, view
from pages.settings.view import instant
from pages.shell import grids
from pages.shell.blocks import empty, facts
from pages.shell.deployment import deployment

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages.door.desk import Viewer

FOR_APPROVAL: Final = "待批准"


def offered(viewer: Viewer) -> list[str]:
    """Return the sections that the viewer may read."""
    return list(DRAWN) if viewer.may("accounts", "read") else [FOR_APPROVAL]


def people(viewer: Viewer) -> None:
    """Draw accounts and, for the administrator, what can be done with the chosen one."""
    writes = viewer.may("accounts", "write")
    listed, grants = acts.people(viewer), acts.grants(viewer)
    if writes:
        forms.new_account(viewer)
    table = view.people_table(listed, grants, instant, linking=deployment().oidc)
    chosen = grids.show(table, "还没有账号", "请新建。", key="accounts-rows")
    if writes and chosen is None:
        st.html(empty("点选一行", "可停用、解除锁定、重置密码，授予或结束岗位。"))
    elif writes and chosen is not None:
        number = int(listed.index[chosen])
        held = grants[grants["account_id"] == number]
        forms.account(viewer, number, listed.iloc[chosen], held, acts.tree(viewer))


def approval(viewer: Viewer) -> None:
    """Draw what was asked for and, for civil affairs, the decision."""
    requests = acts.requests(viewer)
    hint = "管理员授予查看儿童信息的岗位时，申请列在这里。"
    chosen = grids.show(view.request_table(requests, instant), "没有申请", hint, key="accounts-requests")
    if chosen is None:
        return
    row = requests.iloc[chosen]
    st.html(facts(view.request_facts(row, instant)))
    if viewer.may("child_grants", "approve") and pd.isna(row["decided_at"]):
        forms.decision(viewer, int(requests.index[chosen]))


def history(viewer: Viewer) -> None:
    """Draw every grant that stands or stood."""
    grids.show(view.grant_table(acts.grants(viewer)), "还没有授权", "在“账号”中授予。")


def signed_in(viewer: Viewer) -> None:
    """Draw who is signed in; the administrator may end a session."""
    sessions = acts.sessions(viewer)
    chosen = grids.show(view.session_table(sessions, instant), "没有人登录", "", key="accounts-sessions")
    if chosen is not None and viewer.may("accounts", "write") and st.button("退出这次登录", type="primary"):
        number = int(sessions.index[chosen])
        forms.attempt(lambda: forms.session_ended(viewer, number))


DRAWN: Final[dict[str, Callable[[Viewer], None]]] = {
    "账号": people,
    FOR_APPROVAL: approval,
    "授权记录": history,
    "登录情况": signed_in,
    "谁能看什么": asking.draw,
}
