"""`anlan sample`: fill an empty database with the sample prefecture."""

from __future__ import annotations

import time

import click

SCALES = ("county", "prefecture", "province")


@click.command()
@click.option("--scale", type=click.Choice(SCALES), default=None, help="规模；缺省用设置 sample_scale。")
@click.option("--seed", type=int, default=None, help="随机种子：同一种子得到同一套数据。")
@click.option("--county", default=None, metavar="代码", help="county 规模时载入哪个县（6 位代码）。")
def sample(scale: str | None, seed: int | None, county: str | None) -> None:
    """载入演示数据（全部为虚构，只载入空库；更大规模在原有基础上补齐）。

    例：anlan sample --scale prefecture
    """  # noqa: D400 - a Chinese full stop
    from data.settings import load_settings
    from jobs import assets
    from jobs import sample as job
    from jobs.cli.standing import stand

    settings = load_settings()
    stand(settings)
    assets.ensure(settings)
    began = time.monotonic()
    counts = job.load(
        settings,
        scale or settings.sample_scale,
        seed=job.SEED if seed is None else seed,
        county=county,
        progress=lambda step: click.echo(step, err=True),
    )
    if not counts:
        click.echo("演示数据已在库中，未写入任何记录。")
        return
    click.echo(f"已载入 {sum(counts.values()):,} 条演示记录，用时 {time.monotonic() - began:.0f} 秒。")
    for table, rows in sorted(counts.items()):
        click.echo(f"  {table:<20}{rows:>10,}")
