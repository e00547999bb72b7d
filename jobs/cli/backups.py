"""Commands of backups: make one, and drill its restore."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

import click

from data.settings import load_settings
from jobs.cli.standing import stand


@click.command()
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
def backup(out: Path) -> None:
    """备份数据库到 OUT，旁边的 OUT.json 记下各表行数、校验和与权限，供演练比对。

    例：anlan backup /备份/anlan-2026-06-01.dump
    """  # noqa: D400 - a Chinese full stop
    from jobs.backups import backup as run

    settings = load_settings()
    stand(settings)
    found = run(settings, out)
    rows = sum(count for count, _ in found["tables"].values())
    click.echo(f"已备份 {len(found['tables'])} 张表、{rows:,} 行到 {out}。")
    click.echo("备份里有儿童住址：请加密保管、限期销毁；密钥文件、照片目录和 audit-heads.log 另行备份。")


@click.command()
@click.argument("dump", type=click.Path(path_type=Path, dir_okay=False))
def drill(dump: Path) -> None:
    """把备份恢复到临时的空数据库，核对行数、校验和、权限与访问记录，再删掉。现有数据不受影响。

    例：anlan drill /备份/anlan-2026-06-01.dump
    """  # noqa: D400 - a Chinese full stop
    from jobs.backups import drill as run

    # A drill that is ended takes its server away, for homes of children are in it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    began = time.monotonic()
    click.echo("正在恢复到临时数据库并逐表核对……")
    found = run(load_settings(), dump)
    for difference in found.differences:
        click.echo(f"不符：{difference}")
    if found.differences:
        click.echo(f"演练没有通过：{len(found.differences)} 处与备份时不同。请另做一份备份，并查明原因。")
        sys.exit(1)
    click.echo(
        f"演练通过：{found.tables} 张表、{found.rows:,} 行、全部权限与备份时一致，"
        f"访问记录 {found.acts:,} 条连成一链。用时 {time.monotonic() - began:.0f} 秒。"
    )
