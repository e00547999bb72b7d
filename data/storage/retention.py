"""Children whose time in the register is over: counted by township, and removed with all that hangs on them.

A child is due `months` after it left the register, or after it has certainly turned 18: only the month of
birth is kept, so that is the first day of the month after. Sealed children are due like all
others: the machine's own hands remove them, an account does not reach them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import text

from data import rights
from data.engine import SCOPE, Scope
from data.reading import read
from data.schema.accounts import ROLES
from data.storage import audit, intake_jobs

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd
    from sqlalchemy import Connection

PRIVATE_KINDS: Final = ("children", "homes")
"""Kinds of import whose refusals and receipts may name a child."""
COUNTED: Final = ("home", "child_identity", "child_visit")
"""What hangs on a child and can be counted by who removes it; the rest goes unseen."""
DUE: Final = """
SELECT id, code, area_code, sealed,
    CASE WHEN left_on + make_interval(months => :months) <= CAST(:day AS date) THEN 'left'
    ELSE 'adult' END AS reason
FROM child WHERE left_on + make_interval(months => :months) <= CAST(:day AS date)
OR birth_month + make_interval(years => 18, months => 1 + :months) <= CAST(:day AS date)
"""


class RetentionError(Exception):
    """Who asks may not remove children, or not all could be removed; nothing was written."""


@dataclass(frozen=True, kw_only=True)
class Term:
    """The day as of which is asked, and the months that a child's record is kept after its reason ended."""

    day: dt.date
    months: int


def due(connection: Connection, term: Term) -> pd.DataFrame:
    """Return the children due that this login may see, by id: code, area_code, sealed, reason."""
    return read(
        connection,
        f"SELECT * FROM ({DUE}) d ORDER BY area_code, code",  # noqa: S608 - our own text
        {"day": term.day, "months": term.months},
    )


def due_by_township(connection: Connection, term: Term) -> pd.DataFrame:
    """Return how many children are due by township and reason, without naming any (importer login).

    Columns township, township_name, reason, children.
    """
    _require_right(_actor(connection))
    return read(
        connection,
        "SELECT row_number() OVER () AS id, g.* FROM (SELECT left(d.area_code, 9) AS township, "  # noqa: S608 - our own text
        "coalesce(a.name, '') AS township_name, d.reason, count(*) AS children "
        f"FROM ({DUE}) d LEFT JOIN area a ON a.code = left(d.area_code, 9) "
        "GROUP BY 1, 2, 3 ORDER BY 1, 3 DESC) g",
        {"day": term.day, "months": term.months},
    )


def purge(connection: Connection, term: Term) -> dict[str, int]:
    """Remove every child due in the scope's area; return how many rows of each table went (importer login).

    Homes, identities, visits, nearness and shared homes go by their foreign keys; what imports noted of these
    children goes too. One act is recorded, with counts alone; where nobody is due nothing is recorded.

    Raises
    ------
    RetentionError
        If the scope is neither the machine's owner nor of a role that may remove children, or if the
        database kept one of them.
    """
    actor = _actor(connection)
    _require_right(actor)
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('anlan.import'))"))
    found = connection.execute(text(f"{DUE} FOR UPDATE"), {"day": term.day, "months": term.months}).all()
    if not found:
        return {}
    ids = [row.id for row in found]
    done = {"child": len(ids)} | {name: _count(connection, name, ids) for name in COUNTED}
    _forget_imports(connection, ids, [row.code for row in found])
    gone = connection.execute(text("DELETE FROM child WHERE id = ANY(:ids)"), {"ids": ids}).rowcount
    if gone != len(ids):
        raise RetentionError("数据库没有允许删除全部到期儿童，未删除任何内容：请由有权的民政账号办理。")
    left = sum(row.reason == "left" for row in found)
    audit.record(
        connection,
        audit.Action.PURGE_CHILDREN,
        actor,
        object_kind="child",
        row_count=len(ids),
        purpose=f"保存期满：离开登记 {left} 名，年满 18 周岁 {len(ids) - left} 名",
    )
    return done


def _actor(connection: Connection) -> Scope:
    scope = connection.get_execution_options().get(SCOPE)
    if scope is None:
        raise RetentionError("没有说明由谁办理，未删除任何内容。")
    return cast("Scope", scope)


def _require_right(actor: Scope) -> None:
    # Whoever owns the machine acts without an account; an account acts in its role, and in no other.
    if actor.account_id is None and actor.role not in ROLES:
        return
    if actor.role not in ROLES or not rights.may(actor.role, "children", "purge"):
        raise RetentionError("这个岗位无权清除到期的儿童信息，未删除任何内容：请由民政部门办理。")


def _count(connection: Connection, table: str, ids: list[int]) -> int:
    counted = text(f"SELECT count(*) FROM {table} WHERE child_id = ANY(:ids)")  # noqa: S608 - our own names
    return int(connection.execute(counted, {"ids": ids}).scalar_one())


def _forget_imports(connection: Connection, ids: list[int], codes: list[str]) -> None:
    """Take these children out of what imports noted: keys for undoing, refusals, receipts and previews."""
    homes = connection.scalars(
        text("SELECT CAST(id AS text) FROM home WHERE child_id = ANY(:ids)"), {"ids": ids}
    ).all()
    for table, keys in (("child", [str(number) for number in ids]), ("home", list(homes))):
        values: dict[str, Any] = {"name": table, "keys": keys}
        connection.execute(
            text("DELETE FROM import_update WHERE table_name = :name AND record_key = ANY(:keys)"), values
        )
        connection.execute(
            text(
                "WITH gone AS (DELETE FROM import_insert WHERE table_name = :name "
                "AND record_keys && CAST(:keys AS text[]) RETURNING batch_id, table_name, record_keys), "
                "rest AS (SELECT batch_id, table_name, ARRAY(SELECT unnest(record_keys) "
                "EXCEPT SELECT unnest(CAST(:keys AS text[]))) AS record_keys FROM gone) "
                "INSERT INTO import_insert (batch_id, table_name, record_keys) "
                "SELECT * FROM rest WHERE cardinality(record_keys) > 0"
            ),
            values,
        )
    kinds = list(PRIVATE_KINDS)
    connection.execute(
        text(
            "UPDATE import_refusal r SET value = '' FROM import_batch b "
            "WHERE b.id = r.batch_id AND b.kind = ANY(:kinds) AND r.value <> ''"
        ),
        {"kinds": kinds},
    )
    connection.execute(
        text(
            "UPDATE import_job SET preview = NULL, receipt = receipt - 'refused' - 'notes' "
            "WHERE kind = ANY(:kinds) AND state NOT IN ('waiting', 'reading', 'confirmed', 'storing') "
            "AND EXISTS (SELECT FROM unnest(CAST(:codes AS text[])) AS c "
            "WHERE strpos(concat(CAST(receipt AS text), CAST(preview AS text)), c) > 0)"
        ),
        {"kinds": kinds, "codes": codes},
    )
    intake_jobs.tidy(connection)
