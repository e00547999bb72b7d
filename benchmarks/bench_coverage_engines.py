"""One question, one engine, a process of its own: `python bench_coverage_engines.py NAME WORLD [URL]`.

WORLD is a folder with `banks.parquet`, `places.parquet`, `sets.parquet` (what each set covers along its
bank: bank, from_m, to_m, reach_m, and the point of the set) and `world.json` (exposure_m). Each engine reads
it outside the clock, answers exposed and gap kilometres and the number of gaps, and prints one JSON line with
seconds and its peak memory.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.ops import substring

if TYPE_CHECKING:
    from collections.abc import Callable

LEAST_GAP_M = 1.0
SQL = Path(__file__).with_name("sql")


def world(folder: Path) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame, float]:
    """Return banks, places, valid sets and the exposure distance [m]."""
    exposure_m = json.loads((folder / "world.json").read_text("utf-8"))["exposure_m"]
    frames = (gpd.read_parquet(folder / f"{name}.parquet") for name in ("banks", "places", "sets"))
    banks, places, sets = frames
    return banks, places, sets, float(exposure_m)


def geopandas_overlay(folder: Path, url: str) -> Callable[[], dict[str, float]]:
    """Buffer, dissolve, explode, overlay: as an analyst writes it."""
    del url
    banks, places, sets, exposure_m = world(folder)

    def run() -> dict[str, float]:
        near = gpd.GeoDataFrame(geometry=places.buffer(exposure_m)).dissolve().explode(ignore_index=True)
        exposed = gpd.overlay(banks[["bank", "geometry"]], near, how="intersection", keep_geom_type=True)
        reached = (
            gpd.GeoDataFrame(geometry=sets.buffer(sets["reach_m"])).dissolve().explode(ignore_index=True)
        )
        gaps = gpd.overlay(exposed, reached, how="difference", keep_geom_type=True).explode(ignore_index=True)
        return {
            "exposed_km": float(exposed.length.sum()) / 1000,
            "gap_km": float(gaps.length.sum()) / 1000,
            "gaps": int((gaps.length > LEAST_GAP_M).sum()),
        }

    return run


def geopandas_buffer_stage(folder: Path, url: str) -> Callable[[], dict[str, float]]:
    """Only the exposure stage of the overlay, at shapely's 16 segments a quadrant."""
    del url
    banks, places, _, exposure_m = world(folder)

    def run() -> dict[str, float]:
        near = gpd.GeoDataFrame(geometry=places.buffer(exposure_m, quad_segs=16)).dissolve()
        near = near.explode(ignore_index=True)
        exposed = gpd.overlay(banks[["bank", "geometry"]], near, how="intersection", keep_geom_type=True)
        return {"exposed_km": float(exposed.length.sum()) / 1000}

    return run


def geopandas_along(folder: Path, url: str) -> Callable[[], dict[str, float]]:
    """Do what the careful analyst does: cover cut along the bank with `substring`, then overlays."""
    del url
    banks, places, sets, exposure_m = world(folder)
    lines = banks.set_index("bank").geometry

    def run() -> dict[str, float]:
        near = gpd.GeoDataFrame(geometry=places.buffer(exposure_m)).dissolve().explode(ignore_index=True)
        exposed = gpd.overlay(banks[["bank", "geometry"]], near, how="intersection", keep_geom_type=True)
        cover = [
            substring(lines[bank], start, stop)
            for bank, start, stop in zip(sets["bank"], sets["from_m"], sets["to_m"], strict=True)
        ]
        pieces = gpd.GeoDataFrame({"bank": sets["bank"]}, geometry=np.array(cover), crs=banks.crs)
        widened = gpd.GeoDataFrame(geometry=pieces.buffer(0.01, cap_style="flat"))
        gaps = gpd.overlay(exposed, widened.dissolve().explode(), how="difference").explode(ignore_index=True)
        return {
            "exposed_km": float(exposed.length.sum()) / 1000,
            "gap_km": float(gaps.length.sum()) / 1000,
            "gaps": int((gaps.length > LEAST_GAP_M).sum()),
        }

    return run


