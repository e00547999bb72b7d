"""The command by which a second person verifies imported waters or hazards."""

from __future__ import annotations

import click

from data.settings import load_settings
from jobs.cli.standing import stand
from layers import words


@click.command()
@click.argument("batch", type=click.IntRange(min=1))
@click.option("--as", "login", required=True, help="核实人账号：须有水域（隐患）核实权，且不是绘制或导入人。")
def verify(*, batch: int, login: str) -> None:
    """核实第 BATCH 批导入的水域或隐患；次日起才显示其周边儿童情况、参与按住所的合并统计。"""  # noqa: D400 - a Chinese full stop
    from data import rights
    from data.engine import Login, connect
    from data.storage import audit
    from data.storage.verification import VERIFIED, kind_of_batch, verify_batch
    from jobs.accounts import acting

    settings = load_settings()
    stand(settings)
    with connect(settings, Login.GENERAL, readonly=True) as connection:
        kind = kind_of_batch(connection, batch)
    if kind not in VERIFIED:
        raise click.ClickException(f"第 {batch} 批不是水域或隐患的导入：请在导入页面查看批号。")
    actor = acting(settings, login, (kind, "verify"))
    with connect(settings, rights.login_of(actor.role), actor) as connection:
        codes, own = verify_batch(connection, batch, kind)
        audit.record(
            connection,
            audit.Action.VERIFY_WATERS if kind == "waters" else audit.Action.VERIFY_HAZARDS,
            actor,
            object_kind=VERIFIED[kind],
            object_ids=codes,
            row_count=len(codes),
        )
    click.echo(f"已核实 {len(codes)} 处{words.OBJECTS[VERIFIED[kind]]}。")
    if own:
        click.echo(f"另有 {own} 处由本人绘制或导入，须由他人核实。")
