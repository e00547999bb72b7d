"""Tell of the children near a hazard as of those near a water: of verified ones, in bands."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The driver's own cursor: without parameters it takes many statements, and bodies of functions.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))
    cursor.close()


def downgrade() -> None:
    op.execute("DROP TABLE hazard_exposure")
    op.execute("DROP TRIGGER verify_by_second ON hazard")
    # The function serves waters as before: what it learned does no harm there.
    op.execute(
        "ALTER TABLE hazard DROP COLUMN drawn_by, ALTER COLUMN verified_at TYPE timestamptz "
        "USING CAST(verified_at AS timestamp) AT TIME ZONE 'Asia/Shanghai'"
    )
