"""The day that pages count deadlines from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.shell.deployment import deployment

if TYPE_CHECKING:
    import datetime as dt


def zone() -> str:
    """Return the name of the time zone where the offices are."""
    return deployment().time_zone


def today() -> dt.date:
    """Return the date where the offices are."""
    return deployment().today()
