"""A station whose place is guessed covers no bank: it has a status of its own, and all is judged anew."""

from __future__ import annotations

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

DROP = "ALTER TABLE station_finding DROP CONSTRAINT ck_station_finding_status_known"
ADD = (
    "ALTER TABLE station_finding ADD CONSTRAINT ck_station_finding_status_known "
    "CHECK (status IN ('valid', 'incomplete', 'expired', 'off_bank'{more}))"
)
JUDGE_ANEW = "INSERT INTO finding_queue (kind, why) VALUES ('everything', 'schema')"


def upgrade() -> None:
    op.execute(DROP)
    op.execute(ADD.format(more=", 'unplaced'"))
    op.execute(JUDGE_ANEW)


def downgrade() -> None:
    op.execute("DELETE FROM station_finding WHERE status = 'unplaced'")
    op.execute(DROP)
    op.execute(ADD.format(more=""))
    op.execute(JUDGE_ANEW)
