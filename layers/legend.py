"""Legends: our own small drawings, since a borrowed colour bar would be fetched from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from layers.text import Encoded, safe_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layers.palette import Style

PATHS: Final = {
    "circle": '<circle cx="11" cy="8" r="5"/>',
    "ring": '<circle cx="11" cy="8" r="6" fill="none"/>',
    "square": '<rect x="6" y="3" width="10" height="10"/>',
    "diamond": '<path d="M11 1.5 17.5 8 11 14.5 4.5 8z"/>',
    "triangle": '<path d="M11 2 17 13.5H5z"/>',
    "cross": '<path d="M6 3 16 13M16 3 6 13" fill="none"/>',
}


def legend(marks: Iterable[Style], lines: Iterable[Style] = ()) -> Encoded:
    """Return one row of signs with their words: `lines` as strokes, `marks` as shapes."""
    drawn = [_item(style, _stroke(style)) for style in lines] + [
        _item(style, _mark(style)) for style in marks
    ]
    return Encoded(f'<div class="anlan-legend" role="list" aria-label="图例">{"".join(drawn)}</div>')


def _item(style: Style, sign: str) -> str:
    # An image: a page's sanitiser drops inline SVG.
    drawing = quote(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="22" height="16" viewBox="0 0 22 16">{sign}</svg>'
    )
    image = f'<img src="data:image/svg+xml,{drawing}" width="22" height="16" alt="">'
    return f'<span role="listitem">{image}{safe_text(style.label)}</span>'


def _stroke(style: Style) -> str:
    dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
    return (
        f'<path d="M1 8H21" stroke="{style.color}" stroke-width="{min(style.weight, 5)}"{dash} fill="none"/>'
    )


def _mark(style: Style) -> str:
    outline = "#8a969b" if style.color == "#ffffff" else style.color
    fill = style.fill or "none"
    return f'<g fill="{fill}" stroke="{outline}" stroke-width="1.4">{PATHS[style.shape]}</g>'
