"""What is confirmed on the page is what is chosen row by row, and nothing else."""

from __future__ import annotations

from data.ledgers.comparing import Change, Comparison, Line, Removal
from pages.water import returning_words as told


def change(number: int, theirs: str = "旧") -> Change:
    return Change(id=number, row=number + 4, code="LB", field="name", base="旧", theirs=theirs, yours="新")


FOUND = Comparison(
    changes=[change(1), change(2, theirs="他"), change(3), change(4, theirs="她")],
    added=[Line(number=9, id=None, cells={"code": "N"})],
    removed=[Removal(id=7, code="G", name="", touched=True)],
)


def test_only_what_is_marked_is_confirmed() -> None:
    chosen = told.choice(FOUND, [True, False], [told.MINE, told.THEIRS], [False], [True])
    assert chosen.cells == {(1, "name"), (2, "name")}
    assert chosen.added == frozenset()
    assert chosen.retired == {7}
    assert told.confirming(chosen) == "确认写入：2 格改动、1 处停用"


def test_a_clash_that_waits_for_a_decision_writes_nothing() -> None:
    chosen = told.choice(FOUND, [False, False], [None, None], [False], [False])
    assert chosen.nothing
    assert told.confirming(chosen) == "没有要写入的内容"


def test_a_clash_shows_its_three_texts_and_its_label_none_of_them() -> None:
    _, clashes = told.split(FOUND)
    assert told.clash_rows(clashes)[0] == ("6", "LB", "点位名称", "旧", "他", "新")
    assert told.asked(clashes[0]) == "第 6 行 点位名称：以谁为准"


def test_a_station_that_did_not_come_back_is_not_marked_and_warns_of_others() -> None:
    table = told.removed_table(FOUND)
    assert not table[told.RETIRE].any()
    assert "他人改过" in table["提示"][0]
