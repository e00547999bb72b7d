"""Undoing a batch: rows it inserted go, rows it changed stand as before, as long as nothing built on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from psycopg import sql
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from data import rights
from data.engine import Login
from data.schema.tables import metadata
from data.upserting import record_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Table

COMPUTED: Final = frozenset(
    {
        "bank", "bank_finding", "station_finding", "covered_stretch", "gap", "gap_history", "gap_weight",
        "water_exposure", "hazard_exposure", "institution_proximity", "proximity", "finding_queue",
    }
)  # fmt: skip
"""What the assessment makes anew: it goes with its record and stands in nobody's way."""
KEPT: Final = frozenset({"id", "code", "version", "created_at", "updated_at"})
"""What a restored row does not take back."""
LEFT: Final = """LEFT JOIN (SELECT record_key, max(version_after) AS version FROM import_update
    WHERE batch_id = :batch AND table_name = :name GROUP BY 1) u ON u.record_key = CAST(t.{key} AS text)"""
"""With the version at which the batch left a row that it changed."""
LEFT_AT: Final = "coalesce(u.version, 1)"
STOOD: Final = """
RECURSIVE stood AS (
    SELECT CAST(t.{key} AS text) AS record_key, t.version FROM {table} t {odd}
    UNION
    SELECT s.record_key, CAST(e.before ->> 'version' AS integer) FROM stood s
    JOIN import_update e ON e.table_name = :name AND e.record_key = s.record_key
        AND e.version_after + 1 = s.version AND {known}
    JOIN import_batch b ON b.id = e.batch_id AND b.state = 'undone'
)
"""
"""Every version that says what a row says now: undoing a batch put back what the version before it said.

Not where rows are known by their code: one that was deleted and came again begins with version 1 anew."""
NAMED: Final = 5
"""Records that one sentence names."""
TITLES: Final = {
    "area": "行政区", "village": "村（社区）", "institution": "机构", "water": "水域", "station": "点位",
    "pupil_route": "上学路线",
    "station_item": "设施", "item_check": "核查记录", "child": "儿童", "home": "住处", "barrier": "护栏",
    "camera": "摄像头", "patrol": "巡查", "inspection": "排查", "inspection_round": "排查轮次",
    "inspection_item": "排查项目", "hazard": "隐患", "hazard_event": "隐患办理记录", "photo": "照片",
    "account_grant": "授权", "child_visit": "走访记录", "child_identity": "儿童身份",
    "water_incident": "溺水记录",
}  # fmt: skip


class UndoError(Exception):
    """A batch cannot be undone; `reasons` says what stands in the way."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("；".join(reasons))
        self.reasons = reasons


def obstacles(connection: Connection, batch_id: int) -> list[str]:
    """Return what was built on a batch since, as sentences; none means that it can be undone."""
    found: list[str] = []
    inserted = _inserted(connection, batch_id)
    for name, keys in inserted.items():
        found += _changed_since(connection, batch_id, name, keys)
    for name in _updated(connection, batch_id):
        found += _overwritten(connection, batch_id, name)
    for name, keys in inserted.items():
        found += _built_on(connection, name, keys, inserted)
    return found


def undo(connection: Connection, batch_id: int) -> dict[str, int]:
    """Take a batch back and return how many rows of each table were removed or restored (importer login).

    Raises
    ------
    UndoError
        If something was built on it, it is undone already, or there is no such batch.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('anlan.import'))"))
    state = connection.execute(
        text("SELECT state, written FROM import_batch WHERE id = :id FOR UPDATE"), {"id": batch_id}
    ).one_or_none()
    if state is None:
        raise UndoError([f"没有第 {batch_id} 批"])
    if state.state == "undone":
        raise UndoError([f"第 {batch_id} 批已经撤销"])
    inserted, updated = _inserted(connection, batch_id), _updated(connection, batch_id)
    if state.written and not inserted and not updated:
        raise UndoError([f"第 {batch_id} 批导入时没有留下撤销所需的记录"])
    _hold(connection, inserted, updated, batch_id)
    if reasons := obstacles(connection, batch_id):
        raise UndoError(reasons)
    done: dict[str, int] = {}
    try:
        for name in updated:
            done[name] = _restore(connection, batch_id, name)
        for table in reversed(metadata.sorted_tables):
            if table.name in inserted:
                gone = _delete(connection, table, inserted[table.name])
                done[table.name] = done.get(table.name, 0) + gone
    except IntegrityError:
        raise UndoError(["有其他记录正在引用这一批的内容"]) from None
    connection.execute(text("UPDATE import_batch SET state = 'undone' WHERE id = :id"), {"id": batch_id})
    return done


