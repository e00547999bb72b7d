"""The database goes away under a running program, and comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data import engine
from data.server import cluster

if TYPE_CHECKING:
    from tests.browser.conftest import Reader, Site

CALM = "数据服务暂时没有应答"


def test_a_page_stays_calm_while_the_database_is_away_and_returns_with_it(reader: Reader, site: Site) -> None:
    reader.sign_in("shuili")
    engine.dispose()
    cluster.stop(site.settings)
    try:
        answer = reader.page.goto(f"{site.url}/water")
        assert answer is not None
        assert answer.status == 503
        told = reader.page.inner_text("body")
        assert CALM in told
        assert "Traceback" not in told
        assert "psycopg" not in told
    finally:
        cluster.ensure_running(site.settings)
    reader.page.get_by_role("link", name="重试").click()
    reader.page.wait_for_selector(".anlan-head", timeout=30_000)
    reader.visit("/water")
