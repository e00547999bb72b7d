"""What is installed and stored, as one mapping that `anlan status --json` prints."""

from __future__ import annotations

import datetime as dt
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, text

from data.engine import Login, Scope, connect
from data.schema.children import PROTECTED
from data.schema.tables import metadata
from data.storage import child_tables
from data.storage.findings import data_version, latest_assessment
from jobs.child_tables import LATE, is_late
from layers import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from data.settings import Settings

COUNTED = (
    "area",
    "village",
    "institution",
    "pupil_route",
    "water",
    "bank",
    "station",
    "station_item",
    "item_check",
    "barrier",
    "camera",
    "patrol",
    "inspection",
    "hazard",
    "child",
    "home",
    "proximity",
    "gap",
    "import_batch",
)


def status(settings: Settings) -> dict[str, Any]:
    """Return versions, counts, the data version, and whether the stored findings are of that version."""
    scope = Scope(area_code=settings.area_code, account_id=None, role="status")
    with connect(settings, Login.WORKER, scope, readonly=True) as connection:
        now = data_version(connection)
        last = latest_assessment(connection)
        return {
            "program": version("anlan"),
            "postgresql": connection.execute(text("SHOW server_version")).scalar_one(),
            "postgis": connection.execute(text("SELECT postgis_lib_version()")).scalar_one(),
            "schema": connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one(),
            "area_code": settings.area_code,
            "area_name": settings.area_name,
            "metric_crs": settings.metric_crs,
            "sample": sample_of(connection),
            "counts": _counts(connection),
            "data_version": now,
            "child_table": _child_table(connection, settings),
            "assessment": None
            if last is None
            else {
                "id": last.id,
                "data_version": last.data_version,
                "as_of": last.as_of.isoformat(),
                "finished_at": last.finished_at.isoformat(),
                "current": last.data_version == now,
                "kind": last.kind,
                "figures": dict(last.figures),
            },
        }


def _child_table(connection: Connection, settings: Settings) -> dict[str, Any]:
    """Return which quarter's table of children by township stands, and whether that of today is late."""
    told = child_tables.latest(connection)
    return {
        "period": None if told is None else told.period.isoformat(),
        "late": is_late(connection, settings.today()),
    }


def sample_of(connection: Connection) -> dict[str, Any] | None:
    """Return seed and scale of the sample that is stored, None where the data are real."""
    table = metadata.tables["deployment"]
    return connection.execute(select(table.c.value).where(table.c.key == "sample")).scalar_one_or_none()


def _counts(connection: Connection) -> dict[str, int]:
    wanted = [metadata.tables[name] for name in COUNTED]
    row = connection.execute(
        select(
            *(select(func.count()).select_from(table).scalar_subquery().label(table.name) for table in wanted)
        )
    ).one()
    return {name: int(value) for name, value in row._mapping.items()}  # noqa: SLF001 - SQLAlchemy's public name


def lines(report: dict[str, Any]) -> list[str]:
    """Return the report as lines for a person."""
    assessment = report["assessment"]
    counts = "，".join(
        f"{name} {number:,}" for name, number in report["counts"].items() if name not in PROTECTED
    )
    state = "尚未计算"
    if assessment:
        fresh = "与数据一致" if assessment["current"] else "数据已有变动，请运行 anlan assess"
        run = f"第 {assessment['id']} 次，数据版本 {assessment['data_version']}"
        state = f"{run}，截至 {assessment['as_of']}，{fresh}"
    sample = "，演示数据" if report["sample"] else ""
    servers = f"PostgreSQL {report['postgresql']}，PostGIS {report['postgis']}"
    return [
        f"安澜 {report['program']}，{servers}，数据表版本 {report['schema']}",
        f"区域：{report['area_name']}（{report['area_code']}），量算坐标系 {report['metric_crs']}{sample}",
        f"记录：{counts}",
        f"评估：{state}",
        f"乡镇儿童统计：{_told(report['child_table'])}",
    ]


def _told(table: Mapping[str, Any]) -> str:
    period = table["period"]
    last = "还没有" if period is None else words.quarter(dt.date.fromisoformat(period))
    return f"{last}，{LATE}，原因见后台日志" if table["late"] else last
