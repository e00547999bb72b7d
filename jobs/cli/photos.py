"""`anlan import photos`: pictures of a folder or archive, each put to where it was taken."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pathlib import Path

    from data.settings import Settings
    from jobs.photo_places import Placed

RIGHTS = (("stations", "write"),)


def take(settings: Settings, path: Path, crs: str | None, login: str | None, *, as_json: bool) -> bool:
    """Keep the pictures that lie at a station, print what became of each, and return whether any does.

    Raises
    ------
    IntakeError, AccountError
        If nothing can be read, or the account may not bring photos.
    """
    from data import rights
    from data.engine import Login, connect
    from data.importers.rows import IntakeError
    from jobs import photo_places
    from jobs.accounts import acting

    system = (crs or photo_places.SYSTEMS[0]).casefold().replace("-", "")
    if system not in photo_places.SYSTEMS:
        raise IntakeError(f"照片的坐标系只能是 {'、'.join(photo_places.SYSTEMS)}，收到的是“{crs}”。")
    scope = acting(settings, login, *RIGHTS)
    kind = Login.IMPORTER if scope.account_id is None else rights.login_of(scope.role)
    found, faults, new = [], [], 0
    # One at a time: a folder of thousands never stands in memory.
    for given in photo_places.members(settings, path):
        for one in photo_places.decoded(settings, [given]):
            if isinstance(one, IntakeError):
                faults.append(str(one))
                continue
            with connect(settings, kind, scope) as connection:
                (at,) = photo_places.placed(connection, [one], system, scope.area_code)
                new += photo_places.keep(connection, settings, [at], scope)
            found.append(at)
    if as_json:
        told = {"new": new, "photos": [document(at) for at in found], "faults": faults}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        click.echo(
            f"照片：{path.name}（坐标系 {system}），归位 {sum(at.counts for at in found)} 张，新增 {new} 张"
        )
        click.echo("\n".join(f"  {line}" for line in [*map(said, found), *faults]))
    return any(at.counts for at in found)


def said(at: Placed) -> str:
    """Return what became of one picture, in one line."""
    from jobs import photo_places

    host = at.host
    if at.why or host is None:
        return f"{at.name}：未收，{at.why}"
    return (
        f"{at.name}：{photo_places.TITLES[host.kind]} {host.code} {host.name}，相距 {host.distance_m:.0f} 米"
    )


def document(at: Placed) -> dict[str, Any]:
    """Return one picture for a program that reads it."""
    host = at.host
    return {
        "name": at.name,
        "station": host.code if host is not None and at.counts and host.kind == "station" else None,
        "hazard": host.code if host is not None and at.counts and host.kind == "hazard" else None,
        "distance_m": None if host is None else round(host.distance_m, 1),
        "reason": at.why,
    }
