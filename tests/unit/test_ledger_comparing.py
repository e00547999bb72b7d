"""Base, theirs, yours: what a returned ledger proposes, and what it never does silently."""

from __future__ import annotations

import pytest

from data.importers.cells import CellError
from data.ledgers.comparing import Comparison, Line, Values, compare
from data.ledgers.layouts import LayoutError, layouts
from data.ledgers.pieces import counted, noted, settled

STATION: Values = {
    "code": "LB-1",
    "name": "老码头",
    "note": "旧",
    "lifebuoy": "good",
    "lifebuoy_count": "2",
    "rope": "missing",
    "rope_count": "0",
    "water_name": "邵水",
}


def line(number: int = 5, own: int | None = 1, **cells: str) -> Line:
    return Line(number=number, id=own, cells=STATION | cells)


def found(*lines: Line, theirs: dict[int, Values] | None = None) -> Comparison:
    base = {1: STATION}
    return compare(base, base if theirs is None else theirs, lines, "台账")


def test_a_cell_that_only_i_changed_is_a_change() -> None:
    (change,) = found(line(name="新码头")).changes
    assert (change.row, change.field, change.base, change.theirs, change.yours) == (
        5,
        "name",
        "老码头",
        "老码头",
        "新码头",
    )
    assert not change.conflict


def test_a_cell_that_both_changed_is_a_conflict_with_three_texts() -> None:
    (change,) = found(line(name="甲"), theirs={1: STATION | {"name": "乙"}}).changes
    assert change.conflict
    assert (change.base, change.theirs, change.yours) == ("老码头", "乙", "甲")


def test_a_cell_that_only_they_changed_stays_theirs() -> None:
    assert found(line(), theirs={1: STATION | {"name": "乙"}}).nothing


def test_a_cell_that_both_changed_alike_is_no_change() -> None:
    assert found(line(name="乙"), theirs={1: STATION | {"name": "乙"}}).nothing


def test_a_row_that_did_not_come_back_is_a_proposal_and_says_if_others_changed_it() -> None:
    (gone,) = found().removed
    assert (gone.id, gone.code, gone.touched) == (1, "LB-1", False)
    (gone,) = found(theirs={1: STATION | {"note": "新"}}).removed
    assert gone.touched


def test_a_row_that_others_retired_meanwhile_is_refused_only_if_it_was_edited() -> None:
    assert found(line(), theirs={}).nothing
    (refused,) = found(line(name="甲"), theirs={}).refused
    assert "停用" in str(refused)


def test_a_copied_row_with_a_new_code_is_a_new_station() -> None:
    result = found(line(5), line(6, code="LB-9"))
    assert [one.number for one in result.added] == [6]
    assert not result.changes


def test_two_rows_of_one_code_are_told() -> None:
    result = found(line(5), line(6, name="甲"))
    assert "与第 5 行编号相同" in str(result.refused[0])
    assert not result.changes


def test_the_code_goes_before_a_hidden_id_that_was_left_behind() -> None:
    base = {1: STATION, 2: STATION | {"code": "LB-2", "name": "渡口"}}
    swapped = [line(5, own=2), Line(number=6, id=1, cells=base[2])]
    result = compare(base, base, swapped)
    assert result.nothing
    assert "2 行的隐藏标识" in result.notes[0]


def test_a_code_that_was_edited_is_a_change_of_the_same_station() -> None:
    (change,) = found(line(code="LB-7")).changes
    assert (change.id, change.field, change.yours) == (1, "code", "LB-7")


def test_what_is_not_changed_in_a_ledger_is_told_and_not_taken() -> None:
    result = found(line(water_name="资江"))
    assert not result.changes
    assert "水域名称" in result.notes[0]


def test_a_row_with_contradictions_proposes_nothing_and_says_which() -> None:
    result = found(line(name="甲", rope_count="1"))
    assert not result.changes
    assert "状态仍是缺失" in str(result.refused[0])


@pytest.mark.parametrize(
    ("now", "count", "state", "then"),
    [
        (("good", "1"), None, "missing", ("missing", 0)),
        (("good", "1"), "0", None, ("missing", 0)),
        (("good", "1"), "3", None, ("good", 3)),
        (("missing", "0"), None, "good", ("good", 1)),
        (("missing", "0"), "2", "damaged", ("damaged", 2)),
        (("good", "2"), None, "expired", ("expired", 2)),
    ],
)
def test_number_and_state_settle_together(
    now: tuple[str, str], count: str | None, state: str | None, then: tuple[str, int]
) -> None:
    assert settled(now, count, state) == then


@pytest.mark.parametrize(
    ("now", "count", "state"),
    [
        (("missing", "0"), "1", None),
        (("good", "1"), "0", "good"),
        (("good", "1"), "2", "missing"),
        (("good", "1"), "", None),
        (("good", "1"), None, ""),
    ],
)
def test_number_and_state_that_contradict_are_refused(
    now: tuple[str, str], count: str | None, state: str | None
) -> None:
    with pytest.raises(CellError):
        settled(now, count, state)


def test_pieces_live_in_the_note_and_leave_the_rest_of_it_alone() -> None:
    assert counted("good", "2 件；绳断") == "2"
    assert counted("missing", "2 件") == "0"
    assert counted("good", "绳断") == "1"
    assert noted("2 件；绳断", 3) == "3 件；绳断"
    assert noted("2 件；绳断", 1) == "绳断"
    assert noted("", 4) == "4 件"
    assert noted("3 件", 0) == ""


def test_the_layouts_that_come_with_the_program_can_be_used() -> None:
    assert list(layouts())[:2] == ["water", "township"]


def test_a_layout_of_a_bureau_is_a_file_and_a_broken_one_is_told_by_name(tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    (folder / "dongkou.toml").write_text(
        'name = "洞口版"\ntitle = "{area}台账"\n[[columns]]\nfield = "code"\nheader = "号"\n', "utf-8"
    )
    assert layouts(folder)["dongkou"].name == "洞口版"
    for broken in (
        'name = "x"',
        'name = "x"\ntitle = "{town}"\n[[columns]]\nfield = "code"\nheader = "号"\n',
        'name = "x"\ntitle = "t"\n[[columns]]\nfield = "depth"\nheader = "深"\n',
        'name = "x"\ntitle = "t"\nmerged = ["name"]\n[[columns]]\nfield = "code"\nheader = "号"\n',
    ):
        (folder / "dongkou.toml").write_text(broken, "utf-8")
        with pytest.raises(LayoutError, match="dongkou"):
            layouts(folder)
