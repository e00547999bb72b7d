"""Forms of the administrator and of civil affairs; what the database refuses is said in its own sentence."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from data.storage.faults import RefusedError
from data.storage.grant_desk import Proposal
from layers import words
from layers.text import plain_label
from pages.accounts import acts, view
from pages.shell.blocks import facts, said
from pages.shell.clock import today
from pages.shell.deployment import deployment

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from pages.door.desk import Viewer

SAID: Final = "accounts-said"
YEAR: Final = dt.timedelta(days=365)


def tell() -> None:
    """Say what became of the last act; a first password is shown this once."""
    tone, text, secret = st.session_state.pop(SAID, ("good", "", ""))
    if text:
        st.html(said(text, tone))
    if secret:
        st.code(secret, language=None)


def attempt(work: Callable[[], tuple[str, str]]) -> None:
    """Do one act and keep what is to be said on the next run."""
    try:
        text, secret = work()
    except RefusedError as fault:
        st.session_state[SAID] = ("bad", str(fault), "")
    else:
        st.session_state[SAID] = ("good", text, secret)
    st.rerun()


def new_account(viewer: Viewer) -> None:
    """Draw the form of a new account."""
    with st.expander("新建账号"), st.form("accounts-new", clear_on_submit=False):
        one, two, three = st.columns(3)
        login = one.text_input("用户名（字母、数字或 _ . -）", max_chars=40)
        name = two.text_input("姓名", max_chars=40)
        bureau = three.text_input("单位", max_chars=40)
        if st.form_submit_button("新建", type="primary"):
            attempt(
                lambda: (
                    f"已新建账号 {login.strip()}，还没有岗位。初始密码请当面交给本人，只显示这一次：",
                    acts.open_account(viewer, login, name, bureau),
                )
            )


def account(viewer: Viewer, number: int, row: pd.Series[Any], held: pd.DataFrame, tree: pd.DataFrame) -> None:
    """Draw what can be done with one account."""
    st.html("<h3>账号操作</h3>")
    st.html(facts([("账号", f"{row['display_name']}（{row['login']}）"), ("单位", row["bureau"] or "—")]))
    acting = st.container(horizontal=True)
    closed = bool(row["disabled"])
    if acting.button("重新启用" if closed else "停用", key=f"accounts-close-{number}"):
        attempt(lambda: _closed(viewer, number, wish=not closed))
    if acting.button("解除锁定", key=f"accounts-unlock-{number}", disabled=not row["locked"]):
        attempt(lambda: _unlocked(viewer, number))
    with acting.popover("重置密码"):
        st.text("重置后，查看儿童信息的岗位和应急岗位随即中止，须由民政重新批准。")
        forget = st.checkbox("手机已丢失：同时解除动态口令", key=f"accounts-forget-{number}")
        if st.button("重置并显示初始密码", key=f"accounts-reset-{number}", type="primary"):
            attempt(lambda: _reset(viewer, number, forget=forget))
    if deployment().oidc:
        with acting.popover("统一身份认证"):
            _link(viewer, number, row)
    _standing(viewer, held)
    _give(viewer, number, tree)


def _link(viewer: Viewer, number: int, row: pd.Series[Any]) -> None:
    st.text(
        "关联后，由本人用密码登录，在“我的账号”确认，才可由统一身份认证登录；"
        "查看儿童信息的岗位和应急岗位随即中止，须由民政重新批准。"
    )
    held = str(row["subject"])
    if held:
        st.text(f"现关联：{held}（{view.link_in_words(row)}）")
        if view.is_stale(row, deployment().oidc_issuer, deployment().oidc_claim):
            st.text("这是按以前的设置关联的，已不起作用。")
    wished = st.text_input("统一身份标识", max_chars=255, key=f"accounts-subject-{number}")
    if st.button("关联", key=f"accounts-link-{number}", type="primary"):
        attempt(lambda: _linked(viewer, number, wished))
    if held and st.button("解除关联", key=f"accounts-unlink-{number}"):
        attempt(lambda: _unlinked(viewer, number))


def decision(viewer: Viewer, number: int) -> None:
    """Draw the decision on one request."""
    deciding = st.container(horizontal=True)
    if deciding.button("批准", type="primary", key=f"accounts-yes-{number}"):
        attempt(lambda: _decided(viewer, number, approve=True))
    if deciding.button("驳回", key=f"accounts-no-{number}"):
        attempt(lambda: _decided(viewer, number, approve=False))


def session_ended(viewer: Viewer, number: int) -> tuple[str, str]:
    """End somebody's session and say so."""
    acts.end_session(viewer, number)
    return "已退出这次登录。", ""


