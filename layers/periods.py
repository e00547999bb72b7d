"""What an export was asked for beside its kind: two days, and a part of the area."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Period:
    """From the end of `first` to the end of `last`; `within` is a code at or below the exporter's area.

    Raises
    ------
    ValueError
        If `first` is after `last`.
    """

    first: dt.date
    last: dt.date
    within: str | None = None
    level: str = "township"
    """What rows are summed to, where they are: county or township."""

    def __post_init__(self) -> None:  # noqa: D105 - the class says what is refused
        if self.first > self.last:
            raise ValueError("a period ends on or after the day that it begins")

    @classmethod
    def month(cls, year: int, month: int, today: dt.date, *, level: str = "township") -> Period:
        """Return a month as a bulletin counts it: from the end of the one before to its own, or today."""
        start = dt.date(year, month, 1)
        following = (start + dt.timedelta(days=31)).replace(day=1)
        last = min(following - dt.timedelta(days=1), today)
        return cls(first=min(start - dt.timedelta(days=1), last), last=last, level=level)

    def options(self) -> dict[str, object]:
        """Return the period as what is kept with a link."""
        days = {"first": self.first.isoformat(), "last": self.last.isoformat()}
        return {**days, "within": self.within, "level": self.level}


def period_of(options: Mapping[str, object]) -> Period | None:
    """Return the period that was kept with a link, None if there was none."""
    if "first" not in options:
        return None
    within = options.get("within")
    return Period(
        first=dt.date.fromisoformat(str(options["first"])),
        last=dt.date.fromisoformat(str(options["last"])),
        within=None if within is None else str(within),
        level=str(options.get("level", "township")),
    )
