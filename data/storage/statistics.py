"""What the planner knows of the tables: until it knows, a join under row security takes minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection


def gather(connection: Connection) -> None:
    """Look at every table of the owner anew; of where homes are, nothing is kept (decision 0005)."""
    # PostGIS's own tables are not the owner's: told of as a warning and left alone.
    connection.execute(text("ANALYZE"))