def _hold(connection: Connection, inserted: dict[str, list[str]], updated: list[str], batch_id: int) -> None:
    """Lock the rows of a batch, so that nobody changes one between the look at its version and its return."""
    for name in sorted({*inserted, *updated}):
        table = metadata.tables[name]
        if "version" not in table.c or "update" not in rights.tables()[name].verbs[Login.IMPORTER]:
            continue
        key = record_key(table)
        connection.execute(
            text(
                f"SELECT FROM {name} t WHERE t.{key} IN {_listed(table)} OR CAST(t.{key} AS text) IN "  # noqa: S608 - our own text
                "(SELECT record_key FROM import_update WHERE batch_id = :batch AND table_name = :name) "
                f"ORDER BY t.{key} FOR UPDATE"
            ),
            {"keys": inserted.get(name, []), "batch": batch_id, "name": name},
        )


def _inserted(connection: Connection, batch_id: int) -> dict[str, list[str]]:
    rows = connection.execute(
        text("SELECT table_name, record_keys FROM import_insert WHERE batch_id = :id ORDER BY id"),
        {"id": batch_id},
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.table_name, []).extend(row.record_keys)
    return found


def _updated(connection: Connection, batch_id: int) -> list[str]:
    rows = connection.scalars(
        text("SELECT DISTINCT table_name FROM import_update WHERE batch_id = :id"), {"id": batch_id}
    )
    return sorted(rows)


def _changed_since(connection: Connection, batch_id: int, name: str, keys: list[str]) -> Iterator[str]:
    table = metadata.tables[name]
    if "version" not in table.c:
        return
    key = record_key(table)
    listed = _names(
        connection,
        table,
        f"{LEFT.replace('{key}', key)} WHERE t.{key} IN {_listed(table)} AND t.version <> {LEFT_AT}",
        LEFT_AT,
        {"keys": keys, "batch": batch_id, "name": name},
    )
    if listed:
        yield f"{_title(name)} {listed} 导入后又被修改"


def _overwritten(connection: Connection, batch_id: int, name: str) -> Iterator[str]:
    table = metadata.tables[name]
    if rights.tables()[name].rows == "child":
        yield f"这一批更新过已有的{_title(name)}记录；涉及儿童的原值不另存，不能自动还原"
        return
    listed = _names(
        connection,
        table,
        f"{LEFT.replace('{key}', record_key(table))} WHERE u.version < t.version",
        "u.version",
        {"batch": batch_id, "name": name},
    )
    if listed:
        yield f"{_title(name)} {listed} 更新后又被修改"


def _built_on(
    connection: Connection, name: str, keys: list[str], inserted: dict[str, list[str]]
) -> Iterator[str]:
    target = metadata.tables[name]
    for table in metadata.sorted_tables:
        readable = "select" in rights.tables()[table.name].verbs[Login.IMPORTER]
        if table.name in COMPUTED or table.name.startswith("import_") or not readable:
            continue
        own = inserted.get(table.name, [])
        for column in table.c:
            for key in column.foreign_keys:
                if key.column.table is not target:
                    continue
                count = _count(connection, column, key.column, keys, own)
                if count:
                    yield f"已有 {count} 条{_title(table.name)}记录引用了这一批的{_title(name)}"
    count = connection.scalar(
        text(
            "SELECT count(*) FROM photo WHERE subject_kind = :name "
            "AND CAST(subject_id AS text) IN (SELECT unnest(CAST(:keys AS text[])))"
        ),
        {"name": name, "keys": keys},
    )
    if count:
        yield f"已有 {count} 张照片属于这一批的{_title(name)}"


