"""Commands that compute and tell: assess, work, status, bench."""

from __future__ import annotations

import datetime as dt
import json
import runpy
import sys
from typing import TYPE_CHECKING, NamedTuple

import click

from data.settings import ROOT, load_settings
from jobs.cli.standing import stand

if TYPE_CHECKING:
    from collections.abc import Callable

    from data.settings import Settings
    from jobs.assess import Refreshed

FIRST_DAY = dt.date(2000, 1, 1)
"""An earlier day is a slip of the keyboard: nothing was checked then."""


@click.command()
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="按哪一天判断器材是否在复核期内，默认今天。")
@click.option("--rebuild", is_flag=True, help="连同未受影响的接近关系一并重新计算。")
@click.option("--workers", type=click.IntRange(1, 64), help="按区县分给本机几个进程；需安装 anlan[cluster]。")
@click.option("--scheduler", metavar="ADDRESS", help="按区县分给集群，如 tls://10.0.0.5:8786。")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 打印结果。")
def assess(
    *, as_of: dt.datetime | None, rebuild: bool, workers: int | None, scheduler: str | None, as_json: bool
) -> None:
    """重新计算岸线缺口与接近关系，并保存。"""  # noqa: D400 - a Chinese full stop
    from jobs import child_tables
    from jobs.outlook import refresh_outlook

    settings = load_settings()
    day = as_of.date() if as_of else None
    if day is not None and not FIRST_DAY <= day <= settings.today():
        raise click.BadParameter(f"应在 {FIRST_DAY} 与今天（{settings.today()}）之间", param_hint="--as-of")
    stand(settings)
    hidden = as_json or not sys.stderr.isatty()
    with click.progressbar(length=100, label="评估", file=sys.stderr, hidden=hidden) as bar:
        done = _assessed(
            settings,
            Processes(workers, scheduler),
            as_of=day,
            rebuild=rebuild,
            progress=lambda share, _: bar.update(max(round(share * 100) - bar.pos, 0)),
        )
    if day is None:
        refresh_outlook(settings)
        child_tables.told_or_logged(settings)
    if as_json:
        report = {
            "assessment": done.assessment_id,
            "data_version": done.data_version,
            "as_of": done.as_of.isoformat(),
            "figures": dict(done.figures),
            "seconds": dict(done.seconds),
        }
        click.echo(json.dumps(report, ensure_ascii=False))
        return
    kilometres = {name: done.figures[f"{name}_m"] / 1000 for name in ("bank", "exposed", "covered", "gap")}
    click.echo(
        f"岸线 {kilometres['bank']:,.1f} 公里，其中临近儿童 {kilometres['exposed']:,.1f} 公里：已防护 "
        f"{kilometres['covered']:,.1f} 公里，缺口 {done.figures['gaps']:,.0f} 处"
        f"共 {kilometres['gap']:,.1f} 公里。"
    )
    click.echo(
        f"点位 {done.figures['stations']:,.0f} 处，四件齐全且在复核期内 "
        f"{done.figures['valid_stations']:,.0f} 处。"
        f"用时 {sum(done.seconds.values()):.1f} 秒。"
    )


class Processes(NamedTuple):
    """Who assesses: this process where neither is given."""

    workers: int | None
    scheduler: str | None


def _assessed(
    settings: Settings,
    who: Processes,
    *,
    as_of: dt.date | None,
    rebuild: bool,
    progress: Callable[[float, str], None],
) -> Refreshed:
    from jobs import assess, spread

    if who.workers is None and who.scheduler is None:
        return assess.refresh(settings, as_of=as_of, rebuild=rebuild, progress=progress)
    with spread.cluster(who.workers or 1, who.scheduler) as processes:
        return spread.refresh_by_area(settings, processes, as_of=as_of, rebuild=rebuild, progress=progress)


@click.command()
@click.option("--once", is_flag=True, help="处理完排队的变更即结束；不加则一直等候。")
@click.option("--pause", default=2.0, show_default=True, help="没有变更时，隔多少秒再看。")
def work(*, once: bool, pause: float) -> None:
    """随数据变更更新缺口：只重算受影响的水域。"""  # noqa: D400
    from jobs.assess import Refreshed
    from jobs.worker import work as run

    def tell(what: Refreshed | Exception) -> None:
        if isinstance(what, Refreshed):
            extent = "全部水域" if what.waters is None else f"{what.waters} 处水域"
            seconds = sum(what.seconds.values())
            click.echo(f"第 {what.assessment_id} 次评估：{extent}，用时 {seconds * 1000:.0f} 毫秒。")
        else:
            click.echo("数据库暂时没有应答，稍后再试。", err=True)

    settings = load_settings()
    stand(settings)
    run(settings, once=once, pause_s=pause, told=tell)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="以 JSON 打印。")
def status(*, as_json: bool) -> None:
    """显示版本、数量与数据版本。"""  # noqa: D400
    from jobs.status import lines
    from jobs.status import status as report_of

    settings = load_settings()
    stand(settings)
    report = report_of(settings)
    click.echo(json.dumps(report, ensure_ascii=False) if as_json else "\n".join(lines(report)))


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("rest", nargs=-1, type=click.UNPROCESSED)
def bench(name: str, rest: tuple[str, ...]) -> None:
    """测量一项任务的用时与内存，旁边是同类工具：anlan bench coverage --json。"""  # noqa: D400
    folder = ROOT / "benchmarks"
    scripts = {path.stem.removeprefix("bench_"): path for path in sorted(folder.glob("bench_*.py"))}
    known = [one for one in scripts if not one.endswith("_engines")]
    if name not in known:
        raise click.ClickException(
            f"没有名为 {name} 的测量；可用：{'、'.join(known) or '无（须在源码目录中运行）'}"
        )
    script = scripts[name]
    sys.argv = [str(script), *rest]
    runpy.run_path(str(script), run_name="__main__")
