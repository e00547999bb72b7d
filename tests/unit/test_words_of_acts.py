from __future__ import annotations

from data.schema.accounts import ROLES
from data.storage.audit import Action
from layers import words


def test_every_act_and_every_actor_has_a_chinese_word() -> None:
    assert set(words.ACTIONS) == {action.value for action in Action}
    assert {*ROLES, "operator", "importer"} <= set(words.ACTORS)
