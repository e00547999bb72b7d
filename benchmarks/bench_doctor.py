"""How often the coordinate doctor is right, wrong and silent: `anlan bench doctor`.

Ledgers are drawn from the stored waters and villages of a deployment that holds the sample, written as csv in
every way that keepers write positions, with wrong rows among them, read back by the importer and diagnosed.
Beside it two naive peers judge the same files: one by the size of the numbers alone, one that believes the
declaration (EPSG:4490). `--write` puts the tables into docs/doctor.md.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from data.engine import Login, Scope, connect
from data.importers import diagnosis, kinds, surroundings
from data.importers.guards import Limits
from data.importers.rows import CrsUnknownError
from data.server import cluster
from data.settings import ROOT, load_settings
from geo import datum
from geo.crs import project, unproject

if TYPE_CHECKING:
    from collections.abc import Callable

    from data.importers.surroundings import Surroundings
    from data.settings import Settings
    from geo.doctor.systems import Floats

METRIC = "EPSG:4546"
SIZES = (5, 50, 500)
WRONG = (0.0, 0.1, 0.2)
STATED = ("water", "village", "nothing", "village, water unknown")
"""The last stands at no registered water, some 600 m from its village."""
LOOK_ALIKE_M = (38.0, -62.0)
OUT = ROOT / "docs" / "doctor.md"
OUTCOMES = ("right, certain", "right, likely", "not enough evidence", "wrong, likely", "wrong, certain")


def plain(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return degrees as they are."""
    return lon, lat


