"""What an attacker learns of homes from what is shared, and what that costs: `anlan bench attack --json`.

An invented country: winding banks, lonely homes, hamlets of a dozen. Four attacks, each on the naive sharing
(exact stretches, counts at any point) and on ours in the same run:

invented
    Hazards or waters put where the attacker likes, radius swept: naive, three of them and the distances at
    which the count steps give every home by trilateration. Ours answers for verified waters alone.
ends
    Circles around ends of exposed bank meet in homes. A guess needs three ends at the exposure distance.
planted
    Two who collude have a hazard verified in every square of the mesh, and read what is told of each: where
    it steps, the circle of some home passes. The guesses are the middles on which most steps agree.
    Naive: exact counts every ten metres. That a hamlet is there is what a band tells.
difference
    The shared layer before and after one lonely child was added; the guess lies amid what has changed.

A home is located if a guess lies within 200 m. `chance` is the share that as many guesses at random locate.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.ndimage import maximum_filter
from scipy.signal import fftconvolve
from scipy.spatial import cKDTree
from scipy.stats import spearmanr

from geo.intervals import difference, totals
from geo.measures import measure, points_at
from hazards.exposure import exposed_by, weigher
from hazards.parameters import Sharing
from hazards.sharing import MESH_M, banded_weight, bands, shared_exposure

if TYPE_CHECKING:
    from geo.intervals import Floats, Intervals
    from geo.measures import MeasureTable

RADIUS_M = 500.0
LOCATED_M = 200.0
SIDE_M = 12_000.0
SWEPT_M = 750.0
SLIGHT_M = 0.5
EXACTLY_M = 5.0
RASTER_M = 20.0
NAIVE_STEP_M = 10.0
GUESSES = 90
SHARING = Sharing()


@dataclass(frozen=True, kw_only=True)
class Country:
    """Banks, and homes of which the first `lonely` stand alone."""

    table: MeasureTable
    homes: Floats
    lonely: int


def country(seed: int) -> Country:
    """Return a country of 144 square kilometres with 90 lonely homes and 25 hamlets."""
    chance = np.random.default_rng(seed)
    bends = np.cumsum(chance.normal(0, 12, (24, 240)), axis=1)
    along = np.linspace(0, SIDE_M, 240)
    lines = shapely.linestrings([np.column_stack([along, 500 * k + bends[k]]) for k in range(24)])
    alone = chance.uniform(0, SIDE_M, (90, 2))
    hamlets = chance.uniform(0, SIDE_M, (25, 2)).repeat(12, axis=0) + chance.normal(0, 60, (300, 2))
    table = measure(np.asarray(lines, dtype=object))
    return Country(table=table, homes=np.concatenate([alone, hamlets]), lonely=len(alone))


def seen(table: MeasureTable, homes: Floats, *, naive: bool, trusted: bool = True) -> Intervals:
    """Return what a reader without child rights sees of exposed bank."""
    everywhere, radius = np.ones(len(homes), np.bool_), np.full(len(homes), RADIUS_M)
    banks = np.full(len(table.length_m), trusted)
    return shared_exposure(table, homes, radius, everywhere, None if naive else SHARING, banks)


def located(guesses: Floats, homes: Floats, within_m: float = LOCATED_M) -> float:
    """Return the share of homes with a guess within 200 m, or nearer."""
    if not len(guesses):
        return 0.0
    return float((cKDTree(guesses).query(homes)[0] <= within_m).mean())


def by_chance(count: int, homes: Floats) -> float:
    """Return the share that as many guesses at random locate."""
    draws = np.random.default_rng(0).uniform(0, SIDE_M, (20, count, 2))
    return float(np.mean([located(draw, homes) for draw in draws]))


def ends_attack(where: Country, *, naive: bool) -> Floats:
    """Return where circles around ends of exposed bank meet: two of them, a third agreeing, none inside."""
    stretches = seen(where.table, where.homes, naive=naive)
    length_m = where.table.length_m[stretches.group]
    begins, stops = stretches.start > SLIGHT_M, stretches.stop < length_m - SLIGHT_M
    ends = np.concatenate(
        [
            points_at(where.table, stretches.group[begins], stretches.start[begins]),
            points_at(where.table, stretches.group[stops], stretches.stop[stops]),
        ]
    )
    tree = cKDTree(ends)
    pairs = tree.query_pairs(2 * RADIUS_M - 0.1, output_type="ndarray")
    a, b = ends[pairs[:, 0]], ends[pairs[:, 1]]
    across = np.linalg.norm(b - a, axis=1)
    apart = across > SLIGHT_M
    a, b, across = a[apart], b[apart], across[apart]
    height = np.sqrt(RADIUS_M**2 - across**2 / 4)[:, None]
    normal = np.column_stack([a[:, 1] - b[:, 1], b[:, 0] - a[:, 0]]) / across[:, None]
    meet = np.concatenate([(a + b) / 2 + height * normal, (a + b) / 2 - height * normal])
    near, at = tree.query_ball_point(meet, RADIUS_M - 1.0), tree.query_ball_point(meet, RADIUS_M + 1.0)
    kept = [not inside and len(touched) >= 3 for inside, touched in zip(near, at, strict=True)]  # noqa: PLR2004
    return meet[kept]


def invented_attack(where: Country, *, naive: bool) -> Floats:
    """Return what three invented hazards in each square kilometre and a sweep of radii give away.

    Naive sharing steps its count at the distance of each home. Ours is asked of invented waters: what they
    show with homes is compared with what they show without, and there is nothing to guess from if equal.
    """
    corners = np.stack(np.meshgrid(np.arange(500.0, SIDE_M, 1000.0), np.arange(500.0, SIDE_M, 1000.0)), -1)
    guesses = []
    for centre in corners.reshape(-1, 2):
        rulers = centre + np.array([[0.0, 0.0], [40.0, 0.0], [0.0, 40.0]])
        if not naive:
            lines = shapely.linestrings([[ruler, ruler + np.array([900.0, 0.0])] for ruler in rulers])
            table = measure(np.asarray(lines, dtype=object))
            told = seen(table, where.homes, naive=False, trusted=False)
            nothing = seen(table, where.homes[:0], naive=False, trusted=False)
            changed = len(told.start) != len(nothing.start)
            guesses += [centre] if changed else []
            continue
        steps = [np.sort(np.linalg.norm(where.homes - ruler, axis=1)) for ruler in rulers]
        steps = [np.round(found[found < SWEPT_M]) for found in steps]
        guesses += [one for one in _trilaterated(rulers, steps) if np.abs(one - centre).max() <= 500.0]  # noqa: PLR2004
    return np.array(guesses).reshape(-1, 2)


def _trilaterated(rulers: Floats, steps: list[Floats]) -> list[Floats]:
    """Return the points at stepped distances from all three rulers."""
    found = []
    for r0 in steps[0]:
        for r1 in steps[1][np.abs(steps[1] - r0) <= 42.0]:  # noqa: PLR2004 - the rulers lie 40 m apart
            x = (r0**2 - r1**2 + 40.0**2) / 80.0
            up = np.sqrt(max(r0**2 - x**2, 0.0))
            agreeing = [y for y in (up, -up) if (np.abs(steps[2] - np.hypot(x, y - 40.0)) <= 1.0).any()]
            found += [rulers[0] + np.array([x, y]) for y in agreeing]
    return found


def planted_attack(where: Country, *, naive: bool) -> Floats:
    """Return the likeliest homes by what is told on a mesh."""
    step_m = NAIVE_STEP_M if naive else MESH_M
    middles = np.arange(step_m / 2, SIDE_M, step_m)
    asked = np.stack(np.meshgrid(middles, middles, indexing="ij"), -1)
    counts = cKDTree(where.homes).query_ball_point(asked, RADIUS_M, return_length=True)
    told = counts if naive else bands(counts)
    east, north = told[1:] != told[:-1], told[:, 1:] != told[:, :-1]
    steps = np.concatenate([(asked[1:] + asked[:-1])[east], (asked[:, 1:] + asked[:, :-1])[north]]) / 2
    limits = [[0.0, SIDE_M]] * 2
    held = np.histogram2d(steps[:, 0], steps[:, 1], bins=int(SIDE_M / RASTER_M), range=limits)[0]
    reach = np.arange(-1.2 * RADIUS_M, 1.2 * RADIUS_M + RASTER_M, RASTER_M)
    ring = np.abs(np.hypot(reach[:, None], reach) - RADIUS_M) <= (step_m + RASTER_M) / 2
    votes = fftconvolve(held, ring.astype(np.float64), mode="same")
    best = np.argwhere((votes == maximum_filter(votes, int(2 * LOCATED_M / RASTER_M))) & (votes > 0.5))  # noqa: PLR2004 - less than a vote
    order = np.argsort(-votes[tuple(best.T)], kind="stable")[:GUESSES]
    return np.asarray((best[order] + 0.5) * RASTER_M)


def difference_attack(where: Country, *, naive: bool, trials: int, seed: int = 7) -> tuple[float, float]:
    """Return the shares of added lonely children that showed at all, and that were located."""
    chance = np.random.default_rng(seed)
    before = seen(where.table, where.homes, naive=naive)
    shown = hit = 0
    for child in chance.uniform(0, SIDE_M, (trials, 2)):
        after = seen(where.table, np.vstack([where.homes, child]), naive=naive)
        new = difference(after, before)
        if not len(new.start) or totals(new, len(where.table.length_m)).sum() < 1.0:
            continue
        shown += 1
        middles = points_at(where.table, new.group, (new.start + new.stop) / 2)
        guess = np.average(middles, axis=0, weights=new.length_m)
        hit += bool(np.linalg.norm(guess - child) <= LOCATED_M)
    return shown / trials, hit / trials


def cost(where: Country) -> dict[str, float]:
    """Return what is lost: exposed metres, of all and of banks at hamlets, and the order of priority."""
    exact, ours = seen(where.table, where.homes, naive=True), seen(where.table, where.homes, naive=False)
    count = len(where.table.length_m)
    hamlets = exposed_by(
        where.table, where.homes[where.lonely :], np.full(len(where.homes) - where.lonely, RADIUS_M)
    )
    weigh = weigher(where.table, where.homes, np.full(len(where.homes), RADIUS_M), np.ones(len(where.homes)))
    true = weigh(ours)
    return {
        "exposed_km": float(totals(exact, count).sum() / 1000),
        "metres_lost": 1.0 - float(totals(ours, count).sum() / totals(exact, count).sum()),
        "metres_lost_at_hamlets": float(totals(difference(hamlets, ours), count).sum())
        / float(totals(hamlets, count).sum()),
        "order_kept_spearman": float(spearmanr(true, banded_weight(true, ours.length_m)).statistic),
    }


def report(seeds: list[int], trials: int) -> dict[str, object]:
    """Return the shares over some countries: for each attack naive, ours and chance."""
    rows: dict[str, list[dict[str, float]]] = {
        name: [] for name in ("invented", "ends", "planted", "difference", "cost")
    }
    for seed in seeds:
        where = country(seed)
        homes, alone = where.homes, where.homes[: where.lonely]
        for name, attack, target in (("invented", invented_attack, homes), ("ends", ends_attack, alone)):
            naive, ours = attack(where, naive=True), attack(where, naive=False)
            rows[name].append(
                {
                    "naive": located(naive, target),
                    "naive_within_5_m": located(naive, target, EXACTLY_M),
                    "ours": located(ours, target),
                    "ours_by_chance": by_chance(len(ours), target) if len(ours) else 0.0,
                    "guesses_naive": float(len(naive)),
                    "guesses_ours": float(len(ours)),
                }
            )
        guessed = {name: planted_attack(where, naive=name == "naive") for name in ("naive", "ours")}
        rows["planted"].append(
            {name: located(found, alone) for name, found in guessed.items()}
            | {"by_chance": by_chance(len(guessed["ours"]), alone)}
            | {f"{name}_hamlets": located(found, homes[where.lonely :]) for name, found in guessed.items()}
        )
        for_naive = difference_attack(where, naive=True, trials=trials)
        at_once = difference_attack(where, naive=False, trials=trials)
        rows["difference"].append(
            {
                "naive": for_naive[1],
                "shown_naive": for_naive[0],
                "ours_if_told_at_once": at_once[1],
                "shown_if_told_at_once": at_once[0],
            }
        )
        rows["cost"].append(cost(where))
    return {
        name: {key: round(float(np.mean([row[key] for row in listed])), 4) for key in listed[0]}
        for name, listed in rows.items()
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="anlan bench attack", description=__doc__)
    parser.add_argument("--countries", type=int, default=3)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = report(list(range(1, asked.countries + 1)), asked.trials)
    if asked.json:
        print(json.dumps(found))
        return
    for name, row in found.items():
        print(name, row)


if __name__ == "__main__":
    main()
