"""The one encoder between stored text and anything that interprets it."""

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


def safe_text(value: object) -> Encoded:
    """Return `value` as text in which nothing is left that HTML, JavaScript or Jinja would act upon.

    branca compiles its rendered output a second time as a Jinja2 template, so `html.escape` is not
    enough: braces, dollar signs, back-ticks and backslashes become numeric entities too.
    """
    return Encoded(_UNSAFE.sub(_entity, "" if value is None else str(value)))


def _entity(match: re.Match[str]) -> str:
    return f"&#{_shown(ord(match[0]))};"


def _shown(code: int) -> int:
    # HTML reads &#0; and &#128; to &#159; as other characters, and half a pair as none.
    return REPLACEMENT if any(code in span for span in _UNSHOWABLE) else code