def place(tree: pd.DataFrame, root: str, key: str) -> str:
    """Offer an area level by level, from the viewer's own down to a village."""
    names = {str(code): str(name) for code, name in tree["name"].items()}
    chosen = root
    for column, (level, title) in zip(st.columns(3), view.LEVELS.items(), strict=True):
        below = tree.index[(tree["level"] == level) & (tree["parent_code"] == chosen)]
        if below.empty:
            continue
        picked = column.selectbox(
            plain_label(title),
            [str(code) for code in below],
            index=None,
            placeholder="全部",
            format_func=words.of(names),
            key=f"{key}-{level}-{chosen}",
        )
        if picked is None:
            break
        chosen = picked
    return chosen


def _standing(viewer: Viewer, held: pd.DataFrame) -> None:
    standing = held[held["state"].isin(["standing", "coming"])]
    for number, words_of_it in zip(standing.index, view.standing_in_words(standing), strict=True):
        line = st.container(horizontal=True, vertical_alignment="center")
        line.text(words_of_it, width="content")
        if line.button("结束", key=f"accounts-end-{number}"):
            attempt(partial(_ended, viewer, int(number)))


def _give(viewer: Viewer, number: int, tree: pd.DataFrame) -> None:
    st.html("<h3>授予岗位</h3>")
    offered = [role for role in words.ROLES if role not in view.NEVER_GIVEN]
    key = f"accounts-give-{number}"
    role = st.selectbox("岗位", offered, format_func=words.of(words.ROLES), key=f"{key}-role")
    area = place(tree, viewer.area_code, key)
    one, two, three = st.columns([1, 1, 2])
    since = one.date_input("开始", value=today(), key=f"{key}-since")
    until = two.date_input("截止（留空为长期）", value=today() + YEAR, key=f"{key}-until")
    reason = three.text_input("授权依据（文号、任命或申请，必填）", max_chars=300, key=f"{key}-reason")
    if st.button("授予", type="primary", key=key):
        proposal = Proposal(
            account_id=number, role=role, area_code=area, valid_from=since, valid_until=until, reason=reason
        )
        attempt(lambda: (_given(viewer, proposal), ""))


def _given(viewer: Viewer, proposal: Proposal) -> str:
    if acts.give(viewer, proposal):
        return f"已授予{words.ROLES[proposal.role]}岗位，即时生效。"
    return f"{words.ROLES[proposal.role]}岗位可以查看或紧急查看儿童信息：已提交申请，待民政批准后生效。"


def _closed(viewer: Viewer, number: int, *, wish: bool) -> tuple[str, str]:
    acts.disable(viewer, number, wish=wish)
    return ("已停用，其登录已全部退出。" if wish else "已重新启用。"), ""


def _unlocked(viewer: Viewer, number: int) -> tuple[str, str]:
    acts.unlock(viewer, number)
    return "已解除锁定。", ""


def _linked(viewer: Viewer, number: int, subject: str) -> tuple[str, str]:
    waiting = acts.link(viewer, number, subject)
    told = f"其中 {waiting} 个查看儿童信息的岗位待民政重新批准。" if waiting else ""
    return f"已关联统一身份认证，待本人确认。{told}", ""


def _unlinked(viewer: Viewer, number: int) -> tuple[str, str]:
    acts.unlink(viewer, number)
    return "已解除关联，由统一身份认证的登录已全部退出。", ""


def _ended(viewer: Viewer, number: int) -> tuple[str, str]:
    acts.end(viewer, number)
    return "已结束这个岗位，即时生效；记录留存。", ""


def _decided(viewer: Viewer, number: int, *, approve: bool) -> tuple[str, str]:
    acts.decide(viewer, number, approve=approve)
    return ("已批准，即时生效。" if approve else "已驳回。"), ""


def _reset(viewer: Viewer, number: int, *, forget: bool) -> tuple[str, str]:
    password, waiting = acts.reset(viewer, number, forget_factor=forget)
    told = f"其中 {waiting} 个查看儿童信息的岗位待民政重新批准。" if waiting else ""
    return f"已重置密码。{told}请把下面的初始密码当面交给本人，只显示这一次：", password
