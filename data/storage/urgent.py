"""Sight of homes in an emergency: opened at once by oneself, over by itself, reviewed by a second person.

Every act is a function of the database that decides by the session's token or by the actor of the
transaction, and records itself in the chain of acts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text

from data.reading import area_range, read, read_shapes
from data.storage.faults import refusals_in_words

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from sqlalchemy import Connection

ROLE: Final = "urgent"
"""The post under which a person works while such a sight stands."""


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What somebody says who needs to see homes now: from which post, of which township, how long, why."""

    post_id: int
    area_code: str
    hours: int
    incident: str
    reason: str


def open_sight(connection: Connection, token: str, wanted: Opening) -> int:
    """Open the sight and work under it from now on; return its number (login of the door).

    Raises
    ------
    RefusedError
        With a sentence for who asked.
    """
    return int(
        _call(
            connection,
            "own_urgent_open(:token, :post, :area, :hours, :incident, :reason)",
            token=token,
            post=wanted.post_id,
            area=wanted.area_code,
            hours=wanted.hours,
            incident=wanted.incident,
            reason=wanted.reason,
        )
    )


def end_sight(connection: Connection, token: str) -> None:
    """End one's own sight and go back to the post it was opened from (login of the door)."""
    _call(connection, "own_urgent_end(:token)", token=token)


def review(connection: Connection, number: int, *, justified: bool, words: str) -> None:
    """Say whether a sight was justified; one that was not ends at once (login of accounts)."""
    _call(connection, "urgent_review(:number, :wish, :words)", number=number, wish=justified, words=words)


def seen(connection: Connection) -> pd.DataFrame:
    """Return one's own sights, and to civil affairs and auditors those of their area (login of accounts).

    By number, not yet reviewed first: person, bureau, area, incident, reason, opened_at, expires_at,
    ended_at, standing, review_by, overdue, reviewed_by, reviewed_at, justified, review, readings.
    """
    return read(connection, "SELECT * FROM urgent_seen()")


def homes(connection: Connection, within: str) -> gpd.GeoDataFrame:
    """Return the homes of a township as urgent sight shows them, by child id: code, birth_month, boarding.

    No name, no category, no school, no sealed child: the row policies and grants of the login say so.
    """
    return read_shapes(
        connection,
        "SELECT h.child_id, c.code, c.birth_month, c.boarding, h.area_code, a.name AS area_name, "
        "h.precision, ST_AsBinary(h.geom) AS geometry FROM home h JOIN child c ON c.id = h.child_id "
        "JOIN area a ON a.code = h.area_code WHERE h.area_code >= :low AND h.area_code < :high "
        "AND c.left_on IS NULL ORDER BY h.area_code, c.code",
        area_range(within),
        index="child_id",
    )


def _call(connection: Connection, statement: str, **values: object) -> Any:  # noqa: ANN401 - each caller names the type
    with refusals_in_words():
        return connection.execute(text(f"SELECT {statement}"), values).scalar_one()
