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
@click.option("--subject", help="账号已存在：关联到统一身份认证中的这个标识；空串解除关联。")
def account(  # noqa: PLR0913 - one parameter an option
    *,
    login: str,
    role: str | None,
    area: str | None,
    name: str,
    bureau: str,
    reset: bool,
    subject: str | None,
) -> None:
    """开通一个账号，打印初始口令（只显示这一次）；首次登录时须改成自己的口令。"""  # noqa: D400 - a Chinese full stop
    from jobs import founding

    if role is None and not reset and subject is None:
        raise click.MissingParameter(
            param_type="option", param_hint="--role", message=f"可填 {'、'.join(GIVEN)}"
        )
    settings = load_settings()
    stand(settings)
    if subject is not None:
        founding.link_account(settings, login, subject)
        waits = "已关联统一身份认证，待本人用密码登录后在“我的账号”确认"
        click.echo(f"{login}：{waits if subject else '已解除关联'}，原有登录已全部退出。")
        return
    if reset or role is None:
        click.echo(f"已重置 {login}。初始口令：{founding.start_anew(settings, login)}")
        return
    password = founding.open_account(
        settings, login, name=name or login, bureau=bureau, role=role, area=area or settings.area_code
    )
    click.echo(f"已开通 {login}（{role}，{area or settings.area_code}）。初始口令：{password}")
