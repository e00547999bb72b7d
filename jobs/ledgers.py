"""The station ledger in a bureau's own layout, for whoever may export stations, sealed for its return."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from data import rights
from data.engine import Scope, connect
from data.keyring import keyring
from data.ledgers import returned
from data.ledgers.comparing import NUMBER
from data.ledgers.fields import FIELDS, STATE_WORDS, shown
from data.ledgers.layouts import FIRST, layouts
from data.ledgers.places import Places
from data.schema.parameters import deployment
from data.storage import areas, audit, findings, station_ledger
from jobs.export import NOW, ExportError, permit_of
from layers import ledger as drawn
from layers import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from sqlalchemy import Connection

    from data.ledgers.comparing import Values
    from data.ledgers.layouts import Layout
    from data.settings import Settings
    from data.storage.accounts import Account

OWN: Final = "layouts"
"""Folder of the state folder in which a bureau keeps layouts of its own."""
PROMPTS: Final = {
    "state": "从下拉框选",
    "count": "填数量；没有填 0",
    "day": "如 2026-05-01，不得晚于今天",
    "coordinate": "CGCS2000 经纬度，单位度",
    "code": "文本，不变的编号",
    "text": "",
    "number": "自动编号，不用填",
}


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a ledger is filled with: its area, the day, versions, fields, and whether it is the sample's."""

    area_code: str
    area_name: str
    day: str
    data_version: str
    versions: Mapping[int, int]
    texts: Mapping[int, Values]
    sample: bool


def known(settings: Settings) -> dict[str, Layout]:
    """Return the layouts of this deployment, its own before those that come with the program."""
    return layouts(settings.state / OWN)


def ledger_bytes(settings: Settings, account: Account, layout: str = FIRST, area: str | None = None) -> bytes:
    """Return the ledger of an area (none: of the account's whole area) in a layout.

    Raises
    ------
    ExportError
        If there is no such layout, or the account may not export stations there.
    """
    offered = known(settings)
    if layout not in offered:
        raise ExportError(f"没有“{layout[:20]}”这种台账版式：可用 {'、'.join(offered)}。")
    grant = permit_of(settings, account, "stations").grant
    within = area or grant.area_code
    if not within.startswith(grant.area_code):
        raise ExportError(f"区域 {within[:12]} 不在账号“{account.login}”的授权范围之内。")
    scope = Scope(grant.area_code, account.id, grant.role)
    with connect(settings, rights.login_of(grant.role), scope) as connection:
        page = _page(connection, within)
        audit.record(
            connection,
            audit.Action.EXPORT,
            scope,
            object_kind="station_ledger",
            row_count=len(page.texts),
            purpose=layout,
        )
    return drawn.to_xlsx(sheet_of(offered[layout], page, settings, account.login))


def _page(connection: Connection, within: str) -> Page:
    tree = areas.tree(connection)
    if within not in tree.index:
        raise ExportError(f"没有区划代码 {within[:12]}：请核对。")
    sample = connection.execute(select(deployment.c.value).where(deployment.c.key == "sample")).scalar()
    rows: pd.DataFrame = station_ledger.ledger_rows(connection, within)
    return Page(
        area_code=within,
        area_name=str(tree.loc[within, "name"]),
        day=str(connection.execute(NOW).scalar_one())[:10],
        data_version=str(findings.data_version(connection)),
        versions={int(str(number)): int(version) for number, version in rows["version"].items()},
        texts=station_ledger.ledger_values(connection, within, Places(tree)),
        sample=sample is not None,
    )


def sheet_of(layout: Layout, page: Page, settings: Settings, login: str) -> drawn.LedgerSheet:
    """Return the sheet of a layout with its hidden, sealed counterpart."""
    fields = [column.field for column in layout.columns]
    kept = [name for name in fields if name != NUMBER]
    base = [["标识", "版本", *kept]]
    base += [
        [str(number), str(page.versions[number]), *(_base(name, values) for name in kept)]
        for number, values in page.texts.items()
    ]
    facts = {
        "版式": layout.key,
        "区域": page.area_code,
        "区域名称": page.area_name,
        "数据版本": page.data_version,
        "导出日期": page.day,
        "导出账号": login,
        returned.COLUMNS: json.dumps(
            [
                [column.field, column.group, column.header]
                + (["merged"] if column.field in layout.merged else [])
                for column in layout.columns
            ],
            ensure_ascii=False,
        ),
    }
    facts[returned.SEAL] = returned.seal(keyring(settings), facts, base)
    valid = sum(values.get("status") == "valid" for values in page.texts.values())
    demo = "（演示数据）" if page.sample else ""
    return drawn.LedgerSheet(
        title=layout.title.format(area=page.area_name) + demo,
        subtitle=layout.subtitle.format(area=page.area_name, day=page.day),
        footer=layout.footer.format(stations=len(page.texts), valid=valid),
        columns=[_column(layout, index) for index in range(len(layout.columns))],
        rows=[
            [_cell(name, values, position) for name in fields]
            for position, values in enumerate(page.texts.values(), start=1)
        ],
        hidden_headers=(returned.ID, returned.VERSION),
        ids=[(number, page.versions[number]) for number in page.texts],
        hidden={returned.META: [[name, text] for name, text in facts.items()], returned.BASE: base},
    )


def _column(layout: Layout, index: int) -> drawn.LedgerColumn:
    column = layout.columns[index]
    field = FIELDS[column.field]
    told = PROMPTS[field.form] if field.editable else "由系统填写，在这里修改不会采用"
    return drawn.LedgerColumn(
        header=column.header,
        group=column.group,
        form=field.form,
        width=column.width,
        prompt=told or f"{field.title}",
        merged=column.field in layout.merged,
        editable=field.editable,
        options=tuple(STATE_WORDS.values()) if field.form == "state" else (),
    )


def _base(name: str, values: Values) -> str:
    return str(_cell(name, values, 0)) if name == "status" else values.get(name, "")


def _cell(name: str, values: Values, position: int) -> object:
    if name == NUMBER:
        return position
    if name == "status":
        return words.STATUSES.get(values.get(name, "unassessed"), "")
    return shown(name, values.get(name, ""))
