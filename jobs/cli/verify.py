"""The command by which a second person verifies imported waters."""

from __future__ import annotations

import click

from data.settings import load_settings
from jobs.cli.standing import stand


@click.command()
@click.argument("batch", type=click.IntRange(min=1))
@click.option("--as", "login", required=True, help="核实人账号：须有水域核实权，且不是绘制或导入人。")
def verify(*, batch: int, login: str) -> None:
    """核实第 BATCH 批导入的水域；次日起这些水域才参与按住所的合并统计。"""  # noqa: D400 - a Chinese full stop
    from data import rights
    from data.engine import connect
    from data.storage import audit
    from data.storage.water_verification import verify_batch
    from jobs.accounts import acting

    settings = load_settings()
    stand(settings)
    actor = acting(settings, login, ("waters", "verify"))
    with connect(settings, rights.login_of(actor.role), actor) as connection:
        codes, own = verify_batch(connection, batch)
        audit.record(
            connection,
            audit.Action.VERIFY_WATERS,
            actor,
            object_kind="water",
            object_ids=codes,
            row_count=len(codes),
        )
    click.echo(f"已核实 {len(codes)} 处水域。")
    if own:
        click.echo(f"另有 {own} 处由本人绘制或导入，须由他人核实。")
