"""Seal a child for named persons, by functions that alone change it."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

FUNCTIONS = (
    "seal_proposals seals_seen seal_renew seal_release seal_decide seal_ask seal_reached seal_child seal_day "
    "seal_words seal_named seal_holder record_seal"
)


def upgrade() -> None:
    # The driver's own cursor: without parameters it takes many statements, and bodies of functions.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))
    cursor.close()


def downgrade() -> None:
    for function in FUNCTIONS.split():
        op.execute(f"DROP FUNCTION {function}")
    op.execute("DROP TRIGGER guard_seal_update ON child")
    op.execute("DROP TRIGGER guard_seal_insert ON child")
    op.execute("DROP FUNCTION guard_seal()")
    # Policies of children ask these tables: without them nobody reads a child until rights are applied anew.
    op.execute("DROP TABLE child_seal_proposal, child_seal_person, child_seal CASCADE")
    op.execute("DELETE FROM deployment WHERE key = 'rights_applied'")
