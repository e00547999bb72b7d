"""The station ledger on the command line: out in a layout of a bureau, back with a comparison first."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from data.settings import load_settings
from jobs.cli.standing import stand

if TYPE_CHECKING:
    from data.ledgers.comparing import Change
    from data.ledgers.handing_in import Preview
    from data.settings import Settings

LINES_MAX = 200
UNDECIDED = 2
"""Exit code of a ledger of which something still has to be decided: nothing was written."""


@click.group()
def ledger() -> None:
    """导出点位台账，或交回改好的台账。"""  # noqa: D400 - a Chinese full stop


@ledger.command()
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--as", "login", required=True, help="账号：能导出哪里由它的岗位与区域决定。")
@click.option("--layout", default="water", show_default=True, help="版式：随程序的或 layouts 文件夹里的。")
@click.option("--area", help="只导出这个县或乡镇（区划代码）；默认为账号的全部区域。")
def export(*, out: Path, login: str, layout: str, area: str | None) -> None:
    """按本单位版式把点位台账导出到 OUT（.xlsx），改好后可用 anlan ledger import 交回。"""  # noqa: D400
    from jobs.accounts import AccountError, account_of
    from jobs.export import ExportError
    from jobs.ledgers import ledger_bytes

    if out.suffix.lower() != ".xlsx":
        _fail(f"台账是 Excel 工作簿：请把 {out.name} 改为以 .xlsx 结尾。")
    settings = _settings()
    try:
        content = ledger_bytes(settings, account_of(settings, login), layout, area)
        out.write_bytes(content)
    except (ExportError, AccountError) as fault:
        _fail(fault)
    except OSError as fault:
        _fail(f"无法写入 {out}：{fault.strerror}。")
    click.echo(f"已导出台账：{out}（{len(content) / 1024:.0f} KB）")


@ledger.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--preview", "only", is_flag=True, help="只对照，不写入。")
@click.option("--mine", is_flag=True, help="与他人改动冲突的单元格以交回的台账为准；默认保留他人的。")
@click.option("--retire", is_flag=True, help="台账里删去的行对应的点位一并停用；默认不动。")
@click.option("--as", "login", help="以哪个账号的名义交回（记入批次与审计）。")
def import_(*, file: Path, only: bool, mine: bool, retire: bool, login: str | None) -> None:
    """读取改好的台账 FILE，逐格对照，再一次写入；没有改动就什么也不写。"""  # noqa: D400
    from data.importers import kinds
    from data.importers.rows import IntakeError
    from data.ledgers import handing_in
    from jobs.accounts import AccountError, acting

    settings = _settings()
    try:
        scope = acting(settings, login, *kinds.needed("stations"))
        day = settings.today()
        shown = handing_in.preview(settings, file, scope, day)
        click.echo("\n".join(_lines(shown)))
        if only or shown.comparison.nothing:
            return
        choice = handing_in.accepted(shown.comparison, conflicts=mine)
        if retire:
            choice = handing_in.retiring(choice, shown.comparison)
        if choice.nothing:
            click.echo("没有可写入的改动，未写入任何内容。")
            sys.exit(UNDECIDED)
        receipt = handing_in.apply(settings, shown, choice, scope, day)
    except (IntakeError, AccountError) as fault:
        _fail(fault)
    click.echo(
        f"已写入：{len(choice.cells)} 处改动、{len(choice.added)} 个新点位、停用 {len(choice.retired)} 个。"
    )
    click.echo(receipt.text())


def _lines(shown: Preview) -> list[str]:
    found = shown.comparison
    area, day = shown.facts.get("区域名称", ""), shown.facts.get("导出日期", "")
    lines = [f"台账：{shown.file_name}（{area}，{day} 导出）"]
    if found.nothing:
        return [
            *lines,
            "与导出时相同，没有改动，未写入任何内容。",
            *(f"注意：{note}" for note in found.notes),
        ]
    plain = [change for change in found.changes if not change.conflict]
    clashes = [change for change in found.changes if change.conflict]
    lines += _listed("改动", [_change(change) for change in plain])
    lines += _listed("与他人改动冲突", [_clash(change) for change in clashes])
    lines += _listed(
        "新增",
        [
            f"第 {line.number} 行　{line.cells.get('code', '')} {line.cells.get('name', '')}"
            for line in found.added
        ],
    )
    lines += _listed(
        "台账里没有了（建议停用）",
        [
            f"{gone.code} {gone.name}" + ("（导出后他人改过）" if gone.touched else "")
            for gone in found.removed
        ],
    )
    lines += _listed("有误，未采用", list(map(str, found.refused)))
    return lines + [f"注意：{note}" for note in found.notes]


def _listed(title: str, rows: list[str]) -> list[str]:
    if not rows:
        return []
    more = [f"  ……另有 {len(rows) - LINES_MAX} 项"] if len(rows) > LINES_MAX else []
    return [f"{title} {len(rows)}：", *(f"  {row}" for row in rows[:LINES_MAX]), *more]


def _change(change: Change) -> str:
    from data.ledgers.fields import FIELDS, said

    title = FIELDS[change.field].title
    old, new = said(change.field, change.theirs) or "（空）", said(change.field, change.yours) or "（空）"
    return f"第 {change.row} 行　{change.code}　{title}：{old} → {new}"


def _clash(change: Change) -> str:
    from data.ledgers.fields import said

    return f"{_change(change)}（导出时为 {said(change.field, change.base) or '（空）'}，他人已改）"


def _settings() -> Settings:
    settings = load_settings()
    stand(settings)
    return settings


def _fail(fault: object) -> NoReturn:
    click.echo(f"anlan：{fault}", err=True)
    sys.exit(1)
