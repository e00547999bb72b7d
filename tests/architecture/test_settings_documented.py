"""The table of settings in docs/settings.md says what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from data.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def variable(name: str) -> str:
    return "DATABASE_URL" if name == "database_url" else f"ANLAN_{name.upper()}"


def documented() -> dict[str, str]:
    page = (ROOT / "docs/settings.md").read_text("utf-8")
    return dict(re.findall(r"^\| `([A-Z_]+)` \| .*? \| (.+) \|$", page, flags=re.MULTILINE))


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_is_in_the_table_with_the_words_of_the_code(name: str) -> None:
    assert documented().get(variable(name)) == Settings.model_fields[name].description


def test_the_table_names_no_setting_that_does_not_exist() -> None:
    known = {variable(name) for name in Settings.model_fields} | {"ANLAN_SETTINGS", "ANLAN_PYTHON"}
    assert set(documented()) <= known
