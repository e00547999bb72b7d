"""The record of a water in words."""

from __future__ import annotations

from dataclasses import asdict, replace
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from data.storage.water_edits import WaterRecord
from pages.water import record_words

BEIJING = ZoneInfo("Asia/Shanghai")
BASE = WaterRecord(
    class_override=None, class_reason="", owner="甲村", user_unit="", manager="", river_chief="王某"
)


def test_of_three_versions_only_what_differs_is_shown() -> None:
    theirs = replace(BASE, owner="乙村")
    mine = replace(BASE, class_override="A", class_reason="现场认定")
    shown = record_words.compared(asdict(BASE), asdict(theirs), mine)
    assert shown["项目"].tolist() == ["类别认定", "认定理由", "所有人"]
    assert shown.iloc[2].tolist() == ["所有人", "甲村", "乙村", "甲村"]


def test_mine_wins_in_what_i_changed_alone() -> None:
    theirs = replace(BASE, owner="乙村", manager="水利站")
    mine = replace(BASE, manager="村委会")
    merged = record_words.merged(asdict(BASE), asdict(theirs), mine)
    assert (merged.owner, merged.manager, merged.river_chief) == ("乙村", "村委会", "王某")


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        (replace(BASE, class_override="A"), "理由"),
        (replace(BASE, owner="村" * 121), "所有人不超过 120 字"),
        (replace(BASE, class_override="D", class_reason="x"), "三类"),
    ],
)
def test_a_record_that_cannot_stand_is_refused_in_words(form: WaterRecord, fault: str) -> None:
    assert fault in "；".join(record_words.faults(form))
    assert record_words.faults(BASE) == []


def test_the_history_tells_each_field_and_what_was_undone() -> None:
    changes = pd.DataFrame(
        {
            "changed_at": pd.to_datetime(["2026-07-02T17:00Z", "2026-07-01T01:00Z"], utc=True),
            "person": ["", "李"],
            "was": [
                {"incidents": 1, "incident": {"day": "2026-07-01", "note": "游泳"}},
                {"incidents": 0, "incident": None},
            ],
            "became": [
                {"incidents": 0, "incident": None},
                {"incidents": 1, "incident": {"day": "2026-07-01", "note": "游泳"}},
            ],
            "undoes": pd.array([1, None], dtype="Int64"),
            "undone": [False, True],
        },
        index=[2, 1],
    )
    rows = list(record_words.history(changes, BEIJING))
    assert rows[0] == ("2026-07-03 01:00", "—", "溺水事故起数", "1", "0", "撤销")
    assert rows[3] == ("2026-07-01 09:00", "李", "溺水事故", "—", "2026-07-01　游泳", "已撤销")
    assert record_words.undoable(changes, BEIJING) == {2: "2026-07-03 01:00　溺水事故起数、溺水事故"}
