"""Saving from a page: one transaction of the viewer's own login, audited, never overwriting silently."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from data.engine import connect
from data.storage import audit
from data.storage.faults import EditConflictError, RecordNotFoundError
from data.storage.station_edits import save_items, save_station
from pages.shell import frames
from pages.shell.blocks import empty
from pages.shell.deployment import deployment

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from data.storage.station_edits import ItemCheck, StationForm
    from pages.door.desk import Viewer

CONFLICT: Final = "saving-conflict"
SAVED: Final = "logging-saved"
HELD: Final = "logging-held"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What the form holds: the station, what was found of its items, and the version it was read at."""

    form: StationForm
    checks: tuple[ItemCheck, ...]
    day: dt.date
    version: int | None


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A draft that met a newer record: `theirs` is the record, or its items by kind."""

    draft: Draft
    theirs: Mapping[str, Any]

    def renewed(self) -> Draft:
        """Return the draft as an edit of what stands now."""
        if "code" in self.theirs:
            return dataclasses.replace(self.draft, version=self.theirs["version"])
        now = {kind: found["version"] for kind, found in self.theirs.items()}
        checks = tuple(
            dataclasses.replace(check, expected_version=now.get(check.kind, check.expected_version))
            for check in self.draft.checks
        )
        return dataclasses.replace(self.draft, checks=checks)


def station(viewer: Viewer, draft: Draft) -> None:
    """Save a draft, or keep it as a conflict; what happened is told on the next run."""
    try:
        with connect(deployment(), viewer.login_kind, viewer.scope) as connection:
            number = save_station(connection, draft.form, draft.version)
            save_items(connection, number, draft.checks, checked_on=draft.day, account_id=viewer.account_id)
            audit.record(
                connection,
                "save.station",
                viewer.scope,
                object_kind="station",
                object_ids=[number],
                row_count=1,
            )
        st.session_state.pop(HELD, None)
    except EditConflictError as conflict:
        st.session_state[CONFLICT] = Conflict(draft=draft, theirs=conflict.theirs)
    except RecordNotFoundError as fault:
        st.session_state[SAVED] = ("bad", str(fault))
    else:
        _catch_up()
        frames.forget()
        st.session_state[SAVED] = ("good", f"已保存点位 {draft.form.code}，缺口与状态已重新核算。")


def _catch_up() -> None:
    from jobs.assess import catch_up

    catch_up(deployment())


def offer_refresh(viewer: Viewer) -> None:
    """Offer to compute the findings anew where they are older than the data."""
    if not frames.stale(viewer):
        return
    if frames.assessment(viewer) is not None:
        st.html(empty("数据已更新，缺口与状态尚未重新计算", "地图与清单仍是上一次核算的结果。"))
    entitled = viewer.may("stations", "write") or viewer.may("parameters", "write")
    if entitled and st.button("重新计算", type="primary", key="refresh"):
        with st.spinner("正在重新计算……"):
            _catch_up()
        frames.forget()
        st.rerun()
