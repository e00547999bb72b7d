"""The record of acts: written in the transaction of the act, never changed, never with values."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from data.reading import read

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    import pandas as pd
    from sqlalchemy import Connection

    from data.engine import Scope

LISTED: Final = 1000
"""Most objects that one record names; of a larger reading area and number tell what it was."""


class Action(StrEnum):
    """What can be done that is recorded; its Chinese word stands in `layers.words.ACTIONS`."""

    READ_HOMES = "read.homes"
    READ_IDENTITIES = "read.identities"
    FIND_CHILD = "find.child"
    SAVE_IDENTITIES = "save.identities"
    ROTATE_KEYS = "rotate.keys"
    DROP_KEYS = "drop.keys"
    EXPORT = "export"
    IMPORT = "import"
    UNDO_IMPORT = "import.undo"
    SAVE_STATION = "save.station"
    PLACE_RECORD = "place.record"
    JUDGE_TWINS = "judge.twins"
    UNDO_TWINS = "undo.twins"
    SAVE_WATER = "save.water"
    SAVE_PHOTO = "save.photo"
    WITHDRAW_PHOTO = "withdraw.photo"
    RESTORE_PHOTO = "restore.photo"
    UNDO_WATER = "undo.water"
    SAVE_PATROL = "save.patrol"
    SAVE_BARRIER = "save.barrier"
    SAVE_CAMERA = "save.camera"
    VERIFY_WATERS = "verify.waters"
    VERIFY_HAZARDS = "verify.hazards"
    UNVERIFY_HAZARDS = "unverify.hazards"
    SAVE_PARAMETER = "save.parameter"
    PURGE_CHILDREN = "purge.children"
    OPEN_URGENT = "urgent.open"
    END_URGENT = "urgent.end"
    URGENT_JUSTIFIED = "urgent.justified"
    URGENT_UNJUSTIFIED = "urgent.unjustified"
    ASK_CHILD_EXPORT = "child_export.ask"
    APPROVE_CHILD_EXPORT = "child_export.approve"
    DECLINE_CHILD_EXPORT = "child_export.decline"
    START_CHILD_EXPORT = "child_export.start"
    LAPSE_CHILD_EXPORT = "child_export.lapse"
    READ_SEALED = "read.sealed"
    SEAL_CHILD = "seal.child"
    ASK_ABOUT_SEAL = "seal.ask"
    LIFT_SEAL = "seal.lift"
    NAME_ON_SEAL = "seal.name"
    DECLINE_ABOUT_SEAL = "seal.decline"
    RELEASE_FROM_SEAL = "seal.release"
    RENEW_SEAL = "seal.renew"
    LOCK_ACCOUNT = "lock.account"
    LOCK_FACTOR = "lock.factor"
    FAIL_VERIFICATION = "verify.failed"
    SIGN_IN = "sign.in"
    SIGN_IN_BY_PROVIDER = "sign.in.provider"
    LINK_ACCOUNT = "link.account"
    UNLINK_ACCOUNT = "unlink.account"
    CONFIRM_LINK = "link.confirm"
    REFUSE_LINK = "link.refuse"
    RESET_ACCOUNT = "reset.account"
    CHANGE_PASSWORD = "change.password"  # noqa: S105 - an act, no password
    CHOOSE_POST = "choose.post"
    END_SESSION = "end.session"
    ENROL_FACTOR = "enrol.factor"
    USE_RECOVERY_CODE = "use.recovery_code"
    OPEN_ACCOUNT = "open.account"
    DISABLE_ACCOUNT = "disable.account"
    ENABLE_ACCOUNT = "enable.account"
    UNLOCK_ACCOUNT = "unlock.account"
    GIVE_GRANT = "give.grant"
    END_GRANT = "end.grant"
    APPROVE_GRANT = "approve.grant"
    DECLINE_GRANT = "decline.grant"
    END_OTHERS_SESSION = "end.others_session"


def record(  # noqa: PLR0913 - the facts of one act
    connection: Connection,
    action: Action,
    actor: Scope,
    *,
    object_kind: str,
    row_count: int,
    object_ids: Iterable[object] = (),
    purpose: str = "",
) -> None:
    """Record that `actor` did `action` with `row_count` objects of a kind; chained when the act commits."""
    named = [str(value) for value in object_ids]
    connection.execute(
        text(
            "INSERT INTO audit "
            "(action, account_id, role, area_code, purpose, object_kind, object_ids, row_count) VALUES "
            "(:action, :account_id, :role, :area_code, :purpose, :object_kind, :object_ids, :row_count)"
        ),
        {
            "action": action.value,
            "account_id": actor.account_id,
            "role": actor.role,
            "area_code": actor.area_code,
            "purpose": purpose,
            "object_kind": object_kind,
            "object_ids": named if len(named) <= LISTED else [],
            "row_count": row_count,
        },
    )


def acts(
    connection: Connection,
    *,
    account_id: int | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
    limit: int = 500,
) -> pd.DataFrame:
    """Return the acts that this login may see, of one account or of all, newest first.

    `since` and `until` are days of the deployment, both included. Columns happened_at, action, person, login,
    role, area_code, area_name,
    purpose, object_kind, object_ids, row_count.
    """
    return read(
        connection,
        "SELECT u.id, u.happened_at, u.action, u.account_id, coalesce(a.display_name, '') AS person, "
        "coalesce(a.login, '') AS login, u.role, u.area_code, coalesce(r.name, u.area_code) AS area_name, "
        "u.purpose, u.object_kind, array_to_string(u.object_ids, ' ') AS object_ids, u.row_count "
        "FROM audit u LEFT JOIN account a ON a.id = u.account_id LEFT JOIN area r ON r.code = u.area_code "
        "WHERE (CAST(:id AS bigint) IS NULL OR u.account_id = :id) "
        "AND u.happened_at >= coalesce(CAST(:since AS date), '-infinity') "
        "AND u.happened_at < coalesce(CAST(:until AS date) + 1, 'infinity') "
        "ORDER BY u.id DESC LIMIT :limit",
        {"id": account_id, "since": since, "until": until, "limit": limit},
    )
