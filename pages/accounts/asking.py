"""Why somebody sees something, and who sees it: answered from the grants and the one table of rights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from layers import words
from pages.accounts import acts, forms, view
from pages.shell import grids
from pages.shell.blocks import empty, listing

if TYPE_CHECKING:
    from pages.door.desk import Viewer


def draw(viewer: Viewer) -> None:
    """Draw both questions over the same data set and area."""
    people, grants, tree = acts.people(viewer), acts.grants(viewer), acts.tree(viewer)
    offered = view.datasets()
    dataset = st.selectbox(
        "什么内容", list(offered), index=list(offered).index("homes"), format_func=words.of(offered)
    )
    area = forms.place(tree, viewer.area_code, "accounts-asking")
    st.html("<h3>谁能看</h3>")
    found = view.who_sees(grants, people, dataset, area)
    grids.show(found, "没有人", "目前没有账号可以查看所选区域的这项内容。")
    st.html("<h3>某人为什么能看，或为什么不能</h3>")
    names = {
        number: f"{row.display_name}（{row.login}）"
        for number, row in zip(people.index, people.itertuples(), strict=True)
    }
    person = st.selectbox("人员", list(names), index=None, placeholder="请选择", format_func=words.of(names))
    if person is None:
        return
    rows = view.reasons(grants, person, dataset, area)
    if people.loc[person, "disabled"]:
        st.html(empty("账号已停用", "不能登录，下列授权均不起作用。"))
    headings = ("岗位", "结论", "可以做什么", "授权与批准", "期限")
    st.html(listing(headings, rows) if rows else empty("没有任何授权", "这个账号不能查看任何内容。"))
