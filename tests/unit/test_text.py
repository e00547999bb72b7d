"""The encoder: whatever a name holds, HTML, JavaScript and Jinja read it as text."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Template

from layers.text import LONGEST_LABEL, plain_label, safe_text
from tests.hostile import ALL, PAIRED, SIGNED, label_as_read, label_text


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


@pytest.mark.parametrize("name", ALL + SIGNED + PAIRED)
def test_a_label_leaves_nothing_to_markdown_and_reads_as_the_text(name: str) -> None:
    label = plain_label(name)
    bare = re.sub(r"\\[*~`$:]", "", label)
    assert max(len(re.findall(rf"{re.escape(sign)}+", bare)) for sign in "*~`$") <= 1
    assert not re.search(r"[\\<&](?!\u2060)|\]\(|[^_\u2060]_|_[^_\u2060]|^[#>+\-*_~`=|<\[$:]", bare)
    assert label_as_read(label) == label_text(name)


@pytest.mark.parametrize("name", SIGNED)
def test_a_name_as_people_write_it_is_spoken_without_a_backslash_of_ours(name: str) -> None:
    assert plain_label(name).replace("\u2060", "") == label_text(name)


@given(st.text(max_size=LONGEST_LABEL))
def test_a_label_is_one_line_of_no_more_than_its_length(name: str) -> None:
    read = label_as_read(plain_label(name))
    assert 1 <= len(read) <= LONGEST_LABEL
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]", read)


def test_a_long_label_is_cut_and_says_so() -> None:
    assert plain_label("塘" * 50, 10) == "塘" * 9 + "…"


def test_words_without_signs_are_their_own_label() -> None:
    assert plain_label("上传或撤下照片（现有　三 张）") == "上传或撤下照片（现有　三 张）"


@pytest.mark.parametrize("nothing", [None, "", "  \n", "\u202e"])
def test_a_label_of_nothing_is_a_dash(nothing: str | None) -> None:
    assert plain_label(nothing) == "—"
