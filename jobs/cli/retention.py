"""The command that removes children whose time in the register is over."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from data.settings import load_settings
from jobs.cli.standing import stand

if TYPE_CHECKING:
    from jobs.retention import Outlook

REASONS = {"left": "离开登记", "adult": "年满 18 周岁"}
TITLES = {"child": "儿童", "home": "住处", "child_identity": "身份信息", "child_visit": "走访记录"}


@click.command()
@click.option("--dry-run", is_flag=True, help="只列出到期人数（按乡镇、原因），不删除。")
@click.option("--as", "login", help="以哪个民政账号的名义清除（记入访问记录）；不写则为服务器操作员。")
@click.option("--yes", is_flag=True, help="不再询问，直接删除。")
def purge(*, dry_run: bool, login: str | None, yes: bool) -> None:
    """永久清除保存期满的儿童信息：离开登记或年满 18 周岁、并超过保存期的。"""  # noqa: D400 - a Chinese full stop
    from jobs import retention
    from jobs.accounts import acting

    settings = load_settings()
    stand(settings)
    actor = acting(settings, login, ("children", "purge"))
    found = retention.foresee(settings, actor)
    if not found.children:
        click.echo(f"没有保存期满（{settings.child_retention_months} 个月）的儿童信息。")
        return
    click.echo("\n".join(_listed(found, settings.child_retention_months)))
    if dry_run:
        click.echo("以上为试算，未删除任何内容。")
        return
    if not yes and not _agreed(found.children):
        click.echo("anlan：未确认，未删除任何内容；无人值守时请加 --yes。", err=True)
        sys.exit(1)
    done = retention.purge(settings, actor)
    counted = "，".join(f"{TITLES[name]} {count} 条" for name, count in done.items())
    click.echo(f"已清除：{counted or '没有到期的儿童信息'}。访问记录已记人数，不记内容。")


def _agreed(children: int) -> bool:
    try:
        return click.confirm(f"将永久删除 {children} 名儿童的全部信息，不能恢复。继续吗", err=True)
    except click.Abort:
        return False


def _listed(found: Outlook, months: int) -> list[str]:
    lines = [f"保存期满（{months} 个月）的儿童共 {found.children} 名："]
    for township, name, reason, count in found.townships[
        ["township", "township_name", "reason", "children"]
    ].itertuples(index=False, name=None):
        lines.append(f"  {name or '（未知）'}（{township}）　{REASONS[reason]} {count} 名")
    if found.named is not None:
        for code, area, reason in found.named[["code", "area_code", "reason"]].itertuples(
            index=False, name=None
        ):
            lines.append(f"  编号 {code}（{area}）　{REASONS[reason]}")
    return lines