def _count(connection: Connection, column: Any, target: Any, keys: list[str], own: list[str]) -> int:  # noqa: ANN401 - columns
    table = column.table
    statement = (
        f"SELECT count(*) FROM {table.name} r "  # noqa: S608 - names of our own tables
        f"JOIN {target.table.name} t ON t.{target.name} = r.{column.name} "
        f"WHERE t.{record_key(target.table)} IN {_listed(target.table)}"
    )
    if own:
        statement += f" AND r.{record_key(table)} NOT IN {_listed(table, 'own')}"
    return int(connection.scalar(text(statement), {"keys": keys, "own": own}) or 0)


def _names(connection: Connection, table: Table, odd: str, left_at: str, values: dict[str, Any]) -> str:
    """Return the names of the `odd` rows that do not say again what they said at the version `left_at`."""
    key = record_key(table)
    stood = STOOD.format(key=key, table=table.name, odd=odd, known="true" if key == "id" else "false")
    changed = (
        f"{odd} AND NOT EXISTS (SELECT FROM stood s WHERE s.record_key = CAST(t.{key} AS text) "
        f"AND s.version = {left_at})"
    )
    word = "t.code" if "code" in table.c and rights.tables()[table.name].rows != "child" else "''"
    if table.name == "station_item":
        word = "(SELECT s.code FROM station s WHERE s.id = t.station_id)"
    # Planned for every row: a plan for the first few only would compare each with each.
    found = f"WITH {stood}, found AS MATERIALIZED (SELECT {word} AS word FROM {table.name} t {changed}) "  # noqa: S608 - our own text
    rows = connection.execute(
        text(f"{found} SELECT word, count(*) OVER () FROM found LIMIT {NAMED}"),  # noqa: S608 - our own text
        values,
    ).all()
    if not rows:
        return ""
    named = "、".join(dict.fromkeys(str(code) for code, _ in rows if code))
    return f"{named}{'等' if rows[0][1] > len(rows) else ''}（共 {rows[0][1]} 条）"


def _restore(connection: Connection, batch_id: int, name: str) -> int:
    table = metadata.tables[name]
    columns = [column.name for column in table.c if column.name not in KEPT]
    statement = sql.SQL(
        "UPDATE {table} AS t SET ({columns}) = ROW({values}) FROM (SELECT DISTINCT ON (record_key) * "
        "FROM import_update WHERE batch_id = %(batch)s AND table_name = %(name)s ORDER BY record_key, id) u, "
        "LATERAL jsonb_populate_record(CAST(NULL AS {table}), u.before) AS r "
        "WHERE CAST(t.{key} AS text) = u.record_key"
    ).format(
        table=sql.Identifier(name),
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        values=sql.SQL(", ").join(sql.Identifier("r", column) for column in columns),
        key=sql.Identifier(record_key(table)),
    )
    cursor = connection.connection.cursor()
    # The row says what the batch left, perhaps in a later version: from that one it now goes back (STOOD).
    cursor.execute(
        sql.SQL(
            "UPDATE import_update AS u SET version_after = t.version FROM {table} AS t "
            "WHERE u.batch_id = %(batch)s AND u.table_name = %(name)s "
            "AND u.record_key = CAST(t.{key} AS text) AND u.version_after <> t.version"
        ).format(table=sql.Identifier(name), key=sql.Identifier(record_key(table))),
        {"batch": batch_id, "name": name},
    )
    # Who set a shape and who confirmed it comes back with it.
    cursor.execute("SELECT set_config('app.restoring', 'on', true)")
    cursor.execute(statement, {"batch": batch_id, "name": name})
    restored = int(cursor.rowcount)
    cursor.execute("SELECT set_config('app.restoring', 'off', true)")
    return restored


def _delete(connection: Connection, table: Table, keys: list[str]) -> int:
    key = record_key(table)
    found = connection.execute(
        text(f"DELETE FROM {table.name} WHERE {key} IN {_listed(table)}"),  # noqa: S608 - our own text
        {"keys": keys},
    )
    return int(found.rowcount)


def _listed(table: Table, keys: str = "keys") -> str:
    """Return the keys of records as a question that is joined: searched by every row, many take for ever."""
    return f"(SELECT unnest(CAST(:{keys} AS {'bigint' if record_key(table) == 'id' else 'text'}[])))"


def _title(name: str) -> str:
    return TITLES.get(name, name)
