"""The encoder: whatever a name holds, HTML, JavaScript and Jinja read it as text."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Template

from layers.text import safe_text
from tests.hostile import ALL


@pytest.mark.parametrize("name", ALL)
def test_a_hostile_name_is_read_back_literally_from_html_and_from_jinja(name: str) -> None:
    encoded = safe_text(name)
    assert html.unescape(encoded) == name
    assert Template(encoded).render() == encoded


@given(st.text())
def test_nothing_that_anything_interprets_is_left(name: str) -> None:
    rest = re.sub(r"&#\d+;", "", safe_text(name))
    assert not re.search("[&<>\"'`$\\\\{}\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", rest)


@given(st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs"))))
def test_visible_text_is_read_back_unchanged(name: str) -> None:
    assert html.unescape(safe_text(name)) == name


def test_what_html_cannot_carry_is_shown_as_the_replacement_sign() -> None:
    assert safe_text("a\x00b\x85c\ud800") == "a&#65533;b&#65533;c&#65533;"


def test_nothing_stored_is_an_empty_text_and_a_number_its_digits() -> None:
    assert safe_text(None) == ""
    assert safe_text(12.5) == "12.5"
