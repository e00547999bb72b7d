"""The stored job, database to database, beside how an analyst would do it: `anlan bench job --json`.

Runs on a deployment that holds the sample, each way in a process of its own that also loads its code:
unchanged (nothing is new), rebuild (who lives near what is found anew), first (into emptied tables), areas-1
and areas-2 (county by county in one and two processes of a cluster), geopandas. The last reads what is stored
(banks and valid sets, which it need not find itself), buffers, overlays and writes exposed and uncovered bank
into a temporary table: a part of the question, with discs in the place of reach along the water.

With `--among` the ways are compared with each other in the database, and nothing is assessed in one piece
before: a province, whose rows no process holds twice.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from benchmarks.apart import answers, middle
from benchmarks.stored_state import differences, digests, state
from data.engine import Login, connect, dispose
from data.server import cluster
from data.settings import load_settings
from jobs.assess import refresh
from jobs.spread import cluster as processes_of
from jobs.spread import refresh_by_area
from jobs.status import sample_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from data.settings import Settings

WAYS = "unchanged,rebuild,first,areas-1,areas-2,geopandas"
EMPTIED = (
    "bank",
    "station_finding",
    "water_exposure",
    "hazard_exposure",
    "institution_proximity",
    "proximity",
)
REACH = "CASE f.water_class WHEN 'A' THEN 50 WHEN 'B' THEN 100 ELSE 250 END"


def ours(settings: Settings, *, rebuild: bool) -> dict[str, float]:
    """Assess everything in this process."""
    return dict(refresh(settings, rebuild=rebuild).seconds)


def first(settings: Settings) -> dict[str, float]:
    """Assess into tables that hold nothing; emptying them is not timed."""
    with connect(settings, Login.OWNER) as connection:
        for table in EMPTIED:
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - our own words
    began = time.perf_counter()
    return ours(settings, rebuild=True) | {"timed_s": time.perf_counter() - began}


def by_area(settings: Settings, workers: int) -> dict[str, float]:
    """Assess county by county; starting the processes is not timed, loading code in them is."""
    with processes_of(workers) as processes:
        began = time.perf_counter()
        refresh_by_area(settings, processes, rebuild=True)
        return {"timed_s": time.perf_counter() - began}


def geopandas_way(settings: Settings) -> dict[str, float]:
    """Read, buffer, dissolve, explode, overlay, write: as an analyst does it."""
    import geopandas as gpd

    with connect(settings, Login.WORKER) as connection:
        began = time.perf_counter()

        def frame(query: str) -> gpd.GeoDataFrame:
            return gpd.read_postgis(query, connection, geom_col="geom").to_crs(settings.metric_crs)

        banks = frame("SELECT id AS bank, geom FROM bank")
        places = frame(
            "SELECT geom FROM home UNION ALL SELECT geom FROM institution UNION ALL SELECT geom FROM village"
        )
        sets = frame(
            f"SELECT {REACH} AS reach_m, s.geom FROM station_finding t JOIN station s "  # noqa: S608
            "ON s.id = t.station_id JOIN bank_finding f ON f.bank_id = t.bank_id WHERE t.status = 'valid'"
        )
        read = time.perf_counter()
        near = gpd.GeoDataFrame(geometry=places.buffer(500.0)).dissolve().explode(ignore_index=True)
        exposed = gpd.overlay(banks, near, how="intersection", keep_geom_type=True)
        reached = gpd.GeoDataFrame(geometry=sets.buffer(sets["reach_m"])).dissolve()
        gaps = gpd.overlay(exposed, reached.explode(ignore_index=True), how="difference", keep_geom_type=True)
        judged = time.perf_counter()
        gaps = gaps.explode(ignore_index=True).to_crs("EPSG:4490")
        gaps.to_postgis("bench_gap", connection, schema="pg_temp", if_exists="append", index=False)
        connection.rollback()
    return {"read": read - began, "judge": judged - read, "store": time.perf_counter() - judged}


def run(way: str) -> dict[str, Any]:
    """Return seconds and memory [GB] of one way in this process."""
    settings = load_settings()
    ways: dict[str, Callable[[], dict[str, float]]] = {
        "unchanged": lambda: ours(settings, rebuild=False),
        "rebuild": lambda: ours(settings, rebuild=True),
        "first": lambda: first(settings),
        "areas-1": lambda: by_area(settings, 1),
        "areas-2": lambda: by_area(settings, 2),
        "geopandas": lambda: geopandas_way(settings),
    }
    began = time.perf_counter()
    stages = ways[way]()
    seconds = stages.pop("timed_s", time.perf_counter() - began)
    mine, children = (resource.getrusage(who).ru_maxrss / 1e6
                      for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))  # fmt: skip
    dispose()
    return {"way": way, "seconds": seconds, "stages": stages, "peak_gb": mine, "largest_child_gb": children}


def measured(way: str, runs: int) -> dict[str, Any]:
    """Return the median run of a way, each in a process of its own."""
    return middle(answers(Path(__file__), ["--one", way], runs))


def beside_whole(settings: Settings, ways: list[str], runs: int) -> list[dict[str, Any]]:
    """Return the median run of each way; each must leave the rows of a run over everything."""
    refresh(settings, rebuild=True)
    whole = state(settings)
    report = []
    for way in ways:
        report.append(measured(way, runs))
        if found := differences(state(settings), whole):
            raise SystemExit(f"{way} left {len(found)} rows that differ, such as {found[0]}")
    return report


def among(settings: Settings, ways: list[str], runs: int) -> list[dict[str, Any]]:
    """Return the median run of each way; each must leave the rows that the first left."""
    report: list[dict[str, Any]] = []
    left: dict[str, tuple[int, int]] = {}
    for way in ways:
        report.append(measured(way, runs))
        now = digests(settings)
        left = left or now
        if found := [name for name, held in now.items() if held != left[name]]:
            raise SystemExit(f"{way} left other rows than {ways[0]} in {', '.join(found)}")
        report[-1]["rows"] = sum(count for count, _ in now.values())
    return report


def main() -> None:
    """Measure each way, compare what the ways leave stored, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--ways", default=WAYS)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--among", action="store_true", help="compare the ways with each other alone")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", default="")
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(run(asked.one)))
        return
    settings = load_settings()
    cluster.ensure_running(settings)
    with connect(settings, Login.WORKER, readonly=True) as connection:
        if sample_of(connection) is None:
            raise SystemExit("只在演示数据上测量：库中没有演示数据。")
    ways = asked.ways.split(",")
    report = among(settings, ways, asked.runs) if asked.among else beside_whole(settings, ways, asked.runs)
    base = report[0]["seconds"]
    for one in report:
        one["times"] = one["seconds"] / base
    if asked.json:
        print(json.dumps(report))
        return
    print(f"{'way':<12}{'s':>9}{'×':>8}{'GB':>7}{'child GB':>10}  stages")
    for one in report:
        stages = ", ".join(f"{name} {seconds:.2f}" for name, seconds in one["stages"].items())
        print(
            f"{one['way']:<12}{one['seconds']:>9.2f}{one['times']:>8.2f}{one['peak_gb']:>7.2f}"
            f"{one['largest_child_gb']:>10.2f}  {stages}"
        )


if __name__ == "__main__":
    main()
