"""What every command that asks the database stands on: a running server whose tables are of this version."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data.settings import Settings


def stand(settings: Settings) -> None:
    """Start the server if it is ours and does not run, and bring the schema to this version."""
    from data.server import cluster, foreign, migrate

    cluster.ensure_running(settings)
    foreign.prepare(settings)
    migrate.upgrade(settings)
