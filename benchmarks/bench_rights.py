"""What rights cost: `anlan bench rights [--json] [--no-cells]`.

Six questions of pages about 200,000 children as the login of the page asks them, under row security, and
as a superuser would, without it, in turn in the same run; the cost of a sign-in; and how many cells of the
table of rights the tests ask, at SQL, in services and in the browser. Needs the embedded server; makes a
database of its own there and drops it.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from psycopg import sql
from pydantic import SecretStr

from benchmarks import crowd
from data import engine, passwords, totp
from data.server import cluster, logins, migrate
from data.settings import ROOT, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from data.settings import Settings

NAME = "bench_rights"


def timed(work: Callable[[], object], rounds: int) -> float:
    """Return the median in milliseconds."""
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


def questions(settings: Settings, rounds: int) -> dict[str, dict[str, float]]:
    """Return for each question milliseconds in the server and pages, with and without row security."""
    report = {}
    for question in crowd.QUESTIONS:
        plans: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
        for number in range(2 * (rounds + 1)):
            secured = number % 2 == 0
            plans[secured].append(crowd.explained(settings, question, NAME, secured=secured))
        with_ms, without_ms = (
            statistics.median(plan["Execution Time"] + plan["Planning Time"] for plan in plans[secured][1:])
            for secured in (True, False)
        )
        report[question.name] = {
            "rows": plans[True][-1]["Plan"]["Actual Rows"],
            "with_ms": with_ms,
            "without_ms": without_ms,
            "ratio": with_ms / without_ms,
            "pages_with": crowd.pages(plans[True][-1]),
            "pages_without": crowd.pages(plans[False][-1]),
        }
    return report


def cells() -> str:
    """Return what the tests of rights say of themselves."""
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/rights", "tests/browser/test_rights_on_screen.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    told = re.search(r"cells of the table of rights asked: (.*)", run.stdout)
    verdict = "all as the table says" if run.returncode == 0 else "TESTS FAILED"
    return f"{told.group(1) if told else 'none'} ({verdict})"


def main() -> None:
    """Print the table, or JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--no-cells", action="store_true", help="leave out the run of the tests")
    asked = parser.parse_args()
    server = load_settings()
    if not server.embedded:
        raise SystemExit("只在内置数据库上测量：请取消 DATABASE_URL。")
    cluster.ensure_running(server)
    address = SecretStr(f"postgresql:///{NAME}?host={server.socket_dir}")
    settings = server.model_copy(update={"database_url": address})
    database = sql.Identifier(NAME)
    with cluster.superuser_connection(server, "postgres") as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
        logins.create_database(connection, NAME)
    try:
        with cluster.superuser_connection(server, NAME) as connection:
            logins.furnish(connection, NAME)
        migrate.upgrade(settings)
        with cluster.superuser_connection(server, NAME) as connection:
            crowd.fill(connection)
        hashed = passwords.hash_password("five quiet otters swim")
        secret, right = totp.new_secret(), "five quiet otters swim"
        report: dict[str, Any] = {
            "children": crowd.CHILDREN,
            "questions": questions(settings, asked.rounds),
            "sign_in": {
                "password_ms": timed(lambda: passwords.verify_password(hashed, right), 15),
                "unknown_name_ms": timed(lambda: passwords.verify_password(None, right), 15),
                "second_factor_ms": timed(lambda: totp.matching_step(secret, "000000", after=0), 200),
            },
        }
    finally:
        engine.dispose()
        with cluster.superuser_connection(server, "postgres") as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
    if not asked.no_cells:
        report["cells"] = cells()
    if asked.json:
        print(json.dumps(report, ensure_ascii=False))
        return
    print(f"{crowd.CHILDREN:,} children; milliseconds in the server, planning included, medians")
    for name, row in report["questions"].items():
        print(
            f"  {name:34}{row['rows']:>7.0f} rows  with row security {row['with_ms']:8.2f}  "
            f"without {row['without_ms']:8.2f}  x{row['ratio']:.2f}  "
            f"pages {row['pages_with']} / {row['pages_without']}"
        )
    for name, took in report["sign_in"].items():
        print(f"  sign-in, {name.removesuffix('_ms').replace('_', ' ')}: {took:.2f} ms")
    if "cells" in report:
        print(f"  cells of the table of rights asked: {report['cells']}")


if __name__ == "__main__":
    main()
