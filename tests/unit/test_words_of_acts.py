from __future__ import annotations

from data.importers import kinds
from data.schema.accounts import ROLES
from data.storage.audit import Action
from layers import handouts, words


def test_every_act_and_every_actor_has_a_chinese_word() -> None:
    assert set(words.ACTIONS) == {action.value for action in Action}
    assert {*ROLES, "operator", "importer"} <= set(words.ACTORS)


def test_whatever_is_taken_in_or_handed_out_has_a_chinese_word_in_the_record() -> None:
    named = kinds.TITLES.keys() | handouts.TITLES.keys()
    assert named - words.OBJECTS.keys() == set()
    assert {"photo", "station", "water", "barrier", "camera", "patrol", "hazard", "institution"} <= set(
        words.OBJECTS
    )
