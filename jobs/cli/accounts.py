"""The command that opens an account where there is no sample: the first one of each bureau."""

from __future__ import annotations

import click

from data.schema.accounts import ROLES
from data.settings import load_settings


@click.command()
@click.argument("login")
@click.option("--role", type=click.Choice(ROLES), required=True, help="角色。")
@click.option("--area", help="负责区域的代码，默认本部署的区域。")
@click.option("--name", default="", help="显示名称，默认同登录名。")
@click.option("--bureau", default="", help="单位名称。")
def account(*, login: str, role: str, area: str | None, name: str, bureau: str) -> None:
    """开通一个账号，打印初始口令（只显示这一次）。"""  # noqa: D400 - a Chinese full stop
    from data.server import cluster
    from jobs import founding

    settings = load_settings()
    cluster.ensure_running(settings)
    password = founding.open_account(
        settings, login, name=name or login, bureau=bureau, role=role, area=area or settings.area_code
    )
    click.echo(f"已开通 {login}（{role}，{area or settings.area_code}）。初始口令：{password}")
