"""Commands that bring the program up, down and to the proof."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from data.settings import ROOT, SettingsError, load_settings
from jobs.cli.standing import stand

if TYPE_CHECKING:
    from data.settings import Settings
    from jobs.web import Process

HISTORY = dt.timedelta(days=30)
"""How far the ledger of the sample goes back."""
PROCESSES_MAX = 4
CHECKS = (("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",), ("lint-imports",))


@click.command()
@click.option("--host", help="监听地址，默认 127.0.0.1；局域网访问用 0.0.0.0。")
@click.option("--port", type=click.IntRange(1, 65535), help="监听端口，默认 8501。")
@click.option(
    "--scale", type=click.Choice(["county", "prefecture", "province"]), help="空库时载入的演示数据规模。"
)
@click.option("--foreground", is_flag=True, help="不转入后台（容器、systemd 使用）。")
def up(*, host: str | None, port: int | None, scale: str | None, foreground: bool) -> None:
    """启动平台，打印地址与演示账号；已在运行则只打印。"""  # noqa: D400 - a Chinese full stop
    from data.server import cluster
    from jobs import web

    settings = load_settings()
    given = {"host": host, "port": port, "sample_scale": scale}
    settings = settings.model_copy(update={name: value for name, value in given.items() if value is not None})
    process = web.running(settings)
    if process is not None:
        cluster.ensure_running(settings)
    else:
        web.require_free_port(settings)
        _prepare(settings)
        if foreground:
            click.echo(f"安澜：http://{settings.host}:{settings.port}")
            web.become(settings)
        process = web.start(settings)
    _greet(settings, process)


@click.command()
def stop() -> None:
    """停止网页与内置数据库。"""  # noqa: D400
    from data.server import cluster
    from jobs import web

    settings = load_settings()
    stopped = web.stop(settings), cluster.stop(settings)
    click.echo("已停止。" if any(stopped) else "平台没有在运行。")


@click.command()
def password() -> None:
    """显示演示账号与口令。"""  # noqa: D400
    settings = load_settings()
    stand(settings)
    _show_sign_ins(settings)


@click.command()
@click.option(
    "--roles", is_flag=True, help="只打印建立角色、数据库与扩展的 SQL，由自有数据库的管理员执行一次。"
)
@click.option("--check", is_flag=True, help="只检查数据表与代码是否一致。")
def migrate(*, roles: bool, check: bool) -> None:
    """把数据表升级到本版本。"""  # noqa: D400
    from data.server import cluster, foreign, logins
    from data.server import migrate as schema
    from jobs import founding

    if roles:
        click.echo(logins.script())
        return
    settings = load_settings()
    cluster.ensure_running(settings)
    foreign.prepare(settings)
    if check:
        schema.check(settings)
        click.echo("数据表与代码一致。")
    else:
        schema.upgrade(settings)
        founding.settle(settings)
        click.echo("数据表已是最新。")


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def test(pytest_arguments: tuple[str, ...]) -> None:
    """运行全部检查与测试；其后的参数交给 pytest。"""  # noqa: D400
    if not (ROOT / "tests").is_dir():
        raise SettingsError("这里没有 tests 目录：请在完整的代码目录中运行。")
    from jobs import assets, browser

    settings = load_settings()
    assets.ensure(settings)
    # The tests find the browser as everybody does: by its name on the path.
    path = f"{os.environ.get('PATH', os.defpath)}{os.pathsep}{browser.ensure(settings).parent}"
    programs = Path(sys.executable).parent
    failed = []
    for program, *arguments in CHECKS:
        name = " ".join((program, *arguments))
        click.echo(f"— {name}")
        if subprocess.run([programs / program, *arguments], cwd=ROOT, check=False).returncode:  # noqa: S603
            failed.append(name)
    if failed:
        click.echo(f"未通过：{'、'.join(failed)}", err=True)
    # A file stays in one process, which has a server and a browser of its own. The files come in the order of
    # their names: by default those with few tests come last, and the longest of the browser have few.
    processes = str(min(PROCESSES_MAX, os.cpu_count() or 1))
    spread = ["-n", processes, "--dist", "loadfile", "--no-loadscope-reorder"]
    command = [str(programs / "pytest"), *spread, *pytest_arguments]
    found = os.environ | {"PATH": path}
    outcome = subprocess.run(command, cwd=ROOT, env=found, check=False)  # noqa: S603 - our own tests
    sys.exit(outcome.returncode or len(failed))


def _prepare(settings: Settings) -> None:
    from data.engine import Login, connect, dispose
    from data.storage import deployment
    from jobs import assets, founding

    stand(settings)
    assets.ensure(settings)
    founding.settle(settings)
    with connect(settings, Login.OWNER) as connection:
        empty = deployment.is_empty(connection)
    if empty and settings.demo:
        from jobs import sample

        click.echo(f"正在载入演示数据（{settings.sample_scale}）…")
        sample.load(settings, settings.sample_scale)
    with connect(settings, Login.OWNER) as connection:
        unassessed = deployment.is_sample_unassessed(connection)
    if unassessed:
        from jobs import assess, child_tables, outlook

        click.echo("正在计算岸线缺口…")
        # The ledger of the sample has something to tell: where things stood a month ago.
        assess.refresh(settings, as_of=settings.today() - HISTORY)
        assess.refresh(settings)
        outlook.refresh_outlook(settings)
        child_tables.told_or_logged(settings)
    dispose()


def _greet(settings: Settings, process: Process) -> None:
    click.echo(f"安澜已启动：{process.address}")
    _show_sign_ins(settings)
    click.echo("停止：./anlan stop")


def _show_sign_ins(settings: Settings) -> None:
    from data.engine import Login, connect
    from data.storage import deployment

    with connect(settings, Login.OWNER) as connection:
        accounts = deployment.demo_sign_ins(connection)
    if not accounts or not settings.demo_password_file.exists():
        click.echo("没有演示账号。")
        return
    click.echo(f"演示口令（各账号相同）：{settings.demo_password_file.read_text('utf-8').strip()}")
    for login, name, roles in accounts:
        click.echo(f"  {login:<10}{name}（{roles}）")
