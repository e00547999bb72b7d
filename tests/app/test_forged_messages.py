"""What a browser sends decides nothing: rights are asked where something is read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.accounts import acts
from pages.door.desk import Viewer
from pages.intake import desk
from pages.shell import frames, parcels, saving
from pages.shell import viewer as shell_viewer
from pages.water import record

PAGE = Path(__file__).resolve().parents[2] / "pages/accounts/page.py"
WATER = Viewer(
    account_id=7,
    login="shuili",
    display_name="水利",
    bureau="水利局",
    grants=(),
    role="water",
    area_code="4305",
    area_name="市",
    session="one",
)


@pytest.mark.parametrize("section", ["账号", "授权记录", "登录情况", "谁能看什么", None, "别的"])
def test_no_forged_section_opens_the_list_of_people(
    monkeypatch: pytest.MonkeyPatch, section: str | None
) -> None:
    read: list[str] = []

    def opened(viewer: Viewer, **_: object) -> Any:
        read.append(viewer.role)
        raise AssertionError

    def chosen(*_: object, **__: object) -> str | None:
        return section

    def seen(*_: object) -> Viewer:
        return replace(WATER, role="civil")

    monkeypatch.setattr(shell_viewer, "require_viewer", seen)
    monkeypatch.setattr(acts, "opened", opened)
    monkeypatch.setattr(st, "segmented_control", chosen)
    shown = AppTest.from_file(str(PAGE), default_timeout=30).run()
    assert not shown.exception
    assert read == []


def test_people_and_children_are_read_for_those_alone_who_may() -> None:
    with pytest.raises(frames.NoRightError):
        acts.people(WATER)
    with pytest.raises(frames.NoRightError):
        desk.history(replace(WATER, role="patroller"))
    with pytest.raises(frames.NoRightError):
        frames.children_near_hazards(WATER)
    with pytest.raises(frames.NoRightError):
        frames.require(WATER, "audit")


def test_no_child_is_read_before_the_session_said_what_for() -> None:
    with pytest.raises(frames.NoRightError, match="purpose"):
        frames.children_near_hazards(replace(WATER, role="civil"))


@pytest.mark.parametrize(
    "changed", [{"session": "two"}, {"role": "emergency"}, {"area_code": "430502"}, {"account_id": 8}]
)
def test_a_parcel_is_taken_by_the_session_role_and_area_it_was_made_for(changed: dict[str, Any]) -> None:
    name = parcels.leave(WATER, b"{}")
    assert parcels.take(WATER, name) == b"{}"
    assert parcels.take(replace(WATER, **changed), name) is None
    assert parcels.leave(replace(WATER, **changed), b"{}") != name


@pytest.mark.parametrize("role", ["patroller", "emergency", "administrator"])
def test_the_record_of_a_water_is_written_for_those_alone_who_may(role: str) -> None:
    written: list[object] = []

    def write(connection: object) -> int:
        written.append(connection)
        return 1

    with pytest.raises(frames.NoRightError):
        saving.done(replace(WATER, role=role), record.SAVE, write)
    assert written == []
