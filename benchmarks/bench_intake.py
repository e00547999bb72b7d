"""A ledger from the file to the stored rows, with every check and the preview: `anlan bench intake --json`.

Runs on a deployment that holds the sample; what it stores it takes back as a batch. Each way runs in a
process of its own: `page` (recognised, placed, diagnosed, tried against what is stored, previewed, written),
`command` (as `anlan import` does it), `pandas` (`read_excel` or `read_csv`, points, `to_postgis`: no check,
no items, no provenance). Stations lie at random within the outline of the deployment's area; a hundredth of
the rows with items is wrong.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import text

from benchmarks.apart import answers, middle
from data.engine import Login, Scope, connect, dispose
from data.importers import intake, kinds, placing, preview
from data.importers.guards import Limits
from data.importers.orders import ROLE, Order
from data.server import cluster
from data.settings import load_settings
from data.storage import areas
from jobs.intake import undo
from jobs.status import sample_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from data.settings import Settings

ITEMS = ("警示牌", "救生圈", "救生绳", "救生杆")
WRONG_EVERY = 100


def write(settings: Settings, path: Path, rows: int, *, items: bool) -> None:
    """Write a ledger of `rows` stations (WGS84 degrees) whose codes no other run has."""
    with connect(settings, Login.WORKER, readonly=True) as connection:
        outlines = areas.outlines(connection, "county", settings.area_code)
    chance = np.random.default_rng(rows)
    west, south, east, north = shapely.total_bounds(outlines.geometry.to_numpy())
    ground = shapely.union_all(outlines.geometry.to_numpy())
    shapely.prepare(ground)
    lon = np.empty(0)
    lat = np.empty(0)
    while len(lon) < rows:
        x, y = chance.uniform(west, east, rows), chance.uniform(south, north, rows)
        inside = shapely.contains_xy(ground, x, y)
        lon, lat = np.append(lon, x[inside]), np.append(lat, y[inside])
    table = pd.DataFrame(
        {
            "编号": [f"BENCH-{n:07}" for n in range(rows)],
            "名称": [f"演示点位{n}" for n in range(rows)],
            "经度": lon[:rows].round(7),
            "纬度": lat[:rows].round(7),
        }
    )
    if items:
        for word in ITEMS:
            table[word] = chance.choice(["1", "0", "完好", "损坏"], rows)
        table["检查日期"] = "2026.3.5"
        table.loc[::WRONG_EVERY, "检查日期"] = "三月"
    if path.suffix == ".csv":
        table.to_csv(path, index=False)
    else:
        table.to_excel(path, index=False)


def page(settings: Settings, path: Path) -> tuple[dict[str, float], int | None, int]:
    """Do what the worker of uploads does, without its table of jobs."""
    stages: dict[str, float] = {}
    clock = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal clock
        now = time.perf_counter()
        stages[name], clock = now - clock, now

    order = Order(kind="stations", path=path, crs="wgs84")
    found = kinds.opened(path, Limits.of(settings))
    proposals = kinds.recognised(found)
    lap("open")
    placed = placing.place(settings, order, found)
    lap("place")
    parsed = kinds.parsed_of("stations", placed.sheaf)
    lap("parse")
    receipt = intake.trial(settings, order, parsed)
    lap("compare")
    preview.document(found, placed.sheaf, receipt, proposals)
    lap("preview")
    kept = intake.keep(settings, order, [parsed])
    lap("store")
    return stages, kept.batch, kept.written


def command(settings: Settings, path: Path) -> tuple[dict[str, float], int | None, int]:
    """Take the file in as the command line does."""
    receipt = intake.take_in(settings, Order(kind="stations", path=path, crs="wgs84"))
    return {}, receipt.batch, receipt.written


def naive(settings: Settings, path: Path) -> tuple[dict[str, float], int | None, int]:
    """Read, make points, write: as an analyst does it."""
    import geopandas as gpd

    clock = time.perf_counter()
    table = pd.read_csv(path) if path.suffix == ".csv" else pd.read_excel(path)
    read = time.perf_counter()
    shapes = gpd.points_from_xy(table["经度"], table["纬度"])
    frame = gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326").to_crs("EPSG:4490")
    with connect(settings, Login.OWNER) as connection:
        frame.to_postgis("bench_station", connection, schema="public", if_exists="replace", index=False)
        connection.execute(text("DROP TABLE bench_station"))
    return {"read": read - clock, "store": time.perf_counter() - read}, None, len(frame)


WAYS: dict[str, Callable[[Settings, Path], tuple[dict[str, float], int | None, int]]] = {
    "page": page,
    "command": command,
    "pandas": naive,
}


def run(way: str, path: Path) -> dict[str, Any]:
    """Return seconds and memory [GB] of one way in this process; taking back is not timed."""
    settings = load_settings()
    began, used = time.perf_counter(), time.process_time()
    # As the worker of uploads and the command line do.
    with intake.uncollected():
        stages, batch, written = WAYS[way](settings, path)
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    mine, children = (resource.getrusage(who).ru_maxrss / 1e6
                      for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))  # fmt: skip
    if batch is not None:
        undo(settings, batch, Scope(settings.area_code, None, ROLE))
    dispose()
    return {"way": way, "seconds": seconds, "cpu_s": cpu, "peak_gb": mine, "largest_child_gb": children,
            "rows_written": written, "stages": stages}  # fmt: skip


def measured(way: str, path: Path, runs: int, megabytes: int) -> dict[str, Any]:
    """Return the median run of a way, each in a process of its own."""
    limits = {"ANLAN_UPLOAD_MAX_MB": str(megabytes), "ANLAN_UPLOAD_UNPACKED_MAX_MB": str(10 * megabytes)}
    return middle(answers(Path(__file__), ["--one", way, "--file", str(path)], runs, limits))


def main() -> None:
    """Write the ledger, measure each way, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--form", choices=["xlsx", "csv"], default="xlsx")
    parser.add_argument("--points", action="store_true", help="codes, names and places without items")
    parser.add_argument("--ways", default="page,command,pandas")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", default="")
    parser.add_argument("--file", type=Path)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(run(asked.one, asked.file)))
        return
    settings = load_settings()
    cluster.ensure_running(settings)
    with connect(settings, Login.WORKER, readonly=True) as connection:
        if sample_of(connection) is None:
            raise SystemExit("只在演示数据上测量：库中没有演示数据。")
    with tempfile.TemporaryDirectory(prefix="anlan-bench-") as folder:
        path = Path(folder) / f"ledger.{asked.form}"
        write(settings, path, asked.rows, items=not asked.points)
        megabytes = path.stat().st_size // 1_000_000 + 1
        report = [measured(way, path, asked.runs, max(20, megabytes)) for way in asked.ways.split(",")]
    base = next((one["seconds"] for one in report if one["way"] == "pandas"), report[-1]["seconds"])
    for one in report:
        one["faster_than_pandas"] = base / one["seconds"]
    if asked.json:
        print(json.dumps(report))
        return
    print(f"{'way':<10}{'s':>8}{'CPU s':>8}{'×':>7}{'GB':>7}{'child GB':>10}{'rows':>10}  stages")
    for one in report:
        stages = ", ".join(f"{name} {seconds:.1f}" for name, seconds in one["stages"].items())
        print(
            f"{one['way']:<10}{one['seconds']:>8.1f}{one['cpu_s']:>8.1f}{one['faster_than_pandas']:>7.2f}"
            f"{one['peak_gb']:>7.2f}{one['largest_child_gb']:>10.2f}{one['rows_written']:>10}  {stages}"
        )


if __name__ == "__main__":
    main()
