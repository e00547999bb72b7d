"""The tables of children by township: whom they count, what was told of each quarter, and from what."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from data.copying import copy_frame
from data.reading import area_range, read, read_shapes
from data.schema.children import child_table_cell, child_tally

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd
    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True)
class Told:
    """One quarter's table: its first day, the day of the count, the parameters."""

    period: dt.date
    as_of: dt.date
    parameters: Mapping[str, Any]


def latest(connection: Connection) -> Told | None:
    """Return the newest table, None before the first."""
    row = connection.execute(
        text("SELECT period, as_of, parameters FROM child_table ORDER BY period DESC LIMIT 1")
    ).first()
    return None if row is None else Told(period=row.period, as_of=row.as_of, parameters=row.parameters)


def cells(connection: Connection, within: str, period: dt.date) -> pd.DataFrame:
    """Return the cells of a quarter below an area: area_code, area_name, since, name, children."""
    return read(
        connection,
        "SELECT c.area_code, coalesce(a.name, c.area_code) AS area_name, c.since, c.name, c.children "
        "FROM child_table_cell c LEFT JOIN area a ON a.code = c.area_code "
        "WHERE c.period = :period AND c.area_code >= :low AND c.area_code < :high "
        "ORDER BY c.area_code, c.name",
        area_range(within) | {"period": period},
    )


def told(connection: Connection) -> pd.DataFrame:
    """Return every cell ever told: period, area_code, since, name, children (missing: withheld)."""
    found = read(connection, "SELECT period, area_code, since, name, children FROM child_table_cell")
    return found.assign(
        period=found["period"].dt.date,
        since=found["since"].dt.date,
        children=found["children"].astype("Int64"),
    )


def tallies(connection: Connection) -> pd.DataFrame:
    """Return the counts behind every row ever told, a column a name, by (area_code, since) (worker login)."""
    found = read(connection, "SELECT area_code, since, name, children FROM child_tally")
    wide = found.assign(since=found["since"].dt.date).pivot_table(
        index=["area_code", "since"], columns="name", values="children", aggfunc="first"
    )
    return wide.astype("int64")


def shared_children(connection: Connection) -> gpd.GeoDataFrame:
    """Return the children whose homes findings for others count: area_code, birth_month, category.

    A child that was sealed since is in no count (worker login).
    """
    return read_shapes(
        connection,
        "SELECT h.child_id, h.area_code, c.birth_month, c.category, ST_AsBinary(h.geom) AS geometry "
        "FROM shared_home h JOIN child c ON c.id = h.child_id WHERE NOT c.sealed ORDER BY h.child_id",
        index="child_id",
    )


def is_due(connection: Connection, period: dt.date) -> bool:
    """Return whether homes are shared, renewed for a quarter, and no table told of it yet (worker login)."""
    found = connection.scalar(
        text(
            "SELECT EXISTS (SELECT FROM sharing_run WHERE shared_on >= :period) "
            "AND (SELECT count(*) FROM shared_home) >= 3 "
            "AND NOT EXISTS (SELECT FROM child_table WHERE period >= :period)"
        ),
        {"period": period},
    )
    return bool(found)


def begin(connection: Connection, table: Told) -> bool:
    """Store that a quarter is told, and return whether nobody else has; another one at it is waited for."""
    row = connection.execute(
        text(
            "INSERT INTO child_table (period, as_of, parameters) "
            "VALUES (:period, :as_of, CAST(:parameters AS jsonb)) ON CONFLICT (period) DO NOTHING "
            "RETURNING period"
        ),
        {"period": table.period, "as_of": table.as_of, "parameters": json.dumps(dict(table.parameters))},
    ).first()
    return row is not None


def store(connection: Connection, kept: pd.DataFrame, added: pd.DataFrame) -> None:
    """Store the rows that a quarter keeps and the cells that it tells (worker login)."""
    long = kept.reset_index().melt(["area_code", "since"], var_name="name", value_name="children")
    copy_frame(connection, child_tally, long)
    copy_frame(connection, child_table_cell, added)
