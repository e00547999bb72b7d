"""Chain the record of acts at the commit of each, and let nobody change or take away what it holds."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE audit DROP COLUMN previous_hash, DROP COLUMN hash")
    for statement in Path(__file__).with_suffix(".sql").read_text("utf-8").split("\n\n"):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    op.execute("DROP TABLE audit_chain")
    op.execute("DROP TRIGGER chain ON audit")
    op.execute("DROP TRIGGER keep ON audit")
    op.execute("DROP FUNCTION chain_audit()")
    op.execute("DROP FUNCTION keep_audit()")
    op.execute("DROP FUNCTION audit_hash(bigint, bytea, audit)")
    op.execute("DROP FUNCTION audit_field(text)")
    op.execute("ALTER TABLE audit ADD COLUMN previous_hash BYTEA, ADD COLUMN hash BYTEA")
