"""The sample on its way into the tables: reserved ids, references that follow them, what is in already."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from data.copying import copy_frame
from data.schema.intake import import_batch
from data.schema.parameters import deployment
from data.schema.tables import metadata
from data.storage.deployment import is_empty

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy import Connection

KEY: Final = "sample"
LOCK: Final = 0x616E_6C61_6E73  # "anlans": two loads wait for each other
BATCH_COLUMN: Final = "batch_id"


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What the deployment remembers of its sample."""

    seed: int
    as_of: str
    scale: str
    thin: float
    counties: tuple[str, ...] = ()
    prefectures: tuple[str, ...] = ()
    root: str = ""


def loaded(connection: Connection) -> Loaded | None:
    """Return which sample is in, or None; waits for another load that is under way."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    value = connection.scalar(select(deployment.c.value).where(deployment.c.key == KEY))
    if value is None:
        return None
    lists = {name: tuple(value[name]) for name in ("counties", "prefectures")}
    return Loaded(**(value | lists))


def holds_other_data(connection: Connection) -> bool:
    """Return whether somebody's own areas are in: the sample never mixes with them."""
    return not is_empty(connection)


def remember(connection: Connection, state: Loaded) -> None:
    """Store which sample is in."""
    row = insert_or(deployment).values(key=KEY, value=asdict(state))
    connection.execute(row.on_conflict_do_update(index_elements=["key"], set_={"value": row.excluded.value}))


def open_batch(connection: Connection, seed: int, digest: str) -> int:
    """Return the id of a new import batch that every row of the sample names."""
    row = insert(import_batch).values(
        kind=KEY, file_name=f"演示数据（种子 {seed}）", file_sha256=digest, crs="EPSG:4490"
    )
    return int(connection.execute(row.returning(import_batch.c.id)).scalar_one())


def close_batch(connection: Connection, batch: int, counts: dict[str, int]) -> None:
    """Store how many rows the batch wrote, by table."""
    connection.execute(
        update(import_batch)
        .where(import_batch.c.id == batch)
        .values(written=sum(counts.values()), details={"tables": counts})
    )


def reserve(connection: Connection, frames: dict[str, pd.DataFrame]) -> dict[str, int]:
    """Return for each table with surrogate ids the number to add to a frame's own; needs the owner's login.

    Sequences stand outside transactions: numbers that a failed load reserved are skipped, never used twice.
    """
    added = {}
    for table, frame in frames.items():
        if len(frame) and _numbered(table):
            last = connection.execute(
                text(
                    "SELECT setval(s, nextval(s) + :more) "
                    "FROM CAST(pg_get_serial_sequence(:table, 'id') AS regclass) AS s"
                ),
                {"table": table, "more": len(frame) - 1},
            ).scalar_one()
            added[table] = int(last) - len(frame)
    return added


def _numbered(table: str) -> bool:
    column = metadata.tables[table].c.get("id")
    return column is not None and column.identity is not None


def store(
    connection: Connection, frames: dict[str, pd.DataFrame], added: dict[str, int], batch: int
) -> dict[str, int]:
    """Append every frame to its table, ids moved by `added`, and return the rows of each."""
    return {
        table: copy_frame(connection, metadata.tables[table], _moved(table, frame, added, batch))
        for table, frame in frames.items()
        if len(frame)
    }


def _moved(table: str, frame: pd.DataFrame, added: dict[str, int], batch: int) -> pd.DataFrame:
    columns = metadata.tables[table].c
    moved: dict[str, Any] = {}
    if _numbered(table):
        moved["id"] = frame["id"] + added[table]
    for column in columns:
        for key in column.foreign_keys:
            target = key.column.table.name
            if key.column.name == "id" and target in added and column.name in frame.columns:
                moved[column.name] = frame[column.name] + added[target]
    if BATCH_COLUMN in columns:
        moved[BATCH_COLUMN] = batch
    return frame.assign(**moved)


def first_round(connection: Connection, code: str) -> int:
    """Return the id of the inspection round `code`; those of one prefecture and year follow each other."""
    rounds = metadata.tables["inspection_round"]
    return int(connection.execute(select(rounds.c.id).where(rounds.c.code == code)).scalar_one())
