"""The day that pages count deadlines from."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo


def today() -> dt.date:
    """Return the date in China, where the offices are."""
    return dt.datetime.now(ZoneInfo("Asia/Shanghai")).date()
