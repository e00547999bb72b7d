"""The command that opens an account where there is no sample: the first one of each bureau."""

from __future__ import annotations

import click

from data.schema.accounts import GIVEN
from data.settings import load_settings
from jobs.cli.standing import stand


@click.command()
@click.argument("login")
@click.option("--role", type=click.Choice(GIVEN), help="角色；开通时必填。")
@click.option("--area", help="负责区域的代码，默认本部署的区域。")
@click.option("--name", default="", help="显示名称，默认同登录名。")
@click.option("--bureau", default="", help="单位名称。")
@click.option(
    "--reset", is_flag=True, help="账号已存在：换新的初始口令，解除锁定与动态口令，退出其全部登录。"
)
def account(  # noqa: PLR0913 - one parameter an option
    *, login: str, role: str | None, area: str | None, name: str, bureau: str, reset: bool
) -> None:
    """开通一个账号，打印初始口令（只显示这一次）；首次登录时须改成自己的口令。"""  # noqa: D400 - a Chinese full stop
    from jobs import founding

    if role is None and not reset:
        raise click.MissingParameter(
            param_type="option", param_hint="--role", message=f"可填 {'、'.join(GIVEN)}"
        )
    settings = load_settings()
    stand(settings)
    if reset or role is None:
        click.echo(f"已重置 {login}。初始口令：{founding.start_anew(settings, login)}")
        return
    password = founding.open_account(
        settings, login, name=name or login, bureau=bureau, role=role, area=area or settings.area_code
    )
    click.echo(f"已开通 {login}（{role}，{area or settings.area_code}）。初始口令：{password}")
