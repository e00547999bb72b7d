"""Pieces of pages as markup: every stored text in them has passed the encoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from layers.text import Encoded, safe_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Tone = Literal["plain", "good", "warn", "bad"]
SAID: Final[Mapping[Tone, tuple[str, str]]] = {
    "plain": ("i", "说明"),
    "good": ("✓", "成功"),
    "warn": ("!", "注意"),
    "bad": ("✕", "未成功"),
}
"""The sign and the word of a tone."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number with its word, and what stands beside it so that it cannot mislead."""

    label: str
    value: str
    unit: str = ""
    note: str = ""
    tone: Tone = "plain"
    share: float | None = None


@dataclass(frozen=True, kw_only=True)
class Task:
    """One thing that somebody of this bureau has to do."""

    text: str
    count: str
    link: str
    tone: Tone = "plain"


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One row of a table of shares."""

    name: str
    share: float | None
    cells: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Photo:
    """One picture by its address, and what is written below it."""

    address: str
    lines: tuple[str, ...]


def masthead(area: str, person: str, *, demo: bool) -> Encoded:
    """Return the line above every page: where, who is signed in, and the way out."""
    badge = '<b class="badge">演示数据</b>' if demo else ""
    return Encoded(
        f'<div class="anlan-head">{badge}<span class="area">{safe_text(area)}</span>'
        f'<a class="who" href="/me" target="_self" title="岗位、密码、登录情况">{safe_text(person)}</a>'
        '<form method="post" action="/signout" target="_self"><button type="submit">退出</button></form>'
        "</div>"
    )


def title(text: str, said: str) -> Encoded:
    """Return the heading of a page with what it holds and as of when."""
    return Encoded(f'<div class="anlan-title"><h1>{safe_text(text)}</h1><p>{safe_text(said)}</p></div>')


def figures(listed: Iterable[Figure]) -> Encoded:
    """Return headline figures side by side; on a phone two in a row."""
    return Encoded(f'<div class="anlan-figures">{"".join(map(_figure, listed))}</div>')


def tasks(listed: Sequence[Task]) -> Encoded:
    """Return what needs doing, most pressing first."""
    rows = "".join(
        f'<a class="{task.tone}" href="{safe_text(task.link)}" target="_self"><b>{safe_text(task.count)}</b>'
        f"<span>{safe_text(task.text)}</span></a>"
        for task in listed
    )
    return Encoded(f'<div class="anlan-tasks">{rows}</div>')


def bars(headings: Sequence[str], rows: Iterable[Bar]) -> Encoded:
    """Return a table whose second column draws a share; a share of nothing is a dash."""
    head = "".join(f"<th>{safe_text(word)}</th>" for word in headings)
    body = "".join(
        f"<tr><th scope='row'>{safe_text(row.name)}</th><td>{_share(row.share)}</td>"
        + "".join(f"<td>{safe_text(cell)}</td>" for cell in row.cells)
        + "</tr>"
        for row in rows
    )
    return Encoded(
        f'<div class="anlan-scroll"><table class="anlan-bars"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def listing(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Encoded:
    """Return a table whose texts wrap, so that nothing is cut; on a phone each row is a card."""
    return _listing(headings, rows, "cards")


def compared(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Encoded:
    """Return two records side by side, field by field, on a phone too."""
    return _listing(headings, rows, "beside")


def _listing(headings: Sequence[str], rows: Iterable[Sequence[str]], way: str) -> Encoded:
    # The roles say that a card is still a row of a table: a browser forgets it where cells become blocks.
    words = [safe_text(word) for word in headings]
    head = "".join(f'<th role="columnheader">{word}</th>' for word in words)
    body = "".join(
        '<tr role="row">'
        + "".join(
            f'<td role="cell" data-word="{word}">{safe_text(cell)}</td>'
            for word, cell in zip(words, row, strict=False)
        )
        + "</tr>"
        for row in rows
    )
    return Encoded(
        f'<div class="anlan-scroll {way}"><table class="anlan-bars listing" role="table">'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">{body}</tbody></table></div>'
    )


def facts(pairs: Iterable[tuple[str, str]]) -> Encoded:
    """Return words and what they are, one a line."""
    rows = "".join(f"<dt>{safe_text(word)}</dt><dd>{safe_text(value)}</dd>" for word, value in pairs)
    return Encoded(f'<dl class="anlan-facts">{rows}</dl>')


def gallery(photos: Iterable[Photo]) -> Encoded:
    """Return pictures side by side, each small; a click opens the whole one beside the page."""
    shown = "".join(
        f'<a href="{safe_text(photo.address)}" target="_blank" rel="noopener"><img loading="lazy" '
        f'src="{safe_text(photo.address)}?small" alt="{safe_text("，".join(photo.lines))}">'
        f"<span>{'<br>'.join(map(safe_text, photo.lines))}</span></a>"
        for photo in photos
    )
    return Encoded(f'<div class="anlan-photos">{shown}</div>')


def empty(text: str, hint: str = "") -> Encoded:
    """Return what stands where nothing is to be shown, with what to do about it."""
    return Encoded(f'<div class="anlan-empty"><b>{safe_text(text)}</b><span>{safe_text(hint)}</span></div>')


def said(text: str, tone: Tone, *, word: str = "") -> Encoded:
    """Return what became of an act: its tone in a sign and a word, so that nothing hangs on a colour."""
    sign, usual = SAID[tone]
    role = "alert" if tone == "bad" else "status"
    return Encoded(
        f'<div class="anlan-said {tone}" role="{role}"><b><i aria-hidden="true">{sign}</i>'
        f"{safe_text(word or usual)}</b><span>{safe_text(text)}</span></div>"
    )


def alarm(text: str) -> Encoded:
    """Return what stands above every page while something unusual lasts."""
    return Encoded(f'<div class="anlan-alarm" role="alert">{safe_text(text)}</div>')


def heading(text: str) -> Encoded:
    """Return the heading of a part of a page."""
    return Encoded(f"<h3>{safe_text(text)}</h3>")


def remark(text: str) -> Encoded:
    """Return a remark in small letters, its text as it stands."""
    return Encoded(f'<p class="anlan-note">{safe_text(text)}</p>')


def link(text: str, address: str) -> Encoded:
    """Return a link within the program that opens in the same window."""
    return Encoded(f'<a class="anlan-link" href="{safe_text(address)}" target="_self">{safe_text(text)}</a>')


def post(text: str, address: str) -> Encoded:
    """Return a button that posts: what it does happens once, and no browser does it beforehand."""
    return Encoded(
        f'<form method="post" action="{safe_text(address)}" target="_self" class="anlan-post">'
        f'<button type="submit">{safe_text(text)}</button></form>'
    )


def _figure(shown: Figure) -> str:
    bar = "" if shown.share is None else f'<i class="bar"><i style="width:{_percent(shown.share)}%"></i></i>'
    note = f"<small>{safe_text(shown.note)}</small>" if shown.note else ""
    return (
        f'<div class="{shown.tone}"><span>{safe_text(shown.label)}</span>'
        f"<strong>{safe_text(shown.value)}<em>{safe_text(shown.unit)}</em></strong>{bar}{note}</div>"
    )


def _share(share: float | None) -> str:
    if share is None:
        return '<span class="none">—</span>'
    return f'<i class="bar"><i style="width:{_percent(share)}%"></i></i><span>{share:.0%}</span>'


def _percent(share: float) -> int:
    return round(100 * min(max(share, 0.0), 1.0))
