"""Keep no words about who looks after a child: nothing read them, and they stood there in clear."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE child DROP COLUMN guardianship_note")
    # A dropped column stays in the rows until they are written anew; the table before is gone at the commit.
    op.execute("CLUSTER child USING pk_child")
    op.execute("ALTER TABLE child SET WITHOUT CLUSTER")
    # Headers that a sender explained as this column are of no use from now on.
    op.execute("UPDATE learned_header SET column_name = '' WHERE column_name = 'guardianship_note'")
    op.execute("DELETE FROM deployment WHERE key = 'rights_applied'")


def downgrade() -> None:
    op.execute("ALTER TABLE child ADD COLUMN guardianship_note TEXT DEFAULT '' NOT NULL")
    op.execute("DELETE FROM deployment WHERE key = 'rights_applied'")