def mixed(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return 60 % of the rows in GCJ-02 and the others as they are."""
    x, y = datum.wgs84_to_gcj02(lon, lat)
    shifted = np.random.default_rng(len(lon)).permutation(len(lon)) < 0.6 * len(lon)
    return np.where(shifted, x, lon), np.where(shifted, y, lat)


def look_alike(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return metres on a datum that lies 73 m away, as Beijing-54 does."""
    east, north = project(lon, lat, METRIC)
    return east + LOOK_ALIKE_M[0], north + LOOK_ALIKE_M[1]


@dataclass(frozen=True)
class Truth:
    """One way to write positions: the verdict that is right, the numbers, and how a cell is printed."""

    verdict: str
    numbers: Callable[[Floats, Floats], tuple[Floats, Floats]]
    cell: Callable[[float], str]
    swapped: bool = False


def degrees(value: float) -> str:
    """Print degrees as a phone does."""
    return f"{value:.6f}"


def dms(value: float) -> str:
    """Print degrees, minutes and seconds."""
    whole = int(value)
    minutes = int((value - whole) * 60)
    return f"{whole}°{minutes:02d}′{((value - whole) * 60 - minutes) * 60:05.2f}″"


def metres(value: float) -> str:
    """Print metres."""
    return f"{value:.2f}"


def grid(crs: str) -> Callable[[Floats, Floats], tuple[Floats, Floats]]:
    """Return the way into a projected system."""
    return lambda lon, lat: project(lon, lat, crs)


TRUTHS = {
    "CGCS2000 degrees": Truth("cgcs2000", plain, degrees),
    "GCJ-02": Truth("gcj02", datum.wgs84_to_gcj02, degrees),
    "BD-09": Truth("bd09", datum.wgs84_to_bd09, degrees),
    "degrees, swapped": Truth("cgcs2000", plain, degrees, swapped=True),
    "GCJ-02, swapped": Truth("gcj02", datum.wgs84_to_gcj02, degrees, swapped=True),
    "DMS text": Truth("cgcs2000", plain, dms),
    "no decimal point": Truth("cgcs2000", plain, lambda value: f"{value * 1e6:.0f}"),
    "GCJ-02, no decimal point": Truth("gcj02", datum.wgs84_to_gcj02, lambda value: f"{value * 1e6:.0f}"),
    "EPSG:4546": Truth("metric", grid("EPSG:4546"), metres),
    "EPSG:4546, X is north": Truth("metric", grid("EPSG:4546"), metres, swapped=True),
    "EPSG:4546 in km": Truth("metric", grid("EPSG:4546"), lambda value: f"{value / 1000:.5f}"),
    "EPSG:4525": Truth("zone3", grid("EPSG:4525"), metres),
    "EPSG:4547": Truth("neighbour_east", grid("EPSG:4547"), metres),
    "6° zone 19": Truth("zone6", grid("EPSG:4497"), metres),
    "Beijing-54 look-alike": Truth("uncertain", look_alike, metres),
    "60 % GCJ-02, 40 % WGS84": Truth("mixed", mixed, degrees),
}


def ledger(  # noqa: PLR0913, PLR0917 - what one file is drawn from
    around: Surroundings, truth: Truth, size: int, wrong: float, stated: str, seed: int
) -> str:
    """Return a csv ledger of stations at stored waters, `wrong` of whose rows are elsewhere."""
    chance = np.random.default_rng(seed)
    chosen = chance.choice(len(around.waters), size, replace=size > len(around.waters))
    shapes = shapely.get_geometry(around.water_shapes[chosen], 0)
    rings = shapely.get_exterior_ring(shapes)
    lines = np.where(shapely.is_missing(rings), shapes, rings)
    dots = shapely.get_type_id(lines) == 0
    points = lines.copy()
    points[~dots] = shapely.line_interpolate_point(
        lines[~dots], chance.random((~dots).sum()), normalized=True
    )
    spots = shapely.get_coordinates(points)
    near = around.villages.sindex.nearest(points, return_all=False)[1]
    if stated == STATED[3]:
        spots = shapely.get_coordinates(np.asarray(around.villages.geometry.array, dtype=object)[near])
    east, north = project(spots[:, 0], spots[:, 1], METRIC)
    if stated == STATED[3]:
        east, north = east + chance.normal(0, 450, size), north + chance.normal(0, 450, size)
    lon, lat = unproject(east + chance.normal(0, 8, size), north + chance.normal(0, 8, size), METRIC)
    off = chance.random(size) < wrong
    lon = lon + np.where(off, chance.uniform(-0.3, 0.3, size), 0.0)
    lat = lat + np.where(off, chance.uniform(-0.2, 0.2, size), 0.0)
    x, y = truth.numbers(lon, lat)
    first, second = (y, x) if truth.swapped else (x, y)
    villages = around.villages.index.to_numpy()[near]
    rows = ["编号,水域编号,区划代码,经度,纬度,警示牌"]
    for n in range(size):
        water = around.waters["code"].iloc[chosen[n]] if stated == "water" else ""
        area = "" if stated == "nothing" else villages[n]
        rows.append(f"B-{n},{water},{area},{truth.cell(first[n])},{truth.cell(second[n])},有")
    return "\n".join(rows) + "\n"


def by_size(first: Floats, second: Floats) -> str:
    """Return what a reader says who looks at the size of numbers alone."""
    x, y = float(np.nanmedian(first)), float(np.nanmedian(second))
    if max(abs(x), abs(y)) <= 180.0:  # noqa: PLR2004 - degrees end here
        return "cgcs2000"
    zone = max(x, y) // 1e6
    return {37.0: "zone3", 19.0: "zone6"}.get(zone, "metric")


def outcome(truth: Truth, found: Any) -> tuple[str, str]:  # noqa: ANN401 - a Diagnosis
    """Return the verdict in one word, and whether it is right, wrong or none."""
    verdict = str(found.verdict)
    if verdict in {"insufficient", "outside"}:
        return "insufficient", OUTCOMES[2]
    if truth.verdict == "uncertain":
        verdict = "uncertain" if verdict == "metric" and not found.datum_proven else verdict
    right = verdict == truth.verdict
    certain = found.certainty == "certain"
    return verdict, OUTCOMES[(0 if certain else 1) if right else (4 if certain else 3)]


def judge(
    settings: Settings,
    around: Surroundings,
    repeats: int,
    shares: tuple[float, ...],
    stated_as: tuple[str, ...],
) -> list[dict[str, Any]]:
    """Return one record a file: truth, size, wrong rows, statement, verdict, outcome, seconds, peers."""
    records = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "台账.csv"
        for name, truth in TRUTHS.items():
            for size in SIZES:
                for wrong in shares:
                    for stated in stated_as:
                        for turn in range(repeats):
                            path.write_text(
                                ledger(around, truth, size, wrong, stated, turn * 7919 + size), "utf-8"
                            )
                            records.append(one(settings, around, path, truth) | {
                                "truth": name, "size": size, "wrong": wrong, "stated": stated,
                            })  # fmt: skip
    return records


def one(settings: Settings, around: Surroundings, path: Path, truth: Truth) -> dict[str, Any]:
    """Return the record of one file, read as the importer reads it."""
    try:
        rows = kinds.sheaf_of("stations", kinds.opened(path, Limits.of(settings))).rows
    except CrsUnknownError as fault:
        rows = fault.sheaf.rows
    began = time.perf_counter()
    examined = diagnosis.examine(rows, around, "stations")
    took = time.perf_counter() - began
    if examined is None:
        raise SystemExit("a file without rows was drawn")
    verdict, result = outcome(truth, examined.diagnosis)
    return {
        "verdict": verdict,
        "outcome": result,
        "seconds": took,
        "size_only": by_size(examined.first, examined.second) == truth.verdict,
        "declared": truth.verdict == "cgcs2000"
        and not truth.swapped
        and truth.cell is not TRUTHS["no decimal point"].cell,
    }


def speed(around: Surroundings, rows: int) -> float:
    """Return the seconds that a file of `rows` rows takes to be judged, without reading it."""
    from data.importers.rows import Row

    lines = ledger(around, TRUTHS["GCJ-02"], rows, 0.05, "water", 1).splitlines()[1:]
    cells = [line.split(",") for line in lines]
    made = [
        Row(
            sheet="",
            number=n,
            cells={"water_code": c[1], "area_code": c[2], "lon": float(c[3]), "lat": float(c[4])},
        )
        for n, c in enumerate(cells)
    ]
    began = time.process_time()
    diagnosis.examine(made, around, "stations")
    return time.process_time() - began


def table(headings: list[str], lines: list[list[str]]) -> str:
    """Return a Markdown table."""
    rows = [headings, ["---"] * len(headings), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def shares(records: list[dict[str, Any]]) -> list[str]:
    """Return how many of the records ended in each outcome."""
    return [str(sum(record["outcome"] == name for record in records)) for name in OUTCOMES]


def page(records: list[dict[str, Any]], took: float, rows: int) -> str:
    """Return docs/doctor.md."""
    total = len(records)
    verdicts = sorted({record["verdict"] for record in records})
    confusion = [
        [
            name,
            *(
                str(sum(r["truth"] == name and r["verdict"] == verdict for r in records))
                for verdict in verdicts
            ),
        ]
        for name in TRUTHS
    ]
    judges: list[tuple[str, Callable[[dict[str, Any]], bool], bool]] = [
        ("the doctor, of its verdicts", lambda r: r["outcome"].startswith("right"), True),
        ("size of the numbers alone", lambda r: r["size_only"], False),
        ("the declaration (EPSG:4490) believed", lambda r: r["declared"], False),
    ]
    peers = [[name, *_peer(records, right, answered=answered)] for name, right, answered in judges]

    def split(key: str, values: tuple[Any, ...]) -> str:
        asked = [value for value in values if any(record[key] == value for record in records)]
        lines = [[str(value), *shares([r for r in records if r[key] == value])] for value in asked]
        return table([key, *OUTCOMES], lines)

    return f"""# How often the coordinate doctor is right

Written by `anlan bench doctor --write`; do not edit. {total} csv files drawn from the waters and villages
of the sample, read by the importer and judged as the intake judges them. `stated` says what rows name: their
water and village, the village alone, or nothing; with "water unknown" they stand at no registered water, some
600 m from their village. Wrong rows lie up to 30 km from where they say. The look-alike lies 73 m off;
calling its datum proven counts as wrong, leaving it unproven as right.

Read it with care: waters and villages of the sample are stored where they are. A bureau's own are less exact,
and then more files end as "not enough evidence". Nearness to just any registered water is no evidence: tried,
it made a third of the files whose water is unknown wrong and certain.

## What came of the files
{split("size", SIZES)}

{split("wrong", WRONG)}

{split("stated", STATED)}

## Truth by verdict, all files
{table(["truth", *verdicts], confusion)}

## Beside naive peers
{table(["judge", "files answered", "right", "wrong"], peers)}

## Time
{rows:,} rows with a stated water each: {took:.2f} s of one processor from rows to verdict.
"""


def _peer(
    records: list[dict[str, Any]], right: Callable[[dict[str, Any]], bool], *, answered: bool
) -> list[str]:
    asked = [r for r in records if not answered or r["outcome"] != OUTCOMES[2]]
    good = sum(map(right, asked))
    return [f"{len(asked)}", f"{good} ({good / max(len(asked), 1):.1%})", f"{len(asked) - good}"]


def main() -> None:
    """Judge the files and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=4)
    parser.add_argument("--wrong", type=float, nargs="+", default=WRONG, help="shares of wrong rows")
    parser.add_argument("--stated", nargs="+", choices=STATED, default=STATED, help="what rows name")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    settings = load_settings()
    cluster.ensure_running(settings)
    scope = Scope(settings.area_code, None, "operator")
    with connect(settings, Login.IMPORTER, scope, readonly=True) as connection:
        around = surroundings.of(connection, settings.area_code, settings.metric_crs)
    if not len(around.waters):
        raise SystemExit("这个部署里还没有水域：请先 anlan up 载入演示数据。")
    records = judge(settings, around, given.repeats, tuple(given.wrong), tuple(given.stated))
    made = page(records, speed(around, given.rows), given.rows)
    if given.write:
        OUT.write_text(made, encoding="utf-8")
    print(json.dumps(records, ensure_ascii=False) if given.json else made)


if __name__ == "__main__":
    main()
