"""Installed is not present: how many sets work today, judged by what earlier checks found.

An item fails at a constant rate λ (exponential survival): checked good on day d, it works on day t with
probability exp(−λ · (t − d)). λ is failures over days at risk, each failure placed in the middle of the
interval between the check that found it good and the one that did not (actuarial estimate), and drawn towards
the wider group: place → kind and water class → kind → prior, with the weight of `prior_failures`
(gamma–Poisson shrinkage): λ = (failures + a) / (days + a / λ_wider).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.special import gammaincinv

from geo.frames import ITEMS, as_dates, as_day
from hazards.completeness import SET

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Hashable

    import geopandas as gpd

    from geo.intervals import Floats
    from hazards.parameters import ExposureDistances
    from hazards.protection_rules import Survival

YEAR_DAYS = 365.25
NORMAL_95 = 1.96
TAIL = 0.025
FAILED = ("damaged", "missing", "expired")


@dataclass(frozen=True)
class Availability:
    """What works today, in expectation.

    Attributes
    ----------
    rates
        Index (`kind`, `water_class`): `failures`, `item_days`, `rate_per_year`, and `low_per_year`,
        `high_per_year`, the central 95 % of its posterior.
    items
        Index that of the items: `works`, the probability that the item is there and fit for use today;
        `works_low` and `works_high` with every rate of its group at its upper and lower limit.
    stations
        Index that of the stations: `works`, `works_low`, `works_high` (probability of a complete set, items
        failing independently), `expected_items` (of the four), `losses` (failures found within
        `repeat_days`), `repeated` (a place of theft or damage: losses >= `repeat_losses`), `risk`
        ((1 − works) × weight), `rank` (1 is the first to verify).
    """

    rates: pd.DataFrame
    items: pd.DataFrame
    stations: pd.DataFrame

    @property
    def expected_sets(self) -> float:
        """Return how many complete sets are expected to work today."""
        return float(self.stations["works"].sum())


def expected_between(stations: pd.DataFrame) -> tuple[float, float]:
    """Return between how many complete sets are expected to work: a wide 95 % range.

    The rates of all groups at their limits at once, and beyond them 1.96 standard deviations of as many
    independent stations. That stations fail together (a flood, a thief on a round) is not in it.
    """
    works = stations["works"].to_numpy(np.float64)
    spread = NORMAL_95 * float(np.sqrt((works * (1.0 - works)).sum()))
    low = float(stations["works_low"].sum()) - spread
    high = float(stations["works_high"].sum()) + spread
    return max(low, 0.0), min(high, float((stations["works_high"] > 0.0).sum()))


def availability(
    stations: pd.DataFrame, items: pd.DataFrame, checks: pd.DataFrame, rule: Survival, as_of: dt.date
) -> Availability:
    """Return what works on `as_of`; checks and verifications after it are not known yet.

    Parameters
    ----------
    stations
        Index station_id: `water_class` (A, B, C), `small` (on a small ring: a rope or a pole will do) and
        `weight` (what its failure would leave unprotected, as by `weight_near`).
    items
        As `geo.frames.ITEMS`. Nothing is claimed for an item 未核 or never verified: `works` is 0.
    checks
        The history: `station_id`, `kind`, `state`, `checked_on`. A check that says `unverified` is none.
    """
    ITEMS.check(items)
    spans = intervals_of(checks, as_of)
    spans = spans[spans["station_id"].isin(stations.index)]
    spans["water_class"] = stations["water_class"].reindex(spans["station_id"]).to_numpy()
    rates = _rates(spans, stations, rule)
    works = _items_working(items, stations, spans, rates, rule, as_of)
    return Availability(rates, works, _stations_working(stations, items, works, spans, rule, as_of))


def intervals_of(checks: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """Return each stretch from a check that found an item good to its next check.

    `station_id`, `kind`, `failed`, `days` at risk (half the stretch where it failed) and `found_on`.
    """
    day = as_dates(checks["checked_on"])
    known = (day <= as_day(as_of)) & checks["state"].isin(["good", *FAILED]).to_numpy(bool)
    rows = pd.DataFrame(
        {
            "station_id": checks["station_id"].to_numpy(np.int64),
            "kind": checks["kind"].to_numpy(dtype=object),
            "good": (checks["state"] == "good").to_numpy(bool),
            "day": day.astype(np.int64),
        }
    )[known]
    rows = rows.sort_values(["station_id", "kind", "day"], kind="stable", ignore_index=True)
    item = rows.groupby(["station_id", "kind"], sort=False).ngroup().to_numpy()
    first = np.flatnonzero((item[1:] == item[:-1]) & rows["good"].to_numpy(bool)[:-1])
    failed = ~rows["good"].to_numpy(bool)[first + 1]
    held = rows["day"].to_numpy(np.int64)
    span = (held[first + 1] - held[first]).astype(np.float64)
    return pd.DataFrame(
        {
            "station_id": rows["station_id"].to_numpy(np.int64)[first],
            "kind": rows["kind"].to_numpy(dtype=object)[first],
            "failed": failed,
            "days": np.where(failed, span / 2.0, span),
            "found_on": held[first + 1],
        }
    )


def weight_near(
    stations: gpd.GeoDataFrame, places: gpd.GeoDataFrame, limits: ExposureDistances
) -> pd.Series[float]:
    """Return Σ weight of the places whose exposure distance holds the station: distance_m <= limit."""
    radius = places["kind"].map({k: getattr(limits, k) for k in ("home", "school", "village")})
    tree = shapely.STRtree(np.asarray(stations.geometry.array, dtype=object))
    place, station = tree.query(
        np.asarray(places.geometry.array, dtype=object),
        predicate="dwithin",
        distance=radius.to_numpy(np.float64),
    )
    weight = places["weight"].to_numpy(np.float64)[place]
    return pd.Series(np.bincount(station, weights=weight, minlength=len(stations)), index=stations.index)


def _shrunk(found: pd.DataFrame, wider: Floats | float, rule: Survival) -> Floats:
    """Return λ [1/day] of each row with `failures` and `item_days`, drawn towards the wider group's."""
    a = rule.prior_failures
    rate: Floats = (found["failures"] + a).to_numpy(np.float64) / (
        found["item_days"].to_numpy(np.float64) + a / wider
    )
    return rate


