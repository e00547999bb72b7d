"""The hottest questions about children, asked under row security and without it, on 200,000 of them.

The statements are those of storage: each function is called once and what it sent is asked again with
EXPLAIN.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import event, text

from data.engine import Login, Scope, connect
from data.server import cluster
from data.storage import children

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg
    from sqlalchemy import Connection

    from data.settings import Settings

FILL: Final = Path(__file__).with_name("sql") / "crowd.sql"
CHILDREN: Final = 200_000
COUNTY, TOWNSHIP, VILLAGE = "430503", "430503004", "430503004005"
WATER: Final = "SELECT min(id) FROM water WHERE area_code = :area"
PROTECTED: Final = frozenset({"child", "home", "proximity"})


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question of a page: who asks, and the storage function that answers."""

    name: str
    scope: Scope
    ask: Callable[[Connection], Any]


def _one_child(connection: Connection) -> Any:  # noqa: ANN401 - a frame
    number = connection.execute(text("SELECT min(id) FROM child WHERE area_code = :area"), {"area": VILLAGE})
    return children.hazards_near_child(connection, int(number.scalar_one()))


def _near_one_water(connection: Connection) -> Any:  # noqa: ANN401 - rows
    return connection.execute(
        text(
            "SELECT c.code, p.distance_m FROM proximity p JOIN child c ON c.id = p.child_id "
            "WHERE p.target_kind = 'water' AND p.target_id = :water AND p.distance_m <= 500 "
            "ORDER BY p.distance_m"
        ),
        {"water": connection.execute(text(WATER), {"area": VILLAGE}).scalar_one()},
    ).all()


def _by_township(connection: Connection) -> Any:  # noqa: ANN401 - rows
    return connection.execute(
        text(
            "SELECT left(area_code, 9), count(*) FROM child WHERE area_code >= :low AND area_code < :high "
            "AND left_on IS NULL GROUP BY 1"
        ),
        {"low": COUNTY, "high": f"{COUNTY}~"},
    ).all()


QUESTIONS: Final = (
    Question(
        name="children near waters, a county",
        scope=Scope(COUNTY, None, "civil"),
        ask=lambda connection: children.children_near_hazards(connection, COUNTY),
    ),
    Question(
        name="children near waters, a village",
        scope=Scope(VILLAGE, None, "child_director"),
        ask=lambda connection: children.children_near_hazards(connection, VILLAGE),
    ),
    Question(
        name="homes of a township",
        scope=Scope(TOWNSHIP, None, "civil"),
        ask=lambda connection: children.homes(connection, TOWNSHIP),
    ),
    Question(name="what lies near one child", scope=Scope(COUNTY, None, "civil"), ask=_one_child),
    Question(name="children near one water", scope=Scope(COUNTY, None, "civil"), ask=_near_one_water),
    Question(name="children by township, a county", scope=Scope(COUNTY, None, "civil"), ask=_by_township),
)


def fill(connection: psycopg.Connection) -> None:
    """Fill an empty migrated database; `connection` is a superuser's, in autocommit."""
    for statement in FILL.read_text("utf-8").split(";\n"):
        if statement.strip():
            connection.execute(statement.encode())


def sent(settings: Settings, question: Question) -> tuple[str, dict[str, Any]]:
    """Return the last statement that the question sends, with its values."""
    heard: list[tuple[str, Any]] = []
    with connect(settings, Login.CHILD, question.scope, readonly=True) as connection:

        def hear(_c: object, _k: object, statement: str, values: Any, *_: object) -> None:  # noqa: ANN401
            heard.append((statement, values))

        event.listen(connection, "before_cursor_execute", hear)
        question.ask(connection)
        event.remove(connection, "before_cursor_execute", hear)
    statement, values = heard[-1]
    return statement, dict(values)


def explained(settings: Settings, question: Question, database: str, *, secured: bool) -> dict[str, Any]:
    """Return the plan that ran, under row security as the page's login or without it as a superuser."""
    statement, values = sent(settings, question)
    asked = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}"
    if secured:
        with connect(settings, Login.CHILD, question.scope, readonly=True) as connection:
            cursor = connection.connection.cursor()
            connection.execute(text("SELECT 1"))
            cursor.execute(asked, values)
            plan = cursor.fetchone()
    else:
        with cluster.superuser_connection(settings, database) as opened:
            # Once for the catalogue: the other connection comes from a pool and knows it.
            opened.execute(asked.encode(), values)
            plan = opened.execute(asked.encode(), values).fetchone()
    found: dict[str, Any] = plan[0][0] if plan else {}
    return found


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every node of a plan."""
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def rows_read(plan: dict[str, Any]) -> int:
    """Return how many rows or entries of an index the scans of a plan looked at, those left out too."""
    return sum(
        round(
            (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
            if "Scan" in node["Node Type"] and node["Node Type"] != "Bitmap Heap Scan"
            else 0
        )
        for node in nodes(plan["Plan"])
    )


def pages(plan: dict[str, Any]) -> int:
    """Return the 8 kB pages that a plan touched."""
    return int(plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"])
