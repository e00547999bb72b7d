"""A sample whose every free text is a hostile name, and two uploads with such headers, cells and names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import CheckConstraint, Table, Text, text

from data import engine
from data.engine import Login, Scope, connect
from data.schema.tables import metadata
from data.storage import grant_desk, intake_jobs
from data.storage.grant_desk import Proposal
from data.storage.intake_jobs import Upload
from jobs import assess, sample
from jobs.intake import Worker
from tests.hostile import ALL

if TYPE_CHECKING:
    from data.settings import Settings

THIN: Final = 20.0
KEPT: Final = frozenset(
    {
        "column_name", "crs", "field", "file_sha256", "from_state", "key", "kind", "level", "login", "number",
        "options", "password_hash", "position_method", "record_key", "role", "sha256", "side", "state",
        "table_name", "water_class", "what_closes",
    }
)  # fmt: skip
"""Columns of codes that no person writes."""
LEFT: Final = frozenset({"audit", "audit_chain", "finding_queue", "import_job"})
"""Tables that keep what was written; uploads are left there by the way that everybody takes."""
PRIVATE: Final = frozenset({"child", "child_visit", "home"})
WHOLE: Final = Scope(sample.PREFECTURE, None, "importer")
WATER: Final = Scope(sample.PREFECTURE, 1, "water")
ADMINISTRATOR: Final = Scope(sample.PREFECTURE, 5, "administrator")


def free_texts(table: Table) -> list[str]:
    """Return the columns of a table that hold what somebody wrote, codes of a record among them."""
    rules = " ".join(str(rule.sqltext) for rule in table.constraints if isinstance(rule, CheckConstraint))
    return [
        column.name
        for column in table.columns
        if isinstance(column.type, Text)
        and not column.foreign_keys
        and not column.primary_key
        and column.name not in KEPT
        and f"{column.name} IN (" not in rules
        and (column.type.collation is None or column.name == "code")
    ]


def make(settings: Settings) -> tuple[int, int]:
    """Load a sample, spoil every free text of it, leave a good and a bad upload; return their numbers."""
    sample.load(settings, "county", thin=THIN)
    for table in metadata.sorted_tables:
        if table.name not in LEFT and (columns := free_texts(table)):
            _spoil(settings, table, columns)
    assess.refresh(settings)
    _settle_director(settings)
    with connect(settings, Login.ACCOUNTS, ADMINISTRATOR) as connection:
        asked = Proposal(
            account_id=1,
            role="civil",
            area_code=sample.PREFECTURE,
            valid_from=settings.today(),
            valid_until=None,
            reason=ALL[11],
        )
        grant_desk.give(connection, asked)
    good = _left(settings, f"{ALL[11]}.csv", _ledger(), crs="EPSG:4490")
    bad = _left(settings, f"{ALL[4]}.csv", ",".join(_quoted(name) for name in ALL) + "\n1\n")
    worker = Worker(settings)
    while worker.step():
        pass
    engine.dispose()
    return good, bad


def _settle_director(settings: Settings) -> None:
    """Move the post of the child director to a village with a child near water, or the page is empty."""
    with connect(settings, Login.WORKER, Scope(sample.PREFECTURE, None, "worker")) as connection:
        village = connection.scalar(
            text("SELECT c.area_code FROM child c JOIN proximity p ON p.child_id = c.id LIMIT 1")
        )
    with connect(settings, Login.OWNER) as connection:
        connection.execute(
            text("UPDATE account_grant SET area_code = :village WHERE role = 'child_director'"),
            {"village": village},
        )


def _spoil(settings: Settings, table: Table, columns: list[str]) -> None:
    given = ", ".join(
        f"{column} = (CAST(:names AS text[]))[1 + (n + {place * 7}) % {len(ALL)}]"
        + (" || ' ' || n" if table.columns[column].unique else "")
        for place, column in enumerate(columns)
    )
    login, scope = (Login.IMPORTER, WHOLE) if table.name in PRIVATE else (Login.OWNER, None)
    with connect(settings, login, scope) as connection:
        connection.execute(
            text(
                f"WITH numbered AS (SELECT ctid AS place, row_number() OVER () AS n FROM {table.name}) "  # noqa: S608
                f"UPDATE {table.name} SET {given} FROM numbered WHERE {table.name}.ctid = numbered.place"
            ),
            {"names": list(ALL)},
        )


def _ledger() -> str:
    head = [
        "编号",
        "区划代码",
        "名称",
        "经度",
        "纬度",
        "警示牌",
        "救生圈",
        "绳索",
        "竹竿",
        "检查日期",
        *ALL[:20],
    ]
    rows = [
        [
            f"H-{n} {name}",
            sample.COUNTY,
            name,
            "110.63",
            "26.73",
            "有",
            "有",
            "有",
            "有",
            "2024-03-05",
            *ALL[:20],
        ]
        for n, name in enumerate(ALL)
    ]
    rows.append(
        ["", sample.COUNTY, ALL[0], ALL[1], ALL[2], ALL[3], ALL[4], ALL[5], ALL[6], ALL[7], *ALL[:20]]
    )
    return "\n".join(",".join(map(_quoted, row)) for row in [head, *rows]) + "\n"


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def _left(settings: Settings, name: str, content: str, **said: str) -> int:
    with connect(settings, Login.GENERAL, WATER) as connection:
        return intake_jobs.leave(
            connection,
            Upload(
                account_id=1,
                role=WATER.role,
                area_code=WATER.area_code,
                sender=ALL[3],
                file_name=name,
                content=content.encode(),
                **said,
            ),
        )
