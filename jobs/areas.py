"""One area assessed by itself: read with what stands around it, judged, and its own findings stored.

Areas are independent of each other but for what is near: whoever judges the waters around with it finds what
a run over everything finds. So any number of processes, on any number of hosts, may each take an area; they
read and write their own and give back counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from data.engine import SNAPSHOT, Login, connect
from data.storage import finding_areas, finding_queue, findings
from data.storage.finding_areas import AreaReader
from data.storage.findings_writing import write_rows
from jobs import judging, seen

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy import Connection

    from data.settings import Settings
    from data.storage.finding_part import Part
    from hazards.assessment import Found


@dataclass(frozen=True, kw_only=True)
class AreaTask:
    """What a process must know to assess an area: no record travels, each reads its own."""

    area: str
    row: int
    snapshot: str
    as_of: dt.date
    started_at: dt.datetime
    near: bool


@dataclass(frozen=True, kw_only=True)
class AreaDone:
    """What comes back: counts. `fresh` is False where another process had stored the area already."""

    area: str
    waters: int
    gaps: int
    fresh: bool


def assess_area(settings: Settings, task: AreaTask) -> AreaDone:
    """Assess one area as of the snapshot of the run and store its findings in one transaction.

    Safe to run twice, and after a process that died: until the findings are stored the area stays queued.
    """
    with connect(settings, Login.WORKER) as gate:
        finding_areas.one_at_a_time(gate, task.area)
        if not finding_areas.waits(gate, task.row):
            return AreaDone(area=task.area, waters=0, gaps=0, fresh=False)
        with connect(settings, Login.WORKER) as connection:
            connection.execution_options(isolation_level="REPEATABLE READ", **{SNAPSHOT: task.snapshot})
            return _assess(connection, settings, task)


def _assess(connection: Connection, settings: Settings, task: AreaTask) -> AreaDone:
    part = finding_areas.part_of(connection, task.area)
    world = _world(connection, part, settings.metric_crs)
    gaps = 0
    if world is not None:
        result = judging.judge(world, task.as_of)
        world, part = _owning(world, part, result)
        own = judging.of_part(part, world, result)
        stored = judging.to_store(world, own, task.as_of, task.started_at, near=task.near)
        write_rows(connection, judging.nearness_of_part(part, stored), part)
        gaps = len(own.gaps)
    finding_queue.done(connection, [task.row])
    connection.commit()
    return AreaDone(area=task.area, waters=len(part.waters), gaps=gaps, fresh=True)


def _owning(world: seen.Snapshot, part: Part, result: Found) -> tuple[seen.Snapshot, Part]:
    """Return both with the stations whose findings this area stores.

    A station that stands on a bank is the bank's area's, whosever it is: there alone the bank is stored. One
    that stands on none is its own area's, and so is what is left of a retired one.
    """
    bank = result.station_findings["bank"]
    water = np.append(result.banks["water_id"], -1)[bank]
    mine = np.isin(water, part.waters) | (world.stations["mine"] & (bank < 0))
    retired = tuple({*part.stations} - {*world.stations.ids.tolist()})
    return replace(world, stations=world.stations.having(mine=mine)), replace(part, stations=retired)


def _world(connection: Connection, part: Part, metric_crs: str) -> seen.Snapshot | None:
    """Return the area with all that its findings depend on; None where it holds nothing."""
    parameters = seen.parameters_of(connection)
    reach = seen.reaches(parameters)
    around = finding_areas.surroundings(connection, part, reach.around_m)
    if around is None:
        return None
    reader = AreaReader(connection=connection, part=part, around=around, crs=metric_crs)
    stations = reader.stations(reach.around_m)
    homes_m = max(reach.place_m, reach.youth_m, reach.hazard_m)
    return seen.Snapshot(
        data_version=findings.data_version(connection),
        tables=finding_queue.table_versions(connection),
        parameters=parameters,
        waters=reader.waters(),
        stations=stations,
        items=reader.items(stations),
        barriers=reader.barriers(),
        villages=reader.villages(reach.place_m),
        institutions=reader.institutions(reach.place_m),
        homes=reader.homes(homes_m),
        shared_homes=reader.homes(homes_m, shared=True),
        hazards=reader.hazards(),
        cameras=reader.cameras(),
        patrols=reader.patrols(parameters.snap_m.patrol),
        routes=reader.routes(reach.route_m),
    )
