"""Commands on the keys outside the database."""

from __future__ import annotations

import sys

import click

from data.settings import load_settings
from jobs.cli.standing import stand


@click.group()
def keys() -> None:
    """查看、更换、清理加密儿童身份信息与动态口令的密钥。"""  # noqa: D400 - a Chinese full stop


@keys.command()
def status() -> None:
    """列出每个密钥加密了多少条。"""  # noqa: D400
    from jobs.keys import status as run

    settings = load_settings()
    stand(settings)
    found = run(settings)
    for use in found:
        state = "当前" if use.current else "旧" if use.present else "缺失"
        click.echo(f"第 {use.number} 号（{state}）：身份信息 {use.identities} 条，动态口令 {use.factors} 条")
    click.echo(f"密钥文件 {settings.key_path}：请与数据库备份分开保存一份副本。")
    if missing := [str(use.number) for use in found if not use.present]:
        click.echo(f"缺少第 {'、'.join(missing)} 号密钥，所加密的内容无法读取：请从副本恢复密钥文件。")
        sys.exit(1)


@keys.command()
def rotate() -> None:
    """启用新密钥，并分批重新加密；中断后再次执行即接着做。"""  # noqa: D400
    from jobs.keys import rotate as run

    settings = load_settings()
    stand(settings)
    done = run(settings, lambda sealed, total: click.echo(f"已重新加密 {sealed}/{total}"))
    if done.unopened:
        click.echo(
            f"有 {len(done.unopened)} 条无法解开，保持原样，请从备份恢复：{'；'.join(done.unopened[:20])}"
        )
        sys.exit(1)
    if done.resumed:
        click.echo(f"已接着完成上一次更换：全部改用第 {done.number} 号密钥。要再换一次，请重新执行。")
    else:
        click.echo(
            f"已启用第 {done.number} 号密钥，重新加密 {done.sealed} 条。"
            f"请立即备份密钥文件 {settings.key_path}。"
        )
    click.echo("旧密钥仍保留，用于读取以前的备份；不再需要时执行 anlan keys drop。")


@keys.command()
@click.option("--yes", is_flag=True, help="不再询问。")
def drop(*, yes: bool) -> None:
    """清理已没有内容使用的旧密钥。"""  # noqa: D400
    from jobs.keys import drop as run

    settings = load_settings()
    if not yes:
        click.confirm(
            "清理后，更换密钥之前的数据库备份中的身份信息将无法读取，那时导出的点位台账也不能再交回。继续？",
            abort=True,
        )
    stand(settings)
    dropped = run(settings)
    if dropped:
        click.echo(f"已清理第 {'、'.join(map(str, dropped))} 号密钥。请更新密钥文件的副本。")
    else:
        click.echo("没有可清理的密钥：只有当前密钥，或旧密钥仍在使用（见 anlan keys status）。")
