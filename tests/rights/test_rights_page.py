"""What people read of rights, and what the database asks, is the one table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from data import rights
from data.engine import Login, connect
from data.schema.accounts import ROLES
from jobs import rights_page
from layers import words

if TYPE_CHECKING:
    from data.settings import Settings

PAGE = Path(__file__).resolve().parents[2] / "docs/guide/rights.md"


def test_the_page_of_the_guide_is_made_from_the_table() -> None:
    assert PAGE.read_text("utf-8") == rights_page.markdown(), "run: python -m jobs.rights_page docs/guide"


def test_every_verb_and_rule_has_its_word() -> None:
    verbs = {verb for role in rights.roles().values() for held in role.may.values() for verb in held}
    assert verbs <= set(words.RIGHT_VERBS)
    assert set(words.AREA_RULES) == set(rights.RULES)


def test_the_database_knows_the_same_roles_that_show_children(prefecture: Settings) -> None:
    with connect(prefecture, Login.OWNER, readonly=True) as connection:
        known = connection.execute(text("SELECT child_roles()")).scalar_one()
        approved = connection.execute(text("SELECT approved_roles()")).scalar_one()
    assert sorted(known) == sorted(role for role in ROLES if rights.sees_children(role))
    assert set(approved) == {*known, *rights.roles_that_may("urgent", "open")}
