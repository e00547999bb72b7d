"""The worker: catches up with what is queued, again and again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import DBAPIError

from data.engine import DatabaseUnreachableError, Login, connect
from data.storage import lockouts
from jobs import child_exports, child_tables, outlook
from jobs.assess import catch_up
from jobs.audit_trail import write_daily_head

if TYPE_CHECKING:
    from collections.abc import Callable

    from data.settings import Settings
    from jobs.assess import Refreshed

PAUSE_S: Final = 2.0
TELLING_EVERY_S: Final = 300.0
LONGEST_PAUSE_S: Final = 60.0
"""After faults in a row the pause doubles up to this."""


def work(
    settings: Settings,
    *,
    once: bool = False,
    pause_s: float = PAUSE_S,
    told: Callable[[Refreshed | Exception], None] | None = None,
) -> None:
    """Catch up until nothing is queued, then look again after `pause_s`; `once` ends where nothing is queued.

    Every few minutes lock-outs and requests that ran out are put on record. Once a day, when nothing is
    queued, what works is estimated anew; once a quarter children are counted by township; where that fails
    it is tried again the next day.

    A fault of the database is told and tried again: the queue is as it was.
    """
    wait_s, failed_on, told_at = pause_s, None, float("-inf")
    while True:
        try:
            write_daily_head(settings)
            if time.monotonic() - told_at >= TELLING_EVERY_S:
                tell_lockouts(settings)
                child_exports.lapse(settings)
                told_at = time.monotonic()
            done = catch_up(settings)
        except (DBAPIError, DatabaseUnreachableError) as fault:
            if once:
                raise
            _tell(told, fault)
            wait_s = min(2.0 * wait_s, LONGEST_PAUSE_S)
        else:
            wait_s = pause_s
            if done is not None:
                _tell(told, done)
                continue
            if outlook.is_due(settings):
                outlook.refresh_outlook(settings)
            if failed_on != settings.today() and not child_tables.told_or_logged(settings):
                failed_on = settings.today()
            if once:
                return
        time.sleep(wait_s)


def tell_lockouts(settings: Settings) -> int:
    """Tell the record of acts of lock-outs that nothing told yet, and return how many acts that made."""
    with connect(settings, Login.DOOR) as connection:
        return lockouts.tell(connection, settings.area_code)


def _tell(told: Callable[[Refreshed | Exception], None] | None, what: Refreshed | Exception) -> None:
    if told is not None:
        told(what)
