"""Results for whoever may have them: the role decides what is in the file, and the act is recorded."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select, text

from data import rights
from data.engine import Scope, connect
from data.schema.parameters import deployment
from data.storage import audit, child_tables, children, findings, outlook, shopping, stations, waters
from data.storage.parameters import parameter_table
from hazards.availability import expected_between
from jobs import compliance
from jobs.accounts import grants_of
from jobs.periodicals import PERIODICALS, PeriodicalError
from layers import child_tables as drawn_tables
from layers import document, geofile, words, workbook
from layers.handouts import TITLES, Handout, titled, with_sum

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import geopandas as gpd
    import pandas as pd
    from sqlalchemy import Connection

    from data.settings import Settings
    from data.storage.accounts import Account, Grant
    from layers.periods import Period

FORMATS: Final[dict[str, Callable[[Handout], bytes]]] = {
    "geojson": geofile.to_geojson,
    "gpkg": geofile.to_gpkg,
    "xlsx": workbook.to_xlsx,
    "csv": workbook.to_csv,
    "docx": document.to_docx,
}
PLACELESS: Final = frozenset({"children", "children-by-township", "compliance", "shopping", *PERIODICALS})
"""Handed out as tables alone."""
RECORDS: Final = frozenset({"audit", "children-by-township", "compliance"})
"""What does not rest on an assessment."""
MAPS: Final = frozenset({"geojson", "gpkg"})
DOCUMENTS: Final = frozenset({"bulletin", "compliance"})
RIGHTS: Final = {
    "gaps": (("gaps", "export", "gaps"),),
    "banks": (("gaps", "export", "banks"),),
    # The list of waters goes with the gaps: it is what their chainage refers to.
    "waters": (("gaps", "export", "waters"),),
    "stations": (("stations", "export", "stations"),),
    "shopping": (("stations", "export", "shopping"),),
    "reverify": (("stations", "export", "reverify"),),
    "ledger": (("gaps", "export", "ledger"),),
    "bulletin": (("statistics", "export", "bulletin"),),
    "audit": (("audit", "export", "audit"),),
    "compliance": (("audit", "export", "compliance"),),
    "children-by-township": (("statistics", "export", "children-by-township"),),
    # What a role may have of the same question, the most first.
    "exposure": (("proximity", "export", "children"), ("exposure", "band", "exposure")),
}
"""Kind of export → (data set, verb, what is then handed out)."""


DEMO: Final = "演示数据：由程序生成，不得用于实际工作"
NOW: Final = text("SELECT to_char(now(), 'YYYY-MM-DD HH24:MI')")


class ExportError(Exception):
    """An account may not have a result, or there is none yet; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Permit:
    """Which hand-out a grant allows, and where."""

    handout: str
    grant: Grant


def export_bytes(  # noqa: PLR0913 - the facts of one export
    settings: Settings,
    account: Account,
    kind: str,
    fmt: str,
    period: Period | None = None,
    *,
    purpose: str = "",
) -> bytes:
    """Return the file of `kind` (a key of `RIGHTS`) in `fmt` for an account; `period` for what tells of one.

    `purpose` is recorded with the act; nothing of children is handed out without it.

    Everything is read in one transaction of the database login of the role that allows it, which also
    records the act.

    Raises
    ------
    ExportError
        If format or kind are unknown, no grant allows it, nothing was assessed yet, or the period is wrong.
    """
    if fmt not in FORMATS:
        raise ExportError(f"不能导出为“.{fmt[:10]}”：可用 .geojson .gpkg .xlsx .csv .docx。")
    permit = permit_of(settings, account, kind)
    if permit.handout == "children" and fmt in MAPS:
        raise ExportError("含儿童信息的成果不带坐标，只能导出为 .xlsx 或 .csv。")
    if permit.handout in PLACELESS and fmt in MAPS:
        raise ExportError(f"{TITLES[permit.handout]}是表格，只能导出为 .xlsx 或 .csv。")
    if fmt == "csv" and permit.handout == "compliance":
        raise ExportError(f"{TITLES['compliance']}有多张表，只能导出为 .docx 或 .xlsx。")
    if fmt == "docx" and permit.handout not in DOCUMENTS:
        raise ExportError(f"{TITLES[permit.handout]}没有 Word 格式：请导出为 .xlsx 或 .csv。")
    if permit.handout == "children" and not purpose.strip():
        raise ExportError("含儿童信息的成果须写明用途（命令行用 --purpose，页面在登录后说明）。")
    scope = Scope(permit.grant.area_code, account.id, permit.grant.role)
    with connect(settings, rights.login_of(permit.grant.role), scope) as connection:
        handout = handed_out(settings, connection, permit, account, period)
        audit.record(
            connection,
            audit.Action.EXPORT,
            scope,
            object_kind=permit.handout,
            object_ids=handout.table["儿童编号"] if permit.handout == "children" else (),
            row_count=len(handout.table),
            purpose=purpose,
        )
    return FORMATS[fmt](handout)


