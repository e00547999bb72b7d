"""Commands that take files in and hand results out."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from data.settings import SettingsError, load_settings
from jobs.cli.standing import stand

if TYPE_CHECKING:
    import datetime as dt

    from data.importers.osm import Extract
    from data.importers.receipts import Receipt
    from data.importers.rows import CrsContradictedError, CrsUnknownError
    from data.settings import Settings
    from layers.periods import Period

KINDS = (
    "areas", "villages", "institutions", "routes", "waters", "stations", "barriers", "cameras",
    "patrols", "inspections", "hazards", "children", "homes", "osm", "photos",
)  # fmt: skip
FORMLESS = frozenset({"osm", "patrols", "photos"})
"""Kinds that nobody fills in by hand."""
EXPORTS = (
    "gaps",
    "banks",
    "stations",
    "waters",
    "exposure",
    "shopping",
    "reverify",
    "ledger",
    "bulletin",
    "audit",
    "compliance",
    "children-by-township",
)
NOTHING_WENT_IN = 2
"""Exit code of an import whose rows were all refused, or refused as a whole with --all-or-nothing."""


@click.command("import")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--crs",
    help="坐标系：EPSG:4490、gcj02 ……或 doctor（按坐标诊断）；文件自带时可省略；轨迹默认 wgs84。",
)
@click.option("--despite-diagnosis", "despite", is_flag=True, help="坐标诊断与 --crs 不符时仍按 --crs 写入。")
@click.option("--area", help="osm：为摘录新建区划树，4 位为市、6 位为县（大写字母或数字）。")
@click.option("--area-name", default="", help="osm：新建区划的名称。")
@click.option("--metric-crs", help="与 --working-area 同用：量长度的投影坐标系，如 EPSG:32632。")
@click.option("--working-area", is_flag=True, help="把 --area 写进设置文件，作为本平台的工作区域。")
@click.option(
    "--demo-sign-ins", is_flag=True, help="为工作区域补齐参数并建立演示账号（口令见 anlan password）。"
)
@click.option("--all-or-nothing", is_flag=True, help="有一行被拒就整份不写；默认写入其余各行。")
@click.option("--as", "login", help="以哪个账号的名义导入（记入批次与审计）。")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 打印回执。")
def import_(  # noqa: PLR0913 - the options of one command
    *,
    kind: str,
    file: Path,
    crs: str | None,
    despite: bool,
    area: str | None,
    area_name: str,
    metric_crs: str | None,
    working_area: bool,
    demo_sign_ins: bool,
    all_or_nothing: bool,
    login: str | None,
    as_json: bool,
) -> None:
    """导入 FILE 中的 KIND 并打印回执；同一文件导入两次等于一次。"""  # noqa: D400 - a Chinese full stop
    from data.importers import kinds
    from data.importers.intake import take_in
    from data.importers.orders import Order
    from data.importers.rows import CrsContradictedError, CrsUnknownError, IntakeError
    from jobs.accounts import AccountError, acting

    settings = load_settings()
    if working_area:
        settings = _working_area(settings, area, area_name, metric_crs)
    stand(settings)
    try:
        if kind == "patrols" and file.suffix.lower() == ".gpx":
            from jobs.cli import patrols

            if not patrols.take(settings, file, crs, login, as_json=as_json):
                sys.exit(NOTHING_WENT_IN)
            return
        if kind == "photos":
            from jobs.cli import photos

            if not photos.take(settings, file, crs, login, as_json=as_json):
                sys.exit(NOTHING_WENT_IN)
            return
        extract = _extract(kind, area, area_name)
        actor = acting(settings, login, *kinds.needed(kind, extract))
        receipt = take_in(
            settings,
            Order(
                kind=kind,
                path=file,
                crs=crs,
                despite=despite,
                extract=extract,
                all_or_nothing=all_or_nothing,
                account_id=actor.account_id,
                role=actor.role,
                area_code=actor.area_code,
            ),
        )
    except CrsContradictedError as fault:
        _fail(f"{fault}{_diagnosed(fault)}确属如此请加 --despite-diagnosis。")
    except CrsUnknownError as fault:
        _fail(f"{fault}{_diagnosed(fault)}")
    except (IntakeError, AccountError) as fault:
        _fail(fault)
    _show(receipt, as_json=as_json)
    if demo_sign_ins:
        from jobs.founding import found

        click.echo(f"演示账号：{'、'.join(found(settings))}（口令见 anlan password）。", err=True)


def _diagnosed(fault: CrsUnknownError | CrsContradictedError) -> str:
    """Return what the coordinate doctor found in a file, and how to follow it."""
    from layers.verdicts import headline

    if fault.diagnosis is None:
        return ""
    follow = (
        "" if fault.diagnosis["verdict"] in {"insufficient", "outside"} else "同意诊断请加 --crs doctor。"
    )
    return f"坐标诊断：{headline(fault.diagnosis)[1]}{follow}"


def _extract(kind: str, area: str | None, name: str) -> Extract | None:
    from data.importers.osm import Extract
    from data.importers.rows import IntakeError

    if kind != "osm":
        if area:
            raise IntakeError("--area 只用于 osm：其他文件按行里的区划或坐标归属。")
        return None
    return Extract(area_code=area.upper() if area else None, area_name=name)


def _show(receipt: Receipt, *, as_json: bool) -> None:
    click.echo(
        json.dumps(receipt.document(), ensure_ascii=False, indent=2, default=str)
        if as_json
        else receipt.text()
    )
    if receipt.refused and receipt.batch is None and receipt.already is None:
        sys.exit(NOTHING_WENT_IN)


def _working_area(settings: Settings, code: str | None, name: str, metric_crs: str | None) -> Settings:
    """Return the settings of the new working area, and write them to the settings file if there is none."""
    if not (code and name and metric_crs):
        raise SettingsError("--working-area 须同时给出 --area、--area-name 与 --metric-crs。")
    wanted = {"area_code": code.upper(), "area_name": name, "metric_crs": metric_crs}
    if all(getattr(settings, key) == value for key, value in wanted.items()):
        return settings
    path = Path(os.environ.get("ANLAN_SETTINGS", "anlan.toml"))
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in wanted.items()]
    if path.exists():
        raise SettingsError(f"设置文件 {path} 已存在：请先在其中写明 {'；'.join(lines)}，再导入。")
    # Checked before it is written: a settings file that cannot be read would stop every command.
    changed = type(settings).model_validate(settings.model_dump() | wanted | {"demo": False})
    path.write_text("\n".join([*lines, "demo = false"]) + "\n", encoding="utf-8")
    click.echo(f"已写入设置文件 {path}：{'；'.join(lines)}。", err=True)
    return changed


def _period(settings: Settings, first: dt.datetime | None, last: dt.datetime | None) -> Period | None:
    from layers.periods import Period

    if first is None:
        return None
    end = last.date() if last else settings.today()
    if first.date() > end:
        raise click.BadParameter("期初不能晚于期末", param_hint="--from")
    return Period(first=first.date(), last=end)


@click.command()
@click.argument("batch", type=click.IntRange(min=1))
@click.option("--as", "login", help="以哪个账号的名义撤销（记入审计）。")
def undo(*, batch: int, login: str | None) -> None:
    """撤销第 BATCH 批导入；之后又有改动的批次不能撤销。"""  # noqa: D400 - a Chinese full stop
    from data.storage.batch_undo import TITLES
    from jobs.accounts import acting
    from jobs.intake import undo as take_back

    settings = load_settings()
    stand(settings)
    done = take_back(settings, batch, acting(settings, login, ("imports", "write")))
    counted = "，".join(f"{TITLES.get(name, name)} {count} 条" for name, count in done.items())
    click.echo(f"已撤销第 {batch} 批：{counted or '没有需要还原的记录'}。")


@click.command()
@click.argument("kind", type=click.Choice(EXPORTS))
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--as", "login", required=True, help="账号：能导出什么由它的角色与区域决定。")
@click.option(
    "--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="ledger、bulletin、audit、compliance：期初日。"
)
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="同上：期末日，默认今天。")
@click.option("--purpose", default="", help="用途，记入访问记录；含儿童信息的成果必填。")
def export(  # noqa: PLR0913 - the options of one command
    *,
    kind: str,
    out: Path,
    login: str,
    first: dt.datetime | None,
    last: dt.datetime | None,
    purpose: str,
) -> None:
    """按 --as 账号的权限导出 KIND 到 OUT（.geojson .gpkg .xlsx .csv，通报、合规材料可用 .docx）。"""  # noqa: D400
    from jobs.accounts import AccountError, account_of
    from jobs.export import ExportError, export_bytes

    settings = load_settings()
    stand(settings)
    try:
        period = _period(settings, first, last)
        content = export_bytes(
            settings,
            account_of(settings, login),
            kind,
            out.suffix.lower().lstrip("."),
            period,
            purpose=purpose,
        )
        out.write_bytes(content)
    except (ExportError, AccountError) as fault:
        _fail(fault)
    except OSError as fault:
        _fail(f"无法写入 {out}：{fault.strerror}。")
    click.echo(f"已导出：{out}（{len(content) / 1024:.0f} KB）")


@click.command()
@click.argument("kind", type=click.Choice([kind for kind in KINDS if kind not in FORMLESS]))
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
def template(*, kind: str, out: Path) -> None:
    """把 KIND 台账的填写模板（含示例、下拉框与填写说明）写到 OUT（.xlsx）。"""  # noqa: D400
    from jobs.export import ExportError
    from jobs.templates import template_bytes

    if out.suffix.lower() != ".xlsx":
        _fail(f"模板是 Excel 工作簿：请把 {out.name} 改为以 .xlsx 结尾。")
    try:
        content = template_bytes(load_settings(), kind)
        out.write_bytes(content)
    except ExportError as fault:
        _fail(fault)
    except OSError as fault:
        _fail(f"无法写入 {out}：{fault.strerror}。")
    click.echo(f"已写出模板：{out}（{len(content) / 1024:.0f} KB）")


def _fail(fault: object) -> None:
    click.echo(f"anlan：{fault}", err=True)
    sys.exit(1)
