"""A ledger of stations from a workbook to stored rows, beside pandas: `anlan bench intake --json`.

Ours reads in the confined child, checks every cell, finds each row's area, previews what would change and
stores stations, items and their history with provenance. The peer is `pandas.read_excel` and `to_postgis` of
the same rows, without any check, into one table. Each runs in a process of its own, on a server of its own
with a thin sample; peak memory is the largest of the process and its children, processor time theirs alone.
Before a time is printed the stored rows are counted, and the preview must equal the receipt.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from data.settings import Settings

ROWS = 100_000
HEADER = ["编号", "位置", "经度", "纬度", "警示牌", "救生圈", "绳索", "竹竿", "检查日期", "责任单位"]
MEGABYTE = 1024 * 1024


def ledger(path: Path, rows: int) -> None:
    """Write a workbook or csv of `rows` invented stations."""
    chance = np.random.default_rng(4305)
    lon = chance.uniform(110.55, 110.70, rows).round(6)
    lat = chance.uniform(26.68, 26.78, rows).round(6)
    counts = chance.choice(["1", "1处", "有", "无", "若干", "完好"], (rows, 4))
    days = chance.integers(1, 28, rows)
    lines = (
        [
            f"BM-{number:07d}",
            f"演示点位 {number}",
            lon[number],
            lat[number],
            *counts[number].tolist(),
            f"2026.3.{days[number]}",
            "演示村委会",
        ]
        for number in range(rows)
    )
    if path.suffix == ".csv":
        import csv

        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(HEADER)
            writer.writerows(lines)
        return
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("救生设施")
    sheet.append(["救生设施台账（演示数据）"])
    sheet.append(HEADER)
    for line in lines:
        sheet.append(line)
    book.save(path)


def ours(settings: Settings, path: Path) -> dict[str, float]:
    """Return the seconds of each step, from the file to stored rows."""
    from data.importers import intake, kinds
    from data.importers.guards import Limits
    from data.importers.intake import Order

    order = Order(kind="stations", path=path, crs="EPSG:4490", area_code=settings.area_code)
    began = time.perf_counter()
    found = kinds.opened(path, Limits.of(settings))
    opened = time.perf_counter()
    parsed = kinds.parsed_of("stations", kinds.sheaf_of("stations", found, "EPSG:4490"))
    del found
    checked = time.perf_counter()
    preview = intake.trial(settings, order, parsed)
    tried = time.perf_counter()
    receipt = intake.keep(settings, order, parsed)
    ended = time.perf_counter()
    if preview.tallies != receipt.tallies or receipt.refused:
        raise SystemExit("the preview and the receipt differ: no time is told")
    return {
        "read_s": opened - began,
        "check_s": checked - opened,
        "preview_s": tried - checked,
        "store_s": ended - tried,
        "total_s": ended - began,
    }


def peer(settings: Settings, path: Path) -> dict[str, float]:
    """Return the seconds of the naive way: everything as it stands, into one table."""
    import geopandas as gpd
    import pandas as pd
    from sqlalchemy import create_engine

    engine = create_engine(settings.url("anlan_owner"))
    began = time.perf_counter()
    frame = pd.read_csv(path) if path.suffix == ".csv" else pd.read_excel(path, header=1)
    read = time.perf_counter()
    shapes = gpd.points_from_xy(frame["经度"], frame["纬度"])
    placed = gpd.GeoDataFrame(frame, geometry=shapes, crs="EPSG:4490")
    placed.to_postgis("bench_peer", engine, if_exists="replace", index=False)
    ended = time.perf_counter()
    return {"read_s": read - began, "store_s": ended - read, "total_s": ended - began}


def stored(settings: Settings, rows: int) -> None:
    """Stop where the rows are not what the file held."""
    from sqlalchemy import text

    from data.engine import Login, connect

    with connect(settings, Login.OWNER) as connection:
        counts = connection.execute(
            text(
                "SELECT count(*), (SELECT count(*) FROM station_item i JOIN station s ON s.id = i.station_id "
                "WHERE s.code LIKE 'BM-%') FROM station WHERE code LIKE 'BM-%'"
            )
        ).one()
        if tuple(counts) != (rows, 4 * rows):
            raise SystemExit(
                f"{tuple(counts)} rows are stored instead of {(rows, 4 * rows)}: no time is told"
            )


def forget(settings: Settings) -> None:
    """Take the benchmark's rows out again, so that each run begins alike."""
    from sqlalchemy import text

    from data.engine import Login, connect

    with connect(settings, Login.OWNER) as connection:
        connection.execute(text("DELETE FROM station WHERE code LIKE 'BM-%'"))
        connection.execute(text("DELETE FROM import_insert"))
        connection.execute(text("UPDATE import_batch SET state = 'undone' WHERE kind = 'stations'"))
        connection.execute(text("DROP TABLE IF EXISTS bench_peer"))