def permit_of(settings: Settings, account: Account, kind: str) -> Permit:
    """Return the grant that allows the most of `kind`, over the widest area.

    Raises
    ------
    ExportError
        If there is none.
    """
    if kind not in RIGHTS:
        raise ExportError(f"没有“{kind[:20]}”这种成果：可导出 {'、'.join(RIGHTS)}。")
    grants = sorted(grants_of(settings, account.id), key=lambda grant: len(grant.area_code))
    for dataset, verb, handout in RIGHTS[kind]:
        for grant in grants:
            if rights.may(grant.role, dataset, verb):
                return Permit(handout=handout, grant=grant)
    raise ExportError(f"账号“{account.login}”的角色不能导出“{TITLES[kind]}”：请由有权的单位办理。")


def handed_out(
    settings: Settings,
    connection: Connection,
    permit: Permit,
    account: Account,
    period: Period | None = None,
) -> Handout:
    """Return the hand-out of a permit, with source, date, data version and parameters beside it."""
    name, area = permit.handout, permit.grant.area_code
    if name in PERIODICALS:
        frame, form = _periodical(connection, permit, account, _within(permit, period))
    elif name == "compliance":
        frame, form = compliance.pack(settings, connection, permit.grant, account, _within(permit, period))
    elif name == drawn_tables.NAME:
        frame, form = _by_township(connection, permit.grant)
    else:
        frame, form = _READERS[name](connection, area), {"banner": _banner(name, permit.grant)}
    table = titled(name, frame)
    sample = connection.execute(select(deployment.c.value).where(deployment.c.key == "sample")).scalar()
    if sample is not None:
        table["数据性质"] = "演示数据"
        form["sections"] = tuple(
            replace(one, banner=f"{one.banner}（演示数据）") for one in form.get("sections", ())
        )
        form["lines"] = (*form.get("lines", ()), DEMO) if "lines" in form else ()
    return Handout(
        name=name,
        title=TITLES[name],
        table=table,
        shapes=frame.geometry if name not in PLACELESS else None,
        **form,
        facts=(
            *((("数据性质", DEMO),) if sample is not None else ()),
            ("内容", TITLES[name]),
            ("区域", f"{permit.grant.area_name}（{area}）"),
            *_totals(name, frame),
            *(_assessed(connection) if name not in RECORDS else ()),
            ("导出账号", f"{account.display_name}（{account.login}）"),
            ("导出时间", connection.execute(NOW).scalar_one()),
            ("程序", f"安澜 {version('anlan')}"),
        ),
    )


def _within(permit: Permit, period: Period | None) -> Period:
    """Return the period that was asked for; it has to be one, inside the area of the grant."""
    if period is None:
        raise ExportError(f"{TITLES[permit.handout]}要写明起止日期。")
    if period.within is not None and not period.within.startswith(permit.grant.area_code):
        raise ExportError(f"只能导出本辖区（{permit.grant.area_name}）之内的范围。")
    return period


def _periodical(
    connection: Connection, permit: Permit, account: Account, period: Period
) -> tuple[pd.DataFrame, dict[str, Any]]:
    try:
        return PERIODICALS[permit.handout](connection, permit.grant, account.bureau, period)
    except PeriodicalError as fault:
        raise ExportError(str(fault)) from fault


