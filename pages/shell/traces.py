"""Where figures come from: the run, its data version and day, and the parameters that it judged by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from layers import words
from layers.text import plain_label
from pages.shell import frames
from pages.shell.blocks import facts

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from data.storage.findings import Assessment
    from pages.door.desk import Viewer


def draw(viewer: Viewer, days: Sequence[dt.date] = ()) -> None:
    """Draw one folded line a run: of the newest one, or of those that `days` are told from."""
    runs = [frames.assessment_on(viewer, day) for day in days] if days else [frames.assessment(viewer)]
    known = {run.id: run for run in runs if run is not None}
    labels = {str(key): str(word) for key, word in frames.parameters(viewer)["label"].items()}
    for run in known.values():
        with st.expander(f"数据来源：{plain_label(told(run))}"):
            st.html(facts(parameter_pairs(run.parameters, labels)))


def told(run: Assessment) -> str:
    """Return the run in one line."""
    day, used = f"{run.as_of:%Y-%m-%d}", len(run.parameters)
    return f"第 {run.id} 次核算，核算日 {day}，数据版本 {run.data_version}，参数 {used} 项"


def parameter_pairs(used: Mapping[str, object], labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return each parameter that a run used, in words where it has them."""
    return [(str(labels.get(key, key)), words.value(value)) for key, value in sorted(used.items())]
