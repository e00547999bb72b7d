"""The encoders between stored text and whatever would interpret it: markup, and labels of widgets."""

from __future__ import annotations

import re
from typing import Final, NewType

Encoded = NewType("Encoded", str)
"""Text (or markup made of it) that may be put into a map, a page or a template as it stands."""

REPLACEMENT: Final = 0xFFFD
_UNSHOWABLE: Final = (range(0x09), range(0x0B, 0x20), range(0x7F, 0xA0), range(0xD800, 0xE000))
"""Controls but tab and line end; halves of a pair."""

_UNSAFE: Final = re.compile(
    "[&<>\"'`$\\\\{}"
    "\x00-\x1f\x7f-\x9f"  # C0 and C1 controls
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction marks, embeddings, overrides, isolates
    "\u2028\u2029"  # line ends inside a JavaScript string before ES2019
    "\ufeff\ud800-\udfff]"  # byte order mark; half of a pair, which UTF-8 cannot carry
)

LONGEST_LABEL: Final = 120
"""Signs of a label: a widget's name is one line."""
JOINER: Final = "\u2060"
"""A sign that no font draws and that parts what Streamlit would find as one in text already parsed."""
_DIRECTIONS: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SPACES: Final = re.compile("[^\\S\u3000]+")
_BROKEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_PARTED: Final = re.compile(
    r"(?<=[\\<&])"  # an escape, a tag or address, a character reference: none begins before a joiner
    r"|(?<=\])(?=\()"  # a link; definitions that other links need stand at the beginning
    r"|(?<!_)(?=_)|(?<=_)(?!_)"  # emphasis: an underline between two signs of a word opens none
    r"|^(?=[#>+\-*_~`=|<\[$:]|\d+[.)])"  # what a line begins with: headings, lists, rules, code
)
_PAIRED: Final = "*~`$"
"""Emphasis, strikethrough, code, formulas: a backslash alone keeps these apart, where two runs could pair."""
_DIRECTIVE: Final = re.compile(r":(?=[^\s\[\]{}:]+[\[{])")
"""Colours and badges, `:red[…]`: any sign of a word may be in the name, a joiner too."""
_FOUND_LATE: Final = re.compile(
    r"(?<=:)(?=[\w+-])"  # :smile:, :material_home:, :streamlit:, :red[…]
    r"|(?<=http)(?=s?://)|(?<=www)(?=\.)|(?=@)"  # addresses
    r"|(?<!\S)(?=(?:<->|->|<-|--|>=|<=|~=)(?!\S))",  # arrows
    re.IGNORECASE,
)


def safe_text(value: object) -> Encoded:
    """Return `value` as text in which nothing is left that HTML, JavaScript or Jinja would act upon.

    branca compiles its rendered output a second time as a Jinja2 template, so `html.escape` is not
    enough: braces, dollar signs, back-ticks and backslashes become numeric entities too.
    """
    return Encoded(_UNSAFE.sub(_entity, "" if value is None else str(value)))


def plain_label(value: object, longest: int = LONGEST_LABEL) -> str:
    """Return `value` as the name of a widget that shows it literally, in one line of at most `longest` signs.

    Streamlit reads the names of widgets, and the options of radio buttons, tabs and segments, as Markdown
    with pictures, addresses, icons, colours and formulas. An invisible `JOINER` parts the signs that would
    begin any of it, for the parser and for what Streamlit looks for afterwards: screen readers are given the
    label as it is written, and would speak a backslash. One stands only where nothing else helps: before the
    signs of `_PAIRED` in a name that holds two runs of the same, and before a `_DIRECTIVE`. Signs that turn
    the direction of writing are left out: they would turn the words around the text too.
    """
    text = _DIRECTIONS.sub("", "" if value is None else str(value))
    text = _BROKEN.sub(chr(REPLACEMENT), _SPACES.sub(" ", text).strip())
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    text = _PARTED.sub(JOINER, _FOUND_LATE.sub(JOINER, text))
    text = _DIRECTIVE.sub(r"\\:", text)
    for sign in _PAIRED:
        if len(re.findall(f"{re.escape(sign)}+", text)) > 1:
            text = text.replace(sign, f"\\{sign}")
    return text or "—"


def _entity(match: re.Match[str]) -> str:
    return f"&#{_shown(ord(match[0]))};"


def _shown(code: int) -> int:
    # HTML reads &#0; and &#128; to &#159; as other characters, and half a pair as none.
    return REPLACEMENT if any(code in span for span in _UNSHOWABLE) else code
