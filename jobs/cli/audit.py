"""Commands on the record of acts: verify it, write its head outside the database."""

from __future__ import annotations

import sys

import click

from data.settings import load_settings
from jobs.cli.standing import stand


@click.group()
def audit() -> None:
    """核验访问记录是否完整，或把链头写到数据库之外。"""  # noqa: D400 - a Chinese full stop


@audit.command()
def verify() -> None:
    """逐条核验访问记录：改动、删除、调换、截断都会指出。"""  # noqa: D400
    from jobs.audit_trail import verify as run

    settings = load_settings()
    stand(settings)
    found = run(settings)
    for fault in found.faults:
        click.echo(f"不符：{fault}")
    if found.faults:
        click.echo(f"共核验 {found.acts} 条，发现 {len(found.faults)} 处不符。请保全现场并报告审计。")
        sys.exit(1)
    click.echo(f"访问记录完整：{found.acts} 条逐条相符，与库外 {found.heads} 个链头一致。")


@audit.command()
def head() -> None:
    """把当前链头追加到状态目录的 audit-heads.log 并打印，可抄送审计部门留存。"""  # noqa: D400
    from jobs.audit_trail import write_head

    settings = load_settings()
    stand(settings)
    found = write_head(settings)
    click.echo("尚无访问记录。" if found is None else f"第 {found.position} 条　{found.hash.hex()}")
