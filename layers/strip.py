"""The chainage strip of one bank: bands and marks, placed in percent so that it fits any width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from geo.chainage import format_chainage
from layers.legend import PATHS
from layers.palette import COVERED, GAP, INK, STATIONS
from layers.text import Encoded, safe_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Stretch = tuple[float, float]
"""From and to [m]; on a ring `to` may lie beyond the length, where the stretch crosses the start."""

MARGIN: Final = 3.0
SPAN: Final = 100.0 - 2 * MARGIN
"""Of the drawing's width [%]: signs at either end stay whole."""
HEIGHT_PX: Final = 74
STEPS: Final = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
MOST_TICKS: Final = 4
CLEAR_OF_END: Final = 0.16
"""Of the length: a tick nearer to the end would print over the last one."""
PATTERNS: Final = (
    '<pattern id="c" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<rect width="7" height="7" fill="{COVERED}"/><path d="M0 0V7" stroke="#fff" stroke-width="2.4"/>'
    f'</pattern><pattern id="g" width="6" height="6" patternUnits="userSpaceOnUse">'
    f'<rect width="6" height="6" fill="{GAP}"/><circle cx="3" cy="3" r="1.1" fill="#fff"/></pattern>'
)


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A station on the bank: where [m], and the state that its shape shows."""

    at_m: float
    status: str


@dataclass(frozen=True, kw_only=True)
class Strip:
    """One bank: its name, length [m], whether it closes, and what lies along it."""

    name: str
    length_m: float
    ring: bool
    covered: Sequence[Stretch]
    gaps: Sequence[Stretch]
    marks: Sequence[Mark]


def strip(drawn: Strip) -> Encoded:
    """Return a bank's strip with its caption; what it shows is also said in words for those who hear it."""
    drawing = quote(_svg(drawn))
    caption = f"{drawn.name}，长 {drawn.length_m:,.0f} 米" + ("，首尾相接" if drawn.ring else "")
    return Encoded(
        f'<figure class="anlan-strip"><figcaption>{safe_text(caption)}</figcaption>'
        f'<img src="data:image/svg+xml,{drawing}" alt="{safe_text(said(drawn))}"></figure>'
    )


def key() -> Encoded:
    """Return what the bands mean."""
    items = "".join(
        _key(name, fill)
        for name, fill in (("缺口", "url(#g)"), ("已覆盖", "url(#c)"), ("其余岸线", "#eef1f1"))
    )
    return Encoded(f'<div class="anlan-legend" role="list" aria-label="图例">{items}</div>')


def said(drawn: Strip) -> str:
    """Return in words what the strip shows."""
    gaps = "、".join(
        f"{format_chainage(start)} 至 "
        f"{format_chainage(stop if stop <= drawn.length_m else stop - drawn.length_m)}"
        for start, stop in drawn.gaps
    )
    valid = sum(mark.status == "valid" for mark in drawn.marks)
    return f"{drawn.name}：缺口 {gaps or '无'}；点位 {len(drawn.marks)} 处，有效 {valid} 处"


def pieces(stretch: Stretch, length_m: float) -> list[Stretch]:
    """Return a stretch inside [0, length]; one that crosses the start of a ring becomes two."""
    start, stop = stretch
    if stop <= length_m:
        return [(start, stop)]
    return [(start, length_m), (0.0, min(stop - length_m, length_m))]


def ticks(length_m: float) -> list[float]:
    """Return round measures for the scale, the start first and the end last."""
    step = next((step for step in STEPS if length_m / step <= MOST_TICKS), STEPS[-1])
    inner = [float(k * step) for k in range(1, int(length_m // step) + 1)]
    return [0.0, *(m for m in inner if length_m - m > CLEAR_OF_END * length_m), length_m]


def _svg(drawn: Strip) -> str:
    bands = _bands(drawn.covered, drawn.length_m, "url(#c)") + _bands(drawn.gaps, drawn.length_m, "url(#g)")
    scale = "".join(_tick(m, drawn.length_m) for m in ticks(drawn.length_m))
    marks = "".join(_mark(mark, drawn.length_m) for mark in drawn.marks)
    ends = (
        f'<g stroke="{INK}" stroke-width="2" stroke-dasharray="3 2">' if drawn.ring else f'<g stroke="{INK}">'
    )
    first, last = _percent(0.0, 1.0), _percent(1.0, 1.0)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="100%" '
        f'font-family="sans-serif" font-size="12" fill="{INK}"><defs>{PATTERNS}</defs>'
        f'<rect x="{MARGIN}%" y="28" width="{SPAN}%" height="18" fill="#eef1f1" stroke="#8a969b"/>'
        f'{bands}{ends}<line x1="{first}" x2="{first}" y1="24" y2="50"/>'
        f'<line x1="{last}" x2="{last}" y1="24" y2="50"/></g>{scale}{marks}</svg>'
    )


def _bands(stretches: Iterable[Stretch], length_m: float, fill: str) -> str:
    return "".join(
        f'<rect x="{_percent(start, length_m)}" y="28" width="{_share(stop - start, length_m)}" height="18" '
        f'fill="{fill}"/>'
        for stretch in stretches
        for start, stop in pieces(stretch, length_m)
    )


def _tick(m: float, length_m: float) -> str:
    at = _percent(m, length_m)
    anchor = "start" if m == 0.0 else "end" if m == length_m else "middle"
    return (
        f'<line x1="{at}" x2="{at}" y1="46" y2="53" stroke="{INK}"/>'
        f'<text x="{at}" y="67" text-anchor="{anchor}">{safe_text(format_chainage(m))}</text>'
    )


def _mark(mark: Mark, length_m: float) -> str:
    style = STATIONS[mark.status]
    outline = INK if style.color == "#ffffff" else style.color
    sign = PATHS[style.shape]
    return (
        f'<svg x="{_percent(mark.at_m, length_m)}" overflow="visible"><g transform="translate(-11 8)" '
        f'fill="{style.fill or "none"}" stroke="{outline}" stroke-width="1.3">{sign}</g></svg>'
    )


def _key(name: str, fill: str) -> str:
    drawing = quote(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="28" height="16"><defs>{PATTERNS}</defs>'
        f'<rect x="1" y="2" width="26" height="12" fill="{fill}" stroke="#8a969b"/></svg>'
    )
    image = f'<img src="data:image/svg+xml,{drawing}" width="28" height="16" alt="">'
    return f'<span role="listitem">{image}{safe_text(name)}</span>'


def _percent(m: float, length_m: float) -> str:
    return f"{MARGIN + SPAN * min(max(m / length_m, 0.0), 1.0):.3f}%"


def _share(metres: float, length_m: float) -> str:
    return f"{SPAN * metres / length_m:.3f}%"
