"""Lock-outs at the door, told to the record of acts: at most one act an hour, account and kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from data.storage.accounts import LOCK_MINUTES
from data.storage.audit import Action
from data.storage.own import SELF

if TYPE_CHECKING:
    from sqlalchemy import Connection

STRANGER: Final = "stranger"
"""Whoever tried passwords: nobody knows who."""
WINDOW_MINUTES: Final = 60
SETTLED_MINUTES: Final = 1
"""After so long no attempt that might lift the lock is still under way."""


def tell(connection: Connection, area_code: str, account_id: int | None = None) -> int:
    """Write the acts that are due and return how many; of one account, whose attempt just failed, or of all.

    A lock-out by passwords is an act of nobody with an account; one by codes is of the person, who had shown
    the password. `row_count` is how many lock-outs an act tells of: those within an hour after an act are
    told by the next one, so that no flood of attempts makes a flood of acts. The account is named by its
    number; a name that nobody has is counted nowhere, and told nowhere.
    """
    told = connection.execute(
        text(
            "WITH due AS (SELECT id, lockouts, factor_lockouts FROM account "
            "WHERE (lockouts > 0 OR factor_lockouts > 0) "
            "AND coalesce(lockouts_told_at <= now() - make_interval(mins => :window), true) "
            "AND CASE WHEN CAST(:id AS bigint) IS NULL THEN coalesce(greatest(locked_until, "
            "factor_locked_until) <= now() + make_interval(mins => :settled), true) ELSE id = :id END "
            "ORDER BY id FOR UPDATE SKIP LOCKED), "
            "told AS (UPDATE account a SET lockouts = a.lockouts - due.lockouts, "
            "factor_lockouts = a.factor_lockouts - due.factor_lockouts, lockouts_told_at = now() "
            "FROM due WHERE a.id = due.id) "
            "INSERT INTO audit "
            "(action, account_id, role, area_code, object_kind, object_ids, row_count) "
            "SELECT :by_password, CAST(NULL AS bigint), :stranger, :area, 'account', "
            "ARRAY[CAST(id AS text)], lockouts FROM due WHERE lockouts > 0 UNION ALL "
            "SELECT :by_code, id, :self, :area, 'account', ARRAY[CAST(id AS text)], factor_lockouts "
            "FROM due WHERE factor_lockouts > 0"
        ),
        {
            "id": account_id,
            "window": WINDOW_MINUTES,
            "settled": LOCK_MINUTES - SETTLED_MINUTES,
            "by_password": Action.LOCK_ACCOUNT.value,
            "by_code": Action.LOCK_FACTOR.value,
            "stranger": STRANGER,
            "self": SELF,
            "area": area_code,
        },
    )
    return int(told.rowcount)
