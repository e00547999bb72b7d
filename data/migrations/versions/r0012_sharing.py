"""Renew shared homes together, and let a second person verify what tells of homes."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in Path(__file__).with_suffix(".sql").read_text("utf-8").split(";\n\n"):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER verify_by_second ON water")
    op.execute("DROP FUNCTION verify_by_second()")
    op.execute("ALTER TABLE water DROP COLUMN drawn_by")
    op.execute("DROP TABLE sharing_run")
    op.execute("DROP TABLE shared_home")
