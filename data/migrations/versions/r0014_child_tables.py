"""Keep the tables of children by township: what is told, and the counts behind it."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in Path(__file__).with_suffix(".sql").read_text("utf-8").split(";\n\n"):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for table in ("child_table_cell", "child_table", "child_tally"):
        op.execute(f"DROP TABLE {table}")
