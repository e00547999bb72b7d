"""Keep the ways on which pupils walk to school: what lies beside them is exposed."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The driver's own cursor: without parameters it takes many statements, and bodies of functions.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))
    cursor.close()


def downgrade() -> None:
    op.execute("DROP INDEX ix_camera_reach_m")
    op.execute("DROP TABLE pupil_route")
    op.execute("DROP FUNCTION queue_pupil_route()")
    op.execute("DELETE FROM finding_queue WHERE kind = 'route'")
    op.execute(
        "ALTER TABLE finding_queue DROP CONSTRAINT ck_finding_queue_kind_known, "
        "ADD CONSTRAINT ck_finding_queue_kind_known CHECK (kind IN ('everything', 'water', 'station', "
        "'child', 'institution', 'village', 'hazard', 'device'))"
    )
