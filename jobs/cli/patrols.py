"""`anlan import patrols`: the tracks of a GPX file, and what became of each part."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from layers import words

if TYPE_CHECKING:
    from pathlib import Path

    from data.settings import Settings
    from jobs.patrols import Judged

RIGHTS = (("stations", "write"),)


def take(settings: Settings, file: Path, crs: str | None, login: str | None, *, as_json: bool) -> bool:
    """Take a GPX file in, print what became of it, and return whether anything counts.

    Raises
    ------
    IntakeError, AccountError
        If the file cannot be taken in, or the account may not bring patrols.
    """
    from data import rights
    from data.engine import Login
    from data.importers.rows import IntakeError
    from jobs.accounts import acting
    from jobs.patrols import SYSTEMS, take_in

    system = (crs or SYSTEMS[0]).casefold().replace("-", "")
    if system not in SYSTEMS:
        raise IntakeError(f"轨迹的坐标系只能是 {'、'.join(SYSTEMS)}，收到的是“{crs}”。")
    scope = acting(settings, login, *RIGHTS)
    kind = Login.IMPORTER if scope.account_id is None else rights.login_of(scope.role)
    parts = take_in(settings, file, system, scope, kind)
    if as_json:
        click.echo(json.dumps([document(part) for part in parts], ensure_ascii=False, indent=2))
    else:
        click.echo(f"巡查轨迹：{file.name}（坐标系 {system}）")
        click.echo("\n".join(f"  {line(part)}" for part in parts))
    return any(part.counts or part.stored for part in parts)


def line(part: Judged) -> str:
    """Return what became of one part, in one line."""
    if part.reason:
        return f"{part.name}：未收，{words.track_fault(part.reason, part.walk, part.shifted)}"
    where = "；".join(
        f"{at.water}{words.SIDES[at.side]} {words.chainage(at.from_m)}—{words.chainage(at.to_m)}"
        for at in part.stretches
    )
    state = "此前已收" if part.stored else "已收"
    return f"{part.name}：{state}，{part.walk.minutes:.0f} 分钟，沿岸 {part.walk.walked_m:,.0f} 米，{where}"


def document(part: Judged) -> dict[str, Any]:
    """Return one part for a program that reads it."""
    return {
        "name": part.name,
        "reason": part.reason,
        "stored_before": part.stored,
        "code": part.code,
        "walked_m": round(part.walk.walked_m, 1),
        "stretches": [vars(at) for at in part.stretches],
    }
