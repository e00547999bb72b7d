"""The assessment: from waters, stations, places and rules to findings, in one pure call on tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.banks import banks_of
from geo.intervals import Intervals, concat, difference, empty, intersection, join_over_start, totals, union
from geo.measures import measure, substrings
from geo.tables import Table
from hazards.closing import barrier_advised, beyond_rope, what_closes
from hazards.completeness import completeness
from hazards.coverage import behind_barriers, covered, whole
from hazards.gaps import Standing, gap_intervals, gap_table, nearest_village, reasons, weights
from hazards.ground import Ground, ground_of, stand
from hazards.layers import NAMES, Layers, counted, seen_by_cameras, walked
from hazards.profiles import factors, weights_by_part
from hazards.routes import route_hits
from hazards.sharing import settled, shared_exposure
from hazards.water_class import water_classes

if TYPE_CHECKING:
    import datetime as dt

    from geo.intervals import Flags
    from geo.measures import MeasureTable
    from hazards.exposure import Hits
    from hazards.parameters import Parameters, Sharing


@dataclass(frozen=True, kw_only=True)
class World:
    """What is judged: tables with the columns of `geo.frames`, in one metric CRS, whole and right.

    Where the stations have a column `position_method`, those whose place is guessed cover nothing. Barriers
    are those in good state; cameras and patrols are judged here. Where the waters have a column `trusted`,
    the others tell of no home. Routes are the ways to school, with the `weight` of who walks them.
    """

    waters: Table
    stations: Table
    items: Table
    places: Table
    barriers: Table
    cameras: Table | None = None
    patrols: Table | None = None
    routes: Table | None = None


@dataclass(frozen=True, kw_only=True)
class Found:
    """What the assessment decided.

    Attributes
    ----------
    banks
        Ids 0 … n-1: `water_id`, `side`, `part`, `start_m`, `length_m`, shapes.
    station_findings
        Ids of the stations: `bank` (MISSING: on none), `m`, `distance_m`, `status`, `missing`, `expires_on`.
    bank_findings
        Ids as banks: `water_class`, `exposed_m`, and of the exposed metres `covered_m` (by the layers that
        close a gap), `gap_m`, `physical_m`, `technical_m`, `personal_m` (within each layer) and
        `physical_only_m`, `technical_only_m`, `personal_only_m` (within that layer alone).
    gaps
        Ids 0 … n-1, by bank and chainage: `bank`, `water_id`, `side`, `from_m`, `to_m`, `length_m`,
        `water_class`, `reason`, `weight` [m × weight of the places near it] and its parts `weight_t`,
        `weight_p`, `weight_y`, `weight_school` (with the ways to school), `weight_village` (those of the ages
        tell of children),
        `what_closes` (verify, complete_set, new_set), `new_sets`, `beyond_rope`, `barrier_advised`,
        `nearest_place`, `nearest_distance_m`, shapes.
    covered
        `bank`, `layer` (physical, technical, personal), `from_m`, `to_m`, shapes: every covered stretch,
        exposed or not, layer by layer.
    water_classes
        Ids of the waters: `water_class`, `why`.
    """

    banks: Table
    station_findings: Table
    bank_findings: Table
    gaps: Table
    covered: Table
    water_classes: Table


def found_of(
    world: World, parameters: Parameters, as_of: dt.date, *, sharing: Sharing | None = None
) -> Found:
    """Return the findings of a world as of a date.

    `sharing`: how homes count in findings that readers without child rights see; None: each home, exactly.
    """
    waters, places = world.waters, world.places
    banks = banks_of(waters, parameters.crossing_limit_m, parameters.well_diameter_m)
    table = measure(banks.shapes)
    trusted = waters["trusted"][waters.rows_of(banks["water_id"])] if "trusted" in waters else None
    told = None if sharing is None else _settled(places, table, parameters, sharing, trusted)
    classes = water_classes(waters, banks, table, places, parameters.class_distance_m, told)
    ground = ground_of(banks, table, classes, parameters)
    given = _Given(world=world, parameters=parameters, as_of=as_of, ground=ground)
    fences = behind_barriers(table, banks, world.barriers, parameters.snap_m.barrier)
    found = given.station_findings(fences)
    standing = _standing(world.stations, found, ground)
    layers = given.layers(standing, fences)
    limits = {kind: getattr(parameters.exposure_m, kind) for kind in ("home", "school", "village")}
    kind = places["kind"]
    radius = np.select([kind == name for name in limits], list(limits.values())).astype(np.float64)
    points = shapely.get_coordinates(places.shapes)
    threatened = shared_exposure(table, points, radius, kind == "home", sharing, trusted)
    beside = given.beside_routes()
    if len(beside.intervals):
        threatened = union(concat(threatened, beside.intervals))
    return Found(
        banks=banks,
        station_findings=found,
        bank_findings=_bank_findings(threatened, layers, ground),
        gaps=given.gaps(threatened, layers, standing, beside),
        covered=_stretches(layers, ground),
        water_classes=classes,
    )


def _settled(
    places: Table, table: MeasureTable, parameters: Parameters, sharing: Sharing, trusted: Flags | None
) -> Flags:
    """Return which banks lie near homes as others may know of it."""
    xy = shapely.get_coordinates(places.shapes[places["kind"] == "home"])
    limit_m = np.full(len(xy), parameters.class_distance_m.home)
    found = np.zeros(len(table.ring), np.bool_)
    found[settled(table, xy, limit_m, sharing, trusted).group] = True
    return found


@dataclass(frozen=True, kw_only=True)
class _Given:
    """The question, on its ground."""

    world: World
    parameters: Parameters
    as_of: dt.date
    ground: Ground

    def station_findings(self, fences: Intervals) -> Table:
        """Return where each station stands and whether its set counts."""
        world, ground, limit_m = self.world, self.ground, self.parameters.snap_m.station
        foot = stand(world.stations, world.waters, ground.banks, limit_m)
        off, known = foot.too_far(limit_m), foot.bank >= 0
        bank = foot.bank[known]
        stands = {"water_class": np.full(len(known), "A", dtype=object)}
        stands |= {name: np.zeros(len(known), np.bool_) for name in ("small", "covered")}
        stands["water_class"][known] = ground.water_class[bank]
        stands["small"][known] = ground.small[bank]
        stands["covered"][known] = self._guarded(fences)[bank]
        on = Table(ids=world.stations.ids, columns=stands)
        found = completeness(on, world.items, self.parameters, self.as_of)
        guessed = self._guessed(stands["small"])
        nowhere = off | guessed
        return found.having(
            bank=np.where(nowhere, -1, foot.bank),
            m=np.where(nowhere, np.nan, foot.m),
            distance_m=foot.distance_m,
            status=np.select([guessed, off], ["unplaced", "off_bank"], found["status"]).astype(object),
        )

    def _guessed(self, small: Flags) -> Flags:
        """Return the stations of which nobody knows where on the bank they stand: they must close no gap.

        Known by its village alone, or by its water; around a small one a set serves wherever it stands.
        """
        stations = self.world.stations
        if "position_method" not in stations:
            return np.zeros(len(stations), np.bool_)
        method = stations["position_method"]
        return np.asarray((method == "village") | ((method == "derived") & ~small), dtype=np.bool_)

    def _guarded(self, fences: Intervals) -> Flags:
        """Return which banks have a lid, or barriers along nearly all of their length."""
        fenced_m = totals(union(fences), len(self.ground.banks))
        share = self.parameters.small_ring.fenced_share
        return (fenced_m >= share * self.ground.table.length_m) | self._lidded()

    def _lidded(self) -> Flags:
        barriers = self.world.barriers
        return np.isin(self.ground.banks["water_id"], barriers["water_id"][barriers["kind"] == "cover"])

    def beside_routes(self) -> Hits:
        """Return the stretches that each way to school runs beside."""
        routes = self.world.routes
        shapes = np.empty(0, dtype=object) if routes is None else routes.shapes
        return route_hits(self.ground.table, shapes, self.parameters.profile_p.route_m)

    def layers(self, standing: Standing, fences: Intervals) -> Layers:
        """Return what each layer of protection covers."""
        world, ground, table = self.world, self.ground, self.ground.table
        equipment = covered(
            ground.within_reach(standing.take(standing.status == "valid")),
            fences,
            whole(table, ground.small & self._lidded()),
        )
        walks = seen = empty()
        if world.cameras is not None and len(world.cameras):
            seen = seen_by_cameras(table, world.cameras)
        if world.patrols is not None and len(world.patrols):
            valid = world.patrols.take(counted(world.patrols, self.parameters.patrol, self.as_of))
            walks = walked(table, ground.banks, valid, self.parameters.snap_m.patrol)
        return Layers(physical=equipment, technical=seen, personal=walks, closes=self.parameters.closes)

    def gaps(self, threatened: Intervals, layers: Layers, standing: Standing, beside: Hits) -> Table:
        """Return the gaps with all that is said of each."""
        world, ground, parameters = self.world, self.ground, self.parameters
        gaps = gap_intervals(threatened, layers.closing(), ground.table, parameters.min_gap_m)
        found = gap_table(gaps, ground.banks, ground.water_class, ground.table)
        reason = reasons(gaps, standing, ground)
        scale = factors(world.waters, world.barriers, ground, parameters)
        walkers = np.empty(0) if world.routes is None else world.routes["weight"]
        weigh = partial(
            weights_by_part,
            places=world.places,
            ways=(beside, walkers),
            ground=ground,
            factor=scale,
            parameters=parameters,
        )
        parts = weights(gaps, weigh, ground.table)
        return found.having(
            reason=reason,
            weight=np.sum(list(parts.values()), axis=0),
            **{f"weight_{name}": part for name, part in parts.items()},
            **what_closes(gaps, reason, standing, ground, parameters.min_gap_m),
            beyond_rope=beyond_rope(world.waters, found["water_id"], parameters.equipment.rope_m),
            barrier_advised=barrier_advised(found, world.places, ground, parameters.barrier),
            **nearest_village(found, world.places),
        )


def _standing(stations: Table, found: Table, ground: Ground) -> Standing:
    on = found["bank"] >= 0
    bank = found["bank"][on]
    return Standing(
        bank=bank,
        m=found["m"][on],
        reach_m=ground.reach_m[bank],
        status=found["status"][on],
        point=stations.shapes[on],
    )


def _bank_findings(threatened: Intervals, layers: Layers, ground: Ground) -> Table:
    count, safe = len(ground.banks), layers.closing()
    return Table(
        ids=ground.banks.ids,
        columns={
            "water_class": ground.water_class,
            "exposed_m": totals(threatened, count),
            "covered_m": totals(intersection(threatened, safe), count),
            "gap_m": totals(difference(threatened, safe), count),
            **layers.metres(threatened, count),
        },
    )


def _stretches(layers: Layers, ground: Ground) -> Table:
    parts = [join_over_start(layer, ground.table.length_m, ground.table.ring) for layer in layers.each()]
    layer = np.repeat(np.array(NAMES, dtype=object), [len(part) for part in parts])
    every = concat(*parts)
    order = np.lexsort((every.start, every.group))
    every = every.take(order)
    return Table(
        ids=np.arange(len(every)),
        columns={
            "bank": ground.banks.ids[every.group],
            "layer": layer[order],
            "from_m": every.start,
            "to_m": every.stop,
        },
        shapes=substrings(ground.table, every.group, every.start, every.stop),
        crs=ground.banks.crs,
    )
