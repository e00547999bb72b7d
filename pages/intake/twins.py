"""The section of stored records that may be one: a pair on the map, both side by side, and a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from data.storage import twins
from data.storage.audit import Action
from data.storage.twins import Verdict
from layers import words
from layers.legend import legend
from layers.maps import bounds_of
from layers.palette import TWINS
from layers.text import plain_label
from pages.intake import twins_view
from pages.shell import frames, grids, ground, saving
from pages.shell.blocks import compared, empty, heading, remark
from pages.shell.clock import today

if TYPE_CHECKING:
    from pages.door.desk import Viewer

DATASETS: Final = {"station": "stations", "institution": "institutions", "hazard": "hazards"}
MARGIN_DEG: Final = 0.0008
"""Around a pair on the map: about 80 m."""
MAP_PX: Final = 360
NOTE_MAX: Final = 200


def draw(viewer: Viewer) -> None:
    """Draw the pairs that wait for a verdict, the chosen one, and the verdicts that stand."""
    saving.outcome()
    offered = [kind for kind, dataset in DATASETS.items() if viewer.may(dataset, "write")]
    if not offered:
        st.html(empty("这个岗位不能判定重复", "由对点位、机构或隐患有写权限的岗位办理。"))
        return
    kind = str(
        st.segmented_control(
            "种类",
            offered,
            default=offered[0],
            required=True,
            format_func=words.of(twins_view.KINDS),
            key="twins-kind",
        )
    )
    st.html(remark(twins_view.HINT))
    with frames.opened(viewer) as connection:
        found = twins.pairs(connection, kind, viewer.area_code)
        judged = twins.verdicts(connection, kind, viewer.area_code)
    picked = grids.show(
        twins_view.table(found), "没有待判定的疑似重复", "新的导入或登记后会重新比对。", key=f"twins-{kind}"
    )
    if picked is not None and picked < len(found):
        _judge(viewer, kind, found.iloc[picked])
    elif len(found):
        st.html(remark("点选一对（最左边的方框），对照两条记录后作出判定。"))
    if len(found) >= twins.SHOWN:
        st.html(remark(f"只列最近的 {twins.SHOWN:d} 对，判定后依次补上。"))
    if len(judged):
        _judged(viewer, kind, judged)


def _judge(viewer: Viewer, kind: str, row: Any) -> None:  # noqa: ANN401 - a row of a frame
    key = f"{kind}-{row['first_id']}-{row['second_id']}"
    both = twins_view.drawn(row)
    ground.show(
        viewer,
        twins_view.layers(both),
        key=f"twins-map-{key}",
        around=bounds_of(both, margin_deg=MARGIN_DEG),
        height=MAP_PX,
    )
    st.html(legend(TWINS.values()))
    with frames.opened(viewer) as connection:
        sides = twins.sides(connection, kind, int(row["first_id"]), int(row["second_id"]))
    if len(sides) < 2:  # noqa: PLR2004 - a pair
        return
    st.html(compared(twins_view.HEADINGS, twins_view.side_rows(sides)))
    choices = twins_view.choices(kind, row)
    with st.form(f"twins-form-{key}"):
        chosen = st.radio(
            "是不是同一个", list(choices), index=None, format_func=lambda name: plain_label(choices[name])
        )
        note = st.text_input("理由（可不填）", max_chars=NOTE_MAX)
        st.html(remark(twins_view.EFFECT[kind]))
        if not st.form_submit_button("保存判定", type="primary"):
            return
    if chosen is None:
        st.html(empty("还没有选择", "请先选是不是同一个，再保存。"))
        return
    kept = {twins_view.FIRST: int(row["first_id"]), twins_view.SECOND: int(row["second_id"])}.get(chosen)
    said = Verdict(
        kind=kind,
        first_id=int(row["first_id"]),
        second_id=int(row["second_id"]),
        first_version=int(row["first_version"]),
        second_version=int(row["second_version"]),
        kept_id=kept,
        note=note.strip(),
    )

    def write(connection: Any) -> tuple[int, int]:  # noqa: ANN401 - a page knows no SQLAlchemy
        twins.judge(connection, said, day=today(), account_id=viewer.account_id)
        return said.first_id, said.second_id

    _done(viewer, kind, Action.JUDGE_TWINS, "已保存判定。", write)


def _judged(viewer: Viewer, kind: str, judged: Any) -> None:  # noqa: ANN401 - a frame
    st.html(heading("已作的判定"))
    picked = grids.show(twins_view.verdict_table(kind, judged), "", "", key=f"twins-judged-{kind}")
    if picked is None or picked >= len(judged):
        st.html(remark("点选一条可以撤回：停用的点位恢复使用，这一对重新列入待判定。"))
        return
    number = int(judged.index[picked])
    if st.button("撤回这一判定", key=f"twins-undo-{number}"):
        _done(viewer, kind, Action.UNDO_TWINS, "已撤回判定。", lambda connection: twins.undo(
            connection, number, account_id=viewer.account_id
        ))  # fmt: skip


def _done(viewer: Viewer, kind: str, name: Action, said: str, write: Any) -> None:  # noqa: ANN401 - a page knows no SQLAlchemy
    act = saving.Act(dataset=DATASETS[kind], verb="write", name=name, kind=kind, said=said)
    if saving.done(viewer, act, write) is not None:
        st.session_state[saving.TOLD] = ("bad", "其中一条刚被他人修改，没有保存：请重新对照后再判定。")
    st.rerun()
