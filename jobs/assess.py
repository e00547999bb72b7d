"""The assessment: everything, or what a change touched, read in one snapshot, judged in metres, stored."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from data.engine import Login, connect
from data.reading import read_tables
from data.storage import bulletin, finding_part, finding_queue, findings, shared_homes, statistics
from data.storage.finding_part import Part
from data.storage.findings_writing import one_writer, write_assessment, write_findings, write_homes
from jobs import judging, seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy import Connection

    from data.settings import Settings
    from data.storage.finding_queue import Waiting
    from data.storage.findings import Assessment
    from hazards.assessment import Found
    from hazards.parameters import Parameters

    Progress = Callable[[float, str], None]

MANY_WATERS: Final = 300
"""Where more waters are touched, all are assessed: it takes no longer."""
NEARNESS: Final = ("water", "home", "child", "institution", "hazard", "parameter")
"""Tables that decide who lives near what."""


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """What a run stored, and where its seconds went; `waters` is how many were assessed, None for all."""

    assessment_id: int
    data_version: int
    as_of: dt.date
    figures: Mapping[str, float]
    seconds: Mapping[str, float]
    waters: int | None = None


def refresh(
    settings: Settings,
    *,
    as_of: dt.date | None = None,
    progress: Progress | None = None,
    rebuild: bool = False,
) -> Refreshed:
    """Read everything, judge and store; return what was stored.

    One repeatable-read transaction, in which the queue is emptied of what it held at its start: a power cut
    leaves the findings of the run before, and a change made meanwhile stays queued. Who lives near what is
    found anew where a table that it depends on has changed, or to `rebuild`.
    """
    as_of = as_of or settings.today()
    with _writing(settings) as connection:
        last = findings.latest_assessment(connection)
        done = _full(connection, settings, as_of, None if rebuild else last, progress or _silent)
    if last is None:
        with connect(settings, Login.OWNER) as owner:
            statistics.gather(owner)
    return done


def catch_up(settings: Settings, *, as_of: dt.date | None = None) -> Refreshed | None:
    """Assess what changed since the last run; None where nothing did.

    A new day, a changed parameter, a bulk change or no earlier run asks for everything. Safe beside another
    run: one waits for the other, then finds the queue empty.
    """
    as_of = as_of or settings.today()
    with connect(settings, Login.WORKER, readonly=True) as connection:
        if findings.is_current(connection, as_of):
            return None
    with _writing(settings) as connection:
        last = findings.latest_assessment(connection)
        queue = finding_queue.waiting(connection)
        if last is None or last.as_of != as_of or queue.everything:
            return _full(connection, settings, as_of, last, _silent)
        if not queue.rows and last.data_version == findings.data_version(connection):
            return None
        finding_part.alone(connection)
        parameters = seen.parameters_of(connection)
        if queue.tables == finding_queue.HOME:
            return _homes(connection, _Run(settings, parameters, as_of, last), queue)
        part = _part(connection, queue, seen.reaches(parameters))
        if len(part.waters) > MANY_WATERS:
            return _full(connection, settings, as_of, last, _silent)
        return _partial(connection, _Run(settings, parameters, as_of, last), part)


@contextlib.contextmanager
def _writing(settings: Settings) -> Iterator[Connection]:
    """Hold the right to write findings, and then open the snapshot: it holds what the last writer stored."""
    with connect(settings, Login.WORKER) as gate:
        one_writer(gate)
        with connect(settings, Login.WORKER) as connection:
            connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection


def _full(
    connection: Connection, settings: Settings, as_of: dt.date, last: Assessment | None, report: Progress
) -> Refreshed:
    clock = _Clock()
    report(0.05, "读取数据")
    queue = finding_queue.waiting(connection)
    told = renew_shared_homes(connection, as_of)
    world = seen.whole(connection, settings.metric_crs)
    clock.tick("read")
    report(0.3, "计算岸线缺口")
    result = judging.judge(world, as_of)
    report(0.6, "计算儿童与水域的接近关系")
    # A water verified yesterday tells of homes from today on.
    near = last is None or told > 0 or last.as_of != as_of
    if last is not None and not near:
        near = any(last.tables.get(name) != world.tables.get(name) for name in NEARNESS)
    stored = judging.to_store(world, result, as_of, clock.started_at, near=near)
    clock.tick("judge")
    report(0.8, "保存结果")
    bulletin.keep(connection, as_of)
    written = write_findings(connection, stored)
    finding_queue.done(connection, queue.rows)
    done = Refreshed(
        assessment_id=written.assessment_id,
        data_version=world.data_version,
        as_of=as_of,
        figures=written.figures,
        seconds=clock.seconds,
    )
    connection.commit()
    clock.tick("store")
    report(1.0, "完成")
    return done


def renew_shared_homes(connection: Connection, as_of: dt.date) -> int:
    """Take over the changes of homes that findings for others may show as of a day; return how many."""
    rules = seen.parameters_of(connection).sharing
    return shared_homes.renew(
        connection, as_of, at_least=rules.changes_at_least, at_once=rules.changes_at_once
    )


@dataclass(frozen=True)
class _Run:
    """Of which deployment, by which rules, as of which day a part is assessed, and which run was the last."""

    settings: Settings
    parameters: Parameters
    as_of: dt.date
    last: Assessment


def _part(connection: Connection, queue: Waiting, reach: seen.Reaches) -> Part:
    """Return what the queued changes touch."""
    waters = finding_queue.touched_waters(connection, queue, reach=asdict(reach))
    return Part(
        rows=queue.rows,
        waters=tuple(waters),
        core=tuple(waters),
        gone=tuple(sorted({*queue.of("water")} - {*waters})),
        stations=tuple(queue.of("station")),
        children=tuple(queue.of("child")),
        institutions=tuple(queue.of("institution")),
        hazards=tuple(queue.of("hazard")),
        near=bool(queue.tables & finding_queue.PLACES),
    )


def _homes(connection: Connection, run: _Run, queue: Waiting) -> Refreshed:
    """Find anew what the children live near whose homes moved.

    No bank is judged: what is said of banks counts the shared homes, which a run over everything renews
    (decision 0016).
    """
    clock, within_m = _Clock(), run.parameters.exposure_m.home
    part = Part(
        rows=queue.rows, waters=(), core=(), children=tuple(queue.of("child")), crs=run.settings.metric_crs
    )
    world = read_tables(
        connection,
        {
            "homes": finding_part.homes_of(part),
            "banks": finding_part.banks_near_homes(part, within_m),
            "hazards": finding_part.hazards_around(part, within_m),
        },
    )
    clock.tick("read")
    found = judging.near_homes(world["homes"], world["banks"], world["hazards"], within_m)
    clock.tick("judge")
    write_homes(connection, part.children, found)
    return _note(connection, run.as_of, run.last, part, clock)


def _partial(connection: Connection, run: _Run, part: Part) -> Refreshed:
    clock, as_of, metric_crs = _Clock(), run.as_of, run.settings.metric_crs
    world = seen.some(connection, part, run.parameters, metric_crs)
    clock.tick("read")
    if not (part.waters or part.gone or part.stations or part.near):
        return _note(connection, as_of, run.last, part, clock)
    result = judging.judge(world, as_of)
    more = _felt_by(connection, part, world, result)
    while more:
        part = seen.widened(part, more)
        world = seen.some(connection, part, run.parameters, metric_crs)
        result = judging.judge(world, as_of)
        more = judging.strangers(part, world, result)
    own = judging.of_part(part, world, result)
    stored = judging.to_store(world, own, as_of, clock.started_at, near=part.near)
    stored = judging.nearness_of_part(part, stored)
    clock.tick("judge")
    written = write_findings(connection, stored, part, run.last)
    finding_queue.done(connection, part.rows)
    done = Refreshed(
        assessment_id=written.assessment_id,
        data_version=world.data_version,
        as_of=as_of,
        figures=written.figures,
        seconds=clock.seconds,
        waters=len(part.waters),
    )
    connection.commit()
    clock.tick("store")
    return done


def _felt_by(connection: Connection, part: Part, world: seen.Snapshot, result: Found) -> set[int]:
    """Return the further waters whose findings the part changes.

    Where a class has changed, the stations there reach further or less far, through confluences too; and a
    station that left the part stands on a bank that must be known as it is stored.
    """
    held = world.waters["held"]
    turned = world.waters.ids[(held != np.array(None)) & (held != result.water_classes["water_class"])]
    more = judging.strangers(part, world, result)
    if len(turned):
        around_m = seen.reaches(world.parameters).around_m
        more |= {*finding_part.neighbours(connection, turned.tolist(), around_m)} - {*part.waters}
    return more


def _note(connection: Connection, as_of: dt.date, last: Assessment, part: Part, clock: _Clock) -> Refreshed:
    """Record that what changed touches no finding of a bank."""
    version = findings.data_version(connection)
    figures = {name: float(str(value)) for name, value in last.figures.items()}
    number = write_assessment(
        connection,
        {
            "data_version": version,
            "tables": finding_queue.table_versions(connection),
            "as_of": as_of,
            "parameters": dict(last.parameters),
            "figures": figures,
            "kind": "part",
            "started_at": clock.started_at,
        },
    )
    finding_queue.done(connection, part.rows)
    connection.commit()
    return Refreshed(
        assessment_id=number,
        data_version=version,
        as_of=as_of,
        figures=figures,
        seconds=clock.seconds,
        waters=0,
    )


class _Clock:
    """When a run began, and the seconds of its stages."""

    def __init__(self) -> None:
        self.started_at = dt.datetime.now(tz=dt.UTC)
        self.seconds: dict[str, float] = {}
        self._since = time.perf_counter()

    def tick(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = now - self._since
        self._since = now


def _silent(share: float, words: str) -> None:
    del share, words
