"""Saving from a page: one transaction of the viewer's own login, audited, never overwriting silently."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from data.engine import connect
from data.storage import audit
from data.storage import photos as stored_photos
from data.storage.faults import EditConflictError, RecordNotFoundError, RecordTakenError, RefusedError
from data.storage.station_edits import save_items, save_station
from pages.shell import frames
from pages.shell.blocks import empty, said
from pages.shell.deployment import deployment

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from data.importers.pictures import Picture
    from data.storage.station_edits import ItemCheck, StationForm
    from pages.door.desk import Viewer

TOLD: Final = "saving-told"
CONFLICT: Final = "saving-conflict"
SAVED: Final = "logging-saved"
HELD: Final = "logging-held"
Changed = int | tuple[int, ...] | None


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What the form holds: the station, what was found of its items, and the version it was read at."""

    form: StationForm
    checks: tuple[ItemCheck, ...]
    day: dt.date
    version: int | None
    pictures: tuple[Picture, ...] = ()


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
            stored_photos.keep(
                connection, deployment().photos, ("station", number), draft.pictures, viewer.account_id
            )
            audit.record(
                connection,
                audit.Action.SAVE_STATION,
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
        catch_up()
        frames.forget()
        st.session_state[SAVED] = ("good", f"已保存点位 {draft.form.code}，缺口与状态已重新核算。")


@dataclass(frozen=True, kw_only=True)
class Act:
    """What is done to records: by which right, its name in the record of acts, and what is said after it."""

    dataset: str
    verb: str
    name: audit.Action
    kind: str
    said: str


def done(viewer: Viewer, act: Act, write: Callable[[Any], Changed]) -> EditConflictError | None:
    """Do `write` (it returns what it changed, by id, None where nothing differed) as one act of the viewer.

    What became of it is told on the next run by `outcome`; a conflict is returned, with nothing written.
    """
    if not viewer.may(act.dataset, act.verb):
        raise frames.NoRightError(f"role {viewer.role} may not {act.verb} {act.dataset}")
    try:
        with connect(deployment(), viewer.login_kind, viewer.scope) as connection:
            changed = write(connection)
            if changed is not None:
                ids = (changed,) if isinstance(changed, int) else changed
                audit.record(
                    connection,
                    act.name,
                    viewer.scope,
                    object_kind=act.kind,
                    object_ids=ids,
                    row_count=len(ids),
                )
    except EditConflictError as conflict:
        return conflict
    except (RecordNotFoundError, RecordTakenError) as fault:
        st.session_state[TOLD] = ("bad", str(fault))
        return None
    if changed is None:
        st.session_state[TOLD] = ("plain", "内容没有变化，未写入。")
        return None
    catch_up()
    frames.forget()
    st.session_state[TOLD] = ("good", act.said)
    return None


def attempt(work: Callable[[], str], *, here: bool = False) -> None:
    """Do one act that the database may refuse; what became of it is told on the next run by `outcome`.

    With `here` a refusal is told at once where the page stands: below a form that is longer than a screen.
    """
    try:
        st.session_state[TOLD] = ("good", work())
    except RefusedError as fault:
        if here:
            st.html(said(str(fault), "bad"))
            return
        st.session_state[TOLD] = ("bad", str(fault))
    else:
        catch_up()
        frames.forget()
    st.rerun()


def outcome() -> None:
    """Say what became of the last act."""
    # The place is there whether or not something is said: what follows stays what it was, an open fold open.
    place = st.empty()
    kept = st.session_state.pop(TOLD, None)
    if kept is not None:
        tone, text = kept
        place.html(said(text, tone))


def catch_up() -> None:
    """Assess the waters that feel what was just saved."""
    from jobs import assess

    assess.catch_up(deployment())


def offer_refresh(viewer: Viewer) -> None:
    """Offer to compute the findings anew where they are older than the data."""
    if not frames.stale(viewer):
        return
    if frames.assessment(viewer) is not None:
        st.html(empty("数据已更新，缺口与状态尚未重新计算", "地图与清单仍是上一次核算的结果。"))
    entitled = viewer.may("stations", "write") or viewer.may("parameters", "write")
    if entitled and st.button("重新计算", type="primary", key="refresh"):
        with st.spinner("正在重新计算……"):
            catch_up()
        frames.forget()
        st.rerun()
