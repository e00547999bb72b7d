"""Run migrations as the owner in one transaction, then give every login exactly what rights.toml says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import context
from geoalchemy2 import alembic_helpers

from data.engine import Login, connect
from data.grants import apply_rights
from data.schema.tables import metadata
from data.settings import load_settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from data.settings import Settings


def migrate(settings: Settings) -> None:
    with connect(settings, Login.OWNER) as connection:
        configure(connection)
        with context.begin_transaction():
            context.run_migrations()
        # "revision_context" is set when Alembic only compares, which must change nothing.
        if "revision_context" not in context.get_context().opts:
            apply_rights(connection)


def configure(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_object=alembic_helpers.include_object,
        process_revision_directives=alembic_helpers.writer,
        render_item=alembic_helpers.render_item,
        compare_server_default=True,
    )


migrate(context.config.attributes.get("settings") or load_settings())