def alone(engine: str, state: Path, path: Path) -> dict[str, float]:
    """Run one engine in a process of its own and return its times and peak memory."""
    command = [sys.executable, __file__, "--engine", engine, "--state", str(state), "--file", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(done.stderr[-2000:])
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def settings_of(state: Path) -> Settings:
    """Return settings with the limits that a command line may set for a long file."""
    return Settings(
        database_url=None,
        state=state,
        durable=False,
        upload_max_mb=2000,
        upload_unpacked_max_mb=2000,
        parse_memory_mb=3000,
        parse_seconds=600,
    )


def run_one(arguments: argparse.Namespace) -> None:
    """Run one engine in this process and print its figures."""
    settings = settings_of(arguments.state)
    figures: dict[str, Any] = {"ours": ours, "peer": peer}[arguments.engine](settings, arguments.file)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    used = time.process_time() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    print(json.dumps(figures | {"cpu_s": used, "peak_mb": max(own, children) / 1024}))


def main() -> None:
    """Measure both, several times in turn, and print medians and the ratio."""
    from data.server import cluster, migrate
    from jobs import sample

    parser = argparse.ArgumentParser(prog="anlan bench intake")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--form", choices=["xlsx", "csv"], default="xlsx")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", action="store_true", dest="as_json")
    parser.add_argument("--engine", choices=["ours", "peer"], help=argparse.SUPPRESS)
    parser.add_argument("--state", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.engine:
        run_one(arguments)
        return
    with tempfile.TemporaryDirectory(prefix="anlan-bench-") as folder:
        state = Path(folder)
        state.chmod(0o755)  # the server's own user comes through
        (state / "assets").symlink_to(Settings(database_url=None).assets)
        settings = settings_of(state)
        path = state / f"ledger.{arguments.form}"
        ledger(path, arguments.rows)
        cluster.ensure_running(settings)
        try:
            migrate.upgrade(settings)
            sample.load(settings, "county", thin=8.0)
            runs: dict[str, list[dict[str, float]]] = {"ours": [], "peer": []}
            for _ in range(arguments.repeat):
                for engine, listed in runs.items():
                    listed.append(alone(engine, state, path))
                    if engine == "ours":
                        stored(settings, arguments.rows)
                    forget(settings)
        finally:
            cluster.stop(settings)
        size_mb = path.stat().st_size / MEGABYTE
    report: dict[str, Any] = {"rows": arguments.rows, "form": arguments.form, "file_mb": round(size_mb, 1)}
    for engine, listed in runs.items():
        report[engine] = {
            name: round(statistics.median(one[name] for one in listed), 2) for name in listed[0]
        }
        report[engine]["spread_s"] = round(
            max(one["total_s"] for one in listed) - min(one["total_s"] for one in listed), 2
        )
    report["peer_over_ours"] = round(report["peer"]["total_s"] / report["ours"]["total_s"], 2)
    if arguments.as_json:
        print(json.dumps(report, ensure_ascii=False))
        return
    for engine in runs:
        print(engine, report[engine])
    print(f"the naive way takes {report['peer_over_ours']} times as long")


if __name__ == "__main__":
    main()
