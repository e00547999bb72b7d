"""Row security costs no index: the hottest questions about 200,000 children, run by the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy.engine import make_url

from benchmarks import crowd
from data import engine
from data.engine import Login
from data.server import cluster
from tests.conftest import clone, drop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.settings import Settings

TIMES_MOST = 10
ROWS_MOST = 2
"""Times the rows that the same question reads without row security: one more look at each child, no more."""


@pytest.fixture(scope="module")
def crowded(server: Settings, template: str) -> Iterator[tuple[Settings, str]]:
    settings = clone(server, template)
    name = make_url(settings.url(Login.OWNER)).database or ""
    engine.dispose()
    with cluster.superuser_connection(server, name) as connection:
        crowd.fill(connection)
    yield settings, name
    drop(server, settings)


@pytest.mark.parametrize("question", crowd.QUESTIONS, ids=lambda question: question.name)
def test_a_question_about_children_uses_its_index_and_stays_near_the_same_without_row_security(
    crowded: tuple[Settings, str], question: crowd.Question
) -> None:
    settings, name = crowded
    secured = crowd.explained(settings, question, name, secured=True)
    plain = crowd.explained(settings, question, name, secured=False)
    scanned = {
        node["Relation Name"]
        for node in crowd.nodes(secured["Plan"])
        if node["Node Type"] == "Seq Scan" and node["Actual Loops"] > 0
    }
    assert not scanned & crowd.PROTECTED
    assert secured["Plan"]["Actual Rows"] > 0
    assert crowd.rows_read(secured) <= ROWS_MOST * crowd.rows_read(plain)
    assert crowd.pages(secured) <= TIMES_MOST * max(crowd.pages(plain), 1)


def test_the_crowd_is_as_large_as_said(crowded: tuple[Settings, str], server: Settings) -> None:
    with cluster.superuser_connection(server, crowded[1]) as connection:
        counted = connection.execute("SELECT count(*) FROM child").fetchone()
    assert counted == (crowd.CHILDREN,)
