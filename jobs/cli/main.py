"""The command `anlan`: a table of sub-commands, each loaded only when it is called."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass

import click

from jobs.cli import usage


@dataclass(frozen=True)
class Entry:
    """One line of the table: where a command is, and what `anlan --help` says of it."""

    target: str
    summary: str
    example: str


COMMANDS = {
    "up": Entry("jobs.cli.serve:up", "启动平台：数据库、数据表、演示数据、网页", "anlan up --port 8600"),
    "stop": Entry("jobs.cli.serve:stop", "停止网页与内置数据库", "anlan stop"),
    "password": Entry("jobs.cli.serve:password", "显示演示账号与口令", "anlan password"),
    "account": Entry(
        "jobs.cli.accounts:account", "开通一个账号并打印初始口令", "anlan account shuili01 --role water"
    ),
    "migrate": Entry("jobs.cli.serve:migrate", "把数据表升级到本版本", "anlan migrate"),
    "sample": Entry("jobs.cli.sample:sample", "载入演示数据", "anlan sample --scale prefecture"),
    "import": Entry(
        "jobs.cli.transfer:import_", "导入文件并打印回执", "anlan import stations 台账.xlsx --crs EPSG:4490"
    ),
    "undo": Entry("jobs.cli.transfer:undo", "撤销一批导入", "anlan undo 12"),
    "export": Entry("jobs.cli.transfer:export", "按角色权限导出成果", "anlan export gaps 缺口.geojson"),
    "ledger": Entry(
        "jobs.cli.ledger:ledger", "导出点位台账、交回改好的台账", "anlan ledger export 台账.xlsx --as shuili"
    ),
    "template": Entry(
        "jobs.cli.transfer:template", "写出一种台账的填写模板", "anlan template stations 点位模板.xlsx"
    ),
    "assess": Entry("jobs.cli.assess:assess", "重新计算岸线缺口与接近关系", "anlan assess"),
    "work": Entry("jobs.cli.assess:work", "随数据变更更新缺口，只重算受影响的水域", "anlan work --once"),
    "status": Entry("jobs.cli.assess:status", "显示版本、数量与数据版本", "anlan status --json"),
    "verify": Entry("jobs.cli.verify:verify", "第二人核实一批导入的水域", "anlan verify 12 --as shuili"),
    "purge": Entry(
        "jobs.cli.retention:purge", "清除保存期满的儿童信息", "anlan purge --dry-run --as minzheng"
    ),
    "audit": Entry("jobs.cli.audit:audit", "核验访问记录，写出链头", "anlan audit verify"),
    "backup": Entry("jobs.cli.backups:backup", "备份数据库，并记下内容供演练比对", "anlan backup anlan.dump"),
    "drill": Entry("jobs.cli.backups:drill", "把备份恢复到临时数据库并核对", "anlan drill anlan.dump"),
    "keys": Entry("jobs.cli.keys:keys", "查看、更换、清理加密身份信息的密钥", "anlan keys status"),
    "bench": Entry("jobs.cli.assess:bench", "测量一项任务的用时与内存", "anlan bench coverage --json"),
    "test": Entry("jobs.cli.serve:test", "运行全部检查与测试", "anlan test -k socket"),
}

FORESEEN = {
    "data.engine:DatabaseUnreachableError",
    "data.grants:LoginsMissingError",
    "data.identity_fields:IdentityError",
    "data.keyring:KeyringError",
    "data.sample.faults:SampleError",
    "data.server.faults:ServerError",
    "data.ledgers.layouts:LayoutError",
    "data.settings:SettingsError",
    "data.storage.batch_undo:UndoError",
    "data.storage.retention:RetentionError",
    "geo.crs:CrsError",
    "jobs.accounts:AccountError",
    "jobs.assets:AssetsError",
    "jobs.backups:BackupError",
    "jobs.founding:FoundingError",
    "jobs.export:ExportError",
    "jobs.spread:ClusterError",
    "jobs.web:WebError",
}
"""Faults that the caller can act on, by name: the help page must not load the database to know them."""


class Table(click.Group):
    """A group that knows its commands by the table and imports one when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load the command of that name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].target.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words before the command's name; a fault is said in Chinese."""
        try:
            return super().parse_args(ctx, args)
        except click.exceptions.NoArgsIsHelpError:
            raise
        except click.ClickException as fault:
            raise usage.said(fault) from None

    def invoke(self, ctx: click.Context) -> object:
        """Call the command; a fault in how it was called is said in Chinese."""
        try:
            return super().invoke(ctx)
        except click.ClickException as fault:
            raise usage.said(fault) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each command with its example, without loading any."""
        del ctx
        with formatter.section("命令"):
            for name, entry in COMMANDS.items():
                formatter.write(f"  {name:<9}{entry.summary}\n{'':<11}例：{entry.example}\n")


@click.command(cls=Table, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="anlan", prog_name="anlan")
def anlan() -> None:
    """安澜：守住水边的孩子。每个命令都可加 --help 查看选项。"""  # noqa: D400 - a Chinese full stop


def main() -> None:
    """Run the command line; a fault that the caller can act on is one sentence and exit code 1."""
    try:
        anlan()
    except Exception as fault:
        if isinstance(fault, OSError) and fault.filename:
            fault = OSError(f"不能读写 {fault.filename}（{fault.strerror}）：请检查权限与磁盘空间。")
        elif not _is_foreseen(fault):
            raise
        click.echo(f"anlan：{fault}", err=True)
        sys.exit(1)


def _is_foreseen(fault: Exception) -> bool:
    return any(f"{kind.__module__}:{kind.__qualname__}" in FORESEEN for kind in type(fault).__mro__)