def _sums(spans: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    return spans.groupby(keys, sort=True).agg(failures=("failed", "sum"), item_days=("days", "sum"))


def _rates(spans: pd.DataFrame, stations: pd.DataFrame, rule: Survival) -> pd.DataFrame:
    classes = sorted(set(stations["water_class"]))
    every = pd.MultiIndex.from_product([SET, classes], names=["kind", "water_class"])
    prior = -np.log1p(-rule.yearly_loss) / YEAR_DAYS
    of_kind = _sums(spans, ["kind"]).reindex(list(SET), fill_value=0)
    wide = pd.Series(_shrunk(of_kind, prior, rule), index=of_kind.index)
    found = _sums(spans, ["kind", "water_class"]).reindex(every, fill_value=0)
    wider = np.asarray(wide.reindex(found.index.get_level_values("kind")), dtype=np.float64)
    found["rate_per_year"] = _shrunk(found, wider, rule) * YEAR_DAYS
    # The posterior of a gamma prior of shape a: Gamma(failures + a), whose mean is the rate itself.
    shape = (found["failures"] + rule.prior_failures).to_numpy(np.float64)
    for name, tail in (("low_per_year", TAIL), ("high_per_year", 1.0 - TAIL)):
        found[name] = found["rate_per_year"] * gammaincinv(shape, tail) / shape
    return found


def _items_working(  # noqa: PLR0913, PLR0917 - the parts of one question
    items: pd.DataFrame,
    stations: pd.DataFrame,
    spans: pd.DataFrame,
    rates: pd.DataFrame,
    rule: Survival,
    as_of: dt.date,
) -> pd.DataFrame:
    grade = stations["water_class"].reindex(items["station_id"]).to_numpy(dtype=object)
    group = pd.MultiIndex.from_arrays([items["kind"].to_numpy(dtype=object), grade])
    wider = np.asarray(rates["rate_per_year"].reindex(group), dtype=np.float64) / YEAR_DAYS
    place = pd.MultiIndex.from_frame(items[["station_id", "kind"]])
    own = _sums(spans, ["station_id", "kind"]).reindex(place).fillna(0.0)
    rate = _shrunk(own, wider, rule)
    verified = as_dates(items["verified_on"])
    known = (items["state"] == "good").to_numpy(bool) & (verified <= as_day(as_of))
    age = (as_day(as_of) - np.where(known, verified, as_day(as_of))).astype(np.float64)
    sure = known & np.isfinite(rate)
    held = rates.reindex(group)
    columns = {"works": "rate_per_year", "works_low": "high_per_year", "works_high": "low_per_year"}
    return pd.DataFrame(
        {
            name: np.where(
                sure, np.exp(-rate * age * (held[limit] / held["rate_per_year"]).to_numpy(np.float64)), 0.0
            )
            for name, limit in columns.items()
        },
        index=items.index,
    )


def _stations_working(  # noqa: PLR0913, PLR0917 - the parts of one question
    stations: pd.DataFrame,
    items: pd.DataFrame,
    works: pd.DataFrame,
    spans: pd.DataFrame,
    rule: Survival,
    as_of: dt.date,
) -> pd.DataFrame:
    table, whole = _whole_sets(stations, items, works["works"])
    recent = spans[spans["failed"] & (spans["found_on"] > as_day(as_of).astype(np.int64) - rule.repeat_days)]
    losses = recent["station_id"].value_counts().reindex(stations.index, fill_value=0)
    risk = (1.0 - whole) * stations["weight"].to_numpy(np.float64)
    found = pd.DataFrame(
        {
            "works": whole,
            "works_low": _whole_sets(stations, items, works["works_low"])[1],
            "works_high": _whole_sets(stations, items, works["works_high"])[1],
            "expected_items": table.sum(axis=1),
            "losses": losses,
            "repeated": losses >= rule.repeat_losses,
            "risk": risk,
        },
        index=stations.index,
    )
    order: list[Hashable] = found.sort_values("risk", ascending=False, kind="stable").index.tolist()
    rank = pd.Series(np.arange(1, len(order) + 1), index=pd.Index(order))
    return found.assign(rank=rank.reindex(found.index).to_numpy())


def _whole_sets(
    stations: pd.DataFrame, items: pd.DataFrame, works: pd.Series[float]
) -> tuple[pd.DataFrame, Floats]:
    """Return the probability of each item of each station, and that of the complete set."""
    table = pd.DataFrame(
        {"station_id": items["station_id"], "kind": items["kind"], "works": works}
    ).pivot_table(index="station_id", columns="kind", values="works", aggfunc="max")
    table = table.reindex(index=stations.index, columns=list(SET)).fillna(0.0)
    throw = 1.0 - (1.0 - table["rope"]) * (1.0 - table["pole"])
    small = table["sign"] * throw
    whole: Floats = np.where(stations["small"].to_numpy(bool), small, table.prod(axis=1))
    return table, whole
