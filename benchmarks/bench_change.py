"""From a change saved to the stored findings right, in milliseconds: `anlan bench change --json`.

Beside the time on the clock stands that of this process on its processor, which a busy machine changes least.
Runs on a deployment that holds the sample. Each change is undone, which is a change that is timed too. In the
end one change of each kind is left standing, and what is stored is compared with a rebuild, row by row.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import text

from benchmarks.stored_state import differences, state
from data.engine import Login, Scope, connect
from data.server import cluster
from data.settings import load_settings
from jobs.assess import catch_up, refresh
from jobs.status import sample_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from data.settings import Settings

CHANGES = {
    "item": (
        "station_item",
        "state = CASE state WHEN 'good' THEN 'missing' ELSE 'good' END",
        "state = :old",
        "state",
    ),
    "station": ("station", "geom = ST_Translate(geom, 0.0005, 0)", "geom = :old", "geom"),
    "home": ("home", "geom = ST_Translate(geom, 0.002, 0)", "geom = :old", "geom"),
    "school": ("institution", "geom = ST_Translate(geom, 0.002, 0)", "geom = :old", "geom"),
    "route": ("pupil_route", "geom = ST_Translate(geom, 0.0005, 0)", "geom = :old", "geom"),
    "water": ("water", "width_m = coalesce(width_m, 8) + 3", "width_m = :old", "width_m"),
}


def one(settings: Settings, scope: Scope, kind: str, chance: np.random.Generator) -> list[dict[str, float]]:
    """Make and undo one change; return milliseconds (saving, all, of our processor) and the waters."""
    table, forth, back, column = CHANGES[kind]
    with connect(settings, Login.IMPORTER, scope) as connection:
        count = int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608
        row = connection.execute(
            text(f"SELECT id, {column} FROM {table} ORDER BY id OFFSET :skip LIMIT 1"),  # noqa: S608
            {"skip": int(chance.integers(count))},
        ).one()
    found = []
    for change, values in ((forth, {}), (back, {"old": row[1]})):
        began = time.perf_counter()
        with connect(settings, Login.IMPORTER, scope) as connection:
            connection.execute(text(f"UPDATE {table} SET {change} WHERE id = :id"), {"id": row[0]} | values)  # noqa: S608
        saved, busy = time.perf_counter(), time.process_time()
        done = catch_up(settings)
        ended, rested = time.perf_counter(), time.process_time()
        found.append(
            {
                "save_ms": (saved - began) * 1000,
                "total_ms": (ended - began) * 1000,
                "cpu_ms": (rested - busy) * 1000,
                "waters": float(done.waters or 0) if done else 0.0,
            }
        )
    return found


def main() -> None:
    """Print the table, or JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--no-rebuild", action="store_true", help="a province is too large to compare with one"
    )
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    settings = load_settings()
    cluster.ensure_running(settings)
    with connect(settings, Login.WORKER, readonly=True) as connection:
        if sample_of(connection) is None:
            raise SystemExit("只在演示数据上测量：库中没有演示数据。")
        root = str(connection.scalar(text("SELECT code FROM area ORDER BY length(code), code LIMIT 1")))
        waters = int(connection.execute(text("SELECT count(*) FROM water")).scalar_one())
        # What the sample of an older version lacks cannot change.
        kinds = [kind for kind, (table, *_) in CHANGES.items() if _some(connection, table)]
    scope = Scope(root, None, "importer")
    catch_up(settings) if asked.no_rebuild else refresh(settings)
    chance = np.random.default_rng(asked.seed)
    for kind in kinds:  # warm: connections, compiled functions, the server's caches
        one(settings, scope, kind, chance)
    report: dict[str, object] = {"waters": waters, "rounds": asked.rounds}
    everything = []
    for kind in kinds:
        runs = [run for _ in range(asked.rounds) for run in one(settings, scope, kind, chance)]
        total = [run["total_ms"] for run in runs]
        everything += total
        report[kind] = {
            "p50_ms": statistics.median(total),
            "p95_ms": float(np.percentile(total, 95)),
            "cpu_p50_ms": statistics.median(run["cpu_ms"] for run in runs),
            "cpu_p95_ms": float(np.percentile([run["cpu_ms"] for run in runs], 95)),
            "save_p50_ms": statistics.median(run["save_ms"] for run in runs),
            "waters_p50": statistics.median(run["waters"] for run in runs),
        }
    report["all"] = {"p50_ms": statistics.median(everything), "p95_ms": float(np.percentile(everything, 95))}
    if not asked.no_rebuild:
        report["different_rows"] = compare(settings, scope, chance, kinds)
    if asked.json:
        print(json.dumps(report))
    else:
        for name, row in report.items():
            print(name, row)
    if report.get("different_rows"):
        raise SystemExit("the stored findings are not those of a rebuild")


def _some(connection: Connection, table: str) -> bool:
    return bool(connection.scalar(text(f"SELECT EXISTS (SELECT FROM {table})")))  # noqa: S608


def compare(settings: Settings, scope: Scope, chance: np.random.Generator, kinds: list[str]) -> int:
    """Leave one change of each kind, and return how many stored rows a rebuild would have otherwise."""
    for table, forth, _, _ in map(CHANGES.__getitem__, kinds):
        with connect(settings, Login.IMPORTER, scope) as connection:
            count = int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608
            connection.execute(
                text(
                    f"UPDATE {table} SET {forth} WHERE id = "  # noqa: S608
                    f"(SELECT id FROM {table} ORDER BY id OFFSET :skip LIMIT 1)"
                ),
                {"skip": int(chance.integers(count))},
            )
        catch_up(settings)
    mine = state(settings)
    refresh(settings, rebuild=True)
    found = differences(mine, state(settings))
    for line in found[:10]:
        print(line)
    return len(found)


if __name__ == "__main__":
    main()