def _by_township(connection: Connection, grant: Grant) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the newest table of children by township as it was told, and what its marks mean."""
    told = child_tables.latest(connection)
    if told is None:
        raise ExportError("还没有乡镇儿童统计表：登记住址并核算后，每季由后台公布一次。")
    frame = drawn_tables.rows(child_tables.cells(connection, grant.area_code, told.period))
    return frame, {
        "banner": f"{grant.area_name}{TITLES[drawn_tables.NAME]}",
        "lines": (f"{words.quarter(told.period)}，计数日 {told.as_of:%Y-%m-%d}　　单位：人",),
        "footnotes": drawn_tables.legend(told.parameters),
    }


def _banner(name: str, grant: Grant) -> str:
    return f"{grant.area_name}{TITLES[name]}" if name == "shopping" else ""


def _assessed(connection: Connection) -> tuple[tuple[str, str], ...]:
    last = findings.latest_assessment(connection)
    if last is None:
        raise ExportError("还没有评估结果：请先运行 anlan assess。")
    now = findings.data_version(connection)
    fresh = "与现有数据一致" if last.data_version == now else f"现有数据版本为 {now}，请重新评估"
    return (
        ("数据截至", last.as_of.isoformat()),
        ("数据版本", f"{last.data_version}（{fresh}）"),
        *_parameters(connection, last.parameters),
    )


def _parameters(connection: Connection, used: Mapping[str, object]) -> list[tuple[str, str]]:
    known = parameter_table(connection)
    labels, units = known["label"].to_dict(), known["unit"].to_dict()
    return [
        (
            f"参数 {labels.get(key, key)}",
            f"{json.dumps(value, ensure_ascii=False)} {units.get(key, '')}".strip(),
        )
        for key, value in sorted(used.items())
    ]


def _totals(name: str, frame: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    """Return totals; numbers of items never stand without the complete sets beside them."""
    if name == "shopping":
        last = frame.tail(1)[["stations", "valid"]].sum()
        return (("点位", str(last["stations"])), ("完整有效套数", str(last["valid"])))
    counted = [("行数", str(len(frame)))]
    if name == "gaps":
        counted.append(("缺口总长", f"{frame['length_m'].sum():.0f} 米"))
    if name == "reverify":
        low, high = expected_between(frame)
        counted.append(
            ("预计今天可用（本表内）", f"{frame['works'].sum():.0f} 套，95% 范围 {low:.0f}—{high:.0f}")
        )
    if name == "stations":
        counted.append(("完整有效点位", str(int((frame["status"] == "valid").sum()))))
        wanted = frame["missing"].explode().value_counts()
        counted += [
            ("待补" + title, str(int(wanted.get(kind, 0))))
            for kind, title in words.MISSING.items()
            if kind in wanted
        ]
    return tuple(counted)


def _stations(connection: Connection, area: str) -> gpd.GeoDataFrame:
    frame = stations.stations(connection, area)
    items = stations.items(connection, area)
    states = items.pivot_table(index="station_id", columns="kind", values="state", aggfunc="first")
    joined = frame.join(states.add_prefix("state_").replace(words.ITEM_STATES))
    verified = items.groupby("station_id")["verified_on"].min()
    return joined.assign(
        verified_on=verified.reindex(joined.index), lon=joined.geometry.x, lat=joined.geometry.y
    )


def _reverify(connection: Connection, area: str) -> gpd.GeoDataFrame:
    """Return what to verify by rank, then the places of loss where something is known to lack."""
    if outlook.latest(connection) is None:
        raise ExportError("还没有可用估计：请先运行 anlan assess，或在“可用估计”页点“重新估计”。")
    frame = outlook.stations_with_outlook(connection, area)
    wanted = frame[frame["rank"].notna() | frame["repeated"].astype(bool)]
    return wanted.assign(lon=wanted.geometry.x, lat=wanted.geometry.y)


def _shopping(connection: Connection, area: str) -> pd.DataFrame:
    return with_sum(shopping.shopping(connection, area).reset_index(), label="合计")


_READERS: Final[dict[str, Callable[[Connection, str], Any]]] = {
    "gaps": findings.gaps,
    "banks": findings.bank_findings,
    "waters": waters.waters,
    "stations": _stations,
    "shopping": _shopping,
    "reverify": _reverify,
    "exposure": findings.exposure,
    "children": lambda connection, area: children.children_near_hazards(connection, area, sealed=False),
}
