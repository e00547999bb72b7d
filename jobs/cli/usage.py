"""What is wrong with how a command was called, in one sentence of the house's language."""

from __future__ import annotations

import sys
from typing import IO, Any

import click
from click.exceptions import NoSuchCommand


class Said(click.ClickException):
    """A fault of the command line, said in one line beginning `anlan：`."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the line."""
        click.echo(f"anlan：{self.message}", file=file or sys.stderr)


class Misused(Said):
    """The command was called in a wrong way."""

    exit_code = click.UsageError.exit_code


def said(fault: click.ClickException) -> Said:
    """Return a fault of click in Chinese, with the exit code of its kind."""
    if isinstance(fault, Said):
        return fault
    if not isinstance(fault, click.UsageError):
        return Said(fault.message)
    path = fault.ctx.command_path if fault.ctx else "anlan"
    return Misused(f"{_sentence(fault)}：请用 {path} --help 查看用法。")


def _sentence(fault: click.UsageError) -> str:
    if isinstance(fault, NoSuchCommand):
        return f"没有名为“{_short(fault.command_name)}”的命令"
    if isinstance(fault, click.NoSuchOption):
        return f"没有选项 {_short(fault.option_name)}"
    if isinstance(fault, click.BadOptionUsage):
        return f"选项 {_short(fault.option_name)} 的用法不对（缺少值，或不需要值）"
    if isinstance(fault, click.MissingParameter):
        return f"缺少 {_name(fault)}{_expected(fault)}"
    if isinstance(fault, click.BadParameter):
        # Our own checks speak Chinese already.
        reason = "" if fault.message.isascii() else f"，{fault.message}"
        return f"{_name(fault)} 的值不对{reason or _expected(fault)}"
    return "参数过多或不对"


def _name(fault: click.BadParameter) -> str:
    if isinstance(fault.param, click.Option):
        return fault.param.opts[0]
    if fault.param is not None and fault.param.name:
        return fault.param.name.upper()
    return str(fault.param_hint or "参数")


def _expected(fault: click.BadParameter) -> str:
    kind = fault.param.type if fault.param is not None else None
    if isinstance(kind, click.Choice):
        return f"（可填 {'、'.join(map(str, kind.choices))}）"
    if isinstance(kind, click.IntRange):
        return f"（应为 {kind.min} 到 {kind.max} 的整数）"
    if isinstance(kind, click.DateTime):
        return "（应为 2026-06-01 这样的日期）"
    return ""


def _short(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable())[:40]
