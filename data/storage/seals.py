"""Children sealed for named persons: who sees them, and what changes that.

Every act is a function of the database that decides by the actor of the transaction (`Scope`) and records
itself; who is not named on a seal learns nothing of its child from any of them (login of children's pages).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from data.reading import read
from data.storage.faults import RefusedError, refusals_in_words

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd
    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True)
class Seal:
    """A seal as it is asked for: of a child by its code, on what ground, until which review, for whom."""

    child_code: str
    ground: str
    reason: str
    review_on: dt.date
    people: tuple[int, ...]


def seal(connection: Connection, wanted: Seal) -> int:
    """Seal a child within reach and return the number of the seal.

    Raises
    ------
    RefusedError
        With a sentence for who asked; a child that is sealed, or of another area, is none.
    """
    child = connection.scalar(text("SELECT id FROM child WHERE code = :code"), {"code": wanted.child_code})
    if child is None:
        raise RefusedError("本辖区没有这名儿童：请核对编号。")
    return int(
        _call(
            connection,
            "seal_child(:child, :ground, :reason, :until, CAST(:people AS bigint[]))",
            child=child,
            ground=wanted.ground,
            reason=wanted.reason,
            until=wanted.review_on,
            people=list(wanted.people),
        )
    )


def ask_to_lift(connection: Connection, number: int, reason: str) -> int:
    """Ask that a seal be lifted; a second person of civil affairs decides. Return the proposal."""
    return int(_call(connection, "seal_ask(:seal, 'lift', NULL, :reason)", seal=number, reason=reason))


def ask_to_name(connection: Connection, number: int, account_id: int, reason: str) -> int:
    """Ask that one more person may see; a second person of civil affairs decides. Return the proposal."""
    statement = "seal_ask(:seal, 'name', :account, :reason)"
    return int(_call(connection, statement, seal=number, account=account_id, reason=reason))


def decide(connection: Connection, proposal: int, *, approve: bool) -> int:
    """Approve or decline what somebody else asked for; return the seal."""
    return int(_call(connection, "seal_decide(:proposal, :wish)", proposal=proposal, wish=approve))


def release(connection: Connection, number: int, account_id: int) -> None:
    """Take a person off a seal; never the last who could undo it."""
    _call(connection, "seal_release(:seal, :account)", seal=number, account=account_id)


def renew(connection: Connection, number: int, review_on: dt.date) -> None:
    """Set the day by which a seal is to be looked at again."""
    _call(connection, "seal_renew(:seal, :until)", seal=number, until=review_on)


def seen(connection: Connection) -> pd.DataFrame:
    """Return the standing seals of the actor, the next review first: child_code, area, ground, people, names.

    A seal whose named persons hold no post any more is there for civil affairs without its child.
    """
    return read(
        connection,
        "SELECT s.*, coalesce(c.code, '') AS child_code, coalesce(r.name, '') AS area_name, "
        "s.review_on < current_date AS overdue FROM seals_seen() s LEFT JOIN child c ON c.id = s.child_id "
        "LEFT JOIN area r ON r.code = s.area_code ORDER BY s.review_on, s.id",
    )


def proposals(connection: Connection) -> pd.DataFrame:
    """Return what waits for a second person in the actor's area; of the child it tells the county alone."""
    return read(connection, "SELECT * FROM seal_proposals()")


def candidates(connection: Connection, area_code: str) -> pd.DataFrame:
    """Return who may be named for a child of an area, by account: display_name, bureau, role."""
    return read(
        connection,
        "SELECT DISTINCT ON (a.id) a.id, a.display_name, a.bureau, g.role FROM account_grant g "
        "JOIN account a ON a.id = g.account_id WHERE NOT a.disabled AND g.ended_at IS NULL "
        "AND g.valid_from <= current_date AND coalesce(g.valid_until >= current_date, true) "
        "AND (g.role = 'civil' AND starts_with(:area, g.area_code) "
        "OR g.role = 'child_director' AND g.area_code = :area) ORDER BY a.id, g.role DESC",
        {"area": area_code},
    )


def area_of(connection: Connection, child_code: str) -> str | None:
    """Return the area of a child within reach, None for any other."""
    found = connection.scalar(text("SELECT area_code FROM child WHERE code = :code"), {"code": child_code})
    return None if found is None else str(found)


def _call(connection: Connection, statement: str, **values: object) -> Any:  # noqa: ANN401 - each caller names the type
    with refusals_in_words():
        return connection.execute(text(f"SELECT {statement}"), values).scalar_one()
