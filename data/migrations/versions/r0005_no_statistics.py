"""Keep no statistics of where homes are: PostGIS functions hand them to whoever may call them."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE home ALTER COLUMN geom SET STATISTICS 0")
    # The only way an owner has to drop what an earlier ANALYZE gathered.
    op.execute("ALTER TABLE home ALTER COLUMN geom TYPE geometry(Point, 4490)")


def downgrade() -> None:
    op.execute("ALTER TABLE home ALTER COLUMN geom SET STATISTICS -1")
