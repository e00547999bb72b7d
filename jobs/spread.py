"""The assessment by area, on as many processes as there are: one after the other here, or on a cluster.

The run holds the one writer's right and a snapshot. Every area waits in the queue until its findings are
stored, so that a process that is lost costs only time, and a run that is lost leaves work for the next.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import importlib
import os
import time
from typing import TYPE_CHECKING, Any

from data.engine import Login, connect
from data.settings import load_settings
from data.storage import bulletin, finding_areas, finding_queue, findings, gap_ledger
from data.storage.findings_figures import figures_of
from data.storage.findings_writing import one_writer, write_assessment
from hazards.parameters import to_mapping
from jobs import seen
from jobs.areas import AreaTask, assess_area
from jobs.assess import NEARNESS, Refreshed, renew_shared_homes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy import Connection

    from data.settings import Settings
    from jobs.areas import AreaDone

    Spread = Callable[[list[AreaTask]], Iterable[AreaDone]]


class ClusterError(Exception):
    """The processes that were to assess the areas are not there."""


def refresh_by_area(
    settings: Settings,
    spread: Spread | None = None,
    *,
    as_of: dt.date | None = None,
    rebuild: bool = False,
    progress: Callable[[float, str], None] | None = None,
) -> Refreshed:
    """Assess everything area by area and return what was stored: the rows of `jobs.assess.refresh`.

    `spread` assesses the tasks in any order, wherever it likes; without one they are assessed here, in turn,
    in the memory of one area.
    """
    as_of = as_of or settings.today()
    started_at, began = dt.datetime.now(tz=dt.UTC), time.perf_counter()
    spread = spread or (lambda tasks: (assess_area(settings, task) for task in tasks))
    with connect(settings, Login.WORKER) as gate:
        one_writer(gate)
        with connect(settings, Login.WORKER) as waiting:
            areas = finding_areas.areas(waiting)
            rows = finding_areas.enqueue(waiting, areas)
            told = renew_shared_homes(waiting, as_of)
            bulletin.keep(waiting, as_of)
        with connect(settings, Login.WORKER) as connection:
            connection.execution_options(isolation_level="REPEATABLE READ")
            snapshot = finding_areas.export_snapshot(connection)
            facts = _facts(connection, as_of, started_at)
            queued = finding_queue.waiting(connection).rows
            near = rebuild or told > 0 or _near(connection, as_of)
            tasks = [
                AreaTask(
                    area=area,
                    row=rows[area],
                    snapshot=snapshot,
                    as_of=as_of,
                    started_at=started_at,
                    near=near,
                )
                for area in areas
            ]
            for number, one in enumerate(spread(tasks), start=1):
                finding_areas.stay(gate)
                finding_areas.stay(connection)
                if progress is not None:
                    progress(0.95 * number / len(tasks), f"已完成 {one.area}")
        done = _finished(settings, facts, [*set(queued) - set(rows.values())], [*rows.values()])
    return Refreshed(
        assessment_id=done[0],
        data_version=int(str(facts["data_version"])),
        as_of=as_of,
        figures=done[1],
        seconds={"areas": time.perf_counter() - began},
    )


def _facts(connection: Connection, as_of: dt.date, started_at: dt.datetime) -> dict[str, object]:
    return {
        "data_version": findings.data_version(connection),
        "tables": finding_queue.table_versions(connection),
        "as_of": as_of,
        "parameters": to_mapping(seen.parameters_of(connection)),
        "kind": "full",
        "started_at": started_at,
    }


def _near(connection: Connection, as_of: dt.date) -> bool:
    """Return whether who lives near what must be found anew; a water verified yesterday tells today."""
    last, now = findings.latest_assessment(connection), finding_queue.table_versions(connection)
    return (
        last is None
        or last.as_of != as_of
        or any(last.tables.get(name) != now.get(name) for name in NEARNESS)
    )


def _finished(
    settings: Settings, facts: dict[str, object], queued: list[int], areas: list[int]
) -> tuple[int, dict[str, float]]:
    """Record the run once every area is stored, and take off the queue what it has dealt with."""
    with connect(settings, Login.WORKER) as connection:
        if any(finding_areas.waits(connection, row) for row in areas):
            raise ClusterError("有区县没有算完：结果未登记，请再运行一次。")
        gone = finding_areas.waters_gone(connection)
        as_of = facts["as_of"]
        if gone and isinstance(as_of, dt.date):
            gap_ledger.close(connection, gone, as_of)
        finding_areas.settle_rest(connection, queued)
        figures = figures_of(connection)
        return write_assessment(connection, facts | {"figures": figures}), figures


def work_on_area(task: AreaTask) -> AreaDone:
    """Assess an area in a process of a cluster, which finds its database by its own settings."""
    return assess_area(load_settings(), task)


class Processes:
    """The processes of a cluster: spreads tasks over them."""

    def __init__(self, client: Any, as_completed: Callable[[list[Any]], Iterable[Any]]) -> None:  # noqa: ANN401 - of distributed
        self._client, self._as_completed = client, as_completed

    def __call__(self, tasks: list[AreaTask]) -> Iterator[AreaDone]:
        """Assess the tasks; whichever is done comes first."""
        # pure=False: the same question next time is asked anew, not remembered.
        for future in self._as_completed(self._client.map(work_on_area, tasks, pure=False, retries=3)):
            done: AreaDone = future.result()
            yield done

    def ids(self) -> list[int]:
        """Return the process ids, each on its own host."""
        return [int(number) for number in self._client.run(os.getpid).values()]


@contextlib.contextmanager
def cluster(workers: int, address: str | None = None) -> Iterator[Processes]:
    """Give what spreads tasks over `workers` processes of this host, or over those of a scheduler.

    A lost process: its areas go to another one. Nothing of a record is kept or spilled to a disk: counts come
    back, and each process forgets an area when its findings are stored.

    Raises
    ------
    ClusterError
        If the package for it is not installed, or no process answers.
    """
    try:
        dask, distributed = (importlib.import_module(name) for name in ("dask", "distributed"))
    except ImportError as fault:
        raise ClusterError("没有安装并行计算的组件：请安装 anlan[cluster] 后再试。") from fault
    quiet = {
        "distributed.worker.memory.target": False,
        "distributed.worker.memory.spill": False,
        "distributed.scheduler.allowed-failures": 5,
        "distributed.admin.system-monitor.gil.enabled": False,
    }
    with contextlib.ExitStack() as stack:
        stack.enter_context(dask.config.set(quiet))
        if address is None:
            local = distributed.LocalCluster(
                n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None
            )
            address = stack.enter_context(local)
        try:
            client = stack.enter_context(distributed.Client(address, timeout="20s"))
        except (OSError, ValueError) as fault:
            raise ClusterError(f"集群 {address} 没有应答：请检查地址，并确认调度进程已启动。") from fault
        yield Processes(client, distributed.as_completed)