def ours(folder: Path, url: str, *, compiled: bool) -> Callable[[], dict[str, float]]:
    """Intervals on the measure of each bank; the measure table is built inside the clock."""
    del url
    from geo.intervals import Intervals, difference, join_over_start, union
    from geo.measures import measure
    from hazards import sweep
    from hazards.exposure import exposed, hits_of

    banks, places, sets, exposure_m = world(folder)
    lines = np.asarray(banks.geometry.array, dtype=object)
    xy = shapely.get_coordinates(places.geometry.array)
    radius = np.full(len(xy), exposure_m)
    cover = Intervals(*(sets[name].to_numpy() for name in ("bank", "from_m", "to_m")))
    if compiled:  # the first call loads the compiled code
        sweep.exposed(measure(lines[:1]), sweep.grid_of(xy[:1], radius[:1]))

    def run() -> dict[str, float]:
        table = measure(lines)
        if compiled:
            threat = sweep.exposed(table, sweep.grid_of(xy, radius))
        else:
            threat = exposed(hits_of(table, xy, radius))
        open_m = join_over_start(difference(threat, union(cover)), table.length_m, table.ring)
        return {
            "exposed_km": float(threat.length_m.sum()) / 1000,
            "gap_km": float(open_m.length_m.sum()) / 1000,
            "gaps": int((open_m.length_m > LEAST_GAP_M).sum()),
        }

    return run


def ours_exposure(folder: Path, url: str) -> Callable[[], dict[str, float]]:
    """Only the compiled exposure stage, on a measure table that is there."""
    del url
    from geo.measures import measure
    from hazards import sweep

    banks, places, _, exposure_m = world(folder)
    table = measure(np.asarray(banks.geometry.array, dtype=object))
    xy = shapely.get_coordinates(places.geometry.array)
    radius = np.full(len(xy), exposure_m)
    sweep.exposed(table, sweep.grid_of(xy[:1], radius[:1]))

    def run() -> dict[str, float]:
        threat = sweep.exposed(table, sweep.grid_of(xy, radius))
        return {"exposed_km": float(threat.length_m.sum()) / 1000}

    return run


def postgis(folder: Path, url: str, script: str) -> Callable[[], dict[str, float]]:
    """Run one SQL answer on tables that hold the same world, indexed and analysed before the clock."""
    import psycopg

    banks, places, sets, exposure_m = world(folder)
    connection = psycopg.connect(url, autocommit=True)
    connection.execute((SQL / "world.sql").read_bytes())
    with connection.cursor() as cursor:
        with cursor.copy("COPY bench_bank (bank, length_m, geom) FROM STDIN") as copy:
            for bank, length, wkb in zip(
                banks["bank"], banks["length_m"], shapely.to_wkb(banks.geometry, hex=True), strict=True
            ):
                copy.write_row((bank, length, wkb))
        with cursor.copy("COPY bench_place (geom) FROM STDIN") as copy:
            for wkb in shapely.to_wkb(places.geometry, hex=True):
                copy.write_row((wkb,))
        with cursor.copy("COPY bench_set (bank, from_m, to_m, reach_m, geom) FROM STDIN") as copy:
            columns = (sets[name] for name in ("bank", "from_m", "to_m", "reach_m"))
            for row in zip(*columns, shapely.to_wkb(sets.geometry, hex=True), strict=True):
                copy.write_row(row)
    connection.execute((SQL / "world_indexes.sql").read_bytes())
    text = (SQL / f"{script}.sql").read_text("utf-8")

    def run() -> dict[str, float]:
        row = connection.execute(text.encode(), {"exposure_m": exposure_m, "least_m": LEAST_GAP_M}).fetchone()
        if row is None:
            raise SystemExit("the query answered nothing")
        return {"exposed_km": row[0] / 1000, "gap_km": row[1] / 1000, "gaps": row[2]}

    return run


ENGINES: dict[str, Callable[[Path, str], Callable[[], dict[str, float]]]] = {
    "anlan": lambda folder, url: ours(folder, url, compiled=True),
    "anlan-vectorised": lambda folder, url: ours(folder, url, compiled=False),
    "anlan-exposure": ours_exposure,
    "geopandas-overlay": geopandas_overlay,
    "geopandas-along": geopandas_along,
    "geopandas-exposure": geopandas_buffer_stage,
    "postgis-idiom": lambda folder, url: postgis(folder, url, "idiom"),
    "postgis-exact": lambda folder, url: postgis(folder, url, "exact"),
}


def main() -> None:
    """Run one engine and print its line."""
    name, folder, *rest = sys.argv[1:]
    run = ENGINES[name](Path(folder), rest[0] if rest else "")
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    answer: dict[str, Any] = run()
    answer["seconds"] = time.perf_counter() - started
    answer["peak_gb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    answer["loaded_gb"] = before_kb / 1e6
    print(json.dumps({"engine": name, **answer}))


if __name__ == "__main__":
    main()
