"""What an assessment sees: the whole deployment, or a part of it with what stands around."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from data.reading import read_table, read_tables
from data.storage import finding_part, finding_queue, finding_whole
from data.storage.parameters import parameters_text
from hazards.parameters import Parameters, from_mapping
from hazards.sharing import MESH_M

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from data.storage.finding_part import Part
    from geo.tables import Table


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What one transaction saw; tables by record id, in the deployment's metric CRS."""

    data_version: int
    tables: Mapping[str, int]
    parameters: Parameters
    waters: Table
    stations: Table
    items: Table
    barriers: Table
    villages: Table
    institutions: Table
    homes: Table
    shared_homes: Table
    hazards: Table
    cameras: Table
    patrols: Table
    routes: Table


@dataclass(frozen=True, kw_only=True)
class Reaches:
    """How far a change is felt [m], by the parameters in force."""

    station_m: float
    place_m: float
    route_m: float
    youth_m: float
    hazard_m: float
    around_m: float
    far_m: float


def reaches(parameters: Parameters) -> Reaches:
    """Return the distances that bound a part.

    A station without a water belongs to its nearest bank, however far; beyond `far_m` the distance is not
    stored, so that a bank two villages away need not be known.
    """
    snap_m = max(parameters.snap_m.station, parameters.snap_m.barrier, parameters.snap_m.patrol)
    far_m = far_from_bank_m(parameters)
    reach_m = parameters.reach_m.C + 2.0 * snap_m
    exposure, classes = parameters.exposure_m, parameters.class_distance_m
    return Reaches(
        station_m=max(reach_m, far_m),
        place_m=max(
            *(exposure.home, exposure.school, exposure.village),
            *(classes.home, classes.school, classes.village),
            *(parameters.profile_p.distance_m, *parameters.profile_t.distances_m),
            parameters.barrier.place_m,
        ),
        route_m=parameters.profile_p.route_m,
        youth_m=parameters.profile_y.distance_m,
        hazard_m=exposure.home + MESH_M,
        around_m=max(reach_m, 2.0 * far_m),
        far_m=far_m,
    )


def far_from_bank_m(parameters: Parameters) -> float:
    """Return how far a station without a water may be from a bank for that distance to be worth storing."""
    return 4.0 * parameters.snap_m.station


def parameters_of(connection: Connection) -> Parameters:
    """Return the parameters in force; checked once for each set of values."""
    return _checked(parameters_text(connection))


@lru_cache(maxsize=8)
def _checked(values: str) -> Parameters:
    return from_mapping(json.loads(values))


def whole(connection: Connection, metric_crs: str) -> Snapshot:
    """Return everything the assessment judges by, as one repeatable-read transaction sees it."""
    asked = finding_whole.everything(metric_crs)
    found = {name: read_table(connection, query) for name, query in asked.items()}
    return _snapshot(found, parameters_of(connection))


def some(connection: Connection, part: Part, parameters: Parameters, metric_crs: str) -> Snapshot:
    """Return the part and all that its findings depend on; `mine` in stations is the part's own."""
    reach = reaches(parameters)
    part = replace(part, crs=metric_crs)
    around = read_table(connection, finding_part.waters_around(part, reach.around_m))
    ids = around.ids.tolist()
    found = read_tables(
        connection,
        {
            "versions": finding_queue.VERSIONS,
            "stations": finding_part.stations_around(part, ids, reach.around_m, reach.far_m),
            "items": finding_part.items_around(part, ids, reach.around_m, reach.far_m),
            "barriers": finding_part.barriers_of(ids, metric_crs),
            "villages": finding_part.villages_around(part, reach.place_m),
            "institutions": finding_part.institutions_around(part, reach.place_m),
            "homes": finding_part.homes_around(part, reach=asdict(reach)),
            "shared_homes": finding_part.homes_around(part, reach=asdict(reach), shared=True),
            "hazards": finding_part.hazards_around(part, reach.place_m),
            "cameras": finding_part.cameras_around(part),
            "patrols": finding_part.patrols_around(part, parameters.snap_m.patrol),
            "routes": finding_part.routes_around(part, reach.route_m),
        },
    )
    return _snapshot({"waters": around, **found}, parameters)


def _snapshot(found: dict[str, Table], parameters: Parameters) -> Snapshot:
    tables = finding_queue.versions_in(found.pop("versions"))
    return Snapshot(
        data_version=max(tables.values(), default=0), tables=tables, parameters=parameters, **found
    )


def widened(part: Part, more: Iterable[int]) -> Part:
    """Return the part with further waters that feel the change; its core stays."""
    return replace(part, waters=tuple(sorted({*part.waters, *more})))
